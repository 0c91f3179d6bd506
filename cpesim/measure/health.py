"""
Is it the generator that limits the result, and not the ACS?

Rule: issue 3, section 5, is the tables LIMITS and PATIENCE. A start that waited for
in_flight is the ACS's doing and never counts. What was once reached stays: a result
is as good as its worst five seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum

from cpesim.measure.snapshot import Snapshot
from cpesim.quantity import show_clock, show_count, show_duration, show_share

# So many one-second rows on end, of one process, make a finding.
PATIENCE = 5
# The rest of a second at the end of a run is no row: its figures mean nothing.
LEAST = 0.5
LATE_START = 0.01


class Grade(IntEnum):
    """How far the generator's figures can be trusted."""

    OK = 0
    SUSPECT = 1
    SATURATED = 2


def _lag(snapshot: Snapshot) -> float:
    return snapshot.gauges.get("lag_p99", 0.0)


def _cpu(snapshot: Snapshot) -> float:
    return snapshot.gauges.get("cpu", 0.0)


def _late(snapshot: Snapshot) -> float:
    started = snapshot.counters.get("sessions.started", 0)
    late = snapshot.counters.get("late.generator", 0)
    return late / max(started, late, 1)


# What a limit may ask of one process alone.
_GAUGES = ("lag_p99", "cpu", "rss", "fds")
_COUNTERS = {
    "late.generator": "generator.late",
    "sessions.started": "generator.started",
}


def own(who: str, row: Snapshot) -> Snapshot:
    """A process's row with its own figures under its tag too, beside the sums."""
    tag = f"{{worker={who.removeprefix('worker-')}}}"
    gauges, counters = row.gauges, row.counters
    return replace(
        row,
        gauges=gauges | {n + tag: gauges[n] for n in _GAUGES if n in gauges},
        counters=counters
        | {to + tag: counters[n] for n, to in _COUNTERS.items() if n in counters},
    )


@dataclass(frozen=True, slots=True)
class Limit:
    """A figure of one process and second, and where its grades begin (over, not at)."""

    words: str
    figure: Callable[[Snapshot], float]
    suspect: float
    saturated: float
    show: Callable[[float], str]


LIMITS = (
    Limit("event loop lag p99", _lag, 0.020, 0.100, show_duration),
    Limit("CPU of a core", _cpu, 0.85, 0.97, show_share),
    Limit("starts late by its own doing", _late, LATE_START, 0.05, show_share),
)


@dataclass(slots=True)
class Finding:
    """A limit that was passed for long enough: the longest or worst such stretch."""

    limit: Limit
    grade: Grade
    who: str
    begin: float
    seconds: int
    worst: float

    def __str__(self) -> str:
        over = self.limit.saturated if self.grade is Grade.SATURATED else None
        bound = self.limit.show(self.limit.suspect if over is None else over)
        return (
            f"{self.limit.words} over {bound} for {self.seconds} s"
            f" from {show_clock(self.begin)}, worst {self.limit.show(self.worst)}"
            f" ({self.who})"
        )


@dataclass(slots=True)
class _Streak:
    """Rows on end in which one process is over one bound."""

    begin: float = 0.0
    seconds: int = 0
    worst: float = 0.0


@dataclass(slots=True)
class Strain:
    """The figures of one process over the whole run."""

    lag_p99: float = 0.0
    lag_max: float = 0.0
    cpu_max: float = 0.0
    cpu_sum: float = 0.0
    seconds: int = 0
    rss: float = 0.0
    fds: float = 0.0

    @property
    def cpu(self) -> float:
        """The mean share of a core."""
        return self.cpu_sum / self.seconds if self.seconds else 0.0


class Health:
    """
    The generator's verdict, fed one row a second of each process.

    *late_start* is the share of late starts above which it is SUSPECT.
    """

    def __init__(self, late_start: float = LATE_START) -> None:
        late = replace(
            LIMITS[-1],
            suspect=late_start,
            saturated=max(LIMITS[-1].saturated, 5 * late_start),
        )
        self.limits = (*LIMITS[:-1], late)
        self.grade = Grade.OK
        self.findings: dict[str, Finding] = {}
        self.strains: dict[str, Strain] = {}
        self.refused = 0
        self._refused_at = 0.0
        self._streaks: dict[tuple[str, str, Grade], _Streak] = {}

    def feed(self, who: str, row: Snapshot) -> None:
        """Judge one process's row; one that hung counts as the seconds it spans."""
        refused = row.counters.get("starts.refused", 0)
        if refused:
            if not self.refused:
                self._refused_at = row.since
            self.refused += refused
            self.grade = Grade.SATURATED
        if row.at - row.since < LEAST:
            return
        self._weigh(who, row)
        for limit in self.limits:
            value = limit.figure(row)
            for grade, bound in (
                (Grade.SUSPECT, limit.suspect),
                (Grade.SATURATED, limit.saturated),
            ):
                key = (who, limit.words, grade)
                if value <= bound:
                    self._streaks.pop(key, None)
                    continue
                streak = self._streaks.setdefault(key, _Streak(row.since))
                streak.seconds += row.span
                streak.worst = max(streak.worst, value)
                if streak.seconds >= PATIENCE:
                    self._find(limit, grade, who, streak)

    @property
    def reasons(self) -> list[str]:
        """Why the grade is what it is, in words, the worst first; nothing when OK."""
        worst_first = sorted(self.findings.values(), key=lambda f: -f.grade)
        words = [str(finding) for finding in worst_first]
        if self.refused:
            words.insert(
                0,
                f"{show_count(self.refused)} starts refused for lack of sockets or"
                f" files, first at {show_clock(self._refused_at)}",
            )
        return words

    def _find(self, limit: Limit, grade: Grade, who: str, streak: _Streak) -> None:
        self.grade = max(self.grade, grade)
        known = self.findings.get(limit.words)
        if known is None or (grade, streak.worst) >= (known.grade, known.worst):
            self.findings[limit.words] = Finding(
                limit, grade, who, streak.begin, streak.seconds, streak.worst
            )

    def _weigh(self, who: str, row: Snapshot) -> None:
        strain = self.strains.setdefault(who, Strain())
        gauges = row.gauges
        cpu = gauges.get("cpu", 0.0)
        strain.lag_p99 = max(strain.lag_p99, gauges.get("lag_p99", 0.0))
        strain.lag_max = max(strain.lag_max, gauges.get("lag_max", 0.0))
        strain.cpu_max = max(strain.cpu_max, cpu)
        strain.cpu_sum += cpu * row.span
        strain.seconds += row.span
        strain.rss = max(strain.rss, gauges.get("rss", 0.0))
        strain.fds = max(strain.fds, gauges.get("fds", 0.0))
