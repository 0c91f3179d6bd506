"""
What a session brings along with its requests: cookies, and proofs of who it is.

Rule: pure but for the time of day; made when an ACS first gives or asks for something.
"""

from __future__ import annotations

import time

from cpesim.wire.auth import ClientAuth
from cpesim.wire.cookies import NEVER, Jar
from cpesim.wire.digest import Credentials
from cpesim.wire.http1 import Reply
from cpesim.wire.target import Target


class Baggage:
    """The end of each request's head, from what the ACS gave and asked."""

    __slots__ = ("_auth", "_jar", "_tail")

    def __init__(self) -> None:
        self._auth: ClientAuth | None = None
        self._jar = Jar()
        self._tail = b""  # the last one, where it can serve again

    def take(self, reply: Reply, target: Target) -> None:
        """Keep what came with an answer of *target*."""
        if self._auth is not None and reply.status != 401:
            self._auth.accepted()
        if reply.cookies:
            now = time.time()
            for text in reply.cookies:
                self._jar.store(text, target.host, target.path, now)
            self._tail = b""

    def prove(self, reply: Reply, credentials: Credentials, salt: str) -> bool:
        """Take a 401; False when there is nothing to answer it with (H2)."""
        if self._auth is None:
            if not credentials.username:
                return False
            self._auth = ClientAuth(credentials, salt)
            self._tail = b""
        return self._auth.challenge(reply.authenticate)

    def reconnected(self) -> None:
        """Another connection carries the session on."""
        if self._auth is not None:
            self._auth.reconnected()

    def move(self, away: bool) -> None:
        """Go to another target; one far *away* gets no proof before it asks."""
        self._tail = b""
        if away:
            self._auth = None

    def tail(self, target: Target, body: bytes) -> bytes:
        """Return what follows Content-Length: further headers, cookies, the proof."""
        if self._tail:
            return self._tail
        tail = target.further
        cookies = self._jar.header(target.host, target.path, target.secure, time.time())
        if cookies:
            tail += b"\r\nCookie: " + cookies.encode("latin-1")
        if self._auth is not None:
            proof = self._auth.header("POST", target.path, body)
            if proof is not None:
                tail += b"\r\nAuthorization: " + proof.encode()
        tail += b"\r\n\r\n"
        if self._auth is None and self._jar.expires == NEVER:
            self._tail = tail
        return tail
