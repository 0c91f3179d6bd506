"""
Download and Upload diagnostics: bytes really move, and each moment is noted (TR-143).

Rule: a socket of its own for each connection, so that its times and bytes are those of
the wire; h11 says where an answer ends. No redirect is followed and no login is tried:
TR-143 forbids HTTP authentication, and a test of the line is of that URL alone.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import trio

from cpesim.device.device import Device
from cpesim.device.diagnostics.run import COMPLETE, NONE, UNRESOLVED, Run, Test
from cpesim.device.diagnostics.throughput import Flow
from cpesim.device.transfer import MOVING
from cpesim.engine.transfer import Files
from cpesim.wire.target import PORTS, Target

if TYPE_CHECKING:
    import h11

NO_ROUTE, NOT_OPENED = "Error_NoRouteToHost", "Error_InitConnectionFailed"
NO_RESPONSE, LOGIN = "Error_NoResponse", "Error_LoginFailed"
BROKEN, NOT_DONE = "Error_TransferFailed", "Error_NoTransferComplete"
LATE = "Error_Timeout"
CONNECT = 30.0  # seconds for a name, a connection, a handshake each
SILENCE = 30.0  # seconds without a byte
LONGEST = 600.0  # seconds for the whole of a test that has no duration of its own
MOST = 2**32 - 1  # bytes of a file: an unsignedInt of TR-098 counts no further
CHUNK = 65536
_ZEROS = bytes(CHUNK)
_FAMILIES = {"IPv4": socket.AF_INET, "IPv6": socket.AF_INET6}

Found = tuple[str, tuple[Flow, ...]]
Stream = trio.SocketStream | trio.SSLStream[trio.SocketStream]


class _Failed(Exception):
    """A connection came to nothing: the word of DiagnosticsState that says how."""


class _Pace:
    """The device's line: what all connections of a test share."""

    def __init__(self, test: Test) -> None:
        self._bandwidth = test.bandwidth
        self._seconds = test.seconds
        self._began: float | None = None
        self._moved = 0

    async def take(self, count: int) -> None:
        """Let so many bytes pass, no faster than the line."""
        if self._began is None:
            self._began = trio.current_time()
        self._moved += count
        ahead = self._began + self._moved / self._bandwidth - trio.current_time()
        await trio.sleep(max(ahead, 0.0))

    def over(self) -> bool:
        """Whether a time-based test has lasted long enough."""
        if not self._seconds or self._began is None:
            return False
        return trio.current_time() >= self._began + self._seconds


async def diagnose(files: Files, device: Device, run: Run) -> Found:
    """Do a throughput test: its end as a word, and what each connection measured."""
    test = run.test
    if test is None or run.state != MOVING:
        return NONE, ()
    flows = tuple(Flow() for _ in range(test.connections))
    longest = test.seconds + CONNECT if test.seconds else LONGEST
    state = LATE
    with trio.CancelScope() as scope:
        run.halt = scope.cancel  # of a run that is stopped nobody asks the state
        with trio.move_on_after(longest):
            state = await _all(files, device.n, test, flows)
    run.halt = None
    count = device.model.world.count
    count("diagnostics.bytes.received", sum(flow.received for flow in flows))
    count("diagnostics.bytes.sent", sum(flow.sent for flow in flows))
    return state, flows


async def _all(files: Files, n: int, test: Test, flows: tuple[Flow, ...]) -> str:
    """All connections at once; the first that fails ends the others."""
    target, pace = Target(test.url), _Pace(test)
    began = time.time() - trio.current_time()
    failures: list[str] = []

    def mark() -> float:
        # Unix time, but never back: the clock of this machine may be set meanwhile.
        return began + trio.current_time()

    async with trio.open_nursery() as nursery:

        async def one(flow: Flow) -> None:
            try:
                await _connection(files, n, test, target, flow, pace, mark)
            except _Failed as failed:
                failures.append(str(failed))
                nursery.cancel_scope.cancel()

        for flow in flows:
            nursery.start_soon(one, flow)
    return failures[0] if failures else COMPLETE


async def _connection(
    files: Files,
    n: int,
    test: Test,
    target: Target,
    flow: Flow,
    pace: _Pace,
    mark: Callable[[], float],
) -> None:
    stream = await _open(files, n, test, target, flow, mark)
    try:
        if test.upload:
            await _Exchange(stream, target, flow, pace, mark).put(test)
        else:
            await _Exchange(stream, target, flow, pace, mark).get()
    finally:
        await trio.aclose_forcefully(stream)


async def _open(
    files: Files,
    n: int,
    test: Test,
    target: Target,
    flow: Flow,
    mark: Callable[[], float],
) -> Stream:
    """A connection to the test's server, with TLS over it for https."""
    if target.problem:
        raise _Failed(NOT_OPENED)
    host, source = files.way(target.host, n)
    family = _FAMILIES.get(test.family, socket.AF_UNSPEC)
    try:
        with trio.fail_after(CONNECT):
            found = await trio.socket.getaddrinfo(
                host, target.port, family=family, type=socket.SOCK_STREAM
            )
    except (OSError, UnicodeError, trio.TooSlowError):
        raise _Failed(UNRESOLVED) from None
    with _connecting():
        sock = trio.socket.socket(found[0][0], socket.SOCK_STREAM)
        try:
            if source:
                await sock.bind((source, 0))
            flow.asked = mark()
            await sock.connect(found[0][4])
            flow.opened = mark()
            stream = trio.SocketStream(sock)
        except BaseException:
            sock.close()
            raise
    if not target.secure:
        return stream
    secured = trio.SSLStream(
        stream, files.tls(), server_hostname=target.host, https_compatible=True
    )
    try:
        with _connecting():
            await secured.do_handshake()
    except BaseException:
        await trio.aclose_forcefully(stream)
        raise
    return secured


