"""
How the program ends: the exit code and why.

Rule: user-interface.md, section 2, and its order when several hold; pure. A failed
session alone never changes the code.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cpesim.measure.health import Grade
from cpesim.measure.result import Exit, Result
from cpesim.quantity import show_count


@dataclass(slots=True)
class Course:
    """What befell a run, beside its figures."""

    bugs: list[str] = field(default_factory=list)  # paths of their tracebacks
    wrong: str = ""  # an option that only the worker could judge
    machine: str = ""
    unreachable: str = ""
    interrupted: int = 0  # 130 or 143
    by: str = ""  # who interrupted
    lost: list[str] = field(default_factory=list)


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
        return Exit(97, f"not valid: the generator was SATURATED ({reasons})")
    if not done:
        if sessions["interrupted"]:
            broken = show_count(sessions["interrupted"])
            return Exit(4, f"tested nothing: {broken} sessions had no end in time")
        return Exit(4, "tested nothing: no session was due within the duration")
    return Exit(0, "ran to its planned end")
