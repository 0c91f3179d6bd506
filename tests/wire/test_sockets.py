"""What an exchange asks of its socket, call by call (X5, H9)."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest

from cpesim.wire.http1 import Http1
from cpesim.wire.link import Link
from cpesim.wire.resolve import Address
from tests.wire.tiny import DONE, OK, XML, Answer, listening, reply, wired

MESSAGE = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n<Inform/>"
QUICKACK = "QUICKACK"


class Watched(socket.socket):
    """A socket of the system that notes what it is asked."""

    def __init__(self) -> None:
        super().__init__(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self.asked: list[object] = []

    def send(self, data: Any, flags: int = 0, /) -> int:
        sent = super().send(data, flags)
        self.asked.append(bytes(data[:sent]))
        return sent

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        self.asked.append("recv")
        return super().recv(size, flags)

    def setsockopt(self, level: int, option: int, value: Any, /) -> None:  # type: ignore[override]
        if (level, option) == (socket.IPPROTO_TCP, socket.TCP_QUICKACK):
            self.asked.append(QUICKACK if value else "no QUICKACK")
        super().setsockopt(level, option, value)


@asynccontextmanager
async def linked(*answers: Answer) -> AsyncIterator[tuple[Link, Watched]]:
    """A link over such a socket to an ACS with these answers."""
    async with listening(*answers) as tiny:
        with Watched() as sock:
            link = Link(sock, Http1())
            where: Address = (socket.AF_INET, ("127.0.0.1", tiny.port))
            await link.connect(where)
            yield link, sock


@pytest.mark.rule("X5", "H9")
async def test_quickack_is_set_anew_before_each_read() -> None:
    """The message leaves in one piece, QUICKACK is set, and then the answer is read."""
    async with linked(OK, DONE) as (link, sock):
        for status in (200, 204):
            sock.asked.clear()
            assert (await link.exchange(MESSAGE)).status == status
            assert sock.asked[:3] == [MESSAGE, QUICKACK, "recv"]
            assert MESSAGE not in sock.asked[1:]


@pytest.mark.rule("X5")
async def test_quickack_is_set_between_the_pieces_of_an_answer() -> None:
    """It does not stick: before each further read it is set once more."""
    large = b"x" * 300_000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(large)
    async with linked(head + large) as (link, sock):
        assert (await link.exchange(MESSAGE)).body == large
        reads = [what for what in sock.asked if what in ("recv", QUICKACK)]
        assert reads.count("recv") > 3
        # After a read that found nothing the next one needs none.
        assert reads.count(QUICKACK) >= 3
        assert reads[:3] == [QUICKACK, "recv", QUICKACK]


@pytest.mark.rule("X2", "S7")
@pytest.mark.parametrize("status", [200, 204])
async def test_an_empty_answer_by_either_status(status: int) -> None:
    """204, and 200 without a body: a reply like any other, over one connection."""
    async with listening(OK, reply(status)) as tiny, wired() as (wire, _):
        with closing(wire.open(tiny.url)) as connection:
            await connection.post(XML, "Inform")
            last = await connection.post(b"", "empty POST")
    assert (last.status, last.body) == (status, b"")
    assert tiny.links == 1
