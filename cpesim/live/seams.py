"""
What a dashboard wants to know of phases, limits and recovery, out of a Result.

Rule: the one place of this room that knows how they are kept; panels get plain values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from cpesim.measure.recovery import PERCENTS, SHARES
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
        told = result.recovery(name)
        times = zip(PERCENTS, told.ts(SHARES), strict=True)
        reached = {percent: at for percent, at in times if at is not None}
        pace = came / max(1, len(recent))
        back, goals = min(told.back, told.size), _goals(result, name)
        found.append(
            Recovering(name, told.size, back, pace, told.began, reached, goals)
        )
    return sorted(found, key=lambda each: -1.0 if each.since is None else each.since)


def _goals(result: Result, name: str) -> dict[int, float]:
    """What the limits of the run want of a set, by percent: seconds at the most."""
    goals = (limit.goal for limit in result.limits if limit.goal is not None)
    return {round(share * 100): at for wanted, share, at in goals if wanted == name}


def limit_states(result: Result) -> Sequence[str]:
    """The state of each limit: ok, pending, failed, too few, warn."""
    return [limit.state.value for limit in result.limits]


def phase(result: Result) -> str:
    """The phase that the run is in, and which of how many: ``storm 4/5``."""
    now, planned = result.phases.now, result.facts.phases
    if now in planned:
        return f"{now} {planned.index(now) + 1}/{len(planned)}"
    return now
