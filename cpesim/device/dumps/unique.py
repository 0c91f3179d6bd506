"""
What makes a thousand devices of one dump: serials, MACs and addresses, each its own.

Rule: the form of the real device's values is kept: length, case, separators. Pure;
a text that belongs to the one device is replaced wherever it occurs.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from typing import NamedTuple

from cpesim.device.language.template import compile_template, escaped, ipv4_pool, joined
from cpesim.device.profile import Value
from cpesim.device.values import MACS, Ipv4, Ipv6, Mac, Ref, Renumbered

_MAC = re.compile(
    r"(?<![0-9A-Fa-f:-])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})"
    r"(?:\1[0-9A-Fa-f]{2}){4}(?![0-9A-Fa-f:-])"
)
_BARE_MAC = re.compile(r"[0-9A-Fa-f]{12}\Z")
_HEX_TAIL = re.compile(r"(?:[0-9A-F]{6,}|[0-9a-f]{6,})\Z")
_DIGIT_TAIL = re.compile(r"[0-9]{6,}\Z")
_WORD_TAIL = re.compile(r"[A-Za-z0-9]+\Z")
_LEAST_FORMS = 1 << 20
MOST_TEXT = 1_024  # a log is told as it was: it identifies nobody
_CGNAT = IPv4Network("100.64.0.0/10")
_LAN = IPv4Network("192.168.0.0/16")
# Addresses that many homes share: resolvers, time servers, gateways; and the LAN's.
_SHARED_NAME = re.compile(
    r"DNS|NTP|Server|Gateway|Router|Mask|Syslog|Ping|Proxy|Dest|RemoteIP"
)
_LAN_PATH = re.compile(r"\.LANDevice\.|\.Hosts\.|\.DHCPv[46]\.|\.AssociatedDevice\.")


class Replacement(NamedTuple):
    """A stretch of a text, and what stands there instead."""

    start: int
    end: int
    value: Value


def renumbered(serial: str) -> Value | None:
    """A serial in the form of *serial*; None where that has no room for a fleet."""
    for tail, alphabet, most in (
        (_DIGIT_TAIL, string.digits, 7),
        (_HEX_TAIL, "", 8),
    ):
        found = tail.search(serial)
        if found is not None:
            length = min(len(found[0]), most)
            upper = "0123456789ABCDEF"
            signs = alphabet or (
                upper if found[0].upper() == found[0] else upper.lower()
            )
            return Renumbered(serial[:-length], (signs,) * length)
    found = _WORD_TAIL.search(serial)
    alphabets: list[str] = []
    forms = 1
    for sign in reversed(found[0] if found else ""):
        if forms >= _LEAST_FORMS * 16:
            break
        kind = (
            string.digits
            if sign.isdigit()
            else string.ascii_uppercase
            if sign.isupper()
            else string.ascii_lowercase
        )
        alphabets.insert(0, kind)
        forms *= len(kind)
    if forms < _LEAST_FORMS:
        return None
    return Renumbered(serial[: -len(alphabets)], tuple(alphabets))


class Unique:
    """The texts of one dump that belong to the one device."""

    def __init__(self, serial: str, values: Iterable[tuple[str, str]]) -> None:
        values = list(values)
        self.serial = serial if len(serial) >= 6 else ""
        self.macs = _numbered_macs(values)
        self.addresses = _own_addresses(values)

    def value(self, path: str, text: str) -> str | Value:
        """A value of the dump as the devices of a fleet have it."""
        if not text or len(text) > MOST_TEXT:
            return text
        address = self.addresses.get(text)
        if address is not None and not _SHARED_NAME.search(path.rpartition(".")[2]):
            return address
        found = sorted([*self._serials(text), *self._macs(path, text)])
        if not found:
            return text
        pieces: list[str | Value] = []
        end = 0
        for start, stop, value in found:
            if start >= end:
                pieces += [text[end:start], value]
                end = stop
        return joined([*pieces, text[end:]])

    def _serials(self, text: str) -> Iterator[Replacement]:
        serial = self.serial
        if not serial:
            return
        lowered = text.lower()
        end = serial[-8:]
        # Eight zeros stand in many a text that is no serial number.
        telling = re.search(r"[0-9]", end) and len(set(end)) > 2
        tail = 8 if len(serial) >= 12 and telling else 0
        for wanted, length in ((serial, 0), (serial[-tail:], tail)):
            at = lowered.find(wanted.lower()) if length or wanted is serial else -1
            if at >= 0:
                yield Replacement(
                    at,
                    at + len(wanted),
                    Ref("serial", _case(text[at : at + len(wanted)], wanted), length),
                )
                return
            if not tail:
                return

    def _macs(self, path: str, text: str) -> Iterator[Replacement]:
        for found in _MAC.finditer(text):
            known = self.macs.get(_digits(found[0]))
            if known is not None:
                prefix, offset = known
                yield Replacement(
                    found.start(),
                    found.end(),
                    Mac(offset, prefix, found[1], not _is_lower(found[0])),
                )
        if _BARE_MAC.match(text) and "mac" in path.rpartition(".")[2].lower():
            known = self.macs.get(text.upper())
            if known is not None:
                yield Replacement(
                    0, len(text), Mac(known[1], known[0], "", not _is_lower(text))
                )


def _case(text: str, serial: str) -> str:
    if text == serial:
        return ""
    return "lower" if text == text.lower() else "upper"


def _is_lower(text: str) -> bool:
    return text == text.lower() and text != text.upper()


def _digits(mac: str) -> str:
    return re.sub(r"[:-]", "", mac).upper()


def _numbered_macs(values: list[tuple[str, str]]) -> dict[str, tuple[str, int]]:
    """Each MAC address of the dump with its prefix and its number below that."""
    found: set[str] = set()
    for path, text in values:
        found |= {_digits(m[0]) for m in _MAC.finditer(text)}
        if _BARE_MAC.match(text) and "mac" in path.rpartition(".")[2].lower():
            found.add(text.upper())
    numbered: dict[str, tuple[str, int]] = {}
    used = {mac[:6] for mac in found}
    rooms: dict[str, tuple[str, int]] = {}
    for mac in sorted(found):
        # All zeros, broadcast and multicast are nobody's own.
        if mac == "0" * 12 or int(mac[1], 16) & 1:
            continue
        prefix, offset = rooms.get(mac[:6], (mac[:6], 0))
        if offset == MACS:
            # 16 to a prefix: the next ones stand below one that the dump does not use.
            while prefix in used:
                prefix = f"{(int(prefix, 16) + 1) % 2**24:06X}"
            used.add(prefix)
            offset = 0
        numbered[mac] = (prefix, offset)
        rooms[mac[:6]] = (prefix, offset + 1)
    return numbered


def _own_addresses(values: list[tuple[str, str]]) -> dict[str, Value]:
    """Each address that is the one device's own, with the pool that replaces it."""
    found: dict[str, Value] = {}
    for path, text in values:
        name = path.rpartition(".")[2]
        if text.count(".") == 3 and "." in text and len(text) <= 15:
            external = name == "ExternalIPAddress"
            pool = _pool(text, external, f"@address{len(found) + 1}")
            shared = _SHARED_NAME.search(name) or _LAN_PATH.search(path)
            if pool is not None and (external or (not shared and "Address" in name)):
                found.setdefault(text, pool)
        elif text.count(":") >= 2 and "Address" in name and len(text) <= 39:
            own = _global6(text, f"@address{len(found) + 1}")
            if own is not None and not _SHARED_NAME.search(name):
                found.setdefault(text, own)
    return found


