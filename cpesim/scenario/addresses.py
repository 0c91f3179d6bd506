"""
IP addresses as people write them.

Rule: pure; nothing is resolved here.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# A /16: a fleet never needs more, and each is a string that travels to the workers.
MOST = 65_536


def spread(written: Iterable[str]) -> tuple[str, ...]:
    """
    The addresses of a list: each one an address, FIRST-LAST, or NETWORK/BITS.

    Of a network the first and the last are left out, as they are no host's.
    """
    found: list[str] = []
    for text in written:
        try:
            found += _one(text.strip(), MOST - len(found))
        except ValueError as error:
            raise ValueError(
                f"expected an address, FIRST-LAST or NETWORK/BITS, not {text!r}: "
                f"{error}"
            ) from error
    return tuple(found)


def _one(text: str, most: int) -> list[str]:
    if "/" in text:
        network = ip_network(text, strict=False)
        if network.num_addresses > most + 2:
            raise ValueError(f"more than {MOST:,} addresses")
        return [str(address) for address in network.hosts()]
    first, dash, last = text.partition("-")
    if not dash:
        return [str(ip_address(text))]
    low, high = ip_address(first.strip()), ip_address(last.strip())
    if low.version != high.version or int(high) < int(low):
        raise ValueError("the range runs backwards")
    if int(high) - int(low) >= most:
        raise ValueError(f"more than {MOST:,} addresses")
    kind: type[IPv4Address] | type[IPv6Address] = type(low)
    return [str(kind(number)) for number in range(int(low), int(high) + 1)]


def is_public(address: str) -> bool:
    """Whether the address may be somebody else's: neither ours nor of our own net."""
    parsed = ip_address(address.partition("%")[0])
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    found = mapped or parsed
    # 0.0.0.0 as a target is this machine; carrier-grade NAT (100.64/10) is where
    # operators have their ACSs, and Python calls it neither private nor global.
    return found.is_global and not found.is_multicast and not found.is_unspecified
