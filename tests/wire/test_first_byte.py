"""The first byte of an answer is timed, where somebody wants to know."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path

import pytest
import trio

from cpesim.errors import Disconnected
from cpesim.wire.ways.timed import TimedWire
from tests.wire.authority import Authority
from tests.wire.tiny import (
    DONE,
    DROP,
    OK,
    RESET,
    XML,
    Counted,
    listening,
    reply,
    session,
    wired,
)

THINKS, WRITES = 0.05, 0.15
BIG = b"<a>" * 3_000_000


@asynccontextmanager
async def timed(**settings: object) -> AsyncIterator[tuple[TimedWire, list[float]]]:
    """A wire that times, and the times that it told."""
    told: list[float] = []
    make = partial(TimedWire, first_byte=told.append)
    async with wired(make=make, **settings) as (wire, _):
        assert isinstance(wire, TimedWire)
        yield wire, told


async def slow(stream: trio.abc.Stream) -> None:
    """Read a request, think, and write the answer in two pieces; again and again."""
    held = b""
    while True:
        while not held.endswith(XML):
            more = await stream.receive_some()
            if not more:
                return
            held += bytes(more)
        held = b""
        await trio.sleep(THINKS)
        await stream.send_all(b"HTTP/1.1 200 OK\r\nContent-")
        await trio.sleep(WRITES)
        await stream.send_all(b"Length: 2\r\n\r\nok")


async def late(stream: trio.abc.Stream) -> None:
    """Leave a request unread for a while, and answer at once when it is read."""
    await trio.sleep(0.3)
    held = 0
    while held < len(BIG):
        held += len(await stream.receive_some())
    await stream.send_all(OK)


@asynccontextmanager
async def served(
    serve: object, tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """The URL of a server that does this with each connection."""

    async def take(peer: trio.SocketStream) -> None:
        stream: trio.abc.Stream = peer
        if tls is not None:
            stream = trio.SSLStream(peer, tls, server_side=True)
        async with stream:
            await serve(stream)  # type: ignore[operator]

    async with trio.open_nursery() as nursery:
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        port = listener.socket.getsockname()[1]
        listener.socket.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_RCVBUF, 65536)
        nursery.start_soon(trio.serve_listeners, take, [listener])
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{port}/"
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("secure", [False, True])
async def test_an_acs_that_thinks_and_then_writes_slowly(
    secure: bool, tmp_path: Path
) -> None:
    """What it thinks is told, and not what it writes; each exchange by itself."""
    authority = Authority(tmp_path)
    tls = authority.server("127.0.0.1") if secure else None
    async with served(slow, tls) as url, timed(insecure=secure) as (wire, told):
        connection = wire.open(url)
        with closing(connection):
            for _ in range(2):
                assert (await connection.post(XML, "Inform")).body == b"ok"
    assert len(told) == 2
    assert all(THINKS * 0.9 <= took < THINKS + WRITES * 0.6 for took in told)


async def test_it_is_timed_from_the_last_byte_that_was_sent() -> None:
    """An ACS that reads a long message late is not slow to answer it."""
    async with served(late) as url, timed() as (wire, told):
        began = trio.current_time()
        await session(wire, url, BIG)
        took = trio.current_time() - began
    assert took > 0.3
    assert len(told) == 1
    assert told[0] < 0.25


async def test_all_else_is_as_on_a_plain_way() -> None:
    """Answers, counters, coming back after a close; a lost exchange tells nothing."""
    answers = (OK, DROP, OK, reply(200, body=b"x" * 200_000), DONE)
    posts = (XML, XML, XML, b"")
    async with listening(*answers) as tiny, timed() as (wire, told):
        await session(wire, tiny.url, *posts)
    assert isinstance(wire.count, Counted)
    assert [status for _, status in wire.count.exchanges] == [200, 200, 200, 204]
    assert wire.count.names == {"reconnects": 1}
    assert (tiny.links, len(told)) == (2, 4)


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        (DROP, "disconnected"),
        (RESET, "reset"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nx", ""),
    ],
)
async def test_it_breaks_as_a_plain_way_does(answer: bytes | str, label: str) -> None:
    """By the same label, and nothing is told of what did not come whole."""
    for make in (wired, timed):
        async with listening(answer) as tiny, make() as (wire, told):
            with pytest.raises(Disconnected) as caught:
                await session(wire, tiny.url, XML)
        assert caught.value.label == (label or "disconnected")
    assert told == []
