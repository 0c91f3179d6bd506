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
from cpesim.wire.link import AT_ONCE, QUICKACK, TCP, Link
from cpesim.wire.wire import Wire

if TYPE_CHECKING:
    from cpesim.wire.terms import Count

NOW = time.perf_counter
# Gets the seconds from a request's last byte to the first of its answer.
FirstByte = Callable[[float], None]


class TimedConnection(Connection):
    """A connection whose links look when the first byte comes."""

    __slots__ = ()

    def _new_link(self, sock: socket.socket, http: Http1) -> TimedLink:
        wire = self._wire
        assert isinstance(wire, TimedWire)
        return TimedLink(sock, http, wire.first_byte)


class TimedWire(Wire):
    """A Wire that tells *first_byte* of each exchange that is whole."""

    opens = TimedConnection

    def __init__(self, count: Count, *, first_byte: FirstByte, **settings: Any) -> None:
        super().__init__(count, **settings)
        self.first_byte = first_byte


class TimedLink(Link):
    """A socket that tells when the first byte of an answer came."""

    __slots__ = ("_told",)

    def __init__(self, sock: socket.socket, http: Http1, told: FirstByte) -> None:
        super().__init__(sock, http)
        self._told = told

    async def exchange(self, message: bytes) -> Reply:
        """Send *message* and return its answer."""
        sock = self._sock
        await self._send_rest(message, 0)
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
