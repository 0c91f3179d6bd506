"""
A session's way to its ACS on which something goes wrong by plan.

Rule: mechanics only. What goes wrong, and when, is said by a Plot (engine/injection);
a run without faults makes none of these classes.
"""

from __future__ import annotations

import secrets
import socket
import ssl
from typing import TYPE_CHECKING, Protocol

import trio
from trio.lowlevel import wait_readable

from cpesim.errors import Injected
from cpesim.wire.connection import Connection
from cpesim.wire.http1 import Http1, Reply
from cpesim.wire.link import AT_ONCE, Link
from cpesim.wire.resolve import Address
from cpesim.wire.wire import Wire

if TYPE_CHECKING:
    from cpesim.wire.terms import Count

# Stages of connecting: nothing is looked up yet, the socket is there, TCP stands.
NAME, SOCKET, CONNECTED = "name", "socket", "connected"
# A read of a slow reader lasts so long, but for rates of less than a byte in it.
PIECE = 0.1
# How long what was sent gets to arrive before the reset that would overtake it.
ARRIVING = 0.02
# TLS 1.2 record of an alert (RFC 8446 6): fatal, handshake_failure.
FATAL_ALERT = bytes((21, 3, 3, 0, 2, 2, 40))
HELLO_ANSWER = 1.0  # seconds that the ServerHello is waited for


class Plot(Protocol):
    """What goes wrong on one session's way."""

    async def connect(self, link: FaultyLink | None, stage: str) -> None: ...
    async def send(self, link: FaultyLink, message: bytes) -> bytes: ...
    async def receive(self, link: FaultyLink) -> None: ...


class FaultyConnection(Connection):
    """A connection whose links go wrong."""

    __slots__ = ()

    async def _attempt(self, body: bytes, kind: str) -> Reply | None:
        link = self._link
        assert isinstance(link, FaultyLink)
        link.saying = kind
        return await super()._attempt(body, kind)

    async def _dial(self) -> None:
        await self._plot().connect(None, NAME)
        await super()._dial()

    def _new_link(self, sock: socket.socket, http: Http1) -> FaultyLink:
        return FaultyLink(sock, http, self._plot())

    def _plot(self) -> Plot:
        wire = self._wire
        assert isinstance(wire, FaultyWire)
        return wire.plot


class FaultyWire(Wire):
    """
    All that *whole* shares, for one session with a *plot*.

    *count* is told of its exchanges, in place of the whole's.
    """

    opens = FaultyConnection

    def __init__(self, whole: Wire, count: Count, plot: Plot) -> None:
        self.__dict__.update(whole.__dict__)
        self.count = count
        self.plot = plot
        self.salt = secrets.token_hex(4)  # its proofs are not those of the whole


class FaultyLink(Link):
    """
    A socket on which something goes wrong.

    *saying* is the exchange under way, *rate* how fast it reads, if slow.
    """

    __slots__ = ("_plot", "rate", "saying")

    def __init__(self, sock: socket.socket, http: Http1, plot: Plot) -> None:
        super().__init__(sock, http)
        self._plot = plot
        self.rate = 0.0
        self.saying = ""

    async def connect(self, address: Address) -> None:
        """Connect by TCP, or what is planned in its place."""
        await self._plot.connect(self, SOCKET)
        await super().connect(address)
        await self._plot.connect(self, CONNECTED)

    async def exchange(self, message: bytes) -> Reply:
        """Send *message* and return its answer, if it comes to that."""
        message = await self._plot.send(self, message)
        await self._send_rest(message, 0)
        await self._plot.receive(self)
        most = max(1, int(self.rate * PIECE)) if self.rate else AT_ONCE
        while True:
            received = await self._some(most)
            reply = self._fed(received)
            if reply is not None:
                return reply
            await trio.sleep(len(received) / self.rate if self.rate else 0.0)

    # What a plot may do with it.

    def narrow(self, size: int) -> None:
        """Take no more than about *size* bytes that were not read yet."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)

    async def send_only(self, part: bytes) -> None:
        """Send *part* of a message, and let it arrive."""
        await self._send_rest(part, 0)
        await trio.sleep(ARRIVING)
        if self._broken is not None:
            raise self._broken

    def drop(self, kind: str) -> Injected:
        """It is going to be closed as it is; raise what comes back."""
        self.secure = False  # TLS is not told
        return Injected(kind)

    def reset(self, kind: str) -> Injected:
        """It is going to be closed by a reset; raise what comes back."""
        self.be_abrupt()
        return self.drop(kind)

    async def break_handshake(self, kind: str) -> Injected:
        """Begin a TLS handshake and break it off; raise what comes back."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            context.wrap_bio(incoming, outgoing).do_handshake()
        except ssl.SSLWantReadError:
            await self.send_only(outgoing.read())
        with trio.move_on_after(HELLO_ANSWER):
            await wait_readable(self._fd)
        await self.send_only(FATAL_ALERT)
        return self.drop(kind)
