"""
Whether the ACS is there, and whose it is, before any CPE is.

Rule: nothing is sent; a TCP connection is opened and closed, that is all.
"""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import trio

from cpesim.errors import ConfigError, CpesimError
from cpesim.scenario.addresses import is_public
from cpesim.scenario.scenario import Acs


class Unreachable(CpesimError):
    """The ACS does not answer; why, in one line."""

    label = "unreachable"


def target(acs: Acs) -> tuple[str, int]:
    """Host and port of the ACS's URL; raises ConfigError for what is no URL of one."""
    expected = "expected http://HOST[:PORT]/PATH or https://…"
    try:
        parts = urlsplit(acs.url)
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"ACS URL {acs.url!r}: {error}; {expected}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"ACS URL {acs.url!r}: {expected}")
    if any(character.isspace() for character in acs.url):
        raise ConfigError(f"ACS URL {acs.url!r}: a blank inside; {expected}")
    return parts.hostname, port or (443 if parts.scheme == "https" else 80)


def resolved(acs: Acs) -> list[str]:
    """The ACS's addresses, those of --resolve first; raises Unreachable."""
    host, port = target(acs)
    name = acs.resolve.get(host, host)
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unreachable(f"ACS {host}: its name has no address ({reason})") from None
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def public_addresses(acs: Acs) -> list[str]:
    """Those of the ACS's addresses that may be somebody else's; raises Unreachable."""
    return [address for address in resolved(acs) if is_public(address)]


async def reach(acs: Acs) -> None:
    """Open a TCP connection to the ACS and close it; raises Unreachable."""
    host, port = target(acs)
    addresses = await trio.to_thread.run_sync(resolved, acs)
    source = acs.source_addresses[0] if acs.source_addresses else None
    why = ""
    for address in addresses:
        try:
            with trio.fail_after(acs.connect_timeout):
                stream = await trio.open_tcp_stream(address, port, local_address=source)
            await stream.aclose()
            return
        except trio.TooSlowError:
            why = f"no answer within {acs.connect_timeout:g} s"
        except OSError as error:
            cause = error.__cause__ or error
            if isinstance(cause, BaseExceptionGroup):
                cause = cause.exceptions[0]
            why = getattr(cause, "strerror", None) or str(cause)
    where = host if [host] == addresses else f"{host} ({', '.join(addresses)})"
    raise Unreachable(f"ACS {where} port {port}: {why}")
