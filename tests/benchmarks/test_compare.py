"""How often `compare` cries wolf, and how often it misses one."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from cpesim.report.compare.rule import (
    GATES,
    WORSE,
    Gate,
    Measured,
    judge,
    pooled,
    usual_gates,
)

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

PAIRS = 1_000
BLOCKS, SESSIONS = 30, 1_000  # five minutes of a hundred a second, in blocks of 10 s
# A busy stretch lasts: what one block has of the last one. The load moves times by
# 4 % (one sigma), the day's form of the ACS by 3 %.
KEPT, LOAD, DAY = 0.9, 0.04, 0.03
TIMES = {"session.time": (0.3, 0.5), "inform.time": (0.1, 0.4)}  # median, sigma
FAILING = 0.004
SLICES = 2_048  # blocks that are drawn beforehand, and dealt out anew for each run
TOP = 200  # of a block's sorted values: all that p95 and p99 of the run can be among


def at(figure: str, count: int) -> int:
    """From the largest, which of *count* values a percentile is (as Latency has it)."""
    return count - max(1, int(float(figure[1:]) * count / 100 + 0.5))


class Acs:
    """Makes five minutes of an ACS that is *slower* than usual by a factor."""

    def __init__(self, seed: int, day: float = DAY) -> None:
        self.day = day
        self.drawn = random.Random(seed)
        normal = self.drawn.gauss
        # Each block's largest values first, of a standard normal: times are log-normal.
        self.slices = [
            sorted((normal(0.0, 1.0) for _ in range(SESSIONS)), reverse=True)[:TOP]
            for _ in range(SLICES)
        ]

    def run(self, slower: float = 1.0) -> dict[Gate, Measured]:
        """The figures of a run, as they are read from a stored one."""
        gauss = self.drawn.gauss
        day, load = gauss(0.0, self.day), gauss(0.0, LOAD)
        shifts = []
        for _ in range(BLOCKS):
            shifts.append(day + load)
            load = KEPT * load + gauss(0.0, LOAD * math.sqrt(1 - KEPT**2))
        figures: dict[Gate, Measured] = {}
        for metric, (median, sigma) in TIMES.items():
            scale = median * slower
            blocks = self.drawn.choices(self.slices, k=BLOCKS)
            whole = sorted(
                (
                    shift + sigma * z
                    for shift, block in zip(shifts, blocks, strict=True)
                    for z in block
                ),
                reverse=True,
            )
            for gate in (gate for gate in GATES if gate.metric == metric):
                row = [
                    scale * math.exp(shift + sigma * block[at(gate.figure, SESSIONS)])
                    for shift, block in zip(shifts, blocks, strict=True)
                ]
                all_of_it = whole[at(gate.figure, BLOCKS * SESSIONS)]
                figures[gate] = Measured(scale * math.exp(all_of_it), row)
        for gate in GATES:
            if gate.metric == "session.failed":
                # A binomial of a thousand rare ones, by its normal.
                spread = math.sqrt(FAILING / SESSIONS)
                rates = [
                    max(0.0, gauss(FAILING * math.exp(shift * 5), spread))
                    for shift in shifts
                ]
                figures[gate] = Measured(sum(rates) / BLOCKS, rates)
            elif gate.metric == "session.done":
                rates = [gauss(100.0, 3.2) for _ in shifts]
                figures[gate] = Measured(sum(rates) / BLOCKS, rates)
        assert set(figures) == set(GATES)
        return figures


def worse(
    base: dict[Gate, Measured], new: dict[Gate, Measured], runs: int = 1
) -> set[str]:
    """The figures that are called worse, of so many runs on each side."""
    gates = zip(GATES, usual_gates(runs, runs), strict=True)
    rows = (judge(usual, base[gate], new[gate]) for gate, usual in gates)
    return {row.gate.name for row in rows if row.verdict == WORSE}


def side(acs: Acs, runs: int, slower: float = 1.0) -> dict[Gate, Measured]:
    """The figures of some runs of an ACS, each on a day of its own."""
    each = [acs.run(slower) for _ in range(runs)]
    return {gate: pooled([run[gate] for run in each]) for gate in GATES}


@pytest.mark.parametrize("runs", [1, 3])
def test_false_alarms(runs: int, figure: Callable[..., None]) -> None:
    """The same ACS twice, a thousand times: by any gate at all."""
    acs = Acs(1)
    alarms = sum(
        bool(worse(side(acs, runs), side(acs, runs), runs)) for _ in range(PAIRS)
    )
    figure(f"A/A pairs flagged by any gate, {runs} a side", alarms / PAIRS, most=0.02)


def test_false_alarms_of_an_acs_of_moods(figure: Callable[..., None]) -> None:
    """Runs differ twice as much as the gates were made for: three of them show it."""
    acs = Acs(4, 2 * DAY)
    alarms = sum(bool(worse(side(acs, 3), side(acs, 3), 3)) for _ in range(PAIRS))
    figure("A/A pairs flagged, 3 a side, 6 % apart", alarms / PAIRS, most=0.03)


def test_a_quarter_slower(figure: Callable[..., None]) -> None:
    """A p95 that is worse by 25 %, a thousand times."""
    acs = Acs(2)
    found = sum(
        "session.time p95" in worse(acs.run(), acs.run(1.25)) for _ in range(PAIRS)
    )
    figure("pairs flagged of those 25 % worse", found / PAIRS, least=0.85)


@pytest.mark.parametrize(("runs", "least"), [(1, 0.40), (3, 0.80)])
def test_a_smaller_effect(runs: int, least: float, figure: Callable[..., None]) -> None:
    """A p95 that is worse by 15 %: what three runs a side are for."""
    acs = Acs(3)
    found = sum(
        "session.time p95" in worse(side(acs, runs), side(acs, runs, 1.15), runs)
        for _ in range(PAIRS)
    )
    figure(f"flagged of 15 % worse, {runs} a side", found / PAIRS, least=least)
