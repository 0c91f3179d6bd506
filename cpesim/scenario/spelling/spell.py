"""
Quantities and YAML, spelled so that they read back as exactly the same value.

Rule: round words where they are exact (1h30m, 2%, 50/s), all digits where not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from cpesim.quantity import (
    parse_bandwidth,
    parse_duration,
    parse_rate,
    parse_share,
    spell_duration,
)

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_VARIABLE = re.compile(r"\$\{\w+\}")
_RESERVED = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}


class Bare(str):
    """A text that needs no quotes, as a quantity."""

    __slots__ = ()


def _digits(number: float) -> str:
    """All digits of a number, without an exponent."""
    return format(Decimal(repr(float(number))), "f")


def duration(seconds: float) -> str:
    """A duration, exactly."""
    text = spell_duration(seconds)
    return text if parse_duration(text) == seconds else f"{_digits(seconds)}s"


def offset(seconds: float) -> str:
    """A duration that may go back, as -1h, exactly."""
    return f"-{duration(-seconds)}" if seconds < 0 else duration(seconds)


def share(value: float) -> str:
    """A share as a percentage, exactly."""
    text = f"{value * 100:.10g}%"
    if "e" not in text and parse_share(text) == value:
        return text
    return _digits(value)


def factor(value: float) -> str:
    """A factor, exactly."""
    return _digits(value)


def rate(value: float) -> str:
    """A rate a second, exactly."""
    text = f"{value:.10g}/s"
    return (
        text if "e" not in text and parse_rate(text) == value else f"{_digits(value)}/s"
    )


def bandwidth(value: float) -> str:
    """Bytes a second, exactly."""
    return f"{_digits(value)}B/s"


def bits(value: float) -> str:
    """Bits a second, exactly."""
    for unit, size in (("Gbit", 1e9), ("Mbit", 1e6), ("kbit", 1e3)):
        text = f"{value / size:.10g}{unit}"
        if value >= size and "e" not in text and parse_bandwidth(text) * 8 == value:
            return text
    return f"{_digits(value)}bit"


def size(value: int) -> str:
    """Bytes."""
    return f"{value}B"


def document(value: Mapping[str, object]) -> str:
    """A mapping as YAML: blocks of it in blocks, what is small in one line."""
    return "".join(line + "\n" for line in _block(value, ""))


def _block(value: Mapping[str, object], indent: str) -> Iterator[str]:
    for key, each in value.items():
        name = indent + _text(key)
        flow = _flow(each)
        if not indent and isinstance(each, dict | list):
            yield ""
        if len(name) + len(flow) + 2 <= 88 and not (not indent and _deep(each)):
            yield f"{name}: {flow}"
        elif isinstance(each, dict) and each:
            yield f"{name}:"
            yield from _block(each, indent + "  ")
        elif isinstance(each, list) and each:
            yield f"{name}:"
            for item in each:
                yield from _item(item, indent + "  ")
        else:
            yield f"{name}: {flow}"


def _deep(value: object) -> bool:
    """Whether a block of its own reads better, though a line would hold it."""
    below = value.values() if isinstance(value, dict) else value
    return isinstance(below, dict | list | type({}.values())) and any(
        isinstance(each, dict | list) for each in below
    )


def _item(item: object, indent: str) -> Iterator[str]:
    flow = _flow(item)
    if not isinstance(item, dict) or len(indent) + len(flow) + 2 <= 88:
        yield f"{indent}- {flow}"
        return
    first, *others = _block(item, indent + "  ")
    yield f"{indent}- {first.lstrip()}"
    yield from others


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{_text(k)}: {_flow(v)}" for k, v in value.items()) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(each) for each in value) + "]"
    if isinstance(value, Bare):
        return str(value)
    if isinstance(value, str):
        # What looks like a variable, and is none: the text has been filled in.
        return _text(_VARIABLE.sub(lambda found: "$" + found[0], value))
    if isinstance(value, float):
        return _digits(value)
    return json.dumps(value)


def _text(text: str) -> str:
    """A text: plain words stay as people write them, all else stands in quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    # JSON's strings are YAML's, but for what YAML takes for no sign at all.
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else _escaped(c) for c in quoted)


def _escaped(character: str) -> str:
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
