"""
HTTP authentication, Basic and Digest: the client's side and the server's.

Rule: pure. The time and the chance come from outside, and no secret is ever in a
repr or in the text of an error.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import re
from collections.abc import Callable, Iterable
from typing import Literal

from cpesim.wire.digest import (
    Challenge,
    Credentials,
    challenges,
    digest,
    quoted,
    response,
    unescaped,
)

__all__ = ["ClientAuth", "Credentials", "ServerAuth", "Verdict"]

Verdict = Literal["ok", "stale", "wrong", "missing"]

# A server that calls every nonce stale would be asked for ever.
STALE_IN_A_ROW = 3


class ClientAuth:
    """How one CPE proves who it is, for the length of one session."""

    __slots__ = (
        "_asked",
        "_count",
        "_credentials",
        "_moved",
        "_proven",
        "_salt",
        "_sent",
        "_stale",
        "_turn",
    )

    def __init__(self, credentials: Credentials, salt: str) -> None:
        """*salt* is the chance behind the cnonces: another one for each session."""
        self._credentials = credentials
        self._salt = salt
        self._turn = 0  # which connection, or challenge, the cnonce is for
        self._asked: Challenge | None = None
        self._count = 0
        self._moved = False  # the challenge came on an earlier connection
        self._sent = False  # an answer to this challenge is out
        self._proven = False  # and was taken
        self._stale = 0

    def challenge(self, www_authenticate: Iterable[str]) -> bool:
        """
        Take the challenges of a 401; False when there is nothing more to try.

        That is so when these credentials were refused (H2), or when no offered
        scheme is known.
        """
        offered = max(
            challenges(www_authenticate), key=lambda c: c.strength, default=None
        )
        if offered is None or not offered.strength:
            return False
        stale = offered.parameters.get("stale", "").lower() == "true"
        if self._sent:
            if not stale or self._stale >= STALE_IN_A_ROW:
                return False
            self._stale += 1
        self._asked = offered
        self._count = 0
        self._turn += 1
        self._sent = self._proven = self._moved = False
        return True

    def header(self, method: str, uri: str, body: bytes) -> str | None:
        """Value of the Authorization header; None before the first challenge."""
        asked = self._asked
        if asked is None:
            return None
        self._sent = not self._moved
        username, password = self._credentials
        if asked.scheme == "basic":
            pair = base64.b64encode(f"{username}:{password}".encode())
            return "Basic " + pair.decode()
        return self._digest(asked, method, uri, body)

    def accepted(self) -> None:
        """The ACS took the last header: later ones are sent without being asked."""
        self._proven = True
        self._stale = 0

    def reconnected(self) -> None:
        """
        A new connection carries the session on.

        Some ACSs bind a nonce to its connection (X1): a challenge on the new one is
        no refusal, if the last header was taken.
        """
        if self._proven and self._asked is not None and self._asked.scheme == "digest":
            self._sent, self._moved = False, True
        # RFC 2617 3.2.2.2 counts the cnonce of the first request into A1 of -sess,
        # most servers that of the current one: only one that stays suits both.
        if self._asked is None or not self._asked.algorithm.endswith("-SESS"):
            self._turn += 1

    def _digest(self, asked: Challenge, method: str, uri: str, body: bytes) -> str:
        parameters = asked.parameters
        realm, nonce = parameters.get("realm", ""), parameters["nonce"]
        quality = asked.quality or ""
        by_session = asked.algorithm.endswith("-SESS")
        cnonce = digest("sha256", f"{self._salt}:{self._turn}")[:16]
        self._count += 1
        count = f"{self._count:08x}"
        proof = response(
            asked.algorithm,
            self._credentials,
            realm,
            nonce,
            method,
            uri,
            quality=quality,
            cnonce=cnonce,
            count=count,
            body=body,
        )
        text = (
            f"Digest username={quoted(self._credentials.username)},"
            f' realm="{realm}", nonce="{nonce}", uri="{uri}", response="{proof}"'
        )
        if "algorithm" in parameters:
            text += f", algorithm={parameters['algorithm']}"
        if "opaque" in parameters:
            text += f', opaque="{parameters["opaque"]}"'
        if quality:
            text += f', qop={quality}, nc={count}, cnonce="{cnonce}"'
        elif by_session:
            text += f', cnonce="{cnonce}"'
        return text


class ServerAuth:
    """
    The side that asks: challenges and their check.

    A nonce is its time, its number and an HMAC over both, so none is stored before it
    was used. Of used ones the highest nc is kept, for the last *memory* nonces; when
    one is forgotten, it and all unused ones before it are stale from then on.
    """

    def __init__(
        self,
        realm: str,
        secret: bytes,
        clock: Callable[[], float],
        *,
        scheme: Literal["basic", "digest"] = "digest",
        algorithm: str = "MD5",
        quality: str = "auth",
        lifetime: float = 300.0,
        memory: int = 65536,
    ) -> None:
        self.realm = realm
        self.scheme = scheme
        self.algorithm = algorithm
        self.quality = quality
        self._secret = secret
        self._clock = clock
        self._lifetime = lifetime
        self._memory = memory
        self._issued = 0
        self._forgotten = 0  # numbers up to this one are stale unless in _used
        self._used: dict[int, int] = {}

    def challenge(self, stale: bool = False) -> str:
        """Value of a WWW-Authenticate header, with a new nonce."""
        if self.scheme == "basic":
            return f"Basic realm={quoted(self.realm)}"
        self._issued += 1
        stamp = f"{int(self._clock() * 1000):x}.{self._issued:x}"
        text = f'Digest realm={quoted(self.realm)}, nonce="{stamp}.{self._seal(stamp)}"'
        if self.quality:
            text += f', qop="{self.quality}"'
        return text + f", algorithm={self.algorithm}" + ", stale=true" * stale

    def check(
        self,
        method: str,
        uri: str,
        authorization: str | None,
        password_of: Callable[[str], str | None],
        body: bytes = b"",
    ) -> Verdict:
        """
        Judge the Authorization header of a request.

        "stale" is said only to whom knows the password: the nonce is too old, was
        used with this nc before, or is not ours.
        """
        if not authorization:
            return "missing"
        # Most servers hand header texts on as latin-1; names are UTF-8.
        with contextlib.suppress(UnicodeError):
            authorization = authorization.encode("latin-1").decode()
        if self.scheme == "basic":
            return self._check_basic(authorization, password_of)
        given = next(iter(challenges([authorization])), None)
        if given is None or given.scheme != "digest":
            return "missing"
        return self._check_digest(method, uri, given, password_of, body)

    def _check_basic(
        self, authorization: str, password_of: Callable[[str], str | None]
    ) -> Verdict:
        scheme, _, pair = authorization.strip().partition(" ")
        if scheme.lower() != "basic":
            return "missing"
        try:
            text = base64.b64decode(pair.strip(), validate=True).decode()
        except ValueError:
            return "wrong"
        username, _, password = text.partition(":")
        expected = password_of(username)
        if expected is None:
            return "wrong"
        same = hmac.compare_digest(password.encode(), expected.encode())
        return "ok" if same else "wrong"

    def _check_digest(
        self,
        method: str,
        uri: str,
        given: Challenge,
        password_of: Callable[[str], str | None],
        body: bytes,
    ) -> Verdict:
        parameters = given.parameters
        username = unescaped(parameters.get("username", ""))
        password = password_of(username)
        target = parameters.get("uri", "")
        quality = parameters.get("qop", "").lower()
        offered = [q.strip() for q in self.quality.split(",")]
        if (
            password is None
            or given.algorithm != self.algorithm.upper()
            or (quality and quality not in offered)
            # A proxy's client may name the URI whole.
            or (target != uri and re.sub(r"^https?://[^/]*", "", target) != uri)
            or parameters.get("realm", "") != quoted(self.realm)[1:-1]
        ):
            return "wrong"
        nonce, count = parameters.get("nonce", ""), parameters.get("nc", "")
        proof = response(
            given.algorithm,
            Credentials(username, password),
            parameters.get("realm", ""),
            nonce,
            method,
            target,
            quality=quality,
            cnonce=parameters.get("cnonce", ""),
            count=count,
            body=body,
        )
        if not hmac.compare_digest(
            proof.encode(), parameters.get("response", "").lower().encode()
        ):
            return "wrong"
        # Without qop there is no count: such a nonce is good for one request.
        return "ok" if self._use(nonce, count if quality else "1") else "stale"

    def _use(self, nonce: str, count: str) -> bool:
        """Note that *nonce* was used with *count*; False when it may not be."""
        stamp, _, seal = nonce.rpartition(".")
        if not hmac.compare_digest(self._seal(stamp).encode(), seal.encode()):
            return False
        issued, _, number = stamp.partition(".")
        try:
            turn, serial = int(count, 16), int(number, 16)
        except ValueError:
            return False
        if self._clock() - int(issued, 16) / 1000 > self._lifetime:
            return False
        last = self._used.get(serial, 0 if serial > self._forgotten else None)
        if last is None or turn <= last:
            return False
        self._used.pop(serial, None)
        self._used[serial] = turn
        if len(self._used) > self._memory:
            oldest = next(iter(self._used))
            del self._used[oldest]
            self._forgotten = max(self._forgotten, oldest)
        return True

    def _seal(self, stamp: str) -> str:
        return hmac.digest(self._secret, stamp.encode(), "sha256")[:12].hex()
