"""An ACS that sends without end, and faster than its answers are read."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest
import trio

from cpesim.errors import BadReply
from cpesim.wire.dial import open_socket
from cpesim.wire.http1 import MOST_PIECES, Http1
from cpesim.wire.link import AT_ONCE, Link

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


async def test_what_is_there_at_once_leaves_room_for_others() -> None:
    """After each piece of a long answer the other devices have their turn."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await trio.lowlevel.checkpoint()
            turns += 1

    body = b"x" * (4 * AT_ONCE)
    with closing(socket.socket()) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 * AT_ONCE)
        server.bind(("127.0.0.1", 0))
        server.listen()
        address = (socket.AF_INET, server.getsockname())
        sock = open_socket(address, "")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * AT_ONCE)
        link = Link(sock, Http1())
        sock.setblocking(False)
        await link.connect(address)
        with closing(server.accept()[0]) as peer:
            head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
            peer.sendall(head + body)  # all of it is there before it is asked for
            async with trio.open_nursery() as nursery:
                nursery.start_soon(others)
                reply = await link.exchange(b"POST / HTTP/1.1\r\n\r\n")
                nursery.cancel_scope.cancel()
        link.close([], 0)
    assert reply.body == body
    assert turns >= 3


def test_chunks_are_counted() -> None:
    """More of them than any ACS sends are no answer; as many as allowed are one."""
    whole = b"1\r\nx\r\n" * MOST_PIECES
    reply = Http1().feed(HEAD + whole + b"0\r\n\r\n")
    assert reply is not None
    assert len(reply.body) == MOST_PIECES

    endless = Http1()
    with pytest.raises(BadReply, match="more than 262144 chunks"):
        endless.feed(HEAD + whole + b"1\r\nx\r\n" * 2)
