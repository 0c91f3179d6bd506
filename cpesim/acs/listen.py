"""
A listening socket of the reference ACS.

Rule: what cannot be listened on is a MachineError that says so.
"""

from __future__ import annotations

import resource
import socket

from cpesim.errors import MachineError

# The kernel takes what it allows (net.core.somaxconn).
BACKLOG = 65535


def listening(host: str, port: int) -> socket.socket:
    """A listening socket; its connections inherit TCP_NODELAY (Linux)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind)
    except OSError as error:
        raise MachineError(f"{host} is no address to listen on: {error}") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.setblocking(False)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise MachineError(f"cannot listen on {host}:{port}: {error}") from None
    return listener
