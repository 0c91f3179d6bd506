"""
Text with {…} in it -> a fixed text, or a Value.

Rule: FUNCTIONS is all that may stand in braces; `{{` and `}}` are braces. What is
wrong raises ConfigError with the offset at which it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network
from math import gcd

from cpesim.device.profile import Value
from cpesim.device.values import (
    MACS,
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
    Template,
    Whole,
    instances,
)
from cpesim.errors import ConfigError, Problem

# Makes a Problem of a message and the offset in the text that it is about.
Where = Callable[[str, int], Problem]

POOLS = ("name", "word", "company")
IDENTITY = ("oui", "serial", "product_class", "manufacturer", "username", "password")
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_CALL = re.compile(r"([A-Za-z_][A-Za-z_0-9]*)(.*)", re.DOTALL)
_LABEL = re.compile(r"\s+@([A-Za-z_0-9.-]+)\s*\Z")
_SPEC = re.compile(r":(0?[0-9]{1,2})\Z")
_SPAN = re.compile(r"\s+(-?[0-9]+)-(-?[0-9]+)\Z")
_MAC = re.compile(
    r"(?:\+(?P<offset>[0-9]{1,3}))?"
    r"(?:\s+(?P<prefix>[0-9A-F]{2}(?P<sign>[:-]?)[0-9A-F]{2}(?P=sign)[0-9A-F]{2}))?"
    r"(?:\s+(?P<lower>lower))?\s*\Z"
)
_REF = re.compile(r"(?:\s+-([1-9][0-9]?))?(?:\s+(lower|upper))?\s*\Z")
_DRAWN = (Digits, Whole, Pick, Pooled, Ipv4, Ipv6)
_ALPHABETS = {
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "digits": "0123456789",
}
# The signs of {unique …}, and what may stand in their places.
FORMS = {
    "0": "0123456789",
    "X": "0123456789ABCDEF",
    "x": "0123456789abcdef",
    "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "a": "abcdefghijklmnopqrstuvwxyz",
}


def at(text: str, file: str = "") -> Where:
    """A Where for a text that stands in no file, as an option's value."""

    def where(message: str, offset: int) -> Problem:
        return Problem(file or repr(text), 1, offset + 1, message)

    return where


def suggest(word: str, known: Sequence[str]) -> str:
    """ " (did you mean …?)" for a mistyped word, or nothing."""
    # "wr" and "rw" have but one sign in common, in difflib's eyes.
    cutoff = 0.6 if len(word) > 3 else 0.5
    close = get_close_matches(word, known, n=1, cutoff=cutoff)
    return f" (did you mean {close[0]}?)" if close else ""


def compile_template(text: str, where: Where | None = None) -> str | Value:
    """A text of a profile: itself where it is the same for all devices."""
    where = where or at(text)
    pieces: list[str | Value] = []
    problems: list[Problem] = []
    end = 0
    for found in _PIECE.finditer(text):
        pieces.append(text[end : found.start()])
        end = found.end()
        token = found[0]
        if token in ("{{", "}}"):
            pieces.append(token[0])
        elif found[1] is None:
            problems.append(
                where(
                    f"a single {token!r}: expected {{FUNCTION …}}, or"
                    f" {token * 2!r} for a brace",
                    found.start(),
                )
            )
        else:
            try:
                pieces.append(_own_turn(_function(found[1]), pieces))
            except ValueError as error:
                problems.append(where(str(error), found.start() + 1))
    pieces.append(text[end:])
    if problems:
        raise ConfigError(*problems)
    return joined(pieces)


def _own_turn(value: str | Value, before: list[str | Value]) -> str | Value:
    """A piece that draws anew: else two of one kind in a text would be the same."""
    turns = sum(isinstance(piece, _DRAWN) for piece in before)
    if turns and isinstance(value, _DRAWN) and not value.label:
        return replace(value, turn=f"#{turns}")
    return value


def joined(pieces: list[str | Value]) -> str | Value:
    """Pieces as one value: neighbouring texts are one, a lone piece is itself."""
    merged: list[str | Value] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        elif piece != "":
            merged.append(piece)
    if len(merged) > 1:
        return Template(tuple(merged))
    return merged[0] if merged else ""


def bound(value: str | Value, path: str) -> str | Value:
    """The value at a path whose instance numbers are known: {i} is text there."""
    if isinstance(value, Instance):
        numbers = instances(path)
        if len(numbers) < max(value.level, 1):
            return value
        return format(int(numbers[value.level - 1]), value.spec)
    if isinstance(value, Template):
        return joined([bound(piece, path) for piece in value.pieces])
    return value


def escaped(text: str) -> str:
    """A literal text as a template."""
    return text.replace("{", "{{").replace("}", "}}")


def _function(call: str) -> str | Value:
    found = _CALL.match(call)
    if found is None:
        raise ValueError(f"expected a function in braces, not {call!r}")
    name, rest = found[1], found[2]
    # mac+3: the name ends before the sign.
    make = FUNCTIONS.get(name)
    if make is None:
        known = suggest(name, list(FUNCTIONS)) or f": expected {_known()}"
        raise ValueError(f"unknown function {name!r}{known}")
    label = _LABEL.search(rest)
    if label is None:
        return make(name, rest)
    value = make(name, rest[: label.start()])
    if not isinstance(value, _DRAWN):
        raise ValueError(f"{name} takes no @label: it draws nothing")
    return replace(value, label="@" + label[1])


