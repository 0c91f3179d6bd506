"""
A session's way to its ACS, over as many sockets as it takes.

Rule: the conversation of HTTP is here (401, cookies, redirects, coming back after a
close), its bytes are elsewhere. What is rare stands in methods of its own. Errors of
the system become ours in dial.py, nowhere else. Of what went by the last exchange is
kept as it lies there, and never copied.
"""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import trio

from cpesim.errors import (
    ConnectFailed,
    Disconnected,
    HttpStatus,
    NoSockets,
    WireError,
)
from cpesim.wire.baggage import Baggage
from cpesim.wire.dial import broken_off, connect_failed, open_socket, reachable
from cpesim.wire.digest import Credentials
from cpesim.wire.http1 import BODY_LIMIT, Http1, Reply
from cpesim.wire.inflate import inflate
from cpesim.wire.link import Link
from cpesim.wire.resolve import Address
from cpesim.wire.rules import retry_after
from cpesim.wire.terms import Exchange

if TYPE_CHECKING:
    from cpesim.wire.compress import Coding
    from cpesim.wire.terms import Login, Show, Trace
    from cpesim.wire.wire import Wire

__all__ = ["Connection", "Reply"]

REDIRECTS = 5  # in a row (H4)
REDIRECTING = frozenset((302, 307))
MOST_SPARE = 1024
NOW = time.perf_counter