@contextmanager
def _connecting() -> Iterator[None]:
    """What goes wrong in here is a connection that was not opened."""
    try:
        with trio.fail_after(CONNECT):
            yield
    except OSError as error:
        far = error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH)
        raise _Failed(NO_ROUTE if far else NOT_OPENED) from None
    except (trio.BrokenResourceError, trio.TooSlowError):
        raise _Failed(NOT_OPENED) from None


class _Exchange:
    """One GET or PUT over one connection."""

    def __init__(
        self,
        stream: Stream,
        target: Target,
        flow: Flow,
        pace: _Pace,
        mark: Callable[[], float],
    ) -> None:
        import h11  # a worker that measures nothing does not load it

        self._h11 = h11
        self._connection = h11.Connection(h11.CLIENT)
        self._stream = stream
        self._target = target
        self._flow = flow
        self._pace = pace
        self._mark = mark

    async def get(self) -> None:
        """Take the file, and note when it began and ended."""
        flow, h11 = self._flow, self._h11
        await self._request("GET", [])
        await self._send(h11.EndOfMessage(), NO_RESPONSE)
        while True:
            event = self._next(BROKEN)
            if isinstance(event, h11.Response):
                self._judge(event.status_code, BROKEN)
            elif isinstance(event, h11.EndOfMessage):
                return
            elif event is h11.NEED_DATA:
                # h11 has what came so far: whether it was the last is known to it.
                data = await self._receive(BROKEN if flow.begin else NO_RESPONSE)
                if data:
                    flow.begin = flow.begin or self._mark()
                    await self._pace.take(len(data))
                    flow.end = self._mark()
                self._connection.receive_data(data)
                if self._pace.over():
                    return
                if flow.received > MOST:
                    raise _Failed(BROKEN)

    async def put(self, test: Test) -> None:
        """Send a made file of the test's length, or for as long as it lasts."""
        flow, h11 = self._flow, self._h11
        length = ("Content-Length", str(test.length))
        if test.seconds:
            length = ("Transfer-Encoding", "chunked")
        await self._request(
            "PUT", [("Content-Type", "application/octet-stream"), length]
        )
        flow.begin = self._mark()
        left = test.length
        while (test.seconds or left) and not self._pace.over():
            piece = _ZEROS if test.seconds else _ZEROS[: min(left, CHUNK)]
            await self._send(h11.Data(data=piece), NOT_DONE)
            await self._pace.take(len(piece))
            left -= len(piece)
        await self._send(h11.EndOfMessage(), NOT_DONE)
        while True:
            event = self._next(NOT_DONE)
            if event is h11.NEED_DATA:
                data = await self._receive(NO_RESPONSE)
                self._connection.receive_data(data)
            elif isinstance(event, h11.Response):
                flow.end = self._mark()
                self._judge(event.status_code, NOT_DONE)
                return

    async def _request(self, method: str, headers: list[tuple[str, str]]) -> None:
        target, flow = self._target, self._flow
        authority = f"[{target.host}]" if ":" in target.host else target.host
        if target.port != PORTS["https" if target.secure else "http"]:
            authority += f":{target.port}"
        try:
            request = self._h11.Request(
                method=method,
                target=target.path,
                headers=[("Host", authority), ("Accept", "*/*"), *headers],
            )
        except self._h11.LocalProtocolError:
            raise _Failed(NOT_OPENED) from None
        flow.request = self._mark()
        await self._send(request, NO_RESPONSE)

    async def _send(self, event: h11.Event, failure: str) -> None:
        data = self._connection.send(event)
        if not data:
            return
        try:
            with trio.fail_after(SILENCE):
                await self._stream.send_all(data)
        except (trio.BrokenResourceError, trio.TooSlowError):
            raise _Failed(failure) from None
        self._flow.sent += len(data)

    async def _receive(self, failure: str) -> bytes:
        """What came next; b"" only where that may be the end of an answer."""
        try:
            with trio.fail_after(SILENCE):
                data = bytes(await self._stream.receive_some(CHUNK))
        except (trio.BrokenResourceError, trio.TooSlowError):
            raise _Failed(failure) from None
        if not data and not self._flow.received:
            raise _Failed(NO_RESPONSE)
        self._flow.received += len(data)
        return data

    def _next(self, failure: str) -> object:
        try:
            event = self._connection.next_event()
        except self._h11.RemoteProtocolError:
            raise _Failed(failure) from None
        if isinstance(event, self._h11.ConnectionClosed):
            raise _Failed(failure)
        return event

    @staticmethod
    def _judge(status: int, failure: str) -> None:
        """What an HTTP status means to a test: nothing, if it is a success."""
        if status in (401, 407):
            raise _Failed(LOGIN)
        if not 200 <= status < 300:
            raise _Failed(failure)
