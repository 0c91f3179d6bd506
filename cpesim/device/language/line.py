"""
The parameter line of a profile: access, type, limits and value in one line.

``FLAG* TYPE[!][(LENGTH)][{a,b}][[low:high,…]][/regex/]* [list] (= TEXT | ~ LIVE …)?``

Rule: all problems of a line are raised at once, each with its offset in the line;
`spell.py` is the way back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from cpesim.cwmp.names import XSD_TYPES
from cpesim.device.check import LIMITS
from cpesim.device.language.source import parse_source
from cpesim.device.language.template import Where, at, compile_template, suggest
from cpesim.device.profile import Parameter, Value
from cpesim.errors import ConfigError, Problem

FLAGS = ("rw", "hidden", "inform", "always", "active", "deny")
LIST = "list"
MOST_LENGTH = 16_000_000
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SPACE = re.compile(r"\s*")
_RANGE = re.compile(r"\s*(-?[0-9]*)\s*(?:(:)\s*(-?[0-9]*))?\s*\Z")
_LENGTHS = ("string", "base64", "hexBinary")


@dataclass(frozen=True, slots=True)
class Line:
    """
    A parameter line. Without a *type* it only changes the value of an earlier one.

    *source* is the value as it is written ("= …" or "~ …"), "" for the type's own.
    """

    parameter: Parameter
    source: str = ""
    at: int = 0  # where the value stands in the line
    loose: bool = False  # TYPE!: the value may be none of its type, as devices do

    @property
    def type(self) -> str:
        """The XSD type; "" where only the value is given."""
        return self.parameter.type


def parse_line(text: str, where: Where | None = None) -> Line:
    """A parameter line; raises ConfigError with all that is wrong with it."""
    return _Scanner(text, where or at(text)).line()


def merged(old: Line | None, new: Line) -> Line | None:
    """*new* over *old*; None where *new* has no type to stand on."""
    if new.type:
        return new
    if old is None:
        return None
    kept = replace(old.parameter, default=new.parameter.default)
    return replace(new, parameter=kept, loose=old.loose)


def type_default(parameter: Parameter) -> str:
    """The value of a parameter that nobody gave one: "", 0, false, the first choice."""
    kind = parameter.type
    if parameter.list:
        return ""
    if parameter.choices:
        return parameter.choices[0]
    if kind == "boolean":
        return "0"
    if kind == "dateTime":
        return "0001-01-01T00:00:00Z"  # TR-106 3.2.1: unknown
    if kind == "decimal":
        return "0"
    if kind in LIMITS:
        return str(_nearest_to_zero(parameter))
    return ""


def _nearest_to_zero(parameter: Parameter) -> int:
    least, most = LIMITS[parameter.type]
    best: int | None = None
    for low, high in parameter.ranges:
        low, high = least if low is None else low, most if high is None else high
        near = min(max(0, low), high)
        if best is None or abs(near) < abs(best):
            best = near
    return best or 0


class _Scanner:
    """Reads a line from left to right, and goes on after what is wrong."""

    def __init__(self, text: str, where: Where) -> None:
        self.text = text
        self.where = where
        self.here = 0
        self.problems: list[Problem] = []
        self.flags: list[str] = []
        self.type = ""
        self.length: int | None = None
        self.choices: tuple[str, ...] = ()
        self.ranges: tuple[tuple[int | None, int | None], ...] = ()
        self.patterns: list[str] = []
        self.list = False
        self.loose = False

    def line(self) -> Line:
        """Read all of it."""
        default: str | Value | None = None
        source, start = "", 0
        while self._next() not in ("", "=", "~"):
            self._piece()
        if self._next():
            start = self.here
            sign, rest = self.text[start], self.text[start + 1 :]
            begin = start + 1 + len(rest) - len(rest.lstrip())
            source = f"{sign} {rest.strip()}".rstrip()
            default = self._value(sign, rest.strip(), begin)
            start = begin if rest.strip() else start
        if not self.type and not self.problems and (self.flags or not source):
            wanted = f"expected a type ({', '.join(XSD_TYPES)})"
            self._problem(f"no type: {wanted}", start)
        if self.problems:
            raise ConfigError(*self.problems)
        parameter = self._parameter(default)
        return Line(parameter, source, start, self.loose)

    def _parameter(self, default: str | Value | None) -> Parameter:
        flags = self.flags
        parameter = Parameter(
            self.type,
            writable="rw" in flags,
            hidden="hidden" in flags,
            inform="inform" in flags,
            deny="deny" in flags,
            notify=next((f for f in flags if f in ("always", "active")), ""),
            length=self.length,
            choices=self.choices,
            ranges=self.ranges,
            patterns=tuple(self.patterns),
            list=self.list,
        )
        if default is None:
            default = type_default(parameter) if self.type else ""
        return replace(parameter, default=default)

    def _next(self) -> str:
        found = _SPACE.match(self.text, self.here)
        self.here = found.end() if found else self.here
        return self.text[self.here : self.here + 1]

    def _problem(self, message: str, offset: int) -> None:
        self.problems.append(self.where(message, offset))

    def _value(self, sign: str, rest: str, begin: int) -> str | Value:
        def where(message: str, offset: int) -> Problem:
            return self.where(message, begin + offset)

        try:
            if sign == "=":
                return compile_template(rest, where)
            return parse_source(rest, where)
        except ConfigError as error:
            self.problems += [p for p in error.problems if isinstance(p, Problem)]
            return ""

    def _piece(self) -> None:
        start, sign = self.here, self.text[self.here]
        opened = {"(": ")", "{": "}", "[": "]", "/": "/"}.get(sign)
        if opened is not None:
            inner = self._inside(opened)
            if not self.type:
                if not self.problems:  # a mistyped type has been told already
                    self._problem(f"{sign!r} before any type", start)
            elif inner is not None:
                self._limit(sign, inner, start)
            return
        if sign == "!" and start and self.text[start - 1 : start].isalnum():
            self.loose, self.here = True, start + 1
            return
        word = _WORD.match(self.text, start)
        if word is None:
            found = re.compile(r"\S+").match(self.text, start)
            self.here = found.end() if found else start + 1
            self._problem(
                f"{self.text[start : self.here]!r}: expected flags, a type, = or ~",
                start,
            )
            return
        self.here = word.end()
        self._word(word[0], start)

    def _word(self, word: str, start: int) -> None:
        if word == LIST and self.type:
            self.list = True
            if self.type != "string":
                self._problem("only a string can be a list", start)
        elif word in FLAGS:
            if self.type:
                self._problem(f"{word!r} stands after the type", start)
            elif word in self.flags:
                self._problem(f"{word!r} stands twice", start)
            elif {word, *self.flags} >= {"always", "active"}:
                self._problem("always and active exclude each other", start)
            else:
                self.flags.append(word)
        elif word in XSD_TYPES:
            if self.type:
                self._problem(f"a second type {word!r} after {self.type}", start)
            else:
                self.type = word
        else:
            known = (LIST, "=", "~") if self.type else (*FLAGS, *XSD_TYPES)
            wanted = suggest(word, [*FLAGS, *XSD_TYPES, LIST])
            if not wanted:
                wanted = f": expected {', '.join(known)}"
            self._problem(f"unknown word {word!r}{wanted}", start)

    def _inside(self, closing: str) -> str | None:
        """The text up to the closing sign; a backslash takes the next as it is."""
        start = self.here
        at = start + 1
        while at < len(self.text) and self.text[at] != closing:
            at += 2 if self.text[at] == "\\" else 1
        if at >= len(self.text):
            self.here = len(self.text)
            self._problem(
                f"{self.text[start]!r} is not closed: expected {closing!r}", start
            )
            return None
        self.here = at + 1
        return self.text[start + 1 : at]

    def _limit(self, sign: str, inner: str, start: int) -> None:
        if sign == "(":
            self._length(inner, start)
        elif sign == "{":
            self._choices(inner, start)
        elif sign == "[":
            self._ranges(inner, start)
        else:
            self._pattern(inner, start)

    def _length(self, inner: str, start: int) -> None:
        if self.length is not None or self.type not in _LENGTHS:
            what = "a second length" if self.length is not None else "a length"
            wanted = "" if self.length is not None else f": only {', '.join(_LENGTHS)}"
            self._problem(f"{what} of {self.type}{wanted}", start)
        elif not re.fullmatch(r"\s*[0-9]{1,9}\s*", inner) or int(inner) > MOST_LENGTH:
            self._problem(f"expected a length, as (64), not ({inner})", start)
        else:
            self.length = int(inner)

    def _choices(self, inner: str, start: int) -> None:
        if self.type != "string":
            self._problem(f"choices of {self.type}: only string", start)
            return
        if self.choices:
            self._problem("a second list of choices", start)
            return
        choices = _split(inner)
        if len(set(choices)) != len(choices) or not inner.strip():
            self._problem("expected different choices, as {Up,Down}", start)
            return
        self.choices = choices

    def _ranges(self, inner: str, start: int) -> None:
        if self.type not in LIMITS:
            self._problem(f"a range of {self.type}: only {', '.join(LIMITS)}", start)
            return
        ranges = []
        offset = start + 1
        for part in inner.split(","):
            found = _RANGE.match(part)
            bounds = self._bounds(found) if found else None
            if bounds is None:
                self._problem(
                    f"expected a range, as 1:100, :10, 0: or 5, not {part.strip()!r}",
                    offset,
                )
            else:
                ranges.append(bounds)
            offset += len(part) + 1
        self.ranges = (*self.ranges, *ranges)

    @staticmethod
    def _bounds(found: re.Match[str]) -> tuple[int | None, int | None] | None:
        try:
            low = int(found[1]) if found[1] else None
            high = low if found[2] is None else int(found[3]) if found[3] else None
        except ValueError:
            return None
        if low is None and high is None:
            return None
        if low is not None and high is not None and low > high:
            return None
        return low, high

    def _pattern(self, inner: str, start: int) -> None:
        if self.type != "string":
            self._problem(f"a pattern of {self.type}: only string", start)
            return
        pattern = inner.replace("\\/", "/")
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            place = getattr(error, "pos", None) or 0
            self._problem(f"not a regular expression: {error}", start + 1 + place)
            return
        self.patterns.append(pattern)


def _split(text: str) -> tuple[str, ...]:
    """The parts between commas; a backslash takes the next sign as it is."""
    parts = [""]
    signs = iter(text)
    for sign in signs:
        if sign == "\\":
            parts[-1] += next(signs, "\\")
        elif sign == ",":
            parts.append("")
        else:
            parts[-1] += sign
    return tuple(part.strip() for part in parts)
