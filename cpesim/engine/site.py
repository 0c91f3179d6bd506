"""
Where this process listens, and what its devices tell the ACS of it.

Rule: found once, before the run; the ConnectionRequestURLs follow from it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import trio

from cpesim.engine.listener import Paths, listen
from cpesim.errors import ConfigError, MachineError
from cpesim.quantity import parse_place
from cpesim.scenario.scenario import Acs


def _place(option: str, text: str) -> tuple[str, int | None]:
    try:
        return parse_place(text)
    except ValueError as error:
        raise ConfigError(f"{option}: {error}") from None


def local_address(acs: Acs) -> str:
    """The address that this machine speaks to the ACS from. It sends nothing."""
    parts = urlsplit(acs.url)
    host = parts.hostname or ""
    host = acs.resolve.get(host, host)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        family, _, _, _, address = found[0]
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(address)
            return str(probe.getsockname()[0])
    except OSError as error:
        raise MachineError(f"no way to the ACS {host}: {error}") from None


def open_site(
    acs: Acs, paths: Paths, index: int
) -> tuple[trio.SocketListener, Callable[[int], str]]:
    """
    The listener of worker *index*, and the ConnectionRequestURL of each device.

    Raises MachineError where the port cannot be had.
    """
    towards = local_address(acs)
    address, port = towards, 0
    if acs.source_addresses:
        address = "::" if ":" in towards else "0.0.0.0"
    if acs.listen is not None:
        address, given = _place("--listen", acs.listen)
        port = given + index if given else 0
    try:
        listener = listen(address, port)
    except (OSError, OverflowError) as error:
        raise MachineError(f"cannot listen on {address}:{port}: {error}") from None
    bound = int(listener.socket.getsockname()[1])
    told = bound
    host = None
    if acs.advertise is not None:
        host, given = _place("--advertise", acs.advertise)
        told = given + index if given else bound
    elif address not in ("0.0.0.0", "::"):
        host = address
    sources = acs.source_addresses

    def url(n: int) -> str:
        name = host or (sources[n % len(sources)] if sources else towards)
        if ":" in name:
            name = f"[{name}]"
        return f"http://{name}:{told}{paths.of(n)}"

    return listener, url
