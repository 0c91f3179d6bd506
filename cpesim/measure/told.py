"""
What a run is judged by, as reports tell it: limits, phases, recoveries.

Rule: plain values, each with what a reader needs to find the cause: the limit as it
is written, what was measured, when, and the line of the scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cpesim.measure.latency import Figures

# States of a limit; only the first of them says that the run was good.
OK, FAILED, PENDING, TOO_FEW, WARN = "ok", "failed", "pending", "too few", "warn"


@dataclass(frozen=True, slots=True)
class LimitTold:
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
class PhaseTold:
    """One phase's sessions and latencies."""

    name: str
    begin: float
    end: float
    sessions: Mapping[str, int] = field(default_factory=dict)
    latency: Mapping[str, Figures] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecoveryTold:
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


@dataclass(frozen=True, slots=True)
class Told:
    """All of it."""

    limits: tuple[LimitTold, ...] = ()
    phases: tuple[PhaseTold, ...] = ()
    recoveries: tuple[RecoveryTold, ...] = ()
    campaigns: tuple[RecoveryTold, ...] = ()


NOTHING_TOLD = Told()
