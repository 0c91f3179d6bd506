"""
What all connections of one process to their ACSs share.

Rule: what is found out once for many (addresses, heads, TLS settings) is kept here,
within bounds; nothing of a session is.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Never

import trio

from cpesim.errors import ConnectFailed, Timeout
from cpesim.wire.compress import Coding
from cpesim.wire.connection import Connection
from cpesim.wire.http1 import Http1
from cpesim.wire.overdue import Waits
from cpesim.wire.resolve import Resolver
from cpesim.wire.rules import check_headers, check_sources
from cpesim.wire.target import Target
from cpesim.wire.terms import Count, Login, Show, Trace
from cpesim.wire.tls import Tls

SWEEP = 0.1
MOST_TARGETS = 1024  # an ACS may redirect each CPE to a URL of its own
NOW = time.perf_counter


def anonymous() -> tuple[str, str]:
    """The credentials of a CPE that has none."""
    return "", ""


class Wire:
    """What all connections of one process share."""

    opens: type[Connection] = Connection  # of a session

    def __init__(
        self,
        count: Count,
        *,
        headers: Sequence[tuple[str, str]] = (),
        resolve: Mapping[str, str] | None = None,
        tls: Tls | None = None,
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
        self.tls = tls or Tls()
        self._targets: dict[str, Target] = {}

    def open(
        self,
        url: str,
        credentials: Login = anonymous,
        n: int = 0,
        *,
        certificate: Show | None = None,
        coding: Coding | None = None,
        trace: Trace | None = None,
    ) -> Connection:
        """
        Return a connection for one session; nothing is sent before its first post.

        A URL that is none fails there too. *credentials* gives name and password, and
        is asked when the ACS asks; *certificate*, asked at each handshake, the client
        certificate; *n* is the CPE's number, which chooses among the source addresses;
        *coding* compresses what is sent; *trace* is shown every message: "out" or
        "in", its head and its body.
        """
        return self.opens(self, url, credentials, n, certificate, coding, trace)

    def target(self, url: str) -> Target:
        """Return what connections to *url* share."""
        target = self._targets.get(url)
        if target is None:
            if len(self._targets) >= MOST_TARGETS:
                del self._targets[next(iter(self._targets))]
            target = self._targets[url] = Target(url, self.headers)
        return target

    async def sweep(self) -> Never:
        """End the dialling and the exchanges that are overdue, while the run lasts."""
        while True:
            await trio.sleep(SWEEP)
            self.dialling.expire(NOW())
            self.answering.expire(NOW())