def _pool(text: str, external: bool, label: str) -> Ipv4 | None:
    """The pool that an address is drawn from; None for one that stays."""
    try:
        address = IPv4Address(text)
    except ValueError:
        return None
    if address in _LAN or address in _CGNAT:
        # A device tried in a laboratory; CGNAT has room for a fleet.
        network = _CGNAT if external or address in _CGNAT else None
    elif address.is_global or address in IPv4Network("10.0.0.0/8"):
        network = IPv4Network(f"{text.partition('.')[0]}.0.0.0/8")
    elif external and address in IPv4Network("172.16.0.0/12"):
        network = IPv4Network("172.16.0.0/12")
    else:
        network = None
    if network is None or address.is_multicast:
        return None
    pool = ipv4_pool(network)
    # One label for one text: where the device told it twice, ours does too.
    return Ipv4(pool.first, pool.size, pool.step, label)


def _global6(text: str, label: str) -> Ipv6 | None:
    try:
        address = IPv6Address(text)
    except ValueError:
        return None
    if not address.is_global or address.is_multicast:
        return None
    return Ipv6(int(address) >> 96 << 96, 32, label)


def serial_of(serial: str) -> str | Value:
    """The fleet's serial: in the form of the dump's, else that and the number."""
    return renumbered(serial) or compile_template(escaped(serial[:48]) + "{n:08}")
