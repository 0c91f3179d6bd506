"""
The limits of a run under way: looked at each second, and at the end.

Rule: it says that a run has to end and why; the conductor ends it.
"""

from __future__ import annotations

from cpesim.conductor.plan import Plan
from cpesim.conductor.verdict import Course, Rules
from cpesim.measure.result import Result, State
from cpesim.scenario.limits.judge import Judge


class Judging:
    """The judge of one run, and what the run's course hears of it."""

    def __init__(self, plan: Plan, course: Course, result: Result, rules: Rules):
        course.strict = rules.strict
        self._result = result
        self._judge = Judge(
            plan.scenario.thresholds,
            plan.scenario,
            result,
            fail_fast=rules.fail_fast,
        )
        self._ended = False

    def second(self, now: float) -> str:
        """Judge what can be judged; why the run has to end now, told once."""
        limit = self._judge.tick(now)
        if limit is None or self._ended or self._result.state is State.DRAINING:
            return ""
        self._ended = limit.aborted = True
        return f"the limit {limit.title!r} failed ({limit.text}): no new sessions"

    def finish(self, now: float) -> None:
        """Judge all limits for good, on every second that was told of."""
        self._result.close(now)
        self._judge.finish(now)
