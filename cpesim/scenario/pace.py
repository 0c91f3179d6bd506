"""
When arrivals are due.

Rule: pure. Give it k, it says how many seconds after the start arrival k is due.
It has no clock, so it can be tested by counting. A change during the run appends
a segment; what was due before the change stays as it was.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from math import gcd, inf
from typing import NamedTuple


class Segment(NamedTuple):
    """From *at* on, when *area* arrivals had been due, *rate* arrivals a second."""

    at: float
    area: float
    rate: float


@dataclass(frozen=True, slots=True)
class Pace:
    """
    Arrivals at a rate that may change while it runs.

    *area* of a segment is a real number: a change halfway between two arrivals
    keeps the half, so that neither a bunch nor a hole marks the change.
    """

    segments: tuple[Segment, ...]

    @classmethod
    def steady(cls, rate: float, at: float = 0.0) -> Pace:
        """*rate* arrivals a second from *at* on; the first is due at once."""
        return cls((Segment(at, 0.0, rate),))

    def due(self, k: int) -> float:
        """When arrival *k* (from 0) is due; infinity when the rate never gets there."""
        segments = self.segments
        # Segments with one area are a pause and what came after it: the last holds.
        found = bisect_right(segments, float(k), key=_area) - 1
        at, area, rate = segments[found]
        return at + (k - area) / rate if rate > 0 else inf

    def area(self, t: float) -> float:
        """How many arrivals the rate makes up to *t*: the area under it."""
        at, area, rate = self._at(t)
        return area + max(t - at, 0.0) * rate

    def rate(self, t: float) -> float:
        """Arrivals a second at *t*."""
        segment = self._at(t)
        return segment.rate if t >= segment.at else 0.0

    def changed(self, t: float, rate: float) -> Pace:
        """The same pace up to *t*, and *rate* from there on."""
        last = self.segments[-1]
        # A clock that was read before the last change must not undo it.
        t = max(t, last.at)
        return Pace((*self.segments, Segment(t, self.area(t), rate)))

    def paused(self, t: float) -> Pace:
        """The same pace up to *t*, and no arrival from there on."""
        return self.changed(t, 0.0)

    def _at(self, t: float) -> Segment:
        found = bisect_right(self.segments, t, key=_start) - 1
        return self.segments[max(found, 0)]


def _area(segment: Segment) -> float:
    return segment.area


def _start(segment: Segment) -> float:
    return segment.at


def default_ramp(count: int) -> float:
    """The seconds over which *count* devices boot when nobody said: 200 a second."""
    return max(10.0, count / 200)


@lru_cache(maxsize=64)
def _stride(count: int) -> int:
    # Steps of the golden ratio fill a circle more evenly than any other step.
    stride = max(1, round(count * 0.6180339887498949))
    while gcd(stride, count) != 1:
        stride += 1
    return stride


def position(n: int, count: int) -> int:
    """
    The place of device *n* among the *count* that boot: a permutation.

    Any stretch of neighbours (a group, a shard) is spread over the whole ramp.
    """
    return n * _stride(count) % count if count > 1 else 0


def boot_due(position: int, count: int, ramp: float) -> float:
    """When the device at *position* of *count* boots: evenly over *ramp* seconds."""
    return ramp * position / count
