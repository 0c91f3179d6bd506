"""The rule that says worse, and the test behind it."""

from __future__ import annotations

import random
from itertools import combinations
from math import inf

import pytest

from cpesim.report.compare.rule import (
    BETTER,
    GATES,
    MISSING,
    NOISE,
    SAME,
    WORSE,
    Gate,
    Measured,
    judge,
    mann_whitney,
    pooled,
    read_gate,
    usual_gates,
)

TIME = Gate("session.time", "p95", 0.15)
FAILED = Gate("session.failed", "rate", 0.005, "pt")
DONE = Gate("session.done", "rate", 0.15)
BACK = read_gate("recovery(dark) t95 15%")
LOW, HIGH = [1.0 + n / 100 for n in range(10)], [2.0 + n / 100 for n in range(10)]


def with_u(n: int, m: int, u: int) -> tuple[list[float], list[float]]:
    """Two samples without ties whose U is *u*."""
    each = [min(m, max(0, u - m * i)) for i in range(n)]
    return [k + 0.5 + i / 1000 for i, k in enumerate(each)], [k + 1.0 for k in range(m)]


@pytest.mark.parametrize(
    ("n", "m", "level", "critical"),
    # The printed tables of the two-sided test (Mann & Whitney 1947; Siegel 1956).
    [
        (5, 5, 0.05, 2),
        (8, 8, 0.05, 13),
        (10, 10, 0.05, 23),
        (20, 20, 0.05, 127),
        (9, 15, 0.05, 34),
        (5, 5, 0.01, 0),
        (8, 8, 0.01, 7),
        (10, 10, 0.01, 16),
        (20, 20, 0.01, 105),
    ],
)
def test_the_printed_tables(n: int, m: int, level: float, critical: int) -> None:
    """The largest U that is significant, and the next one that is not."""
    assert mann_whitney(*with_u(n, m, critical)) <= level
    assert mann_whitney(*with_u(n, m, critical + 1)) > level


def counted(one: list[float], other: list[float]) -> float:
    """The p by going through all ways to deal the values out."""

    def distance(mine: list[float], theirs: list[float]) -> float:
        u = sum((a > b) + (a == b) / 2 for a in mine for b in theirs)
        return abs(u - len(mine) * len(theirs) / 2)

    values, seen = [*one, *other], distance(one, other)
    found = []
    for chosen in combinations(range(len(values)), len(one)):
        mine = [values[i] for i in chosen]
        theirs = [v for i, v in enumerate(values) if i not in chosen]
        found.append(distance(mine, theirs) >= seen - 1e-9)
    return sum(found) / len(found)


def test_it_is_what_counting_gives() -> None:
    """Exact without ties; with ties near to it."""
    drawn = random.Random(4)
    for _ in range(20):
        one = [drawn.random() for _ in range(drawn.randint(2, 6))]
        other = [drawn.random() + 0.2 for _ in range(drawn.randint(2, 6))]
        assert mann_whitney(one, other) == pytest.approx(counted(one, other))
    for _ in range(10):
        one = [float(drawn.randint(0, 5)) for _ in range(7)]
        other = [float(drawn.randint(3, 8)) for _ in range(7)]
        assert mann_whitney(one, other) == pytest.approx(counted(one, other), abs=0.04)


def test_normal_and_exact_meet() -> None:
    """Where the way of counting changes, p hardly does."""
    drawn = random.Random(5)
    for shift in (0.0, 0.1, 0.3):
        one = [drawn.random() for _ in range(20)]
        other = [drawn.random() + shift for _ in range(20)]
        exact = mann_whitney(one, other)
        normal = mann_whitney([*one, 9.0], [*other, 9.0])
        assert normal == pytest.approx(exact, abs=0.05)


def test_all_the_same() -> None:
    """Nothing differs: nothing is significant."""
    assert mann_whitney([1.0] * 9, [1.0] * 9) == 1.0


