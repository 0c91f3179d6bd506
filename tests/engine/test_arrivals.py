"""The arithmetic of arrivals against a plain count of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.engine.loads.arrivals import PATIENCE, Arrivals
from cpesim.scenario.pace import Pace


@given(
    rate=st.floats(0.1, 5000),
    steps=st.lists(st.floats(0.001, 3.0), min_size=1, max_size=30),
    take=st.lists(st.integers(0, 50), min_size=1, max_size=30),
)
def test_every_arrival_is_started_dropped_or_waiting(
    rate: float, steps: list[float], take: list[int]
) -> None:
    """However the clock jumps and however many find a place."""
    arrivals = Arrivals(Pace.steady(rate))
    now, wanted, dropped, taken = 0.0, 0, 0, 0
    for turn, step in enumerate(steps):
        now += step
        wanted += arrivals.wanted(now)
        dropped += arrivals.drop(now)
        for _ in range(take[turn % len(take)]):
            found = arrivals.take(now)
            if found is None:
                break
            assert found[1] == arrivals.due(found[0])
            assert now - PATIENCE - 1e-6 <= found[1] <= now
            taken += 1
    assert wanted == dropped + taken + arrivals.waiting(now)


def test_what_is_set_aside_is_dropped_too() -> None:
    """A device that stays busy for more than a second loses its arrival."""
    arrivals = Arrivals(Pace.steady(1.0))
    assert arrivals.take(0.0) == (0, 0.0)
    arrivals.aside(0)
    assert arrivals.set_aside() == [0]
    arrivals.aside(0)
    assert arrivals.drop(0.9) == 0
    assert arrivals.drop(1.1) == 1


@pytest.mark.parametrize("rate", [1e6, 123456.7])
def test_a_rate_far_too_high_costs_no_loop(rate: float) -> None:
    """A minute of a million a second is one subtraction."""
    arrivals = Arrivals(Pace.steady(rate))
    assert arrivals.wanted(60.0) == pytest.approx(rate * 60, abs=2)
    assert arrivals.drop(60.0) == pytest.approx(rate * 59, abs=2)
