"""
What of the timeline is due when: phases, steps, and each turn of a repeated step.

Rule: pure. The moments follow from the plan and its seed alone; who waits for them
and what is then done is steps.py's business.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cpesim.chance import chance
from cpesim.scenario.step import Phase, Step


class Entry(NamedTuple):
    """
    Something that is due *at*: a Phase, or one of the turns of a Step.

    *salt* is what this turn's draws are made with; no other turn has the same.
    """

    at: float
    what: Phase | Step
    salt: str = ""


def moments(step: Step, salt: str, seed: int) -> Iterator[float]:
    """
    When a step is due, in order: once, or each `every` seconds without end.

    The jitter moves each turn by itself and never past its neighbour.
    """
    if step.every is None:
        yield max(step.at + _moved(step.jitter, seed, 0, salt), 0.0)
        return
    jitter = min(step.jitter, step.every / 2)
    turn = 0
    while True:
        planned = step.at + (turn + 1) * step.every
        yield max(planned + _moved(jitter, seed, turn, salt), 0.0)
        turn += 1


def _moved(jitter: float, seed: int, turn: int, salt: str) -> float:
    if not jitter:
        return 0.0
    return jitter * (2.0 * chance(seed, turn, f"jitter/{salt}") - 1.0)


def timeline(
    phases: Sequence[Phase], steps: Sequence[Step], seed: int, end: float
) -> Iterator[Entry]:
    """
    All that is due before *end*, in order.

    What is due at the same moment: phases before steps, steps as they are written.
    """
    # (moment, 0 for phases, place in the list, turn): no two of them are equal.
    waiting: list[tuple[float, int, int, int]] = [
        (phase.at, 0, place, 0) for place, phase in enumerate(phases)
    ]
    turns = [moments(step, f"step/{place}", seed) for place, step in enumerate(steps)]
    waiting += [(next(due), 1, place, 0) for place, due in enumerate(turns)]
    heapq.heapify(waiting)
    while waiting and waiting[0][0] < end:
        at, kind, place, turn = heapq.heappop(waiting)
        if kind == 0:
            yield Entry(at, phases[place])
            continue
        yield Entry(at, steps[place], f"step/{place}/{turn}")
        following = next(turns[place], None)
        if following is not None:
            heapq.heappush(waiting, (following, 1, place, turn + 1))
