"""
Limits, phases and recoveries of a result, and whether it ended: for all reports.

Rule: reports ask here, so that all of them tell the same, of a run that has just
ended as of one that is read back.
"""

from __future__ import annotations

from collections.abc import Sequence

from cpesim.measure.result import Result, State
from cpesim.measure.told import (
    FAILED,
    OK,
    PENDING,
    TOO_FEW,
    WARN,
    LimitTold,
    PhaseTold,
    RecoveryTold,
)


def limits(result: Result) -> Sequence[LimitTold]:
    """The run's limits, as they stand in the scenario."""
    return result.told.limits


def phases(result: Result) -> Sequence[PhaseTold]:
    """The run's phases in order."""
    return result.told.phases


def recoveries(result: Result) -> Sequence[RecoveryTold]:
    """The sets whose return was measured."""
    return result.told.recoveries


def ended(result: Result) -> bool:
    """Whether the run's end is known; it is not while it goes on, nor when killed."""
    return result.state is State.ENDED


def ran_through(result: Result) -> bool:
    """Whether it got to its planned end."""
    through = (0, 97, 98, 99)
    return ended(result) and result.exit is not None and result.exit.code in through


def verdict(result: Result) -> str:
    """A word on the whole: PASSED, FAILED, NOT VALID and so on."""
    if not ended(result) or result.exit is None:
        return "CUT OFF" if result.cut_off else result.state.value
    return VERDICTS.get(result.exit.code, "NOT RUN")


# How a limit's state is drawn.
MARKS = {OK: "✓", FAILED: "✗", PENDING: "·", TOO_FEW: "?", WARN: "!"}
VERDICTS = {
    0: "PASSED",
    1: "BUG",
    4: "TESTED NOTHING",
    97: "NOT VALID",
    98: "WORSE",
    99: "FAILED",
    130: "INTERRUPTED",
    143: "INTERRUPTED",
}


def failed_limits(result: Result) -> list[LimitTold]:
    """The limits that the run broke."""
    return [limit for limit in limits(result) if limit.state == FAILED]
