"""The search for an ACS's capacity, against every ACS that could be."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cpesim.conductor.capacity.search import LEAST, Came, Search, Trial


def against(search: Search, capacity: float, generator: float = 1e9) -> list[Trial]:
    """The steps of a whole search: rates above *capacity* fail."""
    steps = []
    while (trial := search.next()) is not None:
        steps.append(trial)
        if trial.rate > generator:
            search.told(trial, Came.SATURATED, "cpu 99 %")
        elif trial.rate > capacity:
            search.told(trial, Came.FAILED, "session.time p99 < 2s")
        else:
            search.told(trial, Came.HELD)
        assert len(steps) < 80
    return steps


@given(st.floats(0.5, 100_000), st.floats(0.2, 2_000))
def test_the_capacity_is_found(capacity: float, start: float) -> None:
    """Within 5 %, from below; what failed is above it; the last step confirms."""
    search = Search(start)
    steps = against(search, capacity)
    assert capacity / 1.05 * 0.999 <= search.held <= capacity
    assert search.failed is not None
    assert capacity < search.failed <= search.held * 1.0501
    assert search.broke == "session.time p99 < 2s"
    assert steps[-1] == Trial(search.held, confirms=True)
    assert not search.saturated


def test_it_doubles_then_halves() -> None:
    """So that a step or two more finds ten times the rate."""
    search = Search(10.0)
    rates = [step.rate for step in against(search, 300.0)]
    assert rates[:6] == [10.0, 20.0, 40.0, 80.0, 160.0, 320.0]
    assert rates[6:9] == [240.0, 280.0, 300.0]
    assert rates[-1] == search.held == 300.0


@given(st.floats(10, 10_000))
def test_a_generator_that_saturates_first_ends_it(limit: float) -> None:
    """The answer is then the highest that held, and "at least"."""
    search = Search(5.0)
    against(search, 1e9, generator=limit)
    assert search.saturated
    assert limit / 2 <= search.held <= limit
    assert search.failed is None


def test_a_confirmation_that_fails_lowers_the_rate() -> None:
    """By 5 %, until a longer run holds."""
    search, lengths = Search(50.0), []
    while (trial := search.next()) is not None:
        most = 80.0 if trial.confirms else 100.0
        came = Came.HELD if trial.rate <= most else Came.FAILED
        if trial.confirms:
            lengths.append(trial.rate)
        search.told(trial, came, "session.failed rate < 0.1%")
    assert lengths[0] > 95
    assert all(abs(b / a - 0.95) < 1e-9 for a, b in pairwise(lengths))
    assert search.held == lengths[-1] <= 80.0
    assert search.failed == lengths[-2]


def test_an_acs_that_takes_nothing_ends_it() -> None:
    """Downwards from the start, and not for ever."""
    search = Search(10.0)
    steps = against(search, 0.0)
    assert search.held == 0.0
    assert search.failed is not None
    assert search.failed < 2 * LEAST
    assert len(steps) < 10
