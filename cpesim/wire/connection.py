"""
Connections to an ACS: one for each session, and what all of them share.

Rule: the conversation of HTTP is here (401, cookies, redirects, coming back after a
close), its bytes are elsewhere. What is rare stands in methods of its own. Errors of
the system become ours here and in dial.py, nowhere else.
"""

from __future__ import annotations

import secrets
import ssl
import time
from collections.abc import Mapping, Sequence
from typing import Never

import trio

from cpesim.errors import (
    ConnectFailed,
    Disconnected,
    HttpStatus,
    NoSockets,
    Timeout,
    WireError,
)
from cpesim.wire.baggage import Baggage
from cpesim.wire.dial import connect_failed, open_socket, reachable
from cpesim.wire.digest import Credentials
from cpesim.wire.http1 import Http1, Reply
from cpesim.wire.link import Link
from cpesim.wire.overdue import Waits
from cpesim.wire.resolve import Address, Resolver
from cpesim.wire.rules import check_headers, check_sources, retry_after
from cpesim.wire.target import Target
from cpesim.wire.terms import Count, Login, Trace
from cpesim.wire.tls import client_context

__all__ = ["Connection", "Count", "Login", "Reply", "Trace", "Wire"]

REDIRECTS = 5  # in a row (H4)
REDIRECTING = frozenset((302, 307))
SWEEP = 0.1
MOST_TARGETS = 1024  # an ACS may redirect each CPE to a URL of its own
MOST_SPARE = 1024
NOW = time.perf_counter


def anonymous() -> tuple[str, str]:
    """The credentials of a CPE that has none."""
    return "", ""


class Wire:
    """What all connections of one process share."""

    def __init__(
        self,
        count: Count,
        *,
        headers: Sequence[tuple[str, str]] = (),
        resolve: Mapping[str, str] | None = None,
        ca: str | None = None,
        insecure: bool = False,
        sources: Sequence[str] = (),
        connect_timeout: float = 10.0,
        response_timeout: float = 30.0,
    ) -> None:
        self.count = count
        self.headers = check_headers(headers)
        self.resolver = Resolver(resolve or {})
        self.sources = check_sources(sources)
        self.dialling = Waits(connect_timeout, lambda: ConnectFailed("timeout"))
        self.answering = Waits(response_timeout, Timeout)
        self.spare: list[Http1] = []
        self.proofs = 0  # asked for so far
        self.salt = secrets.token_hex(8)
        self._ca, self._insecure = ca, insecure
        self._context = client_context(ca, insecure) if ca else None
        self._targets: dict[str, Target] = {}

    def open(
        self,
        url: str,
        credentials: Login = anonymous,
        n: int = 0,
        trace: Trace | None = None,
    ) -> Connection:
        """
        Return a connection for one session; nothing is sent before its first post.

        A URL that is none fails there too. *credentials* gives name and password, and
        is asked when the ACS asks; *n* chooses among the source addresses; *trace*
        is shown every message: "out" or "in", its head and its body.
        """
        return Connection(self, url, credentials, n, trace)

    def target(self, url: str) -> Target:
        """Return what connections to *url* share."""
        target = self._targets.get(url)
        if target is None:
            if len(self._targets) >= MOST_TARGETS:
                del self._targets[next(iter(self._targets))]
            target = self._targets[url] = Target(url, self.headers)
        return target

    @property
    def context(self) -> ssl.SSLContext:
        """The TLS settings; made at the first https connection."""
        if self._context is None:
            self._context = client_context(self._ca, self._insecure)
        return self._context

    async def sweep(self) -> Never:
        """End the dialling and the exchanges that are overdue, while the run lasts."""
        while True:
            await trio.sleep(SWEEP)
            self.dialling.expire(NOW())
            self.answering.expire(NOW())


class Connection:
    """The way of one session to its ACS, over as many sockets as it takes."""

    __slots__ = (
        "_baggage",
        "_broken",
        "_credentials",
        "_link",
        "_lookup",
        "_source",
        "_target",
        "_trace",
        "_used",
        "_wire",
    )

    def __init__(
        self, wire: Wire, url: str, credentials: Login, n: int, trace: Trace | None
    ) -> None:
        self._trace = trace
        self._wire = wire
        self._target = wire.target(url)
        self._credentials = credentials
        self._source = wire.sources[n % len(wire.sources)] if wire.sources else ""
        self._link: Link | None = None
        self._used = False  # there was a link before
        self._baggage: Baggage | None = None
        self._broken: WireError | None = None
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

    def close(self) -> None:
        """Close the socket; cookies and proofs stay until the session is forgotten."""
        if self._link is not None:
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
        if body:
            message = b"".join((target.soap, b"%d" % len(body), tail, body))
        else:
            message = target.empty + tail
        if self._trace is not None:
            self._trace("out", message[: len(message) - len(body)], body)
        since = wire.answering.since
        since[self] = began = NOW()
        try:
            if self._broken is not None:
                raise self._broken
            reply = await link.exchange(message)
        except OSError as error:
            stale = link.stale
            self.close()
            if stale:
                return None
            raise (
                Timeout()
                if isinstance(error, TimeoutError)
                else Disconnected(str(error))
            ) from None
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
            wire.count.count(f"mended.{what}")
        if reply.close:
            self.close()
        return reply

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
                http = wire.spare.pop() if wire.spare else Http1()
                link = self._link = Link(sock, http)
                await link.connect(address)
                wire.count.connect(NOW() - began)
                if target.secure:
                    began = NOW()
                    await link.shake_hands(wire.context, target.host)
                    wire.count.tls(NOW() - began)
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
        before = self._target
        self._target = self._wire.target(before.join(location))
        away = self._target.origin != before.origin
        if away:
            self.close()
        if self._baggage is not None:
            self._baggage.move(away)
