"""
What becomes of each session, counted: for all CPEs, and for each group.

Rule: a group's own figures are kept only where there is more than one group.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from cpesim.engine.start import CLOSED, Start
from cpesim.measure.meter import Meter


class Tagged:
    """The names of one group's figures, made once."""

    __slots__ = ("done", "failed", "session", "started")

    def __init__(self, group: str) -> None:
        tag = f"{{group={group}}}"
        self.session = "session" + tag
        self.started = "sessions.started" + tag
        self.done = "sessions.done" + tag
        self.failed = "sessions.failed" + tag


class Sessions:
    """Counts sessions into a *meter*; *groups* are (name, number of its first CPE)."""

    def __init__(self, meter: Meter, groups: Sequence[tuple[str, int]] = ()) -> None:
        self._meter = meter
        several = len(groups) > 1
        self._groups = {name: Tagged(name) for name, _ in groups} if several else {}
        # Of each stretch of numbers: the first, and its group's.
        self._firsts: list[int] = []
        self._tagged: list[Tagged] = []
        for group, first in groups:
            self.add(group, first)

    def add(self, group: str, first: int) -> None:
        """More CPEs of a group, with numbers above all others."""
        tagged = self._groups.get(group)
        if tagged is not None and self._tagged[-1:] != [tagged]:
            self._firsts.append(first)
            self._tagged.append(tagged)

    def _of(self, n: int) -> Tagged:
        return self._tagged[bisect_right(self._firsts, n) - 1]

    def started(self, start: Start, late: float) -> None:
        """One has begun, *late* seconds after it was due."""
        self._meter.start(start.cause, late, start.why or "generator")
        if self._tagged:
            self._meter.count(self._of(start.device.n).started)

    def refused(self, start: Start) -> None:
        """One that had begun was none: this machine had no socket for it."""
        self._meter.count("starts.refused")
        self._meter.count("sessions.started", -1)
        if self._tagged:
            self._meter.count(self._of(start.device.n).started, -1)

    def done(self, start: Start, late: float, took: float) -> None:
        """One went well; in a closed load it was never due, and has service time."""
        intended = start.cause != CLOSED
        self._meter.session(start.cause, late, took, intended=intended)
        if self._tagged:
            tagged = self._of(start.device.n)
            self._meter.count(tagged.done)
            if intended:
                self._meter.record(tagged.session, late + took)

    def failed(self, start: Start, label: str, kind: str) -> None:
        """One failed, on that kind of exchange."""
        self._meter.failure(label, kind)
        if self._tagged:
            self._meter.count(self._of(start.device.n).failed)
