"""
When arrivals are due.

Rule: pure. Give it k, it says how many seconds after the start arrival k is due.
It has no clock, so it can be tested by counting. A change during the run appends
a segment; what was due before the change stays as it was.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import gcd, inf, sqrt
from typing import NamedTuple

from cpesim.scenario.scenario import Stage


class Segment(NamedTuple):
    """
    From *at* on, when *area* arrivals had been due, *rate* arrivals a second.

    The rate grows by *slope* each second (below 0: it falls).
    """

    at: float
    area: float
    rate: float
    slope: float = 0.0

    def rate_at(self, t: float) -> float:
        """The rate at *t*, which lies in the segment."""
        return max(self.rate + self.slope * (t - self.at), 0.0)

    def area_at(self, t: float) -> float:
        """How many arrivals are due up to *t*, which lies in the segment."""
        since = max(t - self.at, 0.0)
        return self.area + since * (self.rate + self.slope * since / 2)

    def due(self, k: float) -> float:
        """When the area is *k*; infinity when the rate never gets there."""
        more = k - self.area
        if self.slope == 0:
            return self.at + more / self.rate if self.rate > 0 else inf
        # The root of the quadratic that loses no digits when the slope is small.
        root = self.rate * self.rate + 2 * self.slope * more
        if root < 0:
            return inf
        divisor = self.rate + sqrt(root)
        return self.at + 2 * more / divisor if divisor > 0 else self.at


@dataclass(frozen=True, slots=True)
class Pace:
    """
    Arrivals at a rate that may change while it runs.

    *area* of a segment is a real number: a change halfway between two arrivals
    keeps the half, so that neither a bunch nor a hole marks the change. *since* is
    when it was changed last.
    """

    segments: tuple[Segment, ...]
    since: float = -inf

    @classmethod
    def steady(cls, rate: float, at: float = 0.0) -> Pace:
        """*rate* arrivals a second from *at* on; the first is due at once."""
        return cls((Segment(at, 0.0, rate),))

    @classmethod
    def staged(cls, rate: float, stages: Iterable[Stage], at: float = 0.0) -> Pace:
        """From *rate* in straight lines to each stage's; the last one's is kept."""
        segments, area = [], 0.0
        for stage in stages:
            if stage.length > 0:
                slope = (stage.to - rate) / stage.length
                segments.append(Segment(at, area, rate, slope))
                area += stage.length * (rate + stage.to) / 2
                at += stage.length
            rate = stage.to
        return cls((*segments, Segment(at, area, rate)))

    def due(self, k: float) -> float:
        """When arrival *k* (from 0) is due; infinity when the rate never gets there."""
        segments = self.segments
        # Segments with one area are a pause and what came after it: the last holds.
        found = bisect_right(segments, float(k), key=_area) - 1
        due = segments[found].due(k)
        # Its rounded root must not lie behind what the next segment begins with.
        return due if found + 1 == len(segments) else min(due, segments[found + 1].at)

    def area(self, t: float) -> float:
        """How many arrivals the rate makes up to *t*: the area under it."""
        return self._at(t).area_at(t)

    def rate(self, t: float) -> float:
        """Arrivals a second at *t*."""
        segment = self._at(t)
        return segment.rate_at(t) if t >= segment.at else 0.0

    def changed(self, t: float, rate: float) -> Pace:
        """The same pace up to *t*, and *rate* from there on."""
        return self.followed(t, Pace.steady(rate, t))

    def paused(self, t: float) -> Pace:
        """The same pace up to *t*, and no arrival from there on."""
        return self.changed(t, 0.0)

    def times(self, factor: float) -> Pace:
        """Each rate so many times as high."""
        return Pace(
            tuple(
                Segment(at, area * factor, rate * factor, slope * factor)
                for at, area, rate, slope in self.segments
            )
        )

    def followed(self, t: float, plan: Pace) -> Pace:
        """The same pace up to *t*, and the rates of *plan* from there on."""
        # A clock that was read before the last change must not undo it.
        t = max(t, self.since, self.segments[0].at)
        kept = tuple(s for s in self.segments if s.at < t) or self.segments[:1]
        area, before = self.area(t), plan.area(t)
        there = plan._at(t)
        begins = Segment(t, area, plan.rate(t), there.slope if t >= there.at else 0.0)
        coming = tuple(
            Segment(s.at, area + s.area - before, s.rate, s.slope)
            for s in plan.segments
            if s.at > t
        )
        return Pace((*kept, begins, *coming), t)

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