class Connection:
    """The way of one session to its ACS, over as many sockets as it takes."""

    __slots__ = (
        "_baggage",
        "_began",
        "_broken",
        "_certificate",
        "_coding",
        "_credentials",
        "_got",
        "_link",
        "_lookup",
        "_n",
        "_sent",
        "_source",
        "_target",
        "_trace",
        "_used",
        "_wire",
    )

    def __init__(
        self,
        wire: Wire,
        url: str,
        credentials: Login,
        n: int,
        certificate: Show | None,
        coding: Coding | None,
        trace: Trace | None,
    ) -> None:
        self._trace = trace
        self._wire = wire
        self._n = n
        self._certificate = certificate
        self._coding = coding
        self._target = wire.target(url)
        self._credentials = credentials
        self._source = wire.sources[n % len(wire.sources)] if wire.sources else ""
        self._link: Link | None = None
        self._used = False  # there was a link before
        self._baggage: Baggage | None = None
        self._broken: WireError | None = None
        self._sent, self._began = b"", 0.0
        self._got: Reply | bytes | None = None  # bytes: of a head that is not whole
        self._lookup: trio.CancelScope | None = None

    def __repr__(self) -> str:
        return f"<Connection to {self._target.host}:{self._target.port}>"

    @property
    def local_address(self) -> str:
        """Our address towards the ACS; empty while nothing is open."""
        return "" if self._link is None else self._link.local_address

    async def post(self, body: bytes, kind: str) -> Reply:
        """
        Send one message and return the ACS's answer, of status 200 or 204.

        Connects, comes back after a close, proves who it is and follows redirects,
        as it must; all else is a WireError. Every exchange is counted as *kind*.
        """
        if self._coding is not None and body:
            body = self._coding.pack(body)
        reply = await self._exchange(body, kind)
        redirects = 0
        while reply.status != 200 and reply.status != 204:
            if reply.status == 401 and self._prove(reply):
                self._wire.count.count("auth.challenges")
            elif reply.status in REDIRECTING and redirects < REDIRECTS:
                redirects += 1
                self._follow(reply)
            else:
                asked = reply.headers.get("retry-after", "")
                raise HttpStatus(reply.status, retry_after(asked, time.time()))
            reply = await self._exchange(body, kind)
        return reply

    def cancel(self, label: str = "interrupted") -> None:
        """Break it off from another task: the post raises Disconnected of *label*."""
        error = Disconnected(label)
        error.label = label
        self.break_off(error)

    def break_off(self, error: WireError) -> None:
        """Let the post that waits, or else the next one, raise *error*."""
        self._broken = error
        if self._lookup is not None:
            self._lookup.cancel()
        if self._link is not None:
            self._link.break_off(error)

    def reset(self, label: str) -> None:
        """Break it off as a power cut does: at once, and the ACS gets a reset."""
        link = self._link
        if link is not None:
            link.be_abrupt()
        self.cancel(label)
        self.close()

    def close(self) -> None:
        """Close the socket; cookies and proofs stay until the session is forgotten."""
        if self._link is not None:
            if self._got is None:
                self._got = self._link.so_far()
            if self._link.secure and self._wire.tls.resume:
                self._keep_ticket(self._link)
            self._link.close(self._wire.spare, MOST_SPARE)
            self._link = None

    async def _exchange(self, body: bytes, kind: str) -> Reply:
        """Have one exchange, on a new socket if need be, and count it."""
        if self._link is None:
            await self._dial()
        reply = await self._attempt(body, kind)
        if reply is None:
            # The kept connection was closed under us and not a byte came: as any HTTP
            # client we send once more (RFC 9112 9.3.1), on a new link, not a kept one.
            await self._dial()
            reply = await self._attempt(body, kind)
            assert reply is not None
        return reply

    async def _attempt(self, body: bytes, kind: str) -> Reply | None:
        """Send and receive on the link; None when it was stale."""
        wire, target, link = self._wire, self._target, self._link
        assert link is not None
        baggage = self._baggage
        tail = target.tail if baggage is None else baggage.tail(target, body)
        if self._coding is not None:
            tail = (self._coding.whole if body else self._coding.empty) + tail
        if body:
            message = b"".join((target.soap, b"%d" % len(body), tail, body))
        else:
            message = target.empty + tail
        if self._trace is not None:
            self._trace("out", message[: len(message) - len(body)], self._told(body))
        since = wire.answering.since
        self._sent, self._got = message, None
        since[self] = self._began = began = NOW()
        try:
            if self._broken is not None:
                raise self._broken
            reply = self._got = await link.exchange(message)
        except OSError as error:
            stale = link.stale
            self.close()
            if stale:
                return None
            raise broken_off(error) from None
        except trio.ClosedResourceError:
            self.close()
            raise self._broken or Disconnected("closed") from None
        except BaseException:
            self.close()
            raise
        finally:
            since.pop(self, None)
        took = NOW() - began
        wire.count.exchange(kind, took, reply.status, len(message), reply.received)
        if self._trace is not None:
            self._trace("in", reply.head(), reply.body)
        if baggage is not None or reply.cookies:
            if baggage is None:
                baggage = self._baggage = Baggage()
            baggage.take(reply, target)
        for what in reply.mended:
            if what != "encoding" or self._coding is None:
                wire.count.count(f"mended.{what}")
        if reply.close:
            self.close()
        return reply

    def last(self) -> Exchange | None:
        """The last exchange, as far as it came; None where nothing was ever sent."""
        if not self._sent:
            return None
        head, _, body = self._sent.partition(b"\r\n\r\n")
        got, ago = self._got, NOW() - self._began
        if isinstance(got, Reply):
            return Exchange(ago, head, self._told(body), got.head(), got.body)
        return Exchange(ago, head, self._told(body), got or b"", b"")

    # What is rare.

    async def _dial(self) -> None:
        """Open a link to the target, by the first of its addresses that takes us."""
        wire, target = self._wire, self._target
        if target.problem:
            raise ConnectFailed("url", target.problem)
        if self._used:
            wire.count.count("reconnects")
            if self._baggage is not None:
                self._baggage.reconnected()
        self._used = True
        since = wire.dialling.since
        since[self] = NOW()
        try:
            if self._broken is not None:
                raise self._broken
            addresses = wire.resolver.known(target.host, target.port)
            if addresses is None:
                addresses = await self._look_up()
            await self._reach(reachable(addresses, self._source))
        except trio.ClosedResourceError:
            self.close()
            raise self._broken or Disconnected("closed") from None
        except BaseException:
            self.close()
            raise
        finally:
            since.pop(self, None)

    async def _reach(self, addresses: list[Address]) -> None:
        wire, target = self._wire, self._target
        failure = ConnectFailed("unreachable", "no address of the source's family")
        for turn, address in enumerate(addresses):
            began = NOW()
            try:
                sock = open_socket(address, self._source)
                link = self._link = self._new_link(sock, self._reader())
                await link.connect(address)
                wire.count.connect(NOW() - began)
                if target.secure:
                    await self._shake_hands(link)
            except (OSError, ValueError) as error:
                self.close()
                failure = connect_failed(error)
                if isinstance(failure, NoSockets):
                    break
            else:
                if turn:
                    wire.resolver.prefer(target.host, target.port, address)
                return
        raise failure

    def _reader(self) -> Http1:
        spare = self._wire.spare
        return spare.pop() if spare else Http1()

    def _new_link(self, sock: socket.socket, http: Http1) -> Link:
        return Link(sock, http)

    async def _shake_hands(self, link: Link) -> None:
        wire = self._wire
        own = None if self._certificate is None else self._certificate()
        began = NOW()
        await link.shake_hands(wire.tls, self._target.origin, self._n, own)
        wire.count.tls(NOW() - began)
        version, resumed = link.agreed()
        wire.count.count(f"tls.version.{version}")
        if resumed:
            wire.count.count("tls.resumed")

    def _keep_ticket(self, link: Link) -> None:
        if not link.keep_ticket(self._wire.tls, self._target.origin, self._n):
            self._wire.count.count("tls.forgotten")

    def _told(self, body: bytes) -> bytes:
        """A body of ours as a person reads it."""
        if self._coding is None or not body:
            return body
        return inflate(body, self._coding.name, BODY_LIMIT)

    async def _look_up(self) -> list[Address]:
        target = self._target
        with trio.CancelScope() as self._lookup:
            try:
                return await self._wire.resolver.lookup(target.host, target.port)
            finally:
                self._lookup = None
        raise self._broken or Disconnected("closed")

    def _prove(self, reply: Reply) -> bool:
        if self._baggage is None:
            self._baggage = Baggage()
        wire = self._wire
        wire.proofs += 1
        return self._baggage.prove(
            reply, Credentials(*self._credentials()), f"{wire.salt}{wire.proofs}"
        )

    def _follow(self, reply: Reply) -> None:
        """Go where a 302 or 307 points, for the rest of the session (H4)."""
        location = reply.headers.get("location", "")
        if not location:
            raise HttpStatus(reply.status)
        self._wire.count.count("redirects")
        target = self._wire.target(self._target.join(location))
        away = target.origin != self._target.origin
        if away:
            self.close()
        self._target = target
        if self._baggage is not None:
            self._baggage.move(away)
