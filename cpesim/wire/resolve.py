"""
Host names to addresses: once, and again after a minute.

Rule: a name is looked up in a thread, by one task for all that want it; an address is
never looked up.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import time
from collections.abc import Mapping
from typing import NamedTuple

import trio

from cpesim.errors import ConfigError, ConnectFailed, NoSockets

Address = tuple[int, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]

KEPT = 60.0
# A name that fails is not asked again for each of thousands of sessions.
FAILURE_KEPT = 1.0
MOST_KNOWN = 4096  # an ACS may redirect each CPE to a name of its own


class Entry(NamedTuple):
    """What is known of a name."""

    addresses: list[Address]
    until: float
    problem: str = ""


class Resolver:
    """The addresses of hosts; *overrides* names those that are fixed."""

    def __init__(self, overrides: Mapping[str, str]) -> None:
        self._fixed = {
            host.lower().strip("[]"): address.strip("[]")
            for host, address in overrides.items()
        }
        for host, address in self._fixed.items():
            try:
                literal(address, 0)
            except OSError:
                raise ConfigError(
                    f"resolve {host}: {address!r} is not an address"
                ) from None
        self._known: dict[tuple[str, int], Entry] = {}
        self._asked: dict[tuple[str, int], trio.Event] = {}

    def known(self, host: str, port: int) -> list[Address] | None:
        """Return the addresses if they are known and fresh."""
        entry = self._known.get((host, port))
        if entry is None or entry.until < time.monotonic():
            return None
        if entry.problem:
            raise ConnectFailed("dns", entry.problem)
        return entry.addresses

    def prefer(self, host: str, port: int, address: Address) -> None:
        """Put the address that was reached before the ones that were not."""
        entry = self._known.get((host, port))
        addresses = [] if entry is None else entry.addresses
        if address in addresses:
            addresses.remove(address)
            addresses.insert(0, address)

    async def lookup(self, host: str, port: int) -> list[Address]:
        """Return the addresses of *host*; waits for the name service if it must."""
        key = (host, port)
        # UnicodeError: a label of no sign or of more than 63, as no name of DNS has.
        with contextlib.suppress(socket.gaierror, UnicodeError):
            found = literal(self._fixed.get(host, host), port)
            self._learn(key, Entry(found, float("inf")))
        while (addresses := self.known(host, port)) is None:
            if (asked := self._asked.get(key)) is not None:
                await asked.wait()
                continue
            self._asked[key] = trio.Event()
            try:
                self._learn(key, await ask(host, port))
            finally:
                self._asked.pop(key).set()
        return addresses

    def _learn(self, key: tuple[str, int], entry: Entry) -> None:
        self._known[key] = entry
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]


def literal(address: str, port: int) -> list[Address]:
    """Return *address* in the socket's form; socket.gaierror when it is a name."""
    found = socket.getaddrinfo(
        address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
    )
    return [(family, sockaddr) for family, *_, sockaddr in found]


async def ask(host: str, port: int) -> Entry:
    """Ask the name service, in a thread."""
    try:
        found = await trio.to_thread.run_sync(
            lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM),
            abandon_on_cancel=True,
        )
    except (OSError, UnicodeError) as error:
        if getattr(error, "errno", None) in (errno.EMFILE, errno.ENFILE):
            raise NoSockets(f"name {host}") from None
        problem = f"{host}: {getattr(error, 'strerror', None) or error}"
        return Entry([], time.monotonic() + FAILURE_KEPT, problem)
    addresses: list[Address] = [(family, sockaddr) for family, *_, sockaddr in found]
    return Entry(list(dict.fromkeys(addresses)), time.monotonic() + KEPT)
