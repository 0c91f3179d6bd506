"""
A limit as it was meant: what its text says, as a plain value.

Rule: `str()` of a Criterion is its text in one fixed form, and reads back as the same.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from cpesim.quantity import spell_duration

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
BYTES = {"B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9}
# What a value may be of; durations are kept in seconds, counts as they are.
UNITS = ("", "%", "s", *BYTES)


@dataclass(frozen=True, slots=True)
class Bound:
    """The value that is compared with: *amount* of *unit*, each *per* seconds."""

    amount: float
    unit: str = ""
    per: float | None = None

    @property
    def base(self) -> float:
        """The amount in seconds, bytes, shares (0 to 1) or things; *per* aside."""
        if self.unit == "%":
            return self.amount / 100
        return self.amount * BYTES.get(self.unit, 1.0)

    def __str__(self) -> str:
        if self.unit == "s":
            sign = "-" if self.amount < 0 else ""
            text = sign + spell_time(abs(self.amount))
        else:
            text = spell_number(self.amount) + self.unit
        if self.per is None:
            return text
        each = spell_duration(self.per)
        return f"{text}/{each.removeprefix('1') if each in _SINGLE else each}"


# 50/s is what people write, not 50/1s.
_SINGLE = ("1s", "1m", "1h", "1d")


@dataclass(frozen=True, slots=True)
class Criterion:
    """
    What has to hold: an aggregate of a metric, compared with a bound.

    *of* is what stands in parentheses: a set of CPEs or a version. *aggregate* is p50
    to p99.99, avg, min, max, count, rate, value, done or t1 to t100. *over* is the
    length of a sliding window; of a *drift* the slope of the aggregate is compared.
    """

    metric: str
    aggregate: str
    operator: str
    bound: Bound
    of: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    over: float | None = None
    drift: bool = False
    phase: str = ""

    @property
    def percentile(self) -> float | None:
        """99.0 of a p99; None of all else."""
        return number_after("p", self.aggregate)

    @property
    def share(self) -> float | None:
        """0.95 of a t95; None of all else."""
        percent = number_after("t", self.aggregate)
        return None if percent is None else percent / 100

    def holds(self, value: float) -> bool:
        """Whether a value, in the bound's base unit, is within the limit."""
        return OPERATORS[self.operator](value, self.bound.base)

    def __str__(self) -> str:
        text = self.subject
        if self.over is not None:
            text += f" over {spell_duration(self.over)}"
        if self.drift:
            text += " drift"
        text += f" {self.operator} {self.bound}"
        return f"{text} in {self.phase}" if self.phase else text

    @property
    def subject(self) -> str:
        """The metric with its set, tags and aggregate: what the value is of."""
        text = self.metric
        if self.of:
            text += f"({self.of})"
        if self.tags:
            text += "{" + ",".join(f"{name}={tag}" for name, tag in self.tags) + "}"
        # "generator.rss drift" is the drift of its value.
        bare = self.drift and self.aggregate == "value" and self.over is None
        return text if bare else f"{text} {self.aggregate}"

    def scaled(self, factor: float) -> Criterion:
        """The same in a run whose times are multiplied by *factor*."""

        def times(seconds: float | None) -> float | None:
            return None if seconds is None else round(seconds * factor, 6)

        bound = self.bound
        if self.drift:
            bound = replace(bound, per=times(bound.per))
        if self.share is not None and bound.unit == "s":
            bound = replace(bound, amount=round(bound.amount * factor, 6))
        return replace(self, over=times(self.over), bound=bound)


def number_after(letter: str, aggregate: str) -> float | None:
    """99.9 of p99.9; None where what follows the letter is no number."""
    rest = aggregate.removeprefix(letter)
    if rest == aggregate or not rest[:1].isdigit():
        return None
    return float(rest)


def spell_time(seconds: float) -> str:
    """A duration as people write it: 1.5s, and not 1s500ms."""
    if 1 < seconds < 60 and seconds != int(seconds):
        return f"{spell_number(seconds)}s"
    return spell_duration(seconds)


def spell_number(number: float) -> str:
    """A number without an exponent and without a needless fraction."""
    text = format(Decimal(repr(float(number))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
