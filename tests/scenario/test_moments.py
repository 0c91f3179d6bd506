"""How arrivals lie between each other: the laws that they keep."""

from __future__ import annotations

from itertools import pairwise
from math import exp
from statistics import mean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.scenario.moments import BLOCK, Even, Poisson


@given(st.integers(0, 2**32), st.lists(st.integers(0, 5000), min_size=1, max_size=30))
def test_a_moment_is_pure_in_its_number(seed: int, asked: list[int]) -> None:
    """Whatever was asked before, in whatever order: arrival k has one moment."""
    one = Poisson(seed, "a")
    assert [one.area(k) for k in asked] == [Poisson(seed, "a").area(k) for k in asked]


@given(st.integers(0, 2**32), st.integers(0, 3000))
def test_count_is_the_inverse(seed: int, k: int) -> None:
    """Up to the moment of arrival k there are k + 1, and just before it k."""
    moments = Poisson(seed, "a")
    area = moments.area(k)
    assert moments.count(area) == k + 1
    assert moments.count(area * (1 - 1e-12)) == k
    assert Even().count(Even().area(k)) == k + 1


def test_the_gaps_are_exponential() -> None:
    """Mean 1, variance 1, as many long ones as the law says; in blocks or across."""
    moments = Poisson(5, "a")
    areas = [moments.area(k) for k in range(200 * BLOCK)]
    gaps = [b - a for a, b in zip([0.0, *areas], areas, strict=False)]
    assert min(gaps) >= 0
    assert mean(gaps) == pytest.approx(1, abs=0.02)
    assert variance(gaps) == pytest.approx(1, abs=0.04)
    for long in (0.5, 1.0, 3.0):
        share = sum(gap > long for gap in gaps) / len(gaps)
        assert share == pytest.approx(exp(-long), abs=0.01)


def test_the_counts_are_poisson() -> None:
    """Of equal stretches the variance is the mean, short or longer than a block."""
    moments = Poisson(6, "a")
    for stretch, number in ((1.0, 20_000), (50.0, 2_000), (1000.0, 1_000)):
        seen = [moments.count(stretch * i) for i in range(number + 1)]
        counts = [b - a for a, b in pairwise(seen)]
        assert mean(counts) == pytest.approx(stretch, rel=0.02)
        assert variance(counts) == pytest.approx(stretch, rel=0.15)


def test_other_seeds_and_loads_have_other_moments() -> None:
    """No two loads of a run arrive together."""
    areas = {Poisson(s, salt).area(7) for s in (1, 2) for salt in ("a", "b")}
    assert len(areas) == 4


def test_a_rate_far_too_high_is_passed_over_by_blocks() -> None:
    """Ten million arrivals are 40,000 blocks."""
    assert Poisson(1, "a").count(1e7) == pytest.approx(1e7, rel=0.002)
