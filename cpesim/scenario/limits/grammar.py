"""
The text of a limit, read.

Rule: this knows the form and nothing of metrics: user-interface.md, section 5. What is
wrong is said with the column where it stands and with what was expected there.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

from cpesim.quantity import parse_count, parse_duration
from cpesim.scenario.limits.criterion import (
    BYTES,
    OPERATORS,
    Bound,
    Criterion,
    number_after,
)

PLAIN_AGGREGATES = ("avg", "min", "max", "count", "rate", "value", "done")
AGGREGATES = "p50 to p99.99, avg, min, max, count, rate, value, done, t1 to t100"
LONGEST = 500
_NAME = re.compile(r"[A-Za-z_][\w.]*")
_WORD = re.compile(r"\S+")
_OPERATOR = re.compile(r"[<>=!≤≥]+")
_TAG = re.compile(r"\s*([A-Za-z_]\w*)\s*=\s*([^,{}]*?)\s*(?=[,}])")
_AGGREGATE = re.compile(r"[A-Za-z]+[0-9.]*")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")


class Mistake(ValueError):
    """What is wrong with the text of a limit; *column* counts from 0."""

    def __init__(self, column: int, message: str) -> None:
        self.column = column
        super().__init__(message)


def parse(text: str) -> Criterion:
    """What a limit's text means; raises Mistake."""
    return _Reader(text).criterion()


def close_to(word: str, known: list[str] | tuple[str, ...]) -> str:
    """`` (did you mean X?)``, or nothing where nothing is alike."""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return f" (did you mean {close[0]}?)" if close else ""


