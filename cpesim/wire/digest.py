"""
The texts of HTTP authentication: challenges read, Digest responses computed.

Rule: pure functions and values, used by both sides in auth.py; no state.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

# Strongest first; each also as "-SESS". RFC 7616 3.2, RFC 2617 3.2.1.
HASHES = {"SHA-512-256": "sha512_256", "SHA-256": "sha256", "MD5": "md5"}
ALGORITHMS = {
    name + suffix: (HASHES[name], bool(suffix))
    for name in HASHES
    if HASHES[name] in hashlib.algorithms_available
    for suffix in ("-SESS", "")
}
STRENGTH = {name: len(ALGORITHMS) - i for i, name in enumerate(ALGORITHMS)}

TOKEN = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
PARAMETER = re.compile(rf'[\s,]*({TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))')
SCHEME = re.compile(rf"[\s,]*({TOKEN})(?=[\s,]|$)")


class Credentials(NamedTuple):
    """A name and its password."""

    username: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials({self.username!r}, ...)"


class Challenge(NamedTuple):
    """What a server asks for, as it wrote it: quotes are off, escapes are not."""

    scheme: str
    parameters: Mapping[str, str]

    @property
    def algorithm(self) -> str:
        """Name of the hash in capitals; MD5 when none is named."""
        return self.parameters.get("algorithm", "MD5").upper()

    @property
    def strength(self) -> int:
        """Rank among the challenges of one answer; 0 means unusable."""
        if self.scheme == "basic":
            return 1
        if self.scheme != "digest" or "nonce" not in self.parameters:
            return 0
        if self.quality is None:
            return 0
        return 1 + STRENGTH.get(self.algorithm, -1)

    @property
    def quality(self) -> str | None:
        """The qop to use: auth, auth-int, none (""), or None for an unknown one."""
        offered = [q.strip().lower() for q in self.parameters.get("qop", "").split(",")]
        return next((q for q in ("auth", "auth-int", "") if q in offered), None)


def challenges(values: Iterable[str]) -> list[Challenge]:
    """Read WWW-Authenticate (or Authorization) values, several in a line or not."""
    found: list[Challenge] = []
    for value in values:
        at = 0
        while match := (PARAMETER.match(value, at) or SCHEME.match(value, at)):
            at = match.end()
            if match.re is SCHEME:
                found.append(Challenge(match[1].lower(), {}))
            elif found:
                parameters = found[-1].parameters
                assert isinstance(parameters, dict)
                text = match[2] if match[2] is not None else match[3]
                parameters.setdefault(match[1].lower(), text)
    return found


def digest(name: str, text: str) -> str:
    """Hex digest of *text*."""
    # FIPS builds of OpenSSL refuse MD5 unless told that it secures nothing.
    return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()


def response(
    algorithm: str,
    credentials: Credentials,
    realm: str,
    nonce: str,
    method: str,
    uri: str,
    *,
    quality: str = "",
    cnonce: str = "",
    count: str = "",
    body: bytes = b"",
) -> str:
    """Compute a Digest response (RFC 2617 3.2.2, RFC 7616 3.4.1)."""
    name, by_session = ALGORITHMS[algorithm]
    a1 = digest(name, f"{credentials.username}:{realm}:{credentials.password}")
    if by_session:
        a1 = digest(name, f"{a1}:{nonce}:{cnonce}")
    a2 = f"{method}:{uri}"
    if quality == "auth-int":
        a2 += ":" + hashlib.new(name, body, usedforsecurity=False).hexdigest()
    a2 = digest(name, a2)
    if not quality:
        return digest(name, f"{a1}:{nonce}:{a2}")
    return digest(name, f"{a1}:{nonce}:{count}:{cnonce}:{quality}:{a2}")


def quoted(text: str) -> str:
    """*text* as a quoted-string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unescaped(text: str) -> str:
    """The inside of a quoted-string, as it was meant."""
    return re.sub(r"\\(.)", r"\1", text)
