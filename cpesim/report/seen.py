"""
Limits, phases and recoveries of a result, and whether it ended: for all reports.

Rule: reports ask here, so that all of them tell the same, of a run that has just
ended as of one that is read back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cpesim.measure.latency import Figures
from cpesim.measure.limit import Limit
from cpesim.measure.part import Part
from cpesim.measure.recovery import PERCENTS, SHARES, Recovery, hundredths
from cpesim.measure.result import SESSION_COUNTS, Result, State

# States of a limit; only the first of them says that the run was good.
OK, FAILED, PENDING, TOO_FEW, WARN = "ok", "failed", "pending", "too few", "warn"


@dataclass(frozen=True, slots=True)
class SeenLimit:
    """A limit and what became of it; *shown* is the value as people read it."""

    text: str
    name: str = ""
    state: str = PENDING
    value: float | None = None
    shown: str = ""
    at: float | None = None
    phase: str = ""
    severity: str = "fail"
    file: str = ""
    line: int = 0

    @property
    def title(self) -> str:
        """Its name, or else the limit itself."""
        return self.name or self.text

    @property
    def place(self) -> str:
        """Where it is written: ``storm.yaml:62``; empty for one of the command line."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class SeenPhase:
    """One phase's sessions and latencies."""

    name: str
    begin: float
    end: float
    sessions: Mapping[str, int] = field(default_factory=dict)
    latency: Mapping[str, Figures] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reached:
    """
    How a set of CPEs came back, or came to a version.

    *times* are seconds from the power's return: ``t50`` to ``t100``, None for not
    reached; *curve* has (seconds, how many were back by then).
    """

    name: str
    size: int
    back: int
    times: Mapping[str, float | None] = field(default_factory=dict)
    curve: tuple[tuple[float, int], ...] = ()
    begin: float | None = None  # the second of the run at which it began


def limits(result: Result) -> Sequence[SeenLimit]:
    """The run's limits, as they stand in the scenario."""
    return tuple(_limit(limit) for limit in result.limits)


def phases(result: Result) -> Sequence[SeenPhase]:
    """The run's phases in order; one that came twice is told once."""
    parts = result.phases.parts
    return tuple(_phase(result, name, part) for name, part in parts.items())


def recoveries(result: Result) -> Sequence[Reached]:
    """The sets of CPEs whose return was measured."""
    return tuple(_reached(*each) for each in result.recovered().items())


def campaigns(result: Result) -> Sequence[Reached]:
    """The software versions to which CPEs were brought."""
    return tuple(_reached(*each) for each in result.campaigns().items())


def reached(result: Result) -> list[Reached]:
    """The sets that came back, and then the versions."""
    return [*recoveries(result), *campaigns(result)]


def moments(result: Result, phase: str) -> tuple[float, float | None]:
    """When a phase began first, and ended last; None while it goes on."""
    own = [each for each in result.phases.stretches if each.name == phase]
    return own[0].begin, own[-1].end


def sessions(part: Part) -> dict[str, int]:
    """What became of a part's sessions."""
    return {name: part.count([f"sessions.{name}"]) for name in SESSION_COUNTS}


def _limit(limit: Limit) -> SeenLimit:
    written = limit.threshold
    return SeenLimit(
        text=written.text,
        name=written.name,
        state=limit.state.value,
        value=limit.value,
        shown=limit.text,
        at=limit.at,
        phase=limit.phase,
        severity=written.severity,
        file=written.place.file,
        line=written.place.line,
    )


def _phase(result: Result, name: str, part: Part) -> SeenPhase:
    begin, end = moments(result, name)
    return SeenPhase(
        name,
        begin,
        result.now if end is None else end,
        sessions(part),
        {
            series: result.total(series, name)
            for series in part.latency
            if not hundredths(series)
        },
    )


def _reached(name: str, found: Recovery) -> Reached:
    # A limit on another share finds its own moment: these are what people ask for.
    times = found.ts(SHARES)
    every = [share / 100 for share in range(1, 101)]
    curve = [
        (at, round(share * found.size))
        for share, at in zip(every, found.ts(every), strict=True)
        if at is not None
    ]
    return Reached(
        name,
        found.size,
        found.back,
        {f"t{share}": at for share, at in zip(PERCENTS, times, strict=True)},
        ((0.0, 0), *curve),
        found.began,
    )


def ended(result: Result) -> bool:
    """Whether the run's end is known; it is not while it goes on, nor when killed."""
    return result.state is State.ENDED


def ran_through(result: Result) -> bool:
    """Whether it got to its planned end."""
    return ended(result) and result.exit is not None and result.exit.code in RAN


def verdict(result: Result) -> str:
    """A word on the whole: PASSED, FAILED, NOT VALID and so on."""
    if not ended(result) or result.exit is None:
        return "CUT OFF" if result.cut_off else result.state.value
    return VERDICTS.get(result.exit.code, "NOT RUN")


# How a limit's state is drawn.
MARKS = {OK: "✓", FAILED: "✗", PENDING: "·", TOO_FEW: "?", WARN: "!"}
# How a run ends that got to its planned end, with its baseline or without.
RAN = (0, 2, 97, 98, 99)
VERDICTS = {
    0: "PASSED",
    1: "BUG",
    2: "NOT COMPARED",
    4: "TESTED NOTHING",
    97: "NOT VALID",
    98: "WORSE",
    99: "FAILED",
    130: "INTERRUPTED",
    143: "INTERRUPTED",
}
