"""https: who is trusted, and how it fails."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
import trio

from cpesim.errors import ConfigError, ConnectFailed, Timeout
from cpesim.wire.tls import Tls
from cpesim.wire.wire import Wire
from tests.wire.authority import Authority
from tests.wire.tiny import DONE, HANG, OK, Tiny, listening, reply, wired

XML = b"<Inform/>"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def talk(wire: Wire, url: str) -> None:
    """A session of two posts."""
    connection = wire.open(url)
    with closing(connection):
        await connection.post(XML, "Inform")
        await connection.post(b"", "empty POST")


def by_name(tiny: Tiny) -> str:
    """The URL with a host name."""
    return tiny.url.replace("127.0.0.1", "acs.test")


NAMED = {"acs.test": "127.0.0.1"}


@pytest.mark.rule("H6")
async def test_a_trusted_server(authority: Authority) -> None:
    """With its CA given a server is trusted, by name and SNI; all is counted."""
    tls = authority.server("acs.test")
    big = b"x" * 2_000_000
    async with listening(reply(200, body=big), DONE, tls=tls) as tiny:
        async with wired(ca=authority.file, resolve=NAMED) as (wire, counted):
            connection = wire.open(by_name(tiny))
            with closing(connection):
                answer = await connection.post(big, "Inform")
                await connection.post(b"", "empty POST")

    assert answer.body == big == tiny.asked[0].body
    assert authority.names == ["acs.test"]
    assert (counted.connects, counted.handshakes) == (1, 1)
    assert counted.exchanges == [("Inform", 200), ("empty POST", 204)]


@pytest.mark.rule("H6")
async def test_an_address_in_the_certificate(authority: Authority) -> None:
    """A certificate may name an address."""
    tls = authority.server("127.0.0.1")
    async with listening(OK, DONE, tls=tls) as tiny:
        async with wired(ca=authority.file) as (wire, _):
            await talk(wire, tiny.url)


@pytest.mark.rule("H6")
@pytest.mark.parametrize("trusted", [True, False])
async def test_a_server_not_trusted(authority: Authority, trusted: bool) -> None:
    """A wrong name or an unknown CA is no connection, but for --insecure."""
    tls = authority.server("other.test")
    ca = authority.file if trusted else None
    async with listening(OK, DONE, tls=tls) as tiny:
        async with wired(ca=ca, resolve=NAMED) as (wire, counted):
            with pytest.raises(ConnectFailed) as caught:
                await talk(wire, by_name(tiny))
    assert caught.value.label == "connect certificate"
    assert (counted.connects, counted.handshakes) == (1, 0)

    async with listening(OK, DONE, tls=tls) as tiny:
        async with wired(insecure=True, resolve=NAMED) as (wire, _):
            await talk(wire, by_name(tiny))


async def test_not_tls() -> None:
    """A plain server behind https is a TLS failure, a silent one a timeout."""
    with_tls = Tiny([], scheme="https")

    async def plain(peer: trio.SocketStream) -> None:
        async with peer:
            await peer.receive_some()
            await peer.send_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async def silent(peer: trio.SocketStream) -> None:
        async with peer:
            await trio.sleep_forever()

    async def rude(peer: trio.SocketStream) -> None:
        await peer.aclose()

    for kind, labels in (
        (plain, {"connect tls"}),
        (silent, {"connect timeout"}),
        (rude, {"connect tls", "connect reset"}),
    ):
        async with trio.open_nursery() as nursery:
            listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
            nursery.start_soon(trio.serve_listeners, kind, listeners)
            with_tls.port = listeners[0].socket.getsockname()[1]
            async with wired(connect_timeout=0.3) as (wire, _):
                with pytest.raises(ConnectFailed) as caught:
                    await talk(wire, with_tls.url)
            assert caught.value.label in labels
            nursery.cancel_scope.cancel()


async def test_the_acs_closes_over_tls(authority: Authority) -> None:
    """A TLS connection that was closed between messages costs a new one."""
    tls = authority.server("127.0.0.1")
    answers = [reply(200, "Connection: close"), DONE]
    async with listening(*answers, tls=tls) as tiny:
        async with wired(ca=authority.file) as (wire, counted):
            await talk(wire, tiny.url)
    assert counted.names == {"reconnects": 1, "tls.version.TLSv1.3": 2}
    assert counted.handshakes == 2


async def test_broken_off_over_tls(authority: Authority) -> None:
    """An overdue exchange over TLS is ended as any other."""
    tls = authority.server("127.0.0.1")
    async with listening(OK, HANG, tls=tls) as tiny:
        async with wired(ca=authority.file, response_timeout=0.2) as (wire, _):
            with pytest.raises(Timeout):
                await talk(wire, tiny.url)


def test_a_ca_that_is_none(tmp_path: Path) -> None:
    """A CA file that is missing or empty is told before anything runs."""
    (tmp_path / "empty.pem").write_text("")
    for name in ("missing.pem", "empty.pem"):
        with pytest.raises(ConfigError, match=name):
            Tls(ca=str(tmp_path / name))


@pytest.mark.rule("H6")
async def test_https_over_ipv6(authority: Authority) -> None:
    """An address in brackets is checked against the certificate's address."""
    tls = authority.server("::1")
    async with listening(OK, DONE, tls=tls, host="::1") as tiny:
        async with wired(ca=authority.file) as (wire, counted):
            await talk(wire, tiny.url.replace("127.0.0.1", "[::1]"))
    assert counted.handshakes == 1
    assert tiny.asked[0].header("Host") == f"[::1]:{tiny.port}"
