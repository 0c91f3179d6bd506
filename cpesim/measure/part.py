"""
What was measured in a part of a run: all of it, a phase, a window, or one row.

Rule: counters and histograms of parts add up exactly; of gauges only what was looked
at once a second is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Protocol

from cpesim.measure.history import add_counters
from cpesim.measure.latency import Interval, Latency

OF_PROCESSES = ("cpu", "rss", "fds", "lag_p50", "lag_p99", "lag_max")


class Gauge:
    """A level that was looked at once a second."""

    __slots__ = ("high", "last", "looks", "low", "sum")

    def __init__(self) -> None:
        self.last = self.low = self.high = self.sum = 0.0
        self.looks = 0

    def add(self, value: float) -> None:
        """One look more."""
        if not self.looks:
            self.low = self.high = value
        self.last = value
        self.low, self.high = min(self.low, value), max(self.high, value)
        self.sum += value
        self.looks += 1


class Part:
    """Counters, histograms and gauges of a part of the run, *seconds* long."""

    __slots__ = ("counters", "gauges", "latency", "seconds")

    def __init__(
        self,
        seconds: float = 0.0,
        counters: dict[str, int] | None = None,
        latency: dict[str, Latency] | None = None,
    ) -> None:
        self.seconds = seconds
        self.counters: dict[str, int] = {} if counters is None else counters
        self.latency: dict[str, Latency] = {} if latency is None else latency
        self.gauges: dict[tuple[str, ...], Gauge] = {}

    def feed(
        self, counters: Mapping[str, int], intervals: Mapping[str, Interval]
    ) -> None:
        """Add what came in a snapshot."""
        add_counters(self.counters, counters)
        for series, interval in intervals.items():
            total = self.latency.get(series)
            if total is None:
                total = self.latency[series] = Latency()
            total.add_interval(interval)

    def look(
        self, gauges: Mapping[str, float], wanted: Iterable[tuple[str, ...]]
    ) -> None:
        """One look at these gauges, each the sum of those that it names."""
        for names in wanted:
            known = [gauges[name] for name in names if name in gauges]
            # A process that did not tell is not one without memory; but a state that
            # no CPE is in need not be told of.
            if known or names[0].partition("{")[0] not in OF_PROCESSES:
                self.gauges.setdefault(names, Gauge()).add(sum(known))

    def count(self, names: Iterable[str]) -> int:
        """The sum of these counters; ``*`` in a name is anything."""
        total = 0
        for name in names:
            if "*" not in name:
                total += self.counters.get(name, 0)
                continue
            fits = _pattern(name)
            total += sum(
                n for known, n in self.counters.items() if fits(known) is not None
            )
        return total

    def samples(self, series: Iterable[str]) -> int:
        """How many samples these series have in all."""
        return sum(self.latency[name].total_count for name in series if name in self)

    def histogram(self, series: Sequence[str]) -> Latency | None:
        """The samples of these series as one; None where there is none."""
        found = [self.latency[name] for name in series if name in self]
        if len(found) < 2:
            return found[0] if found else None
        whole = Latency()
        for one in found:
            whole.add_latency(one)
        return whole

    def __contains__(self, series: str) -> bool:
        return series in self.latency


class Watch(Protocol):
    """What is told each closed row of its *span*: 1, 10 or 60 seconds."""

    span: int

    def feed(self, second: int, row: Part, gauges: Mapping[str, float]) -> None:
        """Take one row, and the gauges at its end."""


def wanted(name: str, names: Iterable[str]) -> bool:
    """Whether a counter is one of these; ``*`` in them is anything."""
    return any(
        _pattern(one)(name) is not None if "*" in one else one == name for one in names
    )


@lru_cache(maxsize=512)
def _pattern(name: str) -> Callable[[str], re.Match[str] | None]:
    parts = (re.escape(part) for part in name.split("*"))
    return re.compile(".*".join(parts)).fullmatch
