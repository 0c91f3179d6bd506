"""How a session's way to its ACS breaks, each way under its own label."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest
import trio

from cpesim.errors import (
    BadReply,
    ConnectFailed,
    Disconnected,
    HttpStatus,
    Timeout,
)
from tests.wire.tiny import (
    DROP,
    HANG,
    OK,
    RESET,
    XML,
    listening,
    reply,
    session,
    wired,
)


@pytest.mark.rule("S3", "X7")
async def test_an_answer_cut_short_is_not_asked_for_again() -> None:
    """Once a byte of an answer came, the POST is not sent a second time."""
    for answers in (
        [b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nx"],
    ):
        async with listening(OK, *answers) as tiny, wired() as (wire, _):
            with pytest.raises(Disconnected) as caught:
                await session(wire, tiny.url, XML, b"")
        assert caught.value.label == "disconnected"
        assert len(tiny.asked) == 2


@pytest.mark.rule("X7")
async def test_dropped_at_once() -> None:
    """A new connection that is closed without an answer is Disconnected."""
    async with listening(DROP) as tiny, wired() as (wire, _):
        with pytest.raises(Disconnected):
            await session(wire, tiny.url, XML)
    assert len(tiny.asked) == 1


@pytest.mark.rule("X7")
async def test_a_reset_is_not_a_close() -> None:
    """Each is counted apart; on a kept connection both cost a new one, no more."""
    for kind, label in ((RESET, "reset"), (DROP, "disconnected")):
        async with listening(kind) as tiny, wired() as (wire, _):
            with pytest.raises(Disconnected) as caught:
                await session(wire, tiny.url, XML)
        assert caught.value.label == label
    async with listening(OK, RESET, OK) as tiny, wired() as (wire, counted):
        await session(wire, tiny.url, XML, XML)
    assert counted.names == {"reconnects": 1}


@pytest.mark.rule("X7", "S8")
@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
async def test_other_statuses(status: int) -> None:
    """Any other status fails the session under its own label."""
    answer = reply(status, "Retry-After: 17")
    async with listening(answer) as tiny, wired() as (wire, counted):
        with pytest.raises(HttpStatus) as caught:
            await session(wire, tiny.url, XML)

    assert caught.value.label == f"http {status}"
    assert caught.value.retry_after == 17
    assert counted.exchanges == [("Inform", status)]


async def test_not_http() -> None:
    """What is no HTTP is a BadReply."""
    async with listening(b"SSH-2.0-OpenSSH_9.2\r\n") as tiny, wired() as (wire, _):
        connection = wire.open(tiny.url)
        with closing(connection), trio.fail_after(2):
            with pytest.raises(BadReply):
                await connection.post(XML, "Inform")


@pytest.mark.rule("S8")
async def test_no_answer_in_time() -> None:
    """The sweep ends an exchange that is overdue, and not one that is not."""
    async with listening(OK, HANG) as tiny:
        async with wired(response_timeout=0.2) as (wire, _):
            began = trio.current_time()
            with pytest.raises(Timeout) as caught:
                await session(wire, tiny.url, XML, b"")
            assert 0.2 <= trio.current_time() - began < 0.6
    assert caught.value.label == "response timeout"


async def test_no_room_to_send_in_time() -> None:
    """An ACS that does not read ends as one that does not answer."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        async with wired(response_timeout=0.2) as (wire, _):
            with pytest.raises(Timeout):
                await session(wire, url, b"x" * 20_000_000)


@pytest.mark.rule("S8", "X7")
async def test_no_connection_in_time() -> None:
    """A SYN without an answer is a connect timeout."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for sock in (first, second):
            sock.setblocking(False)
            sock.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}/"
        async with wired(connect_timeout=0.2) as (wire, _):
            with pytest.raises(ConnectFailed) as caught:
                await session(wire, url, XML)
    assert caught.value.label == "connect timeout"


@pytest.mark.rule("X7")
async def test_refused() -> None:
    """A closed port is refused."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{sock.getsockname()[1]}/"
        async with wired() as (wire, counted):
            with pytest.raises(ConnectFailed) as caught:
                await session(wire, url, XML)
    assert caught.value.label == "connect refused"
    assert counted.connects == 0


@pytest.mark.parametrize("url", ["", "ftp://acs/", "http://"])
async def test_no_url(url: str) -> None:
    """A URL that is none fails at the first post, not before."""
    async with wired() as (wire, _):
        connection = wire.open(url)
        with pytest.raises(ConnectFailed) as caught:
            await connection.post(XML, "Inform")
    assert caught.value.label == "connect url"


async def test_cancel() -> None:
    """A session broken off from outside says so: waiting, between posts, dialling."""
    async with listening(OK, HANG) as tiny, wired() as (wire, _):
        connection = wire.open(tiny.url)
        with closing(connection):
            await connection.post(XML, "Inform")
            async with trio.open_nursery() as nursery:

                @nursery.start_soon
                async def later() -> None:
                    await trio.sleep(0.05)
                    connection.cancel("interrupted")

                with pytest.raises(Disconnected) as caught:
                    await connection.post(b"", "empty POST")
        assert caught.value.label == "interrupted"

        connection = wire.open(tiny.url)
        connection.cancel()
        with pytest.raises(Disconnected, match="interrupted"):
            await connection.post(XML, "Inform")


async def test_cancel_by_trio() -> None:
    """A cancelled scope closes the socket and leaves nothing behind."""
    async with listening(HANG) as tiny, wired() as (wire, _):
        connection = wire.open(tiny.url)
        with trio.move_on_after(0.05) as scope:
            await connection.post(XML, "Inform")
        assert scope.cancelled_caught
        assert connection.local_address == ""


@pytest.mark.rule("X7")
async def test_an_answer_before_all_was_sent() -> None:
    """An ACS that refuses a large message unread is heard all the same."""

    async def refuse(peer: trio.SocketStream) -> None:
        async with peer:
            await peer.receive_some(1000)
            await peer.send_all(reply(413, "Connection: close"))

    async with trio.open_nursery() as nursery, wired() as (wire, _):
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, refuse, listeners)
        port = listeners[0].socket.getsockname()[1]
        with pytest.raises(HttpStatus) as caught:
            await session(wire, f"http://127.0.0.1:{port}/", b"x" * 20_000_000)
        nursery.cancel_scope.cancel()
    assert caught.value.status == 413
