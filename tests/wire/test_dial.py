"""Names, addresses and sockets: how a connection is made, and what it lacks."""

from __future__ import annotations

import errno
import resource
import socket
from contextlib import closing

import pytest
import trio

from cpesim.errors import (
    ConfigError,
    ConnectFailed,
    Disconnected,
    NoSockets,
)
from cpesim.wire import resolve
from cpesim.wire.dial import connect_failed
from cpesim.wire.wire import Wire
from tests.wire.tiny import (
    OK,
    XML,
    listening,
    session,
    wired,
)


async def test_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is looked up once for all, its addresses are tried, failures are dns."""
    asked: list[str] = []

    def lookup(host: str, port: int, *_: object, **flags: int) -> list[object]:
        if flags.get("flags") or host not in ("acs.test", "none.test"):
            return real(host, port, *_, **flags)  # type: ignore[arg-type]
        asked.append(host)
        if host == "none.test":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*kind, ("127.0.0.9", port)), (*kind, ("127.0.0.1", port))]

    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    async with listening(*[OK] * 5) as tiny, wired() as (wire, _):
        url = f"http://acs.test:{tiny.port}/"
        async with trio.open_nursery() as nursery:
            for _ in range(4):
                nursery.start_soon(session, wire, url, XML)
        await session(wire, url, XML)
        assert asked == ["acs.test"]
        assert wire.resolver.known("acs.test", tiny.port)[0][1][0] == "127.0.0.1"  # type: ignore[index]

        for _ in range(2):
            with pytest.raises(ConnectFailed) as caught:
                await session(wire, "http://none.test/", XML)
            assert caught.value.label == "connect dns"
        assert asked == ["acs.test", "none.test"]

        monkeypatch.setattr(resolve.time, "monotonic", lambda: 1e12)
        with pytest.raises(ConnectFailed):
            await session(wire, "http://none.test/", XML)
        assert asked[2:] == ["none.test"]


@pytest.mark.parametrize("host", ["a" * 64 + ".test", "a..test"])
async def test_a_name_that_cannot_be(host: str) -> None:
    """No name of DNS looks like it: an ACS's URL with it is a failed look-up."""
    async with wired() as (wire, _):
        with pytest.raises(ConnectFailed) as caught:
            await session(wire, f"http://{host}/", XML)
        assert caught.value.label == "connect dns"


@pytest.mark.parametrize("how", ["cancel", "timeout"])
async def test_a_slow_name(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """Waiting for a name ends by the connect timeout, or when broken off."""

    async def ask(host: str, port: int) -> resolve.Entry:
        await trio.sleep_forever()
        raise AssertionError

    monkeypatch.setattr(resolve, "ask", ask)
    async with wired(connect_timeout=0.1 if how == "timeout" else 9) as (wire, _):
        connection = wire.open("http://slow.test/")
        async with trio.open_nursery() as nursery:
            if how == "cancel":

                @nursery.start_soon
                async def later() -> None:
                    await trio.sleep(0.05)
                    connection.cancel()

            with pytest.raises((ConnectFailed, Disconnected)) as caught:
                await connection.post(XML, "Inform")
    expected = "connect timeout" if how == "timeout" else "interrupted"
    assert caught.value.label == expected


async def test_resolve_overrides() -> None:
    """--resolve sends a name to an address; the Host header keeps the name."""
    async with listening(OK) as tiny:
        async with wired(resolve={"ACS.test": "127.0.0.1"}) as (wire, _):
            await session(wire, f"http://acs.test:{tiny.port}/", XML)
    assert tiny.asked[0].header("Host") == f"acs.test:{tiny.port}"
    with pytest.raises(ConfigError):
        Wire(None, resolve={"acs": "elsewhere"})  # type: ignore[arg-type]


async def test_ipv6() -> None:
    """An IPv6 literal works, with brackets in the Host header."""
    try:
        server = listening(OK, host="::1")
        tiny = await server.__aenter__()
    except OSError:
        pytest.skip("no IPv6 on this machine")
    async with wired() as (wire, _):
        await session(wire, f"http://[::1]:{tiny.port}/", XML)
    await server.__aexit__(None, None, None)
    assert tiny.asked[0].header("Host") == f"[::1]:{tiny.port}"


@pytest.mark.rule("X9")
async def test_source_addresses() -> None:
    """CPE n comes from the source address n, round and round."""
    async with listening(*[OK] * 3) as tiny:
        async with wired(sources=["127.0.0.2", "127.0.0.3"]) as (wire, _):
            for n in range(3):
                connection = wire.open(tiny.url, n=n)
                with closing(connection):
                    await connection.post(XML, "Inform")
                    assert connection.local_address == f"127.0.0.{2 + n % 2}"
    peers = [asked.peer for asked in tiny.asked]
    assert peers == ["127.0.0.2", "127.0.0.3", "127.0.0.2"]


async def test_sources_that_do_not_fit() -> None:
    """A source of another family, or not of this machine, has a label of its own."""
    async with wired(sources=["::1"]) as (wire, _):
        with pytest.raises(ConnectFailed) as caught:
            await session(wire, "http://127.0.0.1:9/", XML)
    assert caught.value.label == "connect unreachable"
    async with wired(sources=["192.0.2.1"]) as (wire, _):
        with pytest.raises(NoSockets):
            await session(wire, "http://127.0.0.1:9/", XML)


async def test_no_files_left() -> None:
    """Without a file for a socket it is our lack, and so labelled."""
    async with listening(OK) as tiny, wired() as (wire, _):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        try:
            with pytest.raises(NoSockets) as caught:
                await session(wire, tiny.url, XML)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert caught.value.label == "connect no sockets"


@pytest.mark.parametrize(
    ("number", "label"),
    [
        (errno.EADDRNOTAVAIL, "connect no sockets"),
        (errno.ENOBUFS, "connect no sockets"),
        (errno.ENFILE, "connect no sockets"),
        (errno.ECONNRESET, "connect reset"),
        (errno.ENETUNREACH, "connect unreachable"),
        (errno.ETIMEDOUT, "connect timeout"),
        (errno.EACCES, "connect failed"),
        (0, "connect failed"),
    ],
)
def test_labels(number: int, label: str) -> None:
    """Each error of the system has its label."""
    assert connect_failed(OSError(number, "x")).label == label


async def test_what_is_known_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ACS that redirects to ever new names does not fill the table."""
    monkeypatch.setattr(resolve, "MOST_KNOWN", 3)
    names = {f"{n}.test": "127.0.0.1" for n in range(9)}
    resolver = resolve.Resolver(names)
    for name in names:
        found = await resolver.lookup(name, 80)
        assert found == resolver.known(name, 80)
    assert len(resolver._known) == 3
    assert resolver.known("0.test", 80) is None
    resolver.prefer("0.test", 80, found[0])  # forgotten while it was dialled
