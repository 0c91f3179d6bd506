"""
How the program ends: the exit code and why.

Rule: user-interface.md, section 2, and its order when several hold; pure. A failed
session alone never changes the code.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cpesim.measure.capacity import Capacity
from cpesim.measure.health import Grade
from cpesim.measure.limit import Limit, LimitState
from cpesim.measure.result import Exit, Result
from cpesim.quantity import show_count, show_rate

# So many limits are named in the reason of an exit code.
MOST = 3


@dataclass(frozen=True, slots=True)
class Rules:
    """How strictly a run is judged."""

    strict: bool = False  # SUSPECT and "too few" are not valid
    fail_fast: bool = False  # the first limit that fails ends the run


@dataclass(slots=True)
class Course:
    """What befell a run, beside its figures."""

    bugs: list[str] = field(default_factory=list)  # paths of their tracebacks
    wrong: str = ""  # an option that only the worker could judge
    machine: str = ""
    unreachable: str = ""
    interrupted: int = 0  # 130 or 143
    by: str = ""  # who interrupted
    check: str = ""  # which check of the timeline ended the run
    lost: list[str] = field(default_factory=list)
    strict: bool = False


def verdict(course: Course, result: Result) -> Exit:
    """The first that holds, in the order of the table."""
    if course.bugs:
        return Exit(1, f"a bug in cpesim, its traceback is in {course.bugs[0]}")
    if course.wrong:
        return Exit(2, course.wrong)
    if course.machine:
        return Exit(3, course.machine)
    if course.unreachable:
        return Exit(4, course.unreachable)
    sessions = result.sessions()
    # One that was broken off or never begun says nothing of the ACS.
    tried = sessions["failed"] + sessions["dropped"]
    # With a fault of the scenario's or without.
    done = sessions["done"] + result.count("injected.done")
    if tried and not done:
        return Exit(
            4, f"tested nothing: of {show_count(tried)} sessions none succeeded"
        )
    if course.interrupted:
        return Exit(
            course.interrupted,
            f"interrupted ({course.by}) before the planned end",
        )
    if course.lost:
        return Exit(97, f"not valid: lost {'; '.join(course.lost)}")
    if result.health.grade is Grade.SATURATED:
        reasons = "; ".join(result.health.reasons)
        least = ""
        if result.capacity is not None and result.capacity.held:
            least = f"; the ACS takes at least {show_rate(result.capacity.held)}"
        return Exit(97, f"not valid: the generator was SATURATED ({reasons}){least}")
    if not done and result.capacity is None:
        if sessions["interrupted"]:
            broken = show_count(sessions["interrupted"])
            return Exit(4, f"tested nothing: {broken} sessions had no end in time")
        return Exit(4, "tested nothing: no session was due within the duration")
    if course.strict and result.health.grade is not Grade.OK:
        reasons = "; ".join(result.health.reasons)
        return Exit(97, f"not valid: the generator was SUSPECT ({reasons})")
    if result.capacity is not None:
        return _by_search(result.capacity)
    return _by_limits(course, result)


def _by_search(found: Capacity) -> Exit:
    """What the search for an ACS's capacity came to."""
    if not found.held:
        return Exit(99, f"no rate held: {found.broke}")
    return Exit(0, f"the ACS takes {show_rate(found.held)}: {found.broke} failed above")


def _by_limits(course: Course, result: Result) -> Exit:
    """What the limits say of a run that is worth to be judged."""
    too_few = _named(result, LimitState.TOO_FEW)
    if course.strict and too_few:
        return Exit(97, f"not valid: {_listed(too_few, 'too few samples for')}")
    failed = _named(result, LimitState.FAILED)
    words = [_listed(failed, "failed")] if failed else []
    if course.check:
        words.append(course.check)
    if words:
        ended = any(limit.aborted for limit in failed)
        return Exit(99, "; ".join(words) + (", which ended the run" * ended))
    reason = "ran to its planned end"
    if too_few:
        reason += f", {_listed(too_few, 'too few samples for')}"
    elif result.limits:
        reason += ", all limits held"
    return Exit(0, reason)


def _named(result: Result, state: LimitState) -> list[Limit]:
    return [limit for limit in result.limits if limit.state is state]


def _listed(limits: list[Limit], what: str) -> str:
    """``2 limits failed: A (5s); B (7s)``."""
    number = f"{len(limits)} limit{'s' * (len(limits) > 1)}"
    names = "; ".join(f"{limit.title} ({limit.text})" for limit in limits[:MOST])
    more = f"; and {len(limits) - MOST} more" if len(limits) > MOST else ""
    if what == "failed":
        return f"{number} failed: {names}{more}"
    return f"{what} {number}: {names}{more}"
