"""
What a search for an ACS's capacity found, as text and as plain values.

Rule: rates are sessions a second, times are seconds; whatever was tried is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from cpesim.measure.capacity import Capacity, RateStep
from cpesim.quantity import show_count, show_duration, show_rate, spell_duration

_RATE = 11


def capacity_text(found: Capacity | None) -> Iterator[str]:
    """The block of the console; nothing of a run that searched for nothing."""
    if found is None:
        return
    least = "at least " if found.at_least else ""
    yield f"CAPACITY   {least}{show_rate(found.held)} held: {', '.join(found.limits)}"
    if found.failed is not None:
        yield f"           {show_rate(found.failed)} failed: {found.broke}"
    if found.held:
        fleets = [
            f"{show_count(count)} at {spell_duration(interval)}"
            for interval, count in found.fleets().items()
        ]
        yield "           CPEs that inform so often:   " + "   ".join(fleets)
    yield f"  {'wanted':>{_RATE}}{'done':>{_RATE}}{'p50':>8}{'p95':>8}{'p99':>8}"
    for step in found.steps:
        yield _line(step)


def _line(step: RateStep) -> str:
    times = "".join(
        f"{show_duration(time):>8}" for time in (step.p50, step.p95, step.p99)
    )
    why = f": {step.broke}" if step.broke else ""
    kind = " (confirmation)" if step.confirms else ""
    wanted, done = show_rate(step.rate), show_rate(step.done)
    return f"  {wanted:>{_RATE}}{done:>{_RATE}}{times}   {step.came}{kind}{why}"


def capacity_values(found: Capacity | None) -> dict[str, Any] | None:
    """What summary.json tells of it."""
    if found is None:
        return None
    return {
        "held": found.held,
        "failed": found.failed,
        "broke": found.broke,
        "at_least": found.at_least,
        "limits": list(found.limits),
        "fleets": {str(interval): n for interval, n in found.fleets().items()},
        "steps": [asdict(step) for step in found.steps],
    }


def capacity_of(told: dict[str, Any] | None) -> Capacity | None:
    """What capacity_values told; raises KeyError or TypeError for anything else."""
    if told is None:
        return None
    return Capacity(
        tuple(told["limits"]),
        [RateStep(**step) for step in told["steps"]],
        told["held"],
        told["failed"],
        told["broke"],
        told["at_least"],
    )
