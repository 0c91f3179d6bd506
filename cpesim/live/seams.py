"""
What a dashboard wants to know of phases, limits and recovery, out of a Result.

Rule: the one place of this room that knows how they are kept; panels get plain values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from cpesim.measure.result import Result

_SIZE = "set.size{set="
# Seconds over which the pace of a recovery is measured.
PACE = 10


@dataclass(frozen=True, slots=True)
class Recovering:
    """
    A set of CPEs on its way back: *size* of them, *back* by now, *pace* a second.

    *since* is the run's second at which they might begin; *reached* and *limits* are
    seconds from there, by percent of the set.
    """

    name: str
    size: int
    back: int
    pace: float = 0.0
    since: float | None = None
    reached: Mapping[int, float] = field(default_factory=dict)
    limits: Mapping[int, float] = field(default_factory=dict)


def recoveries(result: Result) -> list[Recovering]:
    """The sets that are on their way back, or have come, the newest last."""
    recent = list(islice(reversed(result.history.seconds), PACE))
    found = []
    for gauge, size in result.gauges().items():
        if not (gauge.startswith(_SIZE) and size):
            continue
        name = gauge.removeprefix(_SIZE).removesuffix("}")
        counter = f"recovered{{set={name}}}"
        came = sum(row.counters.get(counter, 0) for row in recent)
        back = min(result.count(counter), int(size))
        pace = came / max(1, len(recent))
        found.append(Recovering(name, int(size), back, pace))
    return found


def limit_states(result: Result) -> Sequence[str]:
    """The state of each limit: ok, pending, failed, too few, warn."""
    return ()


def phase(result: Result) -> str:
    """The phase that the run is in, and which of how many: ``storm 4/5``."""
    return ""


def last_failure(result: Result) -> Sequence[str]:
    """The last failed exchange, line by line, where one was kept."""
    return ()
