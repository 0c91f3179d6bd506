"""When arrivals and boots are due."""

from __future__ import annotations

from math import ceil, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.scenario.pace import Pace, boot_due, default_ramp, position
from cpesim.scenario.scenario import Stage

RATES = st.sampled_from([0.0, 0.1, 0.5, 1.0, 3.0, 50.0, 333.3, 2000.0])
CHANGES = st.lists(st.tuples(st.floats(0.01, 20.0), RATES), max_size=6)


def made(first: float, changes: list[tuple[float, float]]) -> tuple[Pace, float]:
    """A pace with the changes in order, and the time of the last."""
    pace, t = Pace.steady(first), 0.0
    for gap, rate in changes:
        t += gap
        pace = pace.changed(t, rate)
    return pace, t


@given(RATES, CHANGES, st.floats(0.0, 10.0))
def test_the_count_is_the_area(
    first: float, changes: list[tuple[float, float]], more: float
) -> None:
    """Up to t just as many arrivals are due as the area under the rate holds."""
    pace, t = made(first, changes)
    t += more
    area = pace.area(t)
    if area == 0:
        assert pace.due(0) >= t
        return
    k = ceil(area)  # arrivals 0 … k-1 are before t, but for a rounding at the edge
    assert pace.due(k - 1) <= t + 1e-6
    assert pace.due(k + 1) >= t - 1e-6


@given(RATES, CHANGES)
def test_due_times_never_go_back(
    first: float, changes: list[tuple[float, float]]
) -> None:
    """Arrival k + 1 is never due before arrival k."""
    pace, t = made(first, changes)
    count = min(int(pace.area(t)) + 3, 300)
    due = [pace.due(k) for k in range(count)]
    assert due == sorted(due)


@given(st.sampled_from([1.0, 7.0, 100.0]), st.lists(st.floats(0.001, 0.4), max_size=30))
def test_many_changes_make_no_bunch(rate: float, gaps: list[float]) -> None:
    """Changing to the same rate over and over moves no arrival."""
    pace, _ = made(rate, [(gap, rate) for gap in gaps])
    for k in range(50):
        assert pace.due(k) == pytest.approx(k / rate)


def test_a_change_keeps_the_half_that_was_waited() -> None:
    """A rate that doubles in the middle between two arrivals halves the rest only."""
    pace = Pace.steady(1.0).changed(2.5, 2.0)
    assert [pace.due(k) for k in range(5)] == [0.0, 1.0, 2.0, 2.75, 3.25]


def test_what_was_due_before_a_change_stays() -> None:
    """A change rewrites no past."""
    pace = Pace.steady(10.0)
    before = [pace.due(k) for k in range(20)]
    later = pace.changed(2.0, 500.0)
    assert [later.due(k) for k in range(20)] == before


def test_a_pause_moves_the_rest() -> None:
    """What was not due before the pause is due as much later as the pause took."""
    pace = Pace.steady(2.0).paused(1.25)
    assert pace.due(3) == inf
    assert pace.area(100.0) == 2.5
    pace = pace.changed(11.25, 2.0)
    assert [pace.due(k) for k in (2, 3, 4)] == [1.0, 11.5, 12.0]
    assert (pace.rate(0.5), pace.rate(5.0), pace.rate(20.0)) == (2.0, 0.0, 2.0)


def test_a_clock_that_lags_undoes_nothing() -> None:
    """A change that comes with an older time than the last one holds from there."""
    pace = Pace.steady(1.0).changed(5.0, 2.0).changed(4.0, 4.0)
    assert pace.due(5) == 5.0
    assert pace.due(9) == 6.0


def test_before_its_start_a_pace_is_still() -> None:
    """A pace that starts at 3 s has nothing before."""
    pace = Pace.steady(5.0, at=3.0)
    assert (pace.area(1.0), pace.rate(1.0), pace.due(0)) == (0.0, 0.0, 3.0)


@given(st.integers(1, 3000))
def test_positions_are_a_permutation(count: int) -> None:
    """Each place on the ramp is taken once."""
    assert sorted(position(n, count) for n in range(count)) == list(range(count))


