"""
Datagrams that devices send and nobody answers.

Rule: one socket of each family for all devices of the process, opened when the first
datagram needs it; what cannot be sent is counted and forgotten.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence

import trio

LOOKUP = 10.0  # seconds that a name may take


class Datagrams:
    """Sends for the devices of one process; *resolve* are the wire's names."""

    def __init__(
        self, count: Callable[[str, int], None], resolve: Mapping[str, str]
    ) -> None:
        self._count = count
        self._resolve = resolve
        self._sockets: dict[int, trio.socket.SocketType] = {}

    async def send(self, host: str, port: int, datagrams: Sequence[bytes]) -> bool:
        """Send them all, in their order; whether they left."""
        try:
            with trio.fail_after(LOOKUP):
                found = await trio.socket.getaddrinfo(
                    self._resolve.get(host, host), port, type=socket.SOCK_DGRAM
                )
            family, _, _, _, address = found[0]
            sock = self._sockets.get(family)
            if sock is None:
                sock = trio.socket.socket(family, socket.SOCK_DGRAM)
                self._sockets[family] = sock
            for datagram in datagrams:
                await sock.sendto(datagram, address)
        except (OSError, UnicodeError, trio.TooSlowError):
            self._count("notifications.failed", 1)
            return False
        self._count("notifications.sent", len(datagrams))
        return True

    def close(self) -> None:
        """Give the sockets back."""
        for sock in self._sockets.values():
            sock.close()
        self._sockets.clear()
