"""Whether the ACS is there, and whose it is."""

from __future__ import annotations

import socket

import pytest
import trio

from cpesim.conductor.reach import Unreachable, public_addresses, reach, target
from cpesim.errors import ConfigError
from cpesim.scenario.scenario import Acs


@pytest.mark.parametrize(
    "url",
    [
        "",
        "acs",
        "ftp://acs/",
        "http://",
        "http://a:99999/",
        "http://a:x/",
        "http://a/ b",
    ],
)
def test_what_is_no_url_of_an_acs(url: str) -> None:
    """The error says what was expected."""
    with pytest.raises(ConfigError, match="expected http"):
        target(Acs(url))


def test_host_and_port() -> None:
    """Ports follow from the scheme."""
    assert target(Acs("http://acs.lab/x")) == ("acs.lab", 80)
    assert target(Acs("https://[::1]/x")) == ("::1", 443)
    assert target(Acs("http://acs.lab:7547/x")) == ("acs.lab", 7547)


def test_a_resolved_name_is_asked_nowhere() -> None:
    """--resolve decides whether the address is public."""
    acs = Acs("http://acs.example/", resolve={"acs.example": "8.8.8.8"})
    assert public_addresses(acs) == ["8.8.8.8"]
    acs = Acs("http://acs.example/", resolve={"acs.example": "10.0.0.1"})
    assert public_addresses(acs) == []


async def test_an_acs_that_listens_is_reached() -> None:
    """A connection is opened and closed; nothing is sent."""
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listener.socket.getsockname()[1]
    async with listener, trio.open_nursery() as nursery:
        nursery.start_soon(reach, Acs(f"http://127.0.0.1:{port}/"))
        stream = await listener.accept()
        async with stream:
            assert await stream.receive_some(10) == b""


async def test_nobody_listens() -> None:
    """One line: where, and why."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match=f"ACS 127.0.0.1 port {port}: .*refused"):
        await reach(Acs(f"http://127.0.0.1:{port}/"))


async def test_a_name_without_an_address() -> None:
    """A name of the reserved domain `invalid` has none."""
    with pytest.raises(Unreachable, match="its name has no address"):
        await reach(Acs("http://acs.invalid/"))
