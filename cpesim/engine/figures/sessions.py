"""
What becomes of each session, counted: for all CPEs, and for each group.

Rule: a group's own figures are kept only where there is more than one group. Of a CPE
something is kept only while its last session was a failed one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from sys import intern
from typing import TYPE_CHECKING

from cpesim.engine.start import CLOSED, Start
from cpesim.measure.meter import Meter

if TYPE_CHECKING:
    from cpesim.engine.figures.failed import Traced
    from cpesim.engine.talk import Ending
    from cpesim.wire.connection import Connection


class Tagged:
    """The names of one group's figures, made once."""

    __slots__ = ("done", "failed", "group", "session", "started", "tag")

    def __init__(self, group: str) -> None:
        tag = self.tag = f"{{group={group}}}"
        self.group = group
        self.session = "session" + tag
        self.started = "sessions.started" + tag
        self.done = "sessions.done" + tag
        self.failed = "sessions.failed" + tag


class Sessions:
    """
    Counts sessions into a *meter*; *groups* are (name, number of its first CPE).

    *traced* is shown each that failed.
    """

    def __init__(
        self,
        meter: Meter,
        groups: Sequence[tuple[str, int]] = (),
        traced: Traced | None = None,
    ) -> None:
        self._meter = meter
        self._traced = traced
        # CPE -> what it failed by since its last good session, and how often.
        self._failing: dict[int, dict[str, int]] = {}
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
        if self._failing:
            self._made_good(start.device.n)

    def failed(
        self, start: Start, ending: Ending, kind: str, connection: Connection
    ) -> None:
        """One failed, on that kind of exchange."""
        meter, device = self._meter, start.device
        n, label, group = device.n, ending.label, ""
        meter.failure(label, kind)
        what = intern(f"{label}@{kind}")
        if self._tagged:
            tagged = self._of(n)
            group = tagged.group
            meter.count(tagged.failed)
            meter.count(f"failed_on.{what}{tagged.tag}")
        failing = self._failing.setdefault(n, {})
        failing[what] = failing.get(what, 0) + 1
        if self._traced is not None:
            self._traced.failed(device, ending, kind, group, connection)

    def _made_good(self, n: int) -> None:
        """A CPE got in: so did all that it had failed by since it last had."""
        for what, number in self._failing.pop(n, {}).items():
            self._meter.count(f"got_in.{what}", number)
            if self._tagged:
                self._meter.count(f"got_in.{what}{self._of(n).tag}", number)
