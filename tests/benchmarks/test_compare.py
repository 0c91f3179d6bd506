"""How often `compare` cries wolf, and how often it misses one."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from cpesim.measure.latency import Interval, Latency
from cpesim.report.compare import GATES, WORSE, Gate, Measured, judge

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]

PAIRS = 1_000
BLOCKS, SESSIONS = 30, 1_000  # five minutes of a hundred a second, in blocks of 10 s
# A busy stretch lasts: what one block has of the last one. The load moves times by
# 4 % (one sigma), the day's form of the ACS by 3 %.
KEPT, LOAD, DAY = 0.9, 0.04, 0.03
TIMES = {"session.time": (0.3, 0.5), "inform.time": (0.1, 0.4)}  # median, sigma
FAILING = 0.004
POOL = 1 << 18


class Acs:
    """Makes five minutes of an ACS that is *slower* than usual by a factor."""

    def __init__(self, seed: int) -> None:
        self.drawn = random.Random(seed)
        self.pool = [self.drawn.gauss(0.0, 1.0) for _ in range(POOL)]

    def run(self, slower: float = 1.0) -> dict[Gate, Measured]:
        """The figures of a run, as they are read from a stored one."""
        gauss = self.drawn.gauss
        day, load = gauss(0.0, DAY), gauss(0.0, LOAD)
        shifts = []
        for _ in range(BLOCKS):
            shifts.append(day + load)
            load = KEPT * load + gauss(0.0, LOAD * math.sqrt(1 - KEPT**2))
        figures: dict[Gate, Measured] = {}
        for metric, (median, sigma) in TIMES.items():
            gates = [gate for gate in GATES if gate.metric == metric]
            wanted = [float(gate.figure[1:]) for gate in gates]
            whole, rows = Latency(), []
            for shift in shifts:
                block = Latency()
                scale = median * slower * math.exp(shift)
                start = self.drawn.randrange(POOL - SESSIONS)
                for z in self.pool[start : start + SESSIONS]:
                    block.record(scale * math.exp(sigma * z))
                whole.add_interval(Interval(block.to_bytes()))
                rows.append(block.percentiles(wanted))
            for at, value in enumerate(whole.percentiles(wanted)):
                figures[gates[at]] = Measured(value, [row[at] for row in rows])
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


def worse(base: dict[Gate, Measured], new: dict[Gate, Measured]) -> set[str]:
    """The figures that are called worse."""
    rows = (judge(gate, base[gate], new[gate]) for gate in GATES)
    return {row.gate.name for row in rows if row.verdict == WORSE}


def test_false_alarms(figure: Callable[..., None]) -> None:
    """The same ACS twice, a thousand times: by any gate at all."""
    acs = Acs(1)
    alarms = sum(bool(worse(acs.run(), acs.run())) for _ in range(PAIRS))
    figure("A/A pairs flagged by any gate", alarms / PAIRS, most=0.02)


def test_a_quarter_slower(figure: Callable[..., None]) -> None:
    """A p95 that is worse by 25 %, a thousand times."""
    acs = Acs(2)
    found = sum(
        "session.time p95" in worse(acs.run(), acs.run(1.25)) for _ in range(PAIRS)
    )
    figure("pairs flagged of those 25 % worse", found / PAIRS, least=0.85)
