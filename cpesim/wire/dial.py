"""
A TCP connection, and TLS over it: opened without blocking, and why it failed.

Rule: errors of the system become ours here: those of connecting by `connect_failed`,
those of an exchange by `broken_off`. Who calls keeps the socket, and closes it on
every path.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import ssl

from trio.lowlevel import wait_readable, wait_writable

from cpesim.errors import (
    ConnectFailed,
    Disconnected,
    NoSockets,
    Reset,
    Timeout,
    WireError,
)
from cpesim.wire.resolve import Address
from cpesim.wire.tls import BadCertificate

# This machine's lack, not the ACS's: no file, no port, no memory for another socket.
OWN_LACK = frozenset(
    (
        errno.EADDRNOTAVAIL,
        errno.EADDRINUSE,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOBUFS,
        errno.ENOMEM,
    )
)
LABELS = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.EPIPE: "reset",
    errno.ENOTCONN: "reset",
    errno.ETIMEDOUT: "timeout",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETUNREACH: "unreachable",
}
# Alerts by which a server says what it thinks of our certificate (RFC 8446 6.2).
OUR_CERTIFICATE = ("CERTIFICATE", "UNKNOWN_CA")
KIND = socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
# A port is chosen at connect, by the whole four-tuple, so that each source address has
# all ports towards each ACS. Named in Python's socket from 3.12 on.
IP_BIND_ADDRESS_NO_PORT = 24


def connect_failed(error: OSError | ValueError) -> ConnectFailed:
    """Return our error for one of the system's; a ValueError is TLS's, of a name."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return ConnectFailed("certificate", error.verify_message)
    if isinstance(error, ssl.SSLError):
        reason = error.reason or str(error)
        ours = "ALERT" in reason and any(word in reason for word in OUR_CERTIFICATE)
        label = "client certificate" if ours else "tls"
        return ConnectFailed(label, reason.lower())
    if isinstance(error, BadCertificate):
        return ConnectFailed("client certificate", str(error))
    if not isinstance(error, OSError):
        return ConnectFailed("tls", str(error))
    number = error.errno or 0
    detail = os.strerror(number) if number else str(error)
    if number in OWN_LACK:
        return NoSockets(detail)
    return ConnectFailed(LABELS.get(number, "failed"), detail)


def reachable(addresses: list[Address], source: str) -> list[Address]:
    """Return those of *addresses* that a socket bound to *source* can reach."""
    if not source:
        return list(addresses)
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    return [address for address in addresses if address[0] == family]


def broken_off(error: OSError) -> WireError:
    """Return our error for one that came in an exchange."""
    if isinstance(error, TimeoutError):
        return Timeout()
    # In TLS 1.3 a server refuses a client's certificate after the handshake.
    if isinstance(error, ssl.SSLError) and "ALERT" in (error.reason or ""):
        return connect_failed(error)
    if error.errno in (errno.ECONNRESET, errno.EPIPE):
        return Reset(str(error))
    return Disconnected(str(error))


def open_socket(address: Address, source: str) -> socket.socket:
    """Return a new socket for *address*, bound to *source* if one is given."""
    family = address[0]
    sock = socket.socket(family, KIND)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if source:
            with contextlib.suppress(OSError):  # not known to IPv6 of old kernels
                sock.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
            sock.bind((source, 0))
    except BaseException:
        sock.close()
        raise
    return sock


async def connect(sock: socket.socket, address: Address) -> None:
    """Connect; what is done at once (as on one machine) needs no wait."""
    number = sock.connect_ex(address[1])
    if number == errno.EINPROGRESS:
        # Linux takes the SYN-ACK of the same machine only when the first call lets go
        # of the socket; asked again it says so, in a tenth of the time of a wait.
        number = sock.connect_ex(address[1])
    if number == errno.EALREADY:
        await wait_writable(sock)
        number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if number:
        raise OSError(number, os.strerror(number))


async def handshake(sock: ssl.SSLSocket) -> None:
    """Shake hands; the certificate is checked as the context says."""
    while True:
        try:
            sock.do_handshake()
        except ssl.SSLWantReadError:
            await wait_readable(sock)
        except ssl.SSLWantWriteError:
            await wait_writable(sock)
        else:
            return