@pytest.mark.parametrize(
    ("gate", "base", "new", "verdict"),
    [
        (TIME, Measured(1.05, LOW), Measured(2.05, HIGH), WORSE),
        (TIME, Measured(2.05, HIGH), Measured(1.05, LOW), BETTER),
        (TIME, Measured(1.0, LOW), Measured(1.14, HIGH), SAME),  # within the gate
        (TIME, Measured(1.0, LOW), Measured(1.3, LOW), NOISE),  # by chance
        (TIME, Measured(0.002, LOW), Measured(0.006, HIGH), SAME),  # below the floor
        (TIME, Measured(0.002, LOW), Measured(0.0071, HIGH), WORSE),
        (TIME, Measured(None), Measured(1.0, LOW), MISSING),
        (FAILED, Measured(0.001, LOW), Measured(0.007, HIGH), WORSE),
        (FAILED, Measured(0.001, LOW), Measured(0.005, HIGH), SAME),
        (FAILED, Measured(0.0, [0.0] * 9), Measured(0.0, [0.0] * 9), SAME),
        (DONE, Measured(100.0, HIGH), Measured(80.0, LOW), WORSE),
        (DONE, Measured(80.0, LOW), Measured(100.0, HIGH), BETTER),
        (BACK, Measured(160.0), Measured(271.0), WORSE),
        (BACK, Measured(160.0), Measured(170.0), SAME),
        (BACK, Measured(160.0), Measured(inf), WORSE),
        (BACK, Measured(inf), Measured(160.0), BETTER),
        (BACK, Measured(inf), Measured(inf), SAME),
    ],
)
def test_the_rule(gate: Gate, base: Measured, new: Measured, verdict: str) -> None:
    """More than the gate, more than the floor, and not by chance."""
    assert judge(gate, base, new).verdict == verdict


def of_runs(*figures: float, blocks: list[float] = LOW) -> Measured:
    """Several runs that had these figures, and blocks that are all alike."""
    return pooled([Measured(figure, blocks) for figure in figures])


def test_several_runs_are_pooled() -> None:
    """Their median, the blocks of all; one that has no figure leaves none."""
    assert of_runs(1.0, 4.0, 1.1) == Measured(1.1, LOW * 3, [1.0, 4.0, 1.1])
    assert of_runs(1.0) == Measured(1.0, LOW)
    assert pooled([Measured(1.0, LOW), Measured(None)]).whole is None


@pytest.mark.parametrize(
    ("base", "new", "verdict"),
    [
        ((1.0, 1.1, 1.05), (1.2, 1.3, 1.21), WORSE),
        ((1.2, 1.3, 1.21), (1.0, 1.1, 1.05), BETTER),
        ((1.0, 1.1, 1.05), (1.2, 1.3, 1.09), NOISE),  # one is as in the base
        ((1.0, 1.1, 1.05), (1.12, 1.13, 1.14), SAME),  # all are above, by too little
        ((1.0, 1.1, 1.0, 1.1), (1.2, 1.3, 1.2, 1.3), WORSE),
        ((1.0, 1.1, 1.05, 1.06), (1.2, 1.3, 1.2, 1.09), NOISE),
        ((1.0, 1.0, 1.0), (1.0, 1.0, 1.0), SAME),
    ],
)
def test_three_runs_a_side_are_tested_themselves(
    base: tuple[float, ...], new: tuple[float, ...], verdict: str
) -> None:
    """Whatever their blocks say: what differs from run to run these cannot see."""
    gate = usual_gates(len(base), len(new))[0]
    assert (gate.name, gate.most) == ("session.time p95", 0.10)
    for blocks in (LOW, HIGH):
        found = judge(gate, of_runs(*base), of_runs(*new, blocks=blocks))
        assert (found.verdict, found.by_runs) == (verdict, True)


def test_two_runs_are_judged_by_their_blocks() -> None:
    """As one: two and two would be apart by chance in every third pair."""
    base, new = of_runs(1.0, 1.1), of_runs(1.3, 1.4, 1.5)
    assert usual_gates(2, 3) == GATES
    assert judge(TIME, base, new).verdict == NOISE
    high = of_runs(1.3, 1.4, 1.5, blocks=HIGH)
    assert judge(TIME, base, high).verdict == WORSE


@pytest.mark.parametrize(
    ("text", "gate"),
    [
        ("session.time p95 15%", TIME),
        ("session.failed rate 0.5pt", FAILED),
        (
            " GetParameterValues  p99.9 7.5 %",
            Gate("GetParameterValues", "p99.9", 0.075),
        ),
    ],
)
def test_gates_are_read(text: str, gate: Gate) -> None:
    """As they are written."""
    assert read_gate(text) == gate


@pytest.mark.parametrize(
    "text",
    [
        "session.time 15%",
        "session.time p95",
        "session.time p95 5ms",
        "session.failed rate 5%",
        "session.time p95 5pt",
        "session.time t95 5%",
        "session.failed p95 5pt",
        "recovery(dark) p95 5%",
        "session.time rate 5%",
    ],
)
def test_what_is_no_gate(text: str) -> None:
    """It is said what was expected."""
    with pytest.raises(ValueError, match=r"expected|session|recovery"):
        read_gate(text)
