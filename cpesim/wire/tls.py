"""
TLS towards an ACS: whom we trust, what we show, and coming back without a handshake.

Rule: one context for all connections of a Wire. One with a client certificate lives
for a session and is dropped (21 KB, 0.8 ms); idle CPEs keep nothing but, where
resumption is on, their last ticket.
"""

from __future__ import annotations

import socket
import ssl
from typing import NamedTuple

from cpesim.errors import ConfigError

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
# 12.5 KB each: the CPEs that came least lately shake hands in full.
MOST_TICKETS = 20_000

Origin = tuple[bool, str, int]


class Certificate(NamedTuple):
    """The files that a CPE proves itself with; one that many share has a context."""

    file: str
    key: str
    shared: bool = False


class BadCertificate(ValueError):
    """A client certificate, or its key, that cannot be used."""


class Tls:
    """The TLS settings of a run, and the tickets of those that may resume."""

    __slots__ = (
        "_base",
        "_ca",
        "_insecure",
        "_least",
        "_most",
        "_shared",
        "_tickets",
        "resume",
    )

    def __init__(
        self,
        *,
        ca: str | None = None,
        insecure: bool = False,
        least: str = "1.2",
        most: str = "1.3",
        resume: bool = False,
    ) -> None:
        self._ca, self._insecure = ca, insecure
        self._least, self._most = versions(least, most)
        self.resume = resume
        self._shared: dict[Certificate, ssl.SSLContext] = {}
        self._tickets: dict[int, tuple[Origin, ssl.SSLSession]] = {}
        # A CA that is none is told at once; the system's are read when first needed.
        self._base = self._context() if ca else None

    def wrap(
        self, sock: socket.socket, origin: Origin, n: int, own: Certificate | None
    ) -> ssl.SSLSocket:
        """
        Return *sock* as one of CPE *n* that is to shake hands with *origin*.

        Raises BadCertificate for a client certificate that cannot be used.
        """
        context = None if own is None else self._showing(own)
        if self._base is None:
            self._base = self._context()
        host = origin[1]
        wrapped = self._base.wrap_socket(
            sock, server_hostname=host, do_handshake_on_connect=False
        )
        # A ticket serves once (RFC 8446 C.4), and its own server alone.
        ticket = self._tickets.pop(n, None)
        if ticket is not None and ticket[0] == origin:
            wrapped.session = ticket[1]
        if context is not None:
            # Python ties a ticket to the context that the socket began with; so all
            # begin with one, and the certificate comes by another that is dropped.
            wrapped.context = context
        return wrapped

    def keep(self, sock: ssl.SSLSocket, origin: Origin, n: int) -> bool:
        """
        Keep the ticket of a connection that ends; False when another's had to go.

        Those of TLS 1.3 come after the handshake, so this is the time to look.
        """
        assert self._base is not None
        sock.context = self._base
        session = sock.session
        if session is None or not (session.has_ticket or session.id):
            return True
        self._tickets[n] = origin, session
        if len(self._tickets) <= MOST_TICKETS:
            return True
        del self._tickets[next(iter(self._tickets))]
        return False

    def _context(self) -> ssl.SSLContext:
        context = trusting(self._ca, self._insecure)
        context.minimum_version, context.maximum_version = self._least, self._most
        return context

    def _showing(self, own: Certificate) -> ssl.SSLContext:
        """A context that shows a client certificate."""
        context = self._shared.get(own)
        if context is None:
            context = self._context()
            show(context, own)
            if own.shared:
                self._shared[own] = context
        return context


def versions(least: str, most: str) -> tuple[ssl.TLSVersion, ssl.TLSVersion]:
    """The versions meant by these texts; raises ConfigError."""
    for name, text in (("least", least), ("most", most)):
        if text not in VERSIONS:
            raise ConfigError(f"tls {name} {text!r}: expected {' or '.join(VERSIONS)}")
    if VERSIONS[least] > VERSIONS[most]:
        raise ConfigError(f"tls: least {least} is above most {most}")
    return VERSIONS[least], VERSIONS[most]


def trusting(ca: str | None, insecure: bool) -> ssl.SSLContext:
    """
    Return a context that trusts *ca* (a PEM file; the system's CAs when None).

    Host names are checked, unless *insecure*: then nothing is, and no CA is read.
    """
    if insecure and not ca:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    else:
        try:
            context = ssl.create_default_context(cafile=ca)
        except ssl.SSLError:
            raise ConfigError(f"ca {ca}: expected certificates (PEM)") from None
        except OSError as error:
            raise ConfigError(f"ca {ca}: {error.strerror}") from None
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def show(context: ssl.SSLContext, own: Certificate) -> None:
    """Let *context* show this certificate; raises BadCertificate."""
    try:
        # A key behind a passphrase would be asked for at the terminal.
        context.load_cert_chain(own.file, own.key, password="")
    except (OSError, ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None)
        raise BadCertificate(f"{own.file}: {reason or 'not usable'}") from None
