"""
How the CPEs of a set got somewhere, one after the other: back, or to a new version.

Rule: pure. The series of it holds hundredths of seconds, so that 100 h fit into a
histogram that ends at 1 h.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from cpesim.measure.latency import Latency
from cpesim.quantity import show_clock, show_duration

# What a value of the series stands for, in seconds.
HUNDREDTHS = 100.0
# Names of series that hold hundredths.
SERIES = ("recovery{", "campaign{")
# The shares that a summary tells the times of.
PERCENTS = (50, 90, 95, 99, 100)
SHARES = tuple(percent / 100 for percent in PERCENTS)


def of_set(name: str) -> str:
    """The series of how a set came back."""
    return f"recovery{{set={name}}}"


def of_version(version: str) -> str:
    """The series of how CPEs came to a version."""
    return f"campaign{{version={version}}}"


@dataclass(frozen=True, slots=True)
class Recovery:
    """
    *back* of *size* CPEs have come there; *began* is when it began, if that is known.
    """

    size: int
    back: int
    began: float | None = None
    times: Latency | None = None

    @property
    def done(self) -> float:
        """The share that has come there."""
        return self.back / self.size if self.size else 0.0

    @property
    def never(self) -> int:
        """How many have not."""
        return self.size - self.back

    def t(self, share: float) -> float | None:
        """Seconds until this share of the set was there; None while it is not."""
        return self.ts((share,))[0]

    def ts(self, shares: Sequence[float]) -> list[float | None]:
        """The same of several shares, in one look at the samples."""
        # 0.95 * 100 is 95.00000000000001 to a float.
        needed = [max(1, ceil(round(share * self.size, 6))) for share in shares]
        reached = [each for each in needed if each <= self.back]
        if self.times is None or not self.size:
            return [None] * len(needed)
        total = self.times.total_count
        found = self.times.percentiles([100.0 * each / total for each in reached])
        known = dict(zip(reached, found, strict=True))
        return [known[each] * HUNDREDTHS if each in known else None for each in needed]


@dataclass(frozen=True, slots=True)
class ToldRecovery(Recovery):
    """One of which only some *moments* are known, in seconds, by share."""

    moments: Mapping[float, float | None] = field(default_factory=dict)

    def ts(self, shares: Sequence[float]) -> list[float | None]:
        """As they were told."""
        return [self.moments.get(share) for share in shares]


def hundredths(series: str) -> bool:
    """Whether a series holds hundredths of seconds."""
    return series.startswith(SERIES)


def named(before: str, series: Iterable[str]) -> list[str]:
    """The names in the tag of those that are called so: of ``recovery{set=``."""
    return sorted(one[len(before) : -1] for one in series if one.startswith(before))


def shown(seconds: float | None) -> str:
    """A time of t() for people: ``800ms``, ``04:31``, or ``-`` for one that is not."""
    if seconds is None:
        return "-"
    return show_clock(seconds) if seconds >= 60 else show_duration(seconds)
