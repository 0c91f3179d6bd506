"""
Where a POST goes: a URL taken apart, its heads rendered once.

Rule: pure, and shared by all connections to one URL; nothing here belongs to a CPE.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urljoin, urlsplit

from cpesim.wire.http1 import request_head

PORTS = {"http": 80, "https": 443}
# What may stand in a request target as it is; "%" because it is quoted already.
SAFE = "/%:@!$&'()*+,;=~?-._[]"


class Target:
    """A URL, and the constant bytes of POSTs to it; `problem` says why it is none."""

    __slots__ = (
        "empty",
        "further",
        "host",
        "origin",
        "path",
        "port",
        "problem",
        "secure",
        "soap",
        "tail",
        "url",
    )

    def __init__(self, url: str, headers: Sequence[tuple[str, str]] = ()) -> None:
        self.url = url
        self.host, self.port, self.path, self.secure = "", 0, "/", False
        self.problem = ""
        try:
            self._read()
        except ValueError as error:
            self.problem = str(error)
        self.origin = (self.secure, self.host, self.port)
        authority = f"[{self.host}]" if ":" in self.host else self.host
        if self.port != PORTS["https" if self.secure else "http"]:
            authority += f":{self.port}"
        self.soap, self.empty, self.further = request_head(
            authority, self.path, headers
        )
        self.tail = self.further + b"\r\n\r\n"

    def __repr__(self) -> str:
        return f"<Target {self.host}:{self.port}>"

    def join(self, location: str) -> str:
        """Return the URL that *location* means, seen from here (RFC 9110 10.2.2)."""
        try:
            return urljoin(self.url, location.strip())
        except ValueError:
            return location  # no URL: opening it says so

    def _read(self) -> None:
        parts = urlsplit(self.url.strip())
        if parts.scheme not in PORTS:
            raise ValueError("the ACS's URL must begin with http:// or https://")
        if not parts.hostname:
            raise ValueError("the ACS's URL has no host")
        self.host = parts.hostname.partition("%")[0]
        if not self.host.isascii():
            self.host = self.host.encode("idna").decode()
        self.port = parts.port or PORTS[parts.scheme]
        self.secure = parts.scheme == "https"
        self.path = quote(parts.path, SAFE) or "/"
        if parts.query:
            self.path += "?" + quote(parts.query, SAFE)
