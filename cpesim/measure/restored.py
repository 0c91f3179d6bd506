"""
A Result filled from what runs left on disk, of one run or of several as one.

Rule: what is read back is told as it was; percentiles come from the histograms of the
log, never from those of seconds. Rows and stretches come in the order of time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from cpesim.measure.health import Grade, Health, Strain
from cpesim.measure.history import SPANS, History, add_counters
from cpesim.measure.kept.rows import Row
from cpesim.measure.latency import NOTHING, Figures, Interval, Latency
from cpesim.measure.part import Part
from cpesim.measure.phases import Stretch as Phase
from cpesim.measure.recovery import Recovery, named
from cpesim.measure.result import Result, RunFacts
from cpesim.measure.snapshot import Snapshot
from cpesim.measure.tally import tally


class ToldHealth(Health):
    """The generator's verdict as it was told at the end of a run."""

    def __init__(
        self, grade: Grade, reasons: list[str], strains: Mapping[str, Strain]
    ) -> None:
        super().__init__()
        self.grade = grade
        self.strains = dict(strains)
        self._told = reasons

    @property
    def reasons(self) -> list[str]:
        """Why the grade is what it is."""
        return self._told


@dataclass(slots=True)
class _Pending:
    """What a run's rows told of a series since its last stretch."""

    total: float = 0.0  # µs
    clamped: int = 0
    count: int = 0


class Restored(Result):
    """
    A run as it was stored; several of them with *merged*.

    Of several there are no rows of one second: percentiles of seconds do not add up.
    """

    def __init__(self, facts: RunFacts, *, merged: bool = False) -> None:
        super().__init__(facts)
        self._merged = merged
        self.history = History(SPANS[1:] if merged else SPANS)
        self._pending: dict[str, dict[str, _Pending]] = {}  # by run and series
        self._second, self._done = -1, 0
        self._told: dict[tuple[str, str], Figures] = {}
        self._reached_by: dict[str, Recovery] = {}

    def take_row(self, who: str, row: Row, parent: Mapping[str, float]) -> None:
        """Add a second of the run *who*."""
        end = float(row.second + row.span)
        snapshot = Snapshot(float(row.second), end, row.counters, row.gauges)
        add_counters(self.counters, row.counters)
        tally(self.errors, snapshot)
        if row.gauges:  # what came too late for its own row has none
            self._gauges[who] = row.gauges
        self.now = max(self.now, end)
        self.health.feed(who if self._merged else "workers", snapshot)
        if parent:
            own = Snapshot(snapshot.since, end, gauges=dict(parent))
            self.health.feed(f"{who} parent" if self._merged else "parent", own)
            self.history.feed_parent(own)
        self._measure_peak(row)
        levels = self.history.levels
        if not self._merged:
            fine, *levels = levels
            fine.rows.append(row)
        for level in levels:
            level.feed(who, snapshot, {})
        self.history.draw(row)
        pending = self._pending.setdefault(who, {})
        for series, found in row.latency.items():
            told = pending.setdefault(series, _Pending())
            told.total += found.mean * found.count * 1e6
            told.clamped += found.clamped
            told.count += found.count

    def take_stretch(
        self,
        who: str,
        begin: float,
        length: float,
        series: str,
        found: tuple[str, float],
    ) -> None:
        """
        Add one line of the histogram log: *found* is its text and its maximum.

        Raises ValueError, and adds nothing, when it is not whole.
        """
        pending = self._pending.setdefault(who, {})
        told = pending.pop(series, _Pending())
        if begin + length <= self._began.get(series, 0.0):
            return
        text, greatest = found
        interval = Interval.from_log(text, greatest, round(told.total), told.clamped)
        self._latency.setdefault(series, Latency()).add_interval(interval)
        self._figures.pop(series, None)
        own = Snapshot(begin, begin + min(length, 1.0))
        levels = self.history.levels if self._merged else self.history.levels[1:]
        for level in levels:
            level.feed(f"{who} log", own, {series: interval})
        if series == "session":
            one = Latency()
            one.add_interval(interval)
            self.history.heat.add(int(begin), one.coarse(), {})

    def take_phase(
        self,
        name: str,
        moments: tuple[float, float | None, float],
        sessions: Mapping[str, int],
        latency: Mapping[str, Figures],
    ) -> None:
        """Add a phase as it was told: its begin, end and length, and its figures."""
        begin, end, seconds = moments
        counters = {f"sessions.{key}": number for key, number in sessions.items()}
        part = Part(seconds, counters, {series: Latency() for series in latency})
        self.phases.stretches.append(Phase(name, begin, end))
        self.phases.parts[name] = part
        self._told |= {(series, name): found for series, found in latency.items()}

    def began(self, series: str, at: float | None) -> None:
        """When a recovery or campaign began: what came before is of another time."""
        if at is not None:
            self._began[series] = at

    def total(self, series: str, phase: str = "") -> Figures:
        """A series' figures over the whole run, or as they were told of a phase."""
        known = self._told.get((series, phase))
        if known is not None:
            return known
        return NOTHING if phase else super().total(series)

    def take_total(self, series: str, found: Figures) -> None:
        """Add what was told of a series, where the log has nothing of it."""
        if series not in self._latency:
            self._told[series, ""] = found

    def take_reached(self, series: str, found: Recovery) -> None:
        """Add what was told of a recovery or a campaign, where the log has nothing."""
        if series not in self._latency:
            self._reached_by[series] = found

    def series(self) -> list[str]:
        """The names of all series that have a sample, or were told to have."""
        told = {series for series, phase in self._told if not phase}
        names = {*super().series(), *told}
        return sorted(names, key=lambda name: (-self.total(name).count, name))

    def _named(self, before: str) -> list[str]:
        return named(before, {*self._began, *self._latency, *self._reached_by})

    def _reached(self, series: str, size: int) -> Recovery:
        return self._reached_by.get(series) or super()._reached(series, size)

    def pass_time(self, until: float) -> None:
        """Close what ends at *until* or before, so that memory stays bounded."""
        for level in self.history.levels if self._merged else self.history.levels[1:]:
            for _ in level.close(until):
                pass

    def settle(self) -> None:
        """All has been read."""
        self.pass_time(inf)

    def missing(self, series: str) -> int:
        """How many samples the rows tell of that no histogram holds."""
        return sum(
            pending[series].count
            for pending in self._pending.values()
            if series in pending
        )

    def window(self, series: str) -> Figures:
        """Its figures over the whole run: there is no present."""
        return self.total(series)

    def _measure_peak(self, row: Row) -> None:
        if row.second != self._second:
            self._second, self._done = row.second, 0
        self._done += row.counters.get("sessions.done", 0)
        rate = self._done / row.span
        if rate > self.peak[0]:
            self.peak = (rate, row.second)
