"""
The kinds of values in a profile's form: durations, shares, patterns, and a section.

Rule: each says what it expected; nothing here knows what a value is for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StrictStr,
)

from cpesim.quantity import (
    parse_bandwidth,
    parse_count,
    parse_duration,
    parse_rate,
    parse_share,
)


def _quantity(parse: Callable[[str], float]) -> BeforeValidator:
    return BeforeValidator(lambda given: parse(str(given)))


def _a_minute(rate: str) -> float:
    return round(parse_rate(rate) * 60)


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"expected a regular expression: {error}") from None
    return text


def matching(pattern: str, expected: str) -> AfterValidator:
    """A text of a form, which is told as what was *expected*."""

    def check(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise ValueError(f"expected {expected}, not {text[:60]!r}")
        return text

    return AfterValidator(check)


def _section(given: object) -> object:
    """A section; a share alone is one whose other keys have their defaults."""
    return given if given is None or isinstance(given, dict) else {"share": given}


Duration = Annotated[float, _quantity(parse_duration)]
Bandwidth = Annotated[float, _quantity(parse_bandwidth)]
PerMinute = Annotated[int, _quantity(_a_minute)]
Share = Annotated[float, _quantity(parse_share)]
Count = Annotated[int, _quantity(parse_count)]
Pattern = Annotated[StrictStr, AfterValidator(_pattern)]
XsdType = Literal[
    "string",
    "int",
    "unsignedInt",
    "long",
    "unsignedLong",
    "boolean",
    "dateTime",
    "hexBinary",
    "decimal",
]
Prefix = Annotated[
    StrictStr,
    matching(
        r"(?!(?i:xml))[A-Za-z_][A-Za-z0-9_.-]{0,31}",
        "a prefix of XML, as soapenv, of at most 32 signs",
    ),
]
SHARE_ALONE = BeforeValidator(_section)


class Section(BaseModel):
    """A part of a profile; a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid")
