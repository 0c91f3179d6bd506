"""How the program ends."""

from __future__ import annotations

import pytest

from cpesim.conductor.verdict import Course, verdict
from cpesim.measure.health import Grade
from cpesim.measure.limit import Limit, LimitState
from cpesim.measure.result import Result, RunFacts
from cpesim.scenario.threshold import Threshold


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


def limited(*states: LimitState, grade: Grade = Grade.OK) -> Result:
    """A good result with limits that stand so."""
    found = result(**GOOD)
    found.health.grade = grade
    found.limits = [
        Limit(Threshold(f"limit {n}"), state, text="7s")
        for n, state in enumerate(states)
    ]
    return found


OK, FAILED = LimitState.OK, LimitState.FAILED
TOO_FEW, WARN = LimitState.TOO_FEW, LimitState.WARN


@pytest.mark.parametrize(
    ("found", "strict", "code", "said"),
    [
        (limited(OK, WARN), True, 0, "ran to its planned end, all limits held"),
        (limited(OK, FAILED), False, 99, "1 limit failed: limit 1 (7s)"),
        (limited(*[FAILED] * 5), False, 99, "5 limits failed: limit 0 (7s); limit 1"),
        (limited(*[FAILED] * 5), False, 99, "; and 2 more"),
        (limited(TOO_FEW), False, 0, "too few samples for 1 limit: limit 0 (7s)"),
        (limited(TOO_FEW), True, 97, "not valid: too few samples for 1 limit"),
        (limited(TOO_FEW, FAILED), False, 99, "1 limit failed"),
        (limited(TOO_FEW, FAILED), True, 97, "not valid"),
        (limited(FAILED, grade=Grade.SUSPECT), False, 99, "1 limit failed"),
        (limited(FAILED, grade=Grade.SUSPECT), True, 97, "SUSPECT"),
        (limited(FAILED, grade=Grade.SATURATED), False, 97, "SATURATED"),
        (limited(OK, grade=Grade.SUSPECT), False, 0, "all limits held"),
    ],
)
def test_what_limits_make_of_a_run(
    found: Result, strict: bool, code: int, said: str
) -> None:
    """99 for a failed one, 97 before it, too few and SUSPECT only when strict."""
    outcome = verdict(Course(strict=strict), found)
    assert outcome.code == code
    assert said in outcome.reason


def test_an_interrupted_run_is_not_judged_by_its_limits() -> None:
    """130 comes before 97 and 99."""
    course = Course(interrupted=130, by="Ctrl-C")
    assert verdict(course, limited(FAILED)).code == 130


def test_a_check_that_says_no_is_99() -> None:
    """As a failed limit."""
    outcome = verdict(Course(check="a check failed"), limited(OK, FAILED))
    said = "1 limit failed: limit 1 (7s); a check failed"
    assert (outcome.code, outcome.reason) == (99, said)
    assert verdict(Course(check="a check failed"), limited(OK)).code == 99


def test_a_limit_that_ended_the_run_is_named() -> None:
    """The planned end was not reached."""
    found = limited(FAILED)
    found.limits[0].aborted = True
    assert verdict(Course(), found).reason.endswith(", which ended the run")
