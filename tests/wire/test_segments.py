"""Small delays that would be blamed on the ACS: none of ours (X5)."""

from __future__ import annotations

import socket
from contextlib import closing
from statistics import median

import pytest
import trio

from tests.wire.tiny import DONE, OK, XML, listening, wired

EXCHANGES = 40


@pytest.mark.rule("X5", "S2")
async def test_head_and_body_leave_together() -> None:
    """What the ACS first reads is the whole message."""
    first: list[bytes] = []

    async def hear(peer: trio.SocketStream) -> None:
        async with peer:
            for _ in range(2):
                first.append(bytes(await peer.receive_some()))
                await peer.send_all(OK)

    async with trio.open_nursery() as nursery, wired() as (wire, _):
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, hear, listeners)
        port = listeners[0].socket.getsockname()[1]
        with closing(wire.open(f"http://127.0.0.1:{port}/")) as connection:
            for _ in range(2):
                await connection.post(XML, "Inform")
        nursery.cancel_scope.cancel()
    assert [data.endswith(XML) for data in first] == [True, True]


@pytest.mark.rule("X5")
async def test_an_acs_that_writes_head_and_body_apart() -> None:
    """Its Nagle waits for our ACK of the head, which must not wait 40 ms each time."""
    head, _, body = OK.partition(b"\r\n\r\n")

    async def two_writes(peer: trio.SocketStream) -> None:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
        async with peer:
            while await peer.receive_some():
                await peer.send_all(head + b"\r\n\r\n")
                await peer.send_all(body)

    async with trio.open_nursery() as nursery, wired() as (wire, _):
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, two_writes, listeners)
        port = listeners[0].socket.getsockname()[1]
        with closing(wire.open(f"http://127.0.0.1:{port}/")) as connection:
            took = []
            for _ in range(EXCHANGES):
                began = trio.current_time()
                await connection.post(XML, "Inform")
                took.append(trio.current_time() - began)
        nursery.cancel_scope.cancel()
    assert median(took) < 0.030  # the kernel's least delay of an ACK is 40 ms


@pytest.mark.rule("X5")
async def test_nothing_of_ours_waits_for_an_ack() -> None:
    """TCP_NODELAY is on, over IPv4 and IPv6."""
    for host in ("127.0.0.1", "::1"):
        async with listening(OK, DONE, host=host) as tiny, wired() as (wire, _):
            url = tiny.url.replace("127.0.0.1", f"[{host}]" if ":" in host else host)
            with closing(wire.open(url)) as connection:
                await connection.post(XML, "Inform")
                link = connection._link
                assert link is not None
                sock = link._sock
                assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
