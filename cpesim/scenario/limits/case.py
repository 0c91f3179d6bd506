"""
One limit in the course of a run: what is measured for it, and how it stands.

Rule: fed by a Result, which holds what is measured. A limit of a part of the run is
judged by the value of that part; one over a window by its worst window (a gate by
its last); one of a drift by the slope through rows of ten seconds, or of one in a
short run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, inf

from cpesim.measure.limit import Limit, LimitState
from cpesim.measure.part import Part
from cpesim.measure.recovery import Recovery
from cpesim.measure.result import Result
from cpesim.measure.trend import LEAST, Trend
from cpesim.measure.window import Window
from cpesim.quantity import show_clock, show_duration, spell_duration
from cpesim.scenario.limits.criterion import Criterion
from cpesim.scenario.limits.grammar import parse
from cpesim.scenario.limits.metrics import METRICS, Kind
from cpesim.scenario.limits.sources import Cpes, sources
from cpesim.scenario.limits.value import Found, compared, show, value_in, value_of
from cpesim.scenario.threshold import DEFAULT_SAMPLES, Threshold

# A slope is looked for this often while the run goes on.
LOOK = 60.0
# A drift tells nothing of a time that is more than ten times what was looked at.
REACH = 10
# Shorter runs have a point of a drift each second.
SHORT = 120.0
_UPWARDS = (">", ">=", "==", "!=")


class Case:
    """One threshold, its limit, and the verdict so far."""

    span = 1  # of the rows that it watches

    def __init__(
        self, threshold: Threshold, groups: Sequence[Cpes], result: Result
    ) -> None:
        self.threshold = threshold
        self.criterion: Criterion = parse(threshold.text)
        self.limit = Limit(
            threshold, phase=self.criterion.phase, goal=_goal(self.criterion)
        )
        self.bad = False  # right now
        self._result = result
        self._where = sources(self.criterion, groups)
        self._kind = METRICS[self.criterion.metric].kind
        self._bad_since: float | None = None
        self._broken = False  # for good, whatever comes
        self._seen = -1.0  # seconds of the phase, when it was judged last
        self.watch()

    def watch(self) -> None:
        """Have measured what this case needs."""
        self._result.keep_by_phase(self._where.all_series, *self._where.looks)

    def tick(self, now: float) -> None:
        """Judge what can be judged at this moment."""
        if self._settled():
            return
        found = self.found(now)
        if found is None or self._too_few(found):
            self._say(LimitState.PENDING, found, now)
            return
        assert found.value is not None
        holds = compared(self.criterion, found.value)
        if not holds and self._may_still(found.value, now):
            self._say(LimitState.PENDING, found, now)
        else:
            self._say(self._state(holds, now), found, now)

    def finish(self, now: float) -> None:
        """Judge for good: nothing more will come."""
        found = self.found(now)
        if found is None or self._too_few(found):
            self._say(LimitState.TOO_FEW, found, now)
            return
        assert found.value is not None
        holds = compared(self.criterion, found.value)
        self._say(self._state(holds, now), found, now)

    def found(self, now: float) -> Found | None:
        """The value so far; None where its part of the run did not begin."""
        if self._kind is Kind.REACHED:
            return value_of(self.criterion, self._reached())
        part = self._result.part(self.criterion.phase)
        return None if part is None else value_in(self.criterion, self._where, part)

    def _reached(self) -> Recovery:
        """How the set came back, or the fleet to the version, that it is about."""
        result, of = self._result, self.criterion.of
        of_set = METRICS[self.criterion.metric].takes == "set"
        return result.recovery(of) if of_set else result.campaign(of)

    def _settled(self) -> bool:
        """Whether it is of a phase that is over, and was judged after that."""
        phase = self.criterion.phase
        part = self._result.part(phase) if phase else None
        if part is None or self._result.phases.over(phase) is None:
            return False
        seen, self._seen = self._seen, part.seconds
        return seen == self._seen

    def _too_few(self, found: Found) -> bool:
        if found.value is None:
            return True
        percentile = self.criterion.percentile
        if percentile is None:
            return False
        needed = self.threshold.min_samples
        if needed == DEFAULT_SAMPLES and percentile < 100:
            # A p99.9 of 100 samples is nothing but their maximum.
            needed = max(needed, ceil(round(100 / (100 - percentile), 6)))
        return found.samples < needed

    def _may_still(self, value: float, now: float) -> bool:
        """Whether a value that does not hold may do so by merely going on."""
        criterion = self.criterion
        if self._kind is Kind.REACHED and value == inf:
            began = self._reached().began
            return began is None or criterion.holds(now - began)
        growing = criterion.aggregate in ("count", "done") or self._kind is Kind.STATES
        if not growing or criterion.operator not in _UPWARDS:
            return False
        return criterion.operator != "==" or value < criterion.bound.base

    def _state(self, holds: bool, now: float) -> LimitState:
        """How it stands, once it has been bad for long enough; severity applied."""
        self.bad = not holds
        if holds:
            self._bad_since = None
        elif self._bad_since is None:
            self._bad_since = now
        stays = self.threshold.stays
        broken = self._bad_since is not None and now - self._bad_since >= stays
        if broken and stays:
            self._broken = True
        if not (broken or self._broken):
            return LimitState.OK
        warns = self.threshold.severity == "warn"
        return LimitState.WARN if warns else LimitState.FAILED

    def _nothing(self, found: Found) -> str:
        """Why there is no value."""
        return "nothing was measured"

    def _say(self, state: LimitState, found: Found | None, now: float) -> None:
        limit = self.limit
        limit.state = state
        if found is None:
            limit.text = f"{self.criterion.phase} did not begin"
            return
        limit.samples = found.samples
        limit.at = now
        if found.value is None:
            limit.text = self._nothing(found)
            return
        limit.value = found.value
        limit.text = show(self.criterion, found.value)
        if state is LimitState.TOO_FEW:
            limit.text += f" of {found.samples} samples"


class WindowCase(Case):
    """A limit over a sliding window: its worst one counts."""

    def watch(self) -> None:
        """A window of what the criterion is about."""
        where = self._where
        self._window = Window(
            self.criterion.over or 0.0,
            series=where.all_series,
            counters=where.all_counters,
            gauges=where.looks,
            heard=self._slid,
        )
        self.span = self._window.span
        self._result.watch(self, self._where.all_series)

    def feed(self, second: int, row: Part, gauges: Mapping[str, float]) -> None:
        """Slide on, within the phase that is meant."""
        phase = self.criterion.phase
        phases = self._result.phases
        if not phase or (
            phases.at(second) == phase == phases.at(second + self.span - 1)
        ):
            self._window.feed(second, row, gauges)
        else:
            self._window.clear()

    def tick(self, now: float) -> None:
        """Nothing: the window itself tells at each slide."""

    def finish(self, now: float) -> None:
        """A window that never was full is judged by what there is."""
        self._window.partial()
        if self.limit.state is LimitState.PENDING:
            found = Found(self.limit.value, self.limit.samples or 0)
            self._say(LimitState.TOO_FEW, found, now)

    def _nothing(self, found: Found) -> str:
        if found.samples:
            return f"at most {found.samples} samples in a window"
        return super()._nothing(found)

    def _slid(self, part: Part, end: float) -> None:
        found = value_in(self.criterion, self._where, part)
        limit = self.limit
        if self._too_few(found):
            self.bad = False
            self._bad_since = None
            if limit.state is LimitState.PENDING:
                limit.samples = max(limit.samples or 0, found.samples)
            return
        assert found.value is not None
        holds = compared(self.criterion, found.value)
        state = self._state(holds, end)
        if state is not LimitState.OK:
            self._broken = True  # one bad window is enough
        if limit.state not in (LimitState.FAILED, LimitState.WARN):
            limit.state = state
        if limit.worst is None or self._worse(found.value, limit.worst):
            limit.worst = limit.value = found.value
            limit.at, limit.samples = end, found.samples
            worst = show(self.criterion, found.value)
            limit.text = f"worst {worst} at {show_clock(end)}"

    def _worse(self, value: float, than: float) -> bool:
        operator = self.criterion.operator
        if operator in ("<", "<="):
            return value > than
        if operator in (">", ">="):
            return value < than
        return compared(self.criterion, than) and not compared(self.criterion, value)


class GateCase(WindowCase):
    """A limit over a sliding window that is asked about: its last one counts."""

    _last = Found(None, 0)

    def finish(self, now: float) -> None:
        """How it stands by the last window, or by what there is."""
        self._window.partial()
        if self.limit.state is LimitState.PENDING:
            self._say(LimitState.TOO_FEW, self._last, now)

    def _slid(self, part: Part, end: float) -> None:
        self._last = found = value_in(self.criterion, self._where, part)
        if found.value is None or self._too_few(found):
            self._say(LimitState.PENDING, found, end)
            return
        holds = compared(self.criterion, found.value)
        self._say(self._state(holds, end), found, end)


class DriftCase(Case):
    """A limit of how fast a figure grows."""

    def watch(self) -> None:
        """A point each ten seconds; in a run of minutes, each second."""
        self.span = 10 if self._result.facts.duration >= SHORT else 1
        self._trend = Trend()
        self._looked = -LOOK
        self._result.watch(self, self._where.all_series)

    def feed(self, second: int, row: Part, gauges: Mapping[str, float]) -> None:
        """One point more, of the phase that is meant."""
        phase = self.criterion.phase
        if phase and self._result.phases.at(second) != phase:
            return
        row.look(gauges, self._where.looks)
        found = value_in(self.criterion, self._where, row)
        if found.value is not None:
            self._trend.add(second + self.span / 2, found.value)

    def tick(self, now: float) -> None:
        """Look at the slope each minute, if that may end the run."""
        if self.threshold.abort and now - self._looked >= LOOK:
            self._looked = now
            super().tick(now)

    def found(self, now: float) -> Found | None:
        """The rise in the time of the limit: in all, or as a share of the median."""
        points = len(self._trend.points)
        slope, bound = self._trend.slope(), self.criterion.bound
        time = bound.per or 1.0
        if slope is None or self._looked_at() * REACH < time:
            return Found(None, points)
        rise = slope * time
        if bound.unit == "%":
            middle = abs(self._trend.middle())
            rise = rise / middle if middle else (0.0 if not rise else inf)
        return Found(rise, points)

    def _nothing(self, found: Found) -> str:
        if not found.samples:
            return super()._nothing(found)
        if found.samples < LEAST:
            return f"{found.samples} points: at least {LEAST} make a slope"
        seen = show_duration(self._looked_at())
        time = spell_duration(self.criterion.bound.per or 1.0)
        return f"{seen} tell nothing of {time}"

    def _looked_at(self) -> float:
        """The seconds that the points are of."""
        points = self._trend.points
        return points[-1][0] - points[0][0] + self.span if points else 0.0

    def _too_few(self, found: Found) -> bool:
        return found.value is None

    def _may_still(self, value: float, now: float) -> bool:
        return False


def _goal(criterion: Criterion) -> tuple[str, float, float] | None:
    """What a limit wants of a recovery, where it does."""
    wants = criterion.metric == "recovery" and criterion.operator in ("<", "<=")
    if not wants or criterion.share is None:
        return None
    return criterion.of, criterion.share, criterion.bound.base


def case_of(
    threshold: Threshold, groups: Sequence[Cpes], result: Result, *, gate: bool = False
) -> Case:
    """The kind of case that a threshold is, or a *gate* that a step asks about."""
    criterion = parse(threshold.text)
    if criterion.over is not None:
        window = GateCase if gate else WindowCase
        return window(threshold, groups, result)
    kind = DriftCase if criterion.drift else Case
    return kind(threshold, groups, result)
