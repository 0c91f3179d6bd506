"""How the program ends."""

from __future__ import annotations

import pytest

from cpesim.conductor.verdict import Course, verdict
from cpesim.measure.health import Grade
from cpesim.measure.result import Result, RunFacts


def result(**counts: int) -> Result:
    """A result with these counts of sessions."""
    found = Result(RunFacts("x", "1f", "http://127.0.0.1/", 10))
    found.counters.update({f"sessions.{name}": n for name, n in counts.items()})
    return found


GOOD = {"wanted": 10, "started": 10, "done": 10}


def test_a_planned_end_is_0() -> None:
    """Nothing befell it."""
    assert verdict(Course(), result(**GOOD)).code == 0


def test_a_failed_session_alone_changes_nothing() -> None:
    """One that was done is enough."""
    assert verdict(Course(), result(wanted=10, done=1, failed=9)).code == 0


def test_the_order_when_several_hold() -> None:
    """1, 2, 3, 4, 130 or 143, 97: the first that holds is the code."""
    course = Course(
        bugs=["bug-1.txt"],
        wrong="wrong",
        machine="machine",
        unreachable="gone",
        interrupted=130,
        by="Ctrl-C",
        lost=["worker-0"],
    )
    found = []
    for name, empty in (
        ("bugs", []),
        ("wrong", ""),
        ("machine", ""),
        ("unreachable", ""),
        ("interrupted", 0),
        ("lost", []),
        ("", None),
    ):
        found.append(verdict(course, result(**GOOD)).code)
        if name:
            setattr(course, name, empty)
    assert found == [1, 2, 3, 4, 130, 97, 0]


def test_not_one_success_is_4() -> None:
    """All failed or were dropped: nothing was tested, interrupted or not."""
    tried = result(wanted=5, failed=3, dropped=2)
    assert verdict(Course(), tried).code == 4
    assert "tested nothing" in verdict(Course(interrupted=130), tried).reason


def test_interrupted_before_anything_was_tried_is_130() -> None:
    """A Ctrl-C in the first second is not the ACS's fault."""
    assert verdict(Course(interrupted=130), result()).code == 130
    assert verdict(Course(interrupted=143), result(interrupted=3)).code == 143


def test_no_session_at_all_is_4() -> None:
    """A duration that ends before the first is due has tested nothing."""
    assert verdict(Course(), result()).code == 4


@pytest.mark.parametrize(("grade", "code"), [(Grade.SUSPECT, 0), (Grade.SATURATED, 97)])
def test_the_generators_health(grade: Grade, code: int) -> None:
    """SUSPECT is printed only; SATURATED makes the result not valid."""
    found = result(**GOOD)
    found.health.grade = grade
    assert verdict(Course(), found).code == code


def test_sessions_without_an_end_are_no_test() -> None:
    """An ACS that never answers is told as such, not as a run without sessions."""
    outcome = verdict(Course(), result(interrupted=5))
    assert outcome.code == 4
    assert outcome.reason == "tested nothing: 5 sessions had no end in time"
