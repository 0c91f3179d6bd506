"""
One connection of a client, from the server's side: requests in, answers out.

Rule: h11 reads, and nothing is trusted before it has. Answers are written as bytes:
a fresh h11.Connection for each request costs 1.3 µs, reading a POST with it 22 µs;
letting h11 write the answer too would make it 42 µs (two POSTs a session).
No cancel scope: a read or write that takes too long is ended by the sweep, which
closes the socket under it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import h11
import trio

from cpesim.acs.session import Session

MOST_BODY = 16 * 1024 * 1024
# All bodies that are still incomplete, together.
MOST_HELD = 256 * 1024 * 1024
_READ = 65536
_LINGER = 2.0
_STEADY = 4096

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_REASONS = {
    200: "OK",
    201: "Created",
    204: "No Content",
    302: "Found",
    307: "Temporary Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
}
_HEADS = {
    status: f"HTTP/1.1 {status} {reason}\r\nServer: cpesim\r\n".encode()
    for status, reason in _REASONS.items()
}


class BadRequest(Exception):
    """What came is not HTTP, or too large; the status says which."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(slots=True)
class Held:
    """Bytes of incomplete bodies, over all connections."""

    size: int = 0


class Sink(Protocol):
    """What takes a body piece by piece, so that none is held."""

    def take(self, data: bytes) -> None:
        """The next piece; raises BadRequest when it is too much."""

    def broken(self) -> None:
        """The rest will not come."""


# Which requests have their body taken by a sink.
Sinks = Callable[[str, str], Sink | None]  # method, target


def _held_here(method: str, target: str) -> Sink | None:
    return None


class Post:
    """A request, whole: of headers that came twice, the last."""

    __slots__ = ("body", "headers", "keep", "method", "sink", "target")

    def __init__(
        self, request: h11.Request, body: bytes, keep: bool, sink: Sink | None = None
    ) -> None:
        self.sink = sink
        self.method = request.method.decode("ascii")
        self.target = request.target.decode("latin-1")
        self.headers: dict[bytes, bytes] = dict(request.headers)
        self.body = body
        self.keep = keep  # the client keeps the connection


class Link:
    """A client's connection."""

    __slots__ = ("_held", "_rest", "_sinks", "_sock", "closed", "session", "since")

    def __init__(
        self, sock: socket.socket, held: Held, now: float, sinks: Sinks = _held_here
    ) -> None:
        self._sock = sock
        self._sinks = sinks
        self._held = held
        self._rest = b""  # what came after the last request
        self.since = now  # when something last went right
        self.session: Session | None = None
        self.closed = False

    @property
    def local(self) -> str:
        """Our own end, as HOST:PORT."""
        host, port = self._sock.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def alive(self) -> bool:
        """Whether the client still holds it open."""
        if self.closed:
            return False
        try:
            return self._sock.recv(1, socket.MSG_PEEK) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def close(self) -> None:
        """Close it; whoever waits for it gets a trio.ClosedResourceError."""
        if not self.closed:
            self.closed = True
            trio.lowlevel.notify_closing(self._sock)
            self._sock.close()

    async def read(self) -> Post | None:
        """The next request; None when the client has closed. Raises BadRequest."""
        http = h11.Connection(h11.SERVER)
        if self._rest:
            # Pipelined, or an impatient client: it has to share the loop.
            await trio.lowlevel.checkpoint()
            http.receive_data(self._rest)
        request: h11.Request | None = None
        body: bytes | bytearray = b""
        held = 0
        sink: Sink | None = None
        whole = False
        try:
            while True:
                event = http.next_event()
                kind = type(event)
                if kind is h11.NEED_DATA:
                    if http.they_are_waiting_for_100_continue:
                        await self.send(_CONTINUE)
                        # h11 has to believe that it was said.
                        http.send(
                            h11.InformationalResponse(status_code=100, headers=[])
                        )
                    if body and held != len(body):
                        self._held.size += len(body) - held
                        held = len(body)
                        if self._held.size > MOST_HELD:
                            raise BadRequest(503)
                    http.receive_data(await self._receive())
                elif kind is h11.Request:
                    assert isinstance(event, h11.Request)
                    request = event
                    # GET, most of all, has no body; POST of CPEs is held.
                    if event.target != b"/":
                        sink = self._sinks(
                            event.method.decode("ascii"), event.target.decode("latin-1")
                        )
                elif kind is h11.Data:
                    assert isinstance(event, h11.Data)
                    if sink is not None:
                        sink.take(event.data)
                        # Slower than this in a minute is idle.
                        if len(event.data) >= _STEADY:
                            self.moved()
                    elif not body:
                        body = event.data
                    else:
                        if not isinstance(body, bytearray):
                            body = bytearray(body)
                        body += event.data
                    if len(body) > MOST_BODY:
                        raise BadRequest(413)
                elif kind is h11.EndOfMessage:
                    whole = True
                    break
                else:
                    return None
        except h11.RemoteProtocolError as error:
            raise BadRequest(error.error_status_hint) from None
        finally:
            self._held.size -= held
            if sink is not None and not whole:
                sink.broken()
        self._rest = http.trailing_data[0]
        assert request is not None
        return Post(request, bytes(body), http.their_state is h11.DONE, sink)

    async def _receive(self) -> bytes:
        while True:
            try:
                data = self._sock.recv(_READ)
            except BlockingIOError:
                await trio.lowlevel.wait_readable(self._sock)
                continue
            if len(data) == _READ:
                # More may be there at once, for ever: the other tasks get their turn.
                await trio.lowlevel.checkpoint()
            return data

    def moved(self) -> None:
        """Something went right: it is not idle."""
        self.since = trio.current_time()

    async def refuse(self, status: int) -> None:
        """Say why the connection ends, to a client that may still be sending."""
        with trio.move_on_after(_LINGER):
            try:
                await self.send(answer(status, keep=False))
                self._sock.shutdown(socket.SHUT_WR)
                # Closed with bytes unread, TCP resets, and the answer is lost.
                while await self._receive():
                    pass
            except (OSError, trio.ClosedResourceError):
                return

    async def send(self, data: bytes | memoryview) -> None:
        """Send all of it."""
        while True:
            try:
                sent = self._sock.send(data)
            except BlockingIOError:
                sent = 0
            if sent == len(data):
                return
            data = memoryview(data)[sent:]
            await trio.lowlevel.wait_writable(self._sock)


def answer(
    status: int, body: bytes = b"", *, keep: bool = True, headers: str = ""
) -> bytes:
    """A whole answer; *headers* are finished lines, each with its line end."""
    kind = "" if "Content-Type" in headers or not body else 'text/xml; charset="utf-8"'
    if kind:
        headers += f"Content-Type: {kind}\r\n"
    if not keep:
        headers += "Connection: close\r\n"
    # RFC 9110 8.6: no Content-Length in a 204.
    length = "" if status == 204 else f"Content-Length: {len(body)}\r\n"
    return _HEADS[status] + f"{headers}{length}\r\n".encode("latin-1") + body
