"""A server for tests of the line, and a device that is told to test against it."""

from __future__ import annotations

import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import trio

from cpesim.device.diagnostics.run import Run
from cpesim.engine.errand import run_errand
from cpesim.engine.transfer import Files
from tests.device.diagnosed import COMPLETE, Desk

TIME = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
ORDER = ("TCPOpenRequestTime", "TCPOpenResponseTime", "ROMTime", "BOMTime", "EOMTime")
BODY = b"x" * 300_000
NOTHING = b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"


@dataclass
class LineServer:
    """*answers* by path; "hang" is none, "" a close, "endless" a body without end."""

    answers: dict[str, bytes | str]
    url: str = ""
    heads: list[str] = field(default_factory=list)
    callers: list[str] = field(default_factory=list)
    received: int = 0  # bytes of bodies
    open: int = 0
    most_open: int = 0
    closed: trio.Event = field(default_factory=trio.Event)

    async def serve(self, stream: trio.abc.Stream) -> None:
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            async with stream:
                await self._exchange(stream)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        finally:
            self.open -= 1
            if not self.open:
                self.closed.set()

    async def _exchange(self, stream: trio.abc.Stream) -> None:
        came = b""
        while b"\r\n\r\n" not in came:
            more = await stream.receive_some(65536)
            if not more:
                return
            came += more
        head, _, body = came.partition(b"\r\n\r\n")
        self.heads.append(head.decode())
        if isinstance(stream, trio.SocketStream):
            self.callers.append(stream.socket.getpeername()[0])
        path = self.heads[-1].split(" ")[1]
        answer = self.answers.get(path, NOTHING)
        if answer == "endless":
            await stream.send_all(
                b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n"
            )
            while True:
                await stream.send_all(b"x" * 65536)
        await self._body(stream, head.decode().lower(), body)
        if answer == "hang":
            await stream.receive_some(1)
        elif isinstance(answer, bytes):
            await stream.send_all(answer)
            if b"Content-Length" in answer and b"cut" not in answer:
                await stream.receive_some(1)  # a kept connection

    async def _body(self, stream: trio.abc.Stream, head: str, body: bytes) -> None:
        if "transfer-encoding: chunked" in head:
            while not body.endswith(b"0\r\n\r\n"):
                body = body[-8:] + await stream.receive_some(65536)
                self.received += len(body) - 8
            return
        length = next(
            (
                int(x[16:])
                for x in head.split("\r\n")
                if x.startswith("content-length: ")
            ),
            0,
        )
        count = len(body)
        while count < length:
            more = await stream.receive_some(65536)
            if not more:
                break
            count += len(more)
        self.received += count


@asynccontextmanager
async def line_server(
    answers: dict[str, bytes | str], tls: ssl.SSLContext | None = None
) -> AsyncIterator[LineServer]:
    """The server while the block runs, on 127.0.0.1."""
    server = LineServer(answers)
    async with trio.open_nursery() as nursery:
        if tls is None:
            listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
            socket = listeners[0].socket
            nursery.start_soon(trio.serve_listeners, server.serve, listeners)
        else:
            secure = await trio.open_ssl_over_tcp_listeners(0, tls, host="127.0.0.1")
            socket = secure[0].transport_listener.socket  # type: ignore[attr-defined]
            nursery.start_soon(trio.serve_listeners, server.serve, secure)
        scheme = "http" if tls is None else "https"
        server.url = f"{scheme}://127.0.0.1:{socket.getsockname()[1]}"
        yield server
        nursery.cancel_scope.cancel()


def whole(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


ANSWERS: dict[str, bytes | str] = {
    "/file": whole(BODY),
    "/put": b"HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n",
    "/empty": whole(b""),
    "/chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n3\r\n0\r\n\r\n0\r\n\r\n",
    "/until-close": b"HTTP/1.0 200 OK\r\n\r\n" + b"y" * 5000,
    "/continue": b"HTTP/1.1 100 Continue\r\n\r\n" + whole(b"z" * 100),
    "/short": b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\ncut",
    "/login": b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\n"
    b"Content-Length: 0\r\n\r\n",
    "/forbidden": b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",
    "/moved": b"HTTP/1.1 302 Go\r\nLocation: file:///etc/passwd\r\n"
    b"Content-Length: 0\r\n\r\n",
    "/moved-here": b"HTTP/1.1 302 Go\r\nLocation: /file\r\nContent-Length: 0\r\n\r\n",
    "/garbage": b"220 ftp.example ready\r\n\r\n",
    "/closes": "",
    "/hangs": "hang",
    "/endless": "endless",
}


def files(**options: Any) -> Files:
    return Files(lambda name, by: None, lambda series, took: None, **options)


def ordered(desk: Desk, path: str, url: str, **inputs: str) -> Run:
    """The run that the engine has to do after the session."""
    name = "UploadURL" if "Upload" in path else "DownloadURL"
    desk.request(path, **{name: url}, **inputs)
    (run,) = desk.device.errands
    assert isinstance(run, Run)
    desk.device.errands = ()
    return run


async def measured(
    desk: Desk, path: str, url: str, using: Files | None = None, **inputs: str
) -> dict[str, str]:
    """Have the test done, and read the results that the ACS is called for."""
    run = ordered(desk, path, url, **inputs)
    with trio.fail_after(20):
        outcome = await run_errand(using or files(), desk.device, run)
    desk.device.returned(run, outcome, 20.0)
    desk.device.wake(20.0)
    assert desk.device.events == (COMPLETE,)
    return desk.read(path)


def in_order(read: dict[str, str]) -> None:
    """Every moment is known to the microsecond, and follows the one before."""
    times = [read[name] for name in ORDER]
    assert all(map(TIME.fullmatch, times)), times
    assert times == sorted(times)
