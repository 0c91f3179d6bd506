"""
A client's connection over TLS, and the context that all of them share.

Rule: nothing but the record layer: what is said within is http.py's.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import TypeVar

from cpesim.acs.http import Held, Link, Sinks
from cpesim.acs.settings import AcsSettings
from cpesim.errors import ConfigError

_READ = 65536
Result = TypeVar("Result")


def context_of(settings: AcsSettings) -> ssl.SSLContext | None:
    """The server's context, None without TLS; raises ConfigError for bad files."""
    if not settings.tls_cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    wrong: list[str] = []
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except OSError as error:  # ssl.SSLError is one
        wrong.append(
            f"tls_cert {settings.tls_cert}, tls_key {settings.tls_key}: {error}"
        )
    if settings.tls_client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        try:
            context.load_verify_locations(settings.tls_client_ca)
        except OSError as error:
            wrong.append(f"tls_client_ca {settings.tls_client_ca}: {error}")
    if wrong:
        raise ConfigError(*wrong)
    return context


class TlsLink(Link):
    """A client's connection, encrypted."""

    __slots__ = ("_in", "_out", "_tls")

    def __init__(
        self,
        sock: socket.socket,
        held: Held,
        now: float,
        sinks: Sinks,
        context: ssl.SSLContext,
    ) -> None:
        super().__init__(sock, held, now, sinks)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)

    async def start(self) -> bool:
        """Shake hands; whether an earlier session was resumed."""
        await self._until(self._tls.do_handshake)
        return bool(self._tls.session_reused)

    async def _receive(self) -> bytes:
        try:
            return await self._until(lambda: self._tls.read(_READ))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    async def send(self, data: bytes | memoryview) -> None:
        """Send all of it."""
        await self._until(lambda: self._tls.write(data))

    async def _until(self, action: Callable[[], Result]) -> Result:
        """Do it, with as many records as it takes."""
        while True:
            try:
                result = action()
            except ssl.SSLWantReadError:
                await self._flush()
                data = await super()._receive()
                if data:
                    self._in.write(data)
                else:
                    self._in.write_eof()
            except ssl.SSLError:
                await self._flush()  # the alert that says why
                raise
            else:
                await self._flush()
                return result

    async def _flush(self) -> None:
        if self._out.pending:
            await super().send(self._out.read())