def _known() -> str:
    return ", ".join(FUNCTIONS)


def _plain(name: str, rest: str, value: Value) -> Value:
    if rest.strip():
        raise ValueError(f"{{{name}}} takes nothing, not {rest.strip()!r}")
    return value


def _spec(name: str, rest: str) -> str:
    if not rest.strip():
        return ""
    found = _SPEC.match(rest)
    if found is None:
        raise ValueError(f"expected {name} or {name}:06 (its width), not {rest!r}")
    return found[1]


def _instance(name: str, rest: str) -> Value:
    return Instance(int(name[1:] or 0), _spec(name, rest))


def _digits(name: str, rest: str) -> Value:
    found = re.fullmatch(r":([0-9]{1,3})", rest)
    if found is None or not 1 <= int(found[1]) <= 256:
        raise ValueError(f"expected {name}:LENGTH (1 to 256), as {name}:8")
    return Digits(int(found[1]), _ALPHABETS[name])


def _mac(name: str, rest: str) -> Value:
    found = _MAC.match(rest)
    if found is None or int(found["offset"] or 0) >= MACS:
        raise ValueError(
            f"expected mac or mac+K (K up to {MACS - 1}), as mac+1 20-2B-C1 lower,"
            f" not mac{rest}"
        )
    offset, lower = int(found["offset"] or 0), found["lower"] is not None
    sign = ":" if found["prefix"] is None else found["sign"]
    prefix = re.sub("[:-]", "", found["prefix"] or "")
    return Mac(offset, prefix, sign, not lower)


def _ref(name: str, rest: str) -> Value:
    found = _REF.match(rest)
    if found is None:
        raise ValueError(
            f"{{{name}}} takes nothing but -8 (its last 8 signs), lower or upper,"
            f" not {rest.strip()!r}"
        )
    return Ref(name, found[2] or "", int(found[1] or 0))


def _unique(name: str, rest: str) -> Value:
    form = rest.strip()
    if not 1 <= len(form) <= 32 or any(sign not in FORMS for sign in form):
        raise ValueError(
            "expected unique FORM, its signs 0 (a digit), X or x (hex), A or a (a"
            f" letter), as unique 000000, not {rest!r}"
        )
    return Renumbered("", tuple(FORMS[sign] for sign in form))


def _char(name: str, rest: str) -> str:
    found = re.fullmatch(r"\s+([0-9A-Fa-f]{1,6})\s*", rest)
    number = int(found[1], 16) if found else 0x110000
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise ValueError(f"expected char CODE in hex, as char 20, not char{rest}")
    return chr(number)


def _ipv4(name: str, rest: str) -> Value:
    try:
        network = IPv4Network(rest.strip())
    except ValueError as error:
        raise ValueError(f"expected ipv4 CIDR, as ipv4 10.0.0.0/8: {error}") from None
    return ipv4_pool(network)


def ipv4_pool(network: IPv4Network) -> Ipv4:
    """The addresses of a network, without its own and the broadcast address."""
    first, size = int(network.network_address), network.num_addresses
    if size > 2:
        first, size = first + 1, size - 2
    # Near the golden section, so that neighbours lie far apart.
    step = max(1, round(size * 0.6180339887))
    while gcd(step, size) != 1:
        step += 1
    return Ipv4(first, size, step)


def _ipv6(name: str, rest: str) -> Value:
    try:
        network = IPv6Network(rest.strip())
    except ValueError as error:
        raise ValueError(
            f"expected ipv6 PREFIX, as ipv6 2001:db8::/32: {error}"
        ) from None
    return Ipv6(int(network.network_address), network.prefixlen)


def _pick(name: str, rest: str) -> Value:
    options = tuple(option.strip() for option in rest.split("|"))
    if not rest[:1].isspace() or len(options) < 2:
        raise ValueError("expected pick A|B|…, at least two")
    return Pick(options)


def _int(name: str, rest: str) -> Value:
    found = _SPAN.match(rest)
    if found is None or int(found[1]) > int(found[2]):
        raise ValueError("expected int LOW-HIGH, as int 1-100 or int -70--40")
    return Whole(int(found[1]), int(found[2]))


FUNCTIONS: dict[str, Callable[[str, str], str | Value]] = {
    "n": lambda name, rest: Number(_spec(name, rest)),
    "i": _instance,
    "i1": _instance,
    "i2": _instance,
    "i3": _instance,
    "hex": _digits,
    "HEX": _digits,
    "digits": _digits,
    "mac": _mac,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "pick": _pick,
    "int": _int,
    **{p: lambda name, rest: _plain(name, rest, Pooled(name)) for p in POOLS},
    "unique": _unique,
    "char": _char,
    **dict.fromkeys(IDENTITY, _ref),
    "device_id": lambda name, rest: _plain(name, rest, DeviceId()),
}


def pieces_of(value: str | Value) -> tuple[str | Value, ...]:
    """What a value is put together from."""
    return value.pieces if isinstance(value, Template) else (value,)
