"""
A session's way to its ACS on which the first byte of each answer is timed.

Rule: a run in which nobody asks for that makes none of these classes.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from trio.lowlevel import checkpoint, wait_readable

from cpesim.wire.connection import Connection
from cpesim.wire.http1 import Http1, Reply
from cpesim.wire.link import AT_ONCE, QUICKACK, TCP, WANTS, Link
from cpesim.wire.wire import Wire, anonymous

if TYPE_CHECKING:
    from cpesim.wire.compress import Coding
    from cpesim.wire.terms import Count, Login, Show, Trace

NOW = time.perf_counter
# Gets the seconds from a request's last byte to the first of its answer.
FirstByte = Callable[[float], None]


class TimedWire(Wire):
    """A Wire that tells *first_byte* of each exchange that is whole."""

    def __init__(self, count: Count, *, first_byte: FirstByte, **settings: Any) -> None:
        super().__init__(count, **settings)
        self.first_byte = first_byte

    def open(
        self,
        url: str,
        credentials: Login = anonymous,
        n: int = 0,
        *,
        certificate: Show | None = None,
        coding: Coding | None = None,
        trace: Trace | None = None,
    ) -> TimedConnection:
        """As Wire's; what comes back is timed."""
        return TimedConnection(self, url, credentials, n, certificate, coding, trace)


class TimedConnection(Connection):
    """A connection whose links look when the first byte comes."""

    __slots__ = ()

    def _new_link(self, sock: socket.socket) -> TimedLink:
        wire = self._wire
        assert isinstance(wire, TimedWire)
        reader = wire.spare.pop() if wire.spare else Http1()
        return TimedLink(sock, reader, wire.first_byte)


class TimedLink(Link):
    """A socket that tells when the first byte of an answer came."""

    __slots__ = ("_told",)

    def __init__(self, sock: socket.socket, http: Http1, told: FirstByte) -> None:
        super().__init__(sock, http)
        self._told = told

    async def exchange(self, message: bytes) -> Reply:
        """Send *message* and return its answer."""
        sock = self._sock
        try:
            sent = sock.send(message)
        except WANTS:
            sent = 0
        if sent < len(message):
            await self._send_rest(message, sent)
        began = NOW()
        sock.setsockopt(TCP, QUICKACK, 1)  # X5, as in Link
        if not self.secure:
            await wait_readable(self._fd)
        received = await self._some(AT_ONCE)
        took = NOW() - began
        while (reply := self._fed(received)) is None:
            sock.setsockopt(TCP, QUICKACK, 1)
            await checkpoint()
            received = await self._some(AT_ONCE)
        self._told(took)
        return reply
