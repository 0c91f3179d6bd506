"""
What was measured in each phase of a run.

Rule: phases are cut by whole seconds, here and nowhere else: a snapshot belongs to
the phase that had begun when its second began. A phase keeps all counters, and of the
series only those that were asked for and those that every report shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cpesim.measure.kept.rows import Row
from cpesim.measure.latency import Interval
from cpesim.measure.part import Part

SHOWN = ("session", "session.service")


@dataclass(slots=True)
class Stretch:
    """A phase between its beginning and the next one's."""

    name: str
    begin: float
    end: float | None = None  # None: it goes on


class Phases:
    """The phases so far, in their order, and what was measured in each."""

    def __init__(self) -> None:
        self.stretches: list[Stretch] = []
        self.parts: dict[str, Part] = {}
        self.series = set(SHOWN)
        self.gauges: list[tuple[str, ...]] = []

    @property
    def now(self) -> str:
        """The name of the phase that goes on; empty before the first."""
        return self.stretches[-1].name if self.stretches else ""

    def begin(self, name: str, at: float) -> None:
        """End the phase that goes on, and begin another or one that was before."""
        if self.stretches:
            self.stretches[-1].end = at
        self.stretches.append(Stretch(name, at))
        self.parts.setdefault(name, Part())

    def finish(self, at: float) -> None:
        """End the last phase."""
        if self.stretches and self.stretches[-1].end is None:
            self.stretches[-1].end = at

    def at(self, second: float) -> str:
        """The phase that a second belongs to; empty where there is none."""
        for stretch in reversed(self.stretches):
            if stretch.begin <= second + 0.5:
                return stretch.name
        return ""

    def over(self, name: str) -> float | None:
        """When a phase ended for the last time; None while it may go on."""
        for stretch in reversed(self.stretches):
            if stretch.name == name:
                return stretch.end
        return None

    def feed(
        self,
        second: int,
        counters: Mapping[str, int],
        intervals: Mapping[str, Interval],
    ) -> None:
        """Add a snapshot to the phase of its second."""
        part = self.parts.get(self.at(second))
        if part is not None:
            kept = {k: v for k, v in intervals.items() if k in self.series}
            part.feed(counters, kept)

    def look(self, row: Row, gauges: Mapping[str, float]) -> None:
        """Add the length and the gauges of a closed second."""
        part = self.parts.get(self.at(row.second))
        if part is not None:
            part.seconds += row.span
            part.look(gauges, self.gauges)