class _Reader:
    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise Mistake(0, f"expected a limit of at most {LONGEST} characters")
        self._text = text
        self._at = 0

    def criterion(self) -> Criterion:
        self._space()
        metric = self._take(_NAME, "a metric, as session.time")
        of = self._of()
        tags = self._tags()
        aggregate, over, drift = self._aggregate()
        compare = self._operator()
        bound = self._bound(drift)
        phase = self._phase()
        for name, tag in tags:
            if name == "phase":
                if phase and phase != tag:
                    raise Mistake(0, f"expected one phase, not {tag} and {phase}")
                phase = tag
        tags = tuple(pair for pair in tags if pair[0] != "phase")
        return Criterion(
            metric, aggregate, compare, bound, of, tags, over, drift, phase
        )

    def _space(self) -> None:
        while self._text[self._at : self._at + 1].isspace():
            self._at += 1

    def _word(self) -> str:
        """The next word, not taken."""
        self._space()
        match = _WORD.match(self._text, self._at)
        return match[0] if match else ""

    def _take(self, pattern: re.Pattern[str], expected: str) -> str:
        match = pattern.match(self._text, self._at)
        if not match:
            raise Mistake(self._at, f"expected {expected}, {self._found()}")
        self._at = match.end()
        return match[0]

    def _found(self) -> str:
        word = self._word()
        return f"not {word!r}" if word else "but here is its end"

    def _of(self) -> str:
        self._space()
        if self._text[self._at : self._at + 1] != "(":
            return ""
        end = self._text.find(")", self._at)
        if end < 0:
            raise Mistake(self._at, "expected a ) that closes this (")
        of = self._text[self._at + 1 : end].strip()
        if not of:
            raise Mistake(self._at, "expected a name in the parentheses")
        self._at = end + 1
        return of

    def _tags(self) -> tuple[tuple[str, str], ...]:
        self._space()
        if self._text[self._at : self._at + 1] != "{":
            return ()
        found: dict[str, str] = {}
        while self._text[self._at] != "}":
            self._at += 1  # the { or a comma
            match = _TAG.match(self._text, self._at)
            if not match or not match[2]:
                raise Mistake(self._at, "expected tag=value, as {group=homes}")
            if match[1] in found:
                raise Mistake(self._at, f"the tag {match[1]} stands here twice")
            found[match[1]] = match[2]
            self._at = match.end()
        self._at += 1
        return tuple(sorted(found.items()))

    def _aggregate(self) -> tuple[str, float | None, bool]:
        self._space()
        start = self._at
        aggregate = self._take(_AGGREGATE, f"an aggregate ({AGGREGATES})")
        over, drift = None, aggregate == "drift"
        if drift:
            aggregate = "value"
        elif not _is_aggregate(aggregate):
            hint = close_to(aggregate, PLAIN_AGGREGATES)
            raise Mistake(
                start,
                f"unknown aggregate {aggregate!r}{hint}: expected {AGGREGATES}"
                " or drift",
            )
        while (word := self._word()) in ("over", "drift"):
            if (over if word == "over" else drift or None) is not None:
                raise Mistake(self._at, f"{word} stands here twice")
            self._at += len(word)
            if word == "drift":
                drift = True
                continue
            over = self._duration()
        if over is not None and drift:
            raise Mistake(start, "expected a window (over) or drift, not both")
        return aggregate, over, drift

    def _duration(self) -> float:
        word = self._word()
        try:
            found = round(parse_duration(word), 6)
        except ValueError as error:
            raise Mistake(self._at, str(error)) from None
        if found <= 0:
            raise Mistake(self._at, f"expected more than 0, not {word!r}")
        self._at += len(word)
        return found

    def _operator(self) -> str:
        self._space()
        start = self._at
        expected = f"one of {' '.join(OPERATORS)}"
        found = self._take(_OPERATOR, expected)
        if found not in OPERATORS:
            raise Mistake(start, f"expected {expected}, not {found!r}")
        return found

    def _bound(self, drift: bool) -> Bound:
        word = self._word()
        start = self._at
        if not word:
            raise Mistake(start, "expected a value, as 5s, 1% or 100")
        self._at += len(word)
        written, slash, each = word.partition("/")
        sign = -1.0 if written.startswith("-") else 1.0
        amount, unit = _amount(written.removeprefix("-"), start)
        per = _per(each, start + len(written) + 1) if slash else None
        if drift and per is None:
            raise Mistake(
                start, f"expected a drift per time, as {word}/6h, not {word!r}"
            )
        return Bound(sign * amount if amount else 0.0, unit, per)

    def _phase(self) -> str:
        word = self._word()
        if not word:
            return ""
        if word != "in":
            raise Mistake(
                self._at, f"expected the end, or `in` and a phase, not {word!r}"
            )
        self._at += len(word)
        phase = self._text[self._at :].strip()
        if not phase:
            raise Mistake(self._at, "expected a phase behind `in`")
        return phase


def _is_aggregate(word: str) -> bool:
    if word in PLAIN_AGGREGATES:
        return True
    if not _NUMBER.fullmatch(word[1:]):
        return False
    percentile, share = number_after("p", word), number_after("t", word)
    if percentile is not None:
        return 50 <= percentile <= 99.99
    return share is not None and 1 <= share <= 100


def _amount(written: str, column: int) -> tuple[float, str]:
    if written.endswith("%") and _NUMBER.fullmatch(written[:-1]):
        return float(written[:-1]), "%"
    for unit in sorted(BYTES, key=len, reverse=True):
        number = written.removesuffix(unit)
        if number != written and _NUMBER.fullmatch(number):
            return float(number), unit
    if _NUMBER.fullmatch(written):
        return float(written), ""
    try:
        return float(parse_count(written)), ""
    except ValueError:
        pass
    try:
        return round(parse_duration(written), 6), "s"
    except ValueError:
        raise Mistake(
            column, f"expected a value, as 5s, 1%, 100, 18k or 50MB, not {written!r}"
        ) from None


def _per(written: str, column: int) -> float:
    unit = "m" if written == "min" else written
    try:
        found = round(parse_duration(unit if unit[:1].isdigit() else f"1{unit}"), 6)
    except ValueError:
        found = 0.0
    if found <= 0:
        raise Mistake(column, f"expected a time behind /, as 6h or s, not {written!r}")
    return found
