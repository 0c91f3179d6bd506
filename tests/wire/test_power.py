"""What a power cut is on the wire: a reset, whatever the CPE was doing."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from cpesim.errors import Disconnected
from cpesim.wire.connection import Connection
from tests.wire.authority import Authority
from tests.wire.tiny import XML, wired


async def met(
    cut: Callable[[Connection], None], authority: Authority | None = None
) -> str:
    """How a server that does not answer sees the end of a session."""
    seen, asked = "", trio.Event()
    context = authority.server("127.0.0.1") if authority is not None else None

    async def serve(peer: trio.SocketStream) -> None:
        nonlocal seen
        stream: trio.abc.Stream = peer
        if context is not None:
            stream = trio.SSLStream(peer, context, server_side=True)
        try:
            while more := await stream.receive_some():
                if XML in more:
                    asked.set()
            seen = "closed"
        except trio.BrokenResourceError as error:
            cause = error.__cause__
            while isinstance(cause, trio.BrokenResourceError | ssl.SSLError):
                cause = cause.__cause__
            seen = type(cause).__name__
        nursery.cancel_scope.cancel()

    settings = {} if authority is None else {"ca": authority.file}
    with trio.fail_after(10):
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        port = listener.socket.getsockname()[1]
        async with wired(**settings) as (wire, _), trio.open_nursery() as nursery:
            nursery.start_soon(trio.serve_listeners, serve, [listener])
            scheme = "http" if authority is None else "https"
            connection = wire.open(f"{scheme}://127.0.0.1:{port}/")

            async def speak() -> None:
                with pytest.raises(Disconnected) as raised:
                    await connection.post(XML, "Inform")
                assert raised.value.label == "power cut"
                connection.close()

            nursery.start_soon(speak)
            await asked.wait()
            cut(connection)
            await trio.sleep_forever()
    return seen


@pytest.mark.parametrize("secure", [False, True])
async def test_the_server_sees_a_reset(secure: bool, tmp_path: Path) -> None:
    """Not a close, and under TLS no farewell."""
    authority = Authority(tmp_path) if secure else None
    seen = await met(lambda connection: connection.reset("power cut"), authority)
    assert seen == "ConnectionResetError"


async def test_a_session_that_is_broken_off_is_closed_instead() -> None:
    """The end of a run is no power cut."""
    assert await met(lambda connection: connection.cancel("power cut")) == "closed"


async def test_between_two_messages_it_is_the_same() -> None:
    """The socket is reset at once; the next message finds no power."""
    with trio.fail_after(10):
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        port = listener.socket.getsockname()[1]
        async with wired() as (wire, _), listener:
            connection = wire.open(f"http://127.0.0.1:{port}/")
            async with trio.open_nursery() as nursery:
                nursery.start_soon(connection.post, XML, "Inform")
                peer = await listener.accept()
                await peer.receive_some()
                await peer.send_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            connection.reset("power cut")
            with pytest.raises(trio.BrokenResourceError):
                await peer.receive_some()
            await peer.aclose()
            with pytest.raises(Disconnected):
                await connection.post(b"", "empty POST")


async def test_what_is_not_yet_open_has_nothing_to_reset() -> None:
    """Its first message fails the same way."""
    async with wired() as (wire, _):
        connection = wire.open("http://127.0.0.1:9/")
        connection.reset("power cut")
        with pytest.raises(Disconnected):
            await connection.post(XML, "Inform")
