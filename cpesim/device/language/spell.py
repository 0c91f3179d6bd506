"""
A parameter line and its value as text: the way back from `line.py`.

Rule: parse_line(spell_line(line)) is the same line, and what spell_value writes reads
as the same value does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from typing import Any

from cpesim.device.language.line import LIST, Line
from cpesim.device.language.template import FORMS, escaped, ipv4_pool, pieces_of
from cpesim.device.living import (
    AcsUrl,
    Clock,
    Counter,
    Drift,
    Entries,
    Flip,
    Key,
    Presence,
    Present,
    Uptime,
    Url,
)
from cpesim.device.profile import Parameter, Value
from cpesim.device.values import (
    DeviceId,
    Digits,
    Instance,
    Ipv4,
    Ipv6,
    Mac,
    Number,
    Pick,
    Pooled,
    Ref,
    Renumbered,
    Whole,
)
from cpesim.quantity import spell_duration

_ENDS = re.compile(r"\A\s+|\s+\Z")
_SIGNS = {alphabet: sign for sign, alphabet in FORMS.items()}


def spell_line(line: Line) -> str:
    """The line as it is written in a profile."""
    p = line.parameter
    words = [
        flag
        for flag, on in (
            ("rw", p.writable),
            ("hidden", p.hidden),
            ("inform", p.inform),
            (p.notify, bool(p.notify)),
            ("deny", p.deny),
        )
        if on
    ]
    if p.type:
        words.append(p.type + ("!" if line.loose else "") + _spell_limits(p))
    if p.list:
        words.append(LIST)
    if line.source:
        words.append(line.source)
    return " ".join(words)


def _spell_limits(p: Parameter) -> str:
    length = "" if p.length is None else f"({p.length})"
    choices = ",".join(re.sub(r"([\\,}])", r"\\\1", c) for c in p.choices)
    ranges = ",".join(
        f"{'' if low is None else low}"
        + ("" if low == high else f":{'' if high is None else high}")
        for low, high in p.ranges
    )
    return (
        length
        + (f"{{{choices}}}" if p.choices else "")
        + (f"[{ranges}]" if ranges else "")
        + "".join("/" + pattern.replace("/", "\\/") + "/" for pattern in p.patterns)
    )


def spell_value(value: str | Value) -> str:
    """A value as it stands behind a type: "= TEXT" or "~ SOURCE"; "" for no text."""
    if not isinstance(value, str) and type(value) in _SOURCES:
        return "~ " + _SOURCES[type(value)](value)
    text = spell_text(value)
    return f"= {text}" if text else ""


def spell_text(value: str | Value) -> str:
    """A value as a template; blanks at its ends as {char …}, for a line drops them."""
    pieces = [p for one in pieces_of(value) for p in _plain(one)]
    text = "".join(
        escaped(p) if isinstance(p, str) else f"{{{_FUNCTIONS[type(p)](p)}}}"
        for p in pieces
    )
    return _ENDS.sub(_coded, text)


def _coded(blanks: re.Match[str]) -> str:
    return "".join(f"{{char {ord(sign):02X}}}" for sign in blanks[0])


def _number(number: float) -> str:
    """A number with all its digits, and without an exponent."""
    text = f"{number:.17f}".rstrip("0").rstrip(".")
    short = f"{number:.12g}"
    return short if "e" not in short and float(short) == number else text


def _labelled(text: str, value: Any) -> str:
    return f"{text} {value.label}" if value.label else text


def _spec(name: str, spec: str) -> str:
    return f"{name}:{spec}" if spec else name


def _digits(value: Digits) -> str:
    name = {"0123456789": "digits", "0123456789ABCDEF": "HEX"}.get(
        value.alphabet, "hex"
    )
    return _labelled(f"{name}:{value.length}", value)


def _mac(value: Mac) -> str:
    text = f"mac+{value.offset}" if value.offset else "mac"
    if value.prefix:
        pairs = [value.prefix[at : at + 2].upper() for at in (0, 2, 4)]
        text += " " + value.separator.join(pairs)
    return text if value.upper else text + " lower"


def _ref(value: Ref) -> str:
    tail = f" -{value.tail}" if value.tail else ""
    return f"{value.name}{tail}{' ' + value.case if value.case else ''}"


def _ipv4(value: Ipv4) -> str:
    for first, size in ((value.first - 1, value.size + 2), (value.first, value.size)):
        if size & (size - 1) or first % size or first < 0:
            continue
        network = IPv4Network((IPv4Address(first), 33 - size.bit_length()))
        pool = ipv4_pool(network)
        if (pool.first, pool.size) == (value.first, value.size):
            return _labelled(f"ipv4 {network}", value)
    raise ValueError(f"no network has the addresses of {value}")


def _ipv6(value: Ipv6) -> str:
    return _labelled(f"ipv6 {IPv6Address(value.network)}/{value.length}", value)


def _plain(piece: str | Value) -> tuple[str | Value, ...]:
    """A serial's fixed beginning stands before its {unique …}."""
    if isinstance(piece, Renumbered) and piece.prefix:
        return piece.prefix, Renumbered("", piece.alphabets)
    return (piece,)


def _unique(value: Renumbered) -> str:
    return "unique " + "".join(_SIGNS[alphabet] for alphabet in value.alphabets)


# What stands in braces, and what stands behind ~.
_FUNCTIONS: dict[type, Callable[[Any], str]] = {
    Number: lambda v: _spec("n", v.spec),
    Instance: lambda v: _spec(f"i{v.level or ''}", v.spec),
    Digits: _digits,
    Mac: _mac,
    Ipv4: _ipv4,
    Ipv6: _ipv6,
    Pick: lambda v: _labelled("pick " + "|".join(v.options), v),
    Whole: lambda v: _labelled(f"int {v.low}-{v.high}", v),
    Pooled: lambda v: _labelled(v.pool, v),
    Ref: _ref,
    DeviceId: lambda v: "device_id",
    Renumbered: _unique,
}
_SOURCES: dict[type, Callable[[Any], str]] = {
    Uptime: lambda v: "uptime",
    Clock: lambda v: "clock",
    Counter: lambda v: f"counter {_number(v.rate)}/s",
    Drift: lambda v: (
        f"drift {v.around:.{v.decimals}f} {_number(v.by)} {spell_duration(v.period)}"
    ),
    Presence: lambda v: f"presence {_number(v.share)}",
    Present: lambda v: f"present {spell_text(v.text)}",
    Entries: lambda v: f"entries {v.table}",
    Url: lambda v: "url",
    AcsUrl: lambda v: "acs",
    Key: lambda v: "key",
    Flip: lambda v: (
        f"flip {v.first}|{v.second} {_number(v.share)} {spell_duration(v.period)}"
    ),
}
