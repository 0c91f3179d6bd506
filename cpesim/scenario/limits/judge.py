"""
The limits of a run, judged while it goes on and at its end.

Rule: pure; it is told the time and says whether the run has to end, the conductor
ends it. The verdict on each limit stands in `result.limits`.
"""

from __future__ import annotations

from collections.abc import Sequence

from cpesim.measure.limit import Limit, LimitState
from cpesim.measure.result import Result
from cpesim.scenario.limits.case import Case, case_of
from cpesim.scenario.limits.sources import Cpes
from cpesim.scenario.scenario import Scenario
from cpesim.scenario.threshold import Threshold


class Judge:
    """Judges the thresholds of a scenario that passed the check."""

    def __init__(
        self,
        thresholds: Sequence[Threshold],
        scenario: Scenario,
        result: Result,
        *,
        fail_fast: bool = False,
    ) -> None:
        groups = cpes_of(scenario)
        self._fail_fast = fail_fast
        self._cases = [case_of(one, groups, result) for one in thresholds]
        result.limits.extend(case.limit for case in self._cases)

    def tick(self, now: float) -> Limit | None:
        """Judge what can be judged; the limit that has to end the run, if one has."""
        ends = None
        for case in self._cases:
            case.tick(now)
            if ends is None and self._ends(case, now):
                ends = case.limit
        return ends

    def finish(self, now: float) -> None:
        """Judge all of them for good."""
        for case in self._cases:
            case.finish(now)

    def _ends(self, case: Case, now: float) -> bool:
        threshold = case.threshold
        if case.limit.state is not LimitState.FAILED or not case.bad:
            return False
        return (threshold.abort or self._fail_fast) and now >= threshold.grace


def gate(threshold: Threshold, scenario: Scenario, result: Result) -> Case:
    """
    A limit that a step of the timeline asks about: made when the run begins, so that
    it is measured from there; `finish` says how it stands at that moment, of a window
    how the last one does, and may be asked again.
    """
    return case_of(threshold, cpes_of(scenario), result, gate=True)


def cpes_of(scenario: Scenario) -> tuple[Cpes, ...]:
    """The groups, as far as limits need to know them."""
    return tuple(Cpes(g.name, g.profile, g.count) for g in scenario.groups)
