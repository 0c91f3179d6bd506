"""What a connection knows of its last exchange when its session failed."""

from __future__ import annotations

import pytest
import trio

from cpesim.errors import WireError
from cpesim.wire.compress import CODINGS
from cpesim.wire.connection import Connection
from cpesim.wire.wire import Wire
from tests.wire.tiny import DONE, DROP, HANG, OK, XML, Answer, listening, reply, wired


async def failing(wire: Wire, url: str, *bodies: bytes) -> Connection:
    """A connection that has posted these, the last of them in vain."""
    connection = wire.open(url)
    for body in bodies[:-1]:
        await connection.post(body, "Inform")
    with pytest.raises(WireError):
        await connection.post(bodies[-1], "Inform")
    connection.close()
    return connection


async def test_a_status_comes_with_its_answer() -> None:
    """Heads and bodies of both; what went by before is forgotten."""
    busy = reply(503, "Retry-After: 9", body=b"<busy/>")
    async with listening(OK, busy) as tiny, wired() as (wire, _):
        last = (await failing(wire, tiny.url, b"<first/>", XML)).last()
    assert last is not None
    assert last.head.startswith(b"POST /acs HTTP/1.1\r\n")
    assert last.body == XML
    assert last.answer_head.startswith(b"HTTP/1.1 503\r\n")
    assert b"retry-after: 9" in last.answer_head
    assert last.answer_body == b"<busy/>"
    assert 0 < last.ago < 10


@pytest.mark.parametrize(
    ("answer", "head", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<hal", b"HTTP/1.1 200", b"<hal"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nContent-Le", b""),
        (b"no HTTP at all\r\n\r\n", b"no HTTP at all\r\n\r\n", b""),
        (DROP, b"", b""),
    ],
)
async def test_half_an_answer_is_kept(answer: Answer, head: bytes, body: bytes) -> None:
    """As far as it was read: a body, a head, rubbish, or nothing."""
    async with listening(answer) as tiny, wired() as (wire, _):
        connection = wire.open(tiny.url)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_broken, connection)
            await trio.sleep(0.2)
            connection.cancel()
        connection.close()
    last = connection.last()
    assert last is not None
    assert last.body == XML
    assert last.answer_head.startswith(head) if head else not last.answer_head
    assert last.answer_body == body


async def _broken(connection: Connection) -> None:
    with pytest.raises(WireError):
        await connection.post(XML, "Inform")


async def test_an_answer_that_never_came() -> None:
    """Nothing is told of it, least of all another connection's."""
    async with listening(HANG) as tiny, wired(response_timeout=0.2) as (wire, _):
        last = (await failing(wire, tiny.url, XML)).last()
    assert last is not None
    assert (last.answer_head, last.answer_body) == (b"", b"")


async def test_where_nothing_was_sent_there_is_nothing() -> None:
    """Nobody listens."""
    async with listening() as tiny:
        url = tiny.url
    async with wired() as (wire, _):
        assert (await failing(wire, url, XML)).last() is None


async def test_what_was_compressed_is_told_as_it_was_before() -> None:
    """As --trace-device does."""
    async with listening(DONE) as tiny, wired() as (wire, _):
        connection = wire.open(tiny.url, coding=CODINGS["GZIP"])
        await connection.post(XML, "Inform")
        connection.close()
    last = connection.last()
    assert last is not None
    assert last.body == XML
    assert b"Content-Encoding: gzip" in last.head