@given(st.integers(50, 5000), st.floats(0.0, 1.0))
def test_neighbours_spread_over_the_ramp(count: int, where: float) -> None:
    """Any run of 40 neighbours, as in a small group, has boots in each quarter."""
    first = int(where * (count - 40))
    quarters = {position(n, count) * 4 // count for n in range(first, first + 40)}
    assert quarters == {0, 1, 2, 3}


def test_a_ramp_is_even() -> None:
    """The boots of a ramp are the ramp's length divided evenly."""
    due = sorted(boot_due(position(n, 4), 4, 10.0) for n in range(4))
    assert due == [0.0, 2.5, 5.0, 7.5]
    assert (default_ramp(100), default_ramp(20_000)) == (10.0, 100.0)


STAGES = st.lists(
    st.tuples(st.floats(0.01, 600.0), RATES).map(lambda s: Stage(*s)),
    min_size=1,
    max_size=6,
)


def under(rate: float, stages: list[Stage], t: float) -> float:
    """The area under the lines up to *t*, trapezium by trapezium."""
    area, at = 0.0, 0.0
    for stage in stages:
        part = min(max(t - at, 0.0), stage.length)
        there = rate + (stage.to - rate) * part / stage.length
        area += part * (rate + there) / 2
        at, rate = at + stage.length, stage.to
    return area + max(t - at, 0.0) * rate


@given(RATES, STAGES, st.floats(0.0, 1.2))
def test_stages_count_the_area_under_their_lines(
    rate: float, stages: list[Stage], part: float
) -> None:
    """As many arrivals are due up to t as lie under the straight lines."""
    t = part * sum(stage.length for stage in stages)
    pace, area = Pace.staged(rate, stages), under(rate, stages, t)
    assert pace.area(t) == pytest.approx(area, rel=1e-9, abs=1e-9)
    below, above = int(area * (1 - 1e-9) - 1e-6), int(area * (1 + 1e-9) + 1e-6) + 1
    assert pace.due(max(below - 1, 0)) <= t + 1e-6 or area < 1
    assert pace.due(above) > t


@given(RATES, STAGES, st.data())
def test_the_moment_is_the_inverse_of_the_area(
    rate: float, stages: list[Stage], data: st.DataObject
) -> None:
    """Up to the moment of arrival k the area is k."""
    pace = Pace.staged(rate, stages)
    total = pace.area(sum(stage.length for stage in stages))
    k = data.draw(st.integers(0, max(int(total) - 1, 0)))
    due = pace.due(k)
    if k < total:
        assert pace.area(due) == pytest.approx(k, rel=1e-9, abs=1e-6)
    assert due <= pace.due(k + 1)


@given(RATES, STAGES, st.floats(0.01, 2000.0), st.floats(0.01, 500.0), RATES)
def test_the_plan_comes_back_after_a_change(
    rate: float, stages: list[Stage], t: float, length: float, other: float
) -> None:
    """A change holds until the plan is followed again, at what the plan has by then."""
    plan = Pace.staged(rate, stages)
    pace = plan.changed(t, other).followed(t + length, plan)
    for moment in (t / 2, t + length, t + length + 1, t + length + 700):
        wanted = plan.rate(moment)
        assert pace.rate(moment) == pytest.approx(wanted, rel=1e-6, abs=1e-9)
    assert pace.rate(t + length / 2) == other
    assert pace.area(t + length) == pytest.approx(plan.area(t) + length * other)
    more = plan.area(t + length + 700) - plan.area(t + length)
    grown = pace.area(t + length + 700) - pace.area(t + length)
    assert grown == pytest.approx(more, rel=1e-6, abs=1e-6)


def test_twice_the_plan() -> None:
    """A factor lifts each rate; what was due before stays."""
    plan = Pace.staged(0.0, [Stage(10.0, 10.0)])
    pace = plan.followed(10.0, plan.times(2))
    assert (pace.rate(5.0), pace.rate(11.0), pace.area(11.0)) == (5.0, 20.0, 70.0)


def test_a_stage_may_jump() -> None:
    """A stage of no length is a step."""
    pace = Pace.staged(1.0, [Stage(10.0, 1.0), Stage(0.0, 5.0), Stage(10.0, 5.0)])
    assert (pace.rate(9.0), pace.rate(10.5), pace.area(12.0)) == (1.0, 5.0, 20.0)
