"""
One socket to an ACS: bytes out, an answer back.

Rule: a plain exchange is one send, one wait and one recv. Errors of the system leave
as they are; who calls knows what they mean, and closes.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct

from trio.lowlevel import checkpoint, notify_closing, wait_readable, wait_writable

from cpesim.errors import WireError
from cpesim.wire.dial import connect, handshake
from cpesim.wire.http1 import Http1, Reply
from cpesim.wire.resolve import Address
from cpesim.wire.tls import Certificate, Origin, Tls

TCP, QUICKACK = socket.IPPROTO_TCP, socket.TCP_QUICKACK
AT_ONCE = 65536
NO_LINGER = struct.pack("ii", 1, 0)
# What a socket says when it must wait: before OSError, of which they are kinds.
WANTS_READ = (BlockingIOError, ssl.SSLWantReadError)
WANTS = (*WANTS_READ, ssl.SSLWantWriteError)


class Link:
    """A socket, the reader of its answers, and whether it is still good."""

    __slots__ = ("_broken", "_fd", "_http", "_sock", "kept", "secure")

    def __init__(self, sock: socket.socket, http: Http1) -> None:
        self._sock = sock
        self._fd = sock.fileno()  # TLS keeps it
        self._http = http
        self.secure = False
        self._broken: WireError | None = None
        self.kept = False  # it has carried an answer

    @property
    def stale(self) -> bool:
        """It was kept, and not a byte of the next answer came."""
        return self.kept and self._http.idle

    @property
    def local_address(self) -> str:
        """Our address on this socket."""
        return str(self._sock.getsockname()[0])

    def so_far(self) -> Reply | bytes:
        """What was read of an answer that is not whole."""
        return self._http.so_far()

    async def connect(self, address: Address) -> None:
        """Connect by TCP."""
        await connect(self._sock, address)
        if self._broken is not None:
            raise self._broken

    async def shake_hands(
        self, tls: Tls, origin: Origin, n: int, own: Certificate | None
    ) -> None:
        """Put TLS on the connection to *origin*, for CPE *n* and its certificate."""
        sock = tls.wrap(self._sock, origin, n, own)
        self.secure = True
        self._sock = sock
        await handshake(sock)
        if self._broken is not None:
            raise self._broken

    def agreed(self) -> tuple[str, bool]:
        """The version of TLS, and whether the handshake resumed an earlier session."""
        sock = self._sock
        assert isinstance(sock, ssl.SSLSocket)
        return sock.version() or "", bool(sock.session_reused)

    def keep_ticket(self, tls: Tls, origin: Origin, n: int) -> bool:
        """Keep what CPE *n* may resume with, of a connection that served."""
        sock = self._sock
        if not self.kept:
            return True
        assert isinstance(sock, ssl.SSLSocket)
        return tls.keep(sock, origin, n)

    async def exchange(self, message: bytes) -> Reply:
        """Send *message* and return its answer."""
        sock = self._sock
        try:
            sent = sock.send(message)
        except WANTS:
            sent = 0
        if sent < len(message):
            await self._send_rest(message, sent)
        # X5: it does not stick; without it an ACS that writes head and body apart
        # waits 40 ms for our ACK of the head.
        sock.setsockopt(TCP, QUICKACK, 1)
        if not self.secure:
            # Nothing can be there yet, and a look costs a system call.
            await wait_readable(self._fd)
        while True:
            if self._broken is not None:
                raise self._broken
            try:
                received = sock.recv(AT_ONCE)
            except WANTS_READ:
                await wait_readable(self._fd)
                continue
            except ssl.SSLWantWriteError:
                await wait_writable(self._fd)
                continue
            reply = self._http.feed(received) if received else self._http.eof()
            if reply is not None:
                self.kept = True
                return reply
            if not received:
                raise ConnectionResetError("closed before the answer was whole")
            sock.setsockopt(TCP, QUICKACK, 1)
            # An ACS that sends faster than we read would else hold up all others.
            await checkpoint()

    def break_off(self, error: WireError) -> None:
        """Let whoever waits here raise *error*."""
        self._broken = error
        notify_closing(self._fd)

    def be_abrupt(self) -> None:
        """Let the close be a reset, without TLS's own farewell."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        self.secure = False

    def close(self, spare: list[Http1], most: int) -> None:
        """Close the socket; a reader that is good for another goes to *spare*."""
        sock, http = self._sock, self._http
        if self.secure:
            # The peer is told that this is the end, and not waited for.
            with contextlib.suppress(OSError, ValueError):
                assert isinstance(sock, ssl.SSLSocket)
                sock.unwrap()
        sock.close()
        if http.idle and len(spare) < most:
            spare.append(http)
        else:
            http.close()

    # What a link has that looks between its steps (wire/ways).

    async def _some(self, most: int) -> bytes:
        """At most *most* bytes, once some are there; none at the end."""
        while True:
            if self._broken is not None:
                raise self._broken
            try:
                return self._sock.recv(most)
            except WANTS_READ:
                await wait_readable(self._fd)
            except ssl.SSLWantWriteError:
                await wait_writable(self._fd)

    def _fed(self, received: bytes) -> Reply | None:
        """The answer, if it is whole with what was received."""
        reply = self._http.feed(received) if received else self._http.eof()
        if reply is not None:
            self.kept = True
        elif not received:
            raise ConnectionResetError("closed before the answer was whole")
        return reply

    async def _send_rest(self, message: bytes, sent: int) -> None:
        rest = memoryview(message)[sent:]
        while rest:
            if self._broken is not None:
                raise self._broken
            try:
                rest = rest[self._sock.send(rest) :]
            except (BlockingIOError, ssl.SSLWantWriteError):
                await wait_writable(self._fd)
            except ssl.SSLWantReadError:
                await wait_readable(self._fd)
            except (BrokenPipeError, ConnectionResetError):
                # It may have answered (413, 401) before it stopped reading.
                return
