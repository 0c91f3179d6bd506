"""
What may stand behind `~` in a parameter line: the living sources.

Rule: SOURCES is all of them; each makes its Value from its arguments, or says in a
ValueError what it expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Network

from cpesim.device.language.template import (
    Where,
    compile_template,
    ipv4_pool,
    suggest,
)
from cpesim.device.living import (
    AcsUrl,
    Clock,
    Counter,
    Drift,
    Entries,
    Flip,
    Key,
    Lease,
    Presence,
    Present,
    Uptime,
    Url,
)
from cpesim.device.profile import Value
from cpesim.errors import ConfigError, Problem
from cpesim.quantity import parse_bandwidth, parse_duration, parse_rate, parse_share

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_LEASE = re.compile(r"(\S+)(?:\s+([^@\s]\S*))?(?:\s+(@[A-Za-z_0-9.-]+))?")
_FLIP = re.compile(r"(.*?)\|(.*)\s+(\S+)\s+(\S+)", re.DOTALL)


def parse_source(text: str, where: Where) -> Value:
    """The living value of a source's name and its arguments."""
    name, _, rest = text.partition(" ")
    make = SOURCES.get(name)
    if name == "present" and rest.strip():
        return _present(text, where)
    if make is None:
        known = suggest(name, list(SOURCES)) or f": expected {', '.join(SOURCES)}"
        raise ConfigError(where(f"unknown living source {name!r}{known}", 0))
    arguments = rest.strip()
    try:
        return make(arguments)
    except ValueError as error:
        offset = len(text) - len(rest.lstrip()) if arguments else 0
        raise ConfigError(where(f"{name}: {error}", offset)) from None


def _present(text: str, where: Where) -> Value:
    inner = text.partition(" ")[2].strip()
    begin = len(text) - len(inner)

    def inside(message: str, offset: int) -> Problem:
        return where(message, begin + offset)

    return Present(compile_template(inner, inside))


def _alone(value: Value) -> Callable[[str], Value]:
    def make(arguments: str) -> Value:
        if arguments:
            raise ValueError(f"expected nothing after it, not {arguments!r}")
        return value

    return make


def _counter(arguments: str) -> Value:
    try:
        return Counter(parse_bandwidth(arguments))
    except ValueError:
        pass
    try:
        return Counter(parse_rate(arguments))
    except ValueError:
        raise ValueError(
            f"expected a bandwidth (2Mbit: bytes) or a rate (150/s), not {arguments!r}"
        ) from None


def _drift(arguments: str) -> Value:
    words = arguments.split()
    if len(words) != 3 or not all(_NUMBER.fullmatch(word) for word in words[:2]):
        raise ValueError(f"expected AROUND BY PERIOD, as -61 6 10m, not {arguments!r}")
    decimals = len(words[0].partition(".")[2])
    return Drift(float(words[0]), float(words[1]), _period(words[2]), decimals)


def _period(word: str) -> float:
    period = parse_duration(word)
    if period <= 0:
        raise ValueError("a period must be longer than 0")
    return period


def _presence(arguments: str) -> Value:
    return Presence(parse_share(arguments))


def _nothing_present(arguments: str) -> Value:
    raise ValueError("expected the text that is read while the client is here")


def _entries(arguments: str) -> Value:
    if not _NAME.fullmatch(arguments):
        raise ValueError(f"expected the name of a sibling table, not {arguments!r}")
    return Entries(arguments)


def _flip(arguments: str) -> Value:
    found = _FLIP.fullmatch(arguments)
    if found is None:
        raise ValueError(
            f"expected A|B SHARE PERIOD, as Up|Down 99% 10m, not {arguments!r}"
        )
    first, second = found[1].strip(), found[2].strip()
    return Flip(first, second, parse_share(found[3]), _period(found[4]))


def _lease(arguments: str) -> Value:
    found = _LEASE.fullmatch(arguments)
    if found is None:
        raise ValueError(
            f"expected POOL [PERIOD] [@label], as 100.64.0.0/10 24h, not {arguments!r}"
        )
    pool = ipv4_pool(IPv4Network(found[1]))
    pool = replace(pool, label=found[3] or "")
    return Lease(pool, _period(found[2])) if found[2] else Lease(pool)


SOURCES: dict[str, Callable[[str], Value]] = {
    "uptime": _alone(Uptime()),
    "clock": _alone(Clock()),
    "counter": _counter,
    "drift": _drift,
    "presence": _presence,
    "present": _nothing_present,
    "entries": _entries,
    "url": _alone(Url()),
    "acs": _alone(AcsUrl()),
    "key": _alone(Key()),
    "flip": _flip,
    "lease": _lease,
}
