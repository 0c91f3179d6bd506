"""
Whether one run was worse than another: the rule, and the statistics behind it.

Rule: pure. Worse is what is worse by more than its gate, and by more than a floor, and
not by chance: a Mann-Whitney test on blocks of ten seconds says p < 0.01. Samples of
one run are not independent (a busy minute is busy for all), so textbook intervals of
single samples cry wolf; blocks do so far less, and the gate takes care of the rest.
What differs from run to run, blocks cannot see: with three runs a side the runs
themselves are tested instead, and the gates are narrower.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, median

BLOCK = 10.0  # seconds
LEAST_BLOCKS = 5
SIGNIFICANT = 0.01
FLOOR = 0.005
# With so many runs on both sides it is they that are tested, and not their blocks.
LEAST_RUNS = 3
# What the test of runs has to say; of three and three the least that it can is 0.1.
BY_RUNS = 0.05
# Up to so many pairs without ties, p is counted out and not approximated.
MOST_EXACT = 400
SHARE, POINTS = "%", "pt"
WORSE, BETTER, SAME, NOISE, MISSING = (
    "WORSE",
    "better",
    "same",
    "same (inside noise)",
    "not in both",
)
_GATE = re.compile(
    r"(?P<metric>\S+)\s+(?P<figure>p\d\d(\.\d+)?|max|rate|t\d\d\d?)"
    r"\s+(?P<most>\d+(\.\d+)?)\s*(?P<unit>%|pt)"
)


@dataclass(frozen=True, slots=True)
class Gate:
    """
    How much worse a figure may become: *most*, a share of it or points.

    *metric* is `session.time`, `inform.time`, a series' name, `session.failed`,
    `session.done` or `recovery(SET)`.
    """

    metric: str
    figure: str
    most: float
    unit: str = SHARE
    floor: float = FLOOR  # seconds that a time has to differ by

    @property
    def name(self) -> str:
        """The figure as it is written."""
        return f"{self.metric} {self.figure}"

    @property
    def less_is_worse(self) -> bool:
        """Whether a fall is what has to be feared."""
        return self.metric == "session.done"

    @property
    def bound(self) -> str:
        """The gate as it is written."""
        return f"gate {self.most * 100:g} {self.unit}"


GATES = (
    Gate("session.time", "p95", 0.15),
    Gate("session.time", "p99", 0.25),
    Gate("inform.time", "p95", 0.15),
    Gate("session.failed", "rate", 0.005, POINTS),
    Gate("session.done", "rate", 0.15),
)
# Where runs are tested.
GATES_OF_RUNS = (
    Gate("session.time", "p95", 0.10),
    Gate("session.time", "p99", 0.16),
    Gate("inform.time", "p95", 0.10),
    Gate("session.failed", "rate", 0.003, POINTS),
    Gate("session.done", "rate", 0.10),
)


def usual_gates(base: int, new: int, sets: Sequence[str] = ()) -> tuple[Gate, ...]:
    """The gates of so many runs on each side, in which these *sets* came back."""
    usual = GATES_OF_RUNS if min(base, new) >= LEAST_RUNS else GATES
    # One figure a run, without blocks: its gate is wide, and its floor high.
    back = [Gate(f"recovery({name})", "t95", 0.25, floor=1.0) for name in sets]
    return (*back, *usual)


def read_gate(text: str) -> Gate:
    """The gate of `session.time p95 15%`; raises ValueError."""
    found = _GATE.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            f"{text!r}: expected METRIC FIGURE GATE, as 'session.time p95 15%',"
            " 'session.failed rate 0.5pt' or 'recovery(dark) t95 15%'"
        )
    metric, figure, unit = found["metric"], found["figure"], found["unit"]
    if (unit == POINTS) is not (metric == "session.failed"):
        raise ValueError(f"{text!r}: session.failed is gated in pt, all else in %")
    of_rate = metric in ("session.failed", "session.done")
    if of_rate is not (figure == "rate"):
        raise ValueError(f"{text!r}: session.failed and session.done have a rate alone")
    if metric.startswith("recovery(") is not figure.startswith("t"):
        raise ValueError(f"{text!r}: t50 to t100 are those of recovery(SET)")
    return Gate(metric, figure, float(found["most"]) / 100, unit)


@dataclass(frozen=True, slots=True)
class Measured:
    """
    A figure of one side: over all of it (None: not measured), by block, and of each
    run where there are several.
    """

    whole: float | None
    blocks: Sequence[float] = ()
    runs: Sequence[float] = ()


def pooled(each: Sequence[Measured]) -> Measured:
    """The figure of several runs: their median, and the blocks of all of them."""
    if len(each) == 1:
        return each[0]
    wholes = [one.whole for one in each if one.whole is not None]
    if len(wholes) < len(each):
        return Measured(None)
    blocks = [block for one in each for block in one.blocks]
    return Measured(median(wholes), blocks, wholes)


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of two runs, and what is to be said of it."""

    gate: Gate
    base: float | None
    new: float | None
    change: float = 0.0
    p: float | None = None
    verdict: str = SAME
    by_runs: bool = False  # p is of the runs, and not of their blocks


def judge(gate: Gate, base: Measured, new: Measured) -> Compared:
    """Compare a figure of two sides."""
    if base.whole is None or new.whole is None:
        return Compared(gate, base.whole, new.whole, verdict=MISSING)
    # Neither may be finite: a recovery that never came is no difference to another.
    difference = new.whole - base.whole if new.whole != base.whole else 0.0
    change = difference
    if gate.unit == SHARE and difference:
        finite = base.whole and math.isfinite(base.whole)
        change = difference / base.whole if finite else math.copysign(1, difference)
    by_runs = min(len(base.runs), len(new.runs)) >= LEAST_RUNS
    pair = (base.runs, new.runs) if by_runs else (base.blocks, new.blocks)
    p = mann_whitney(*pair) if all(pair) else None
    timed = gate.figure != "rate"
    if abs(change) <= gate.most or (timed and abs(difference) <= gate.floor):
        verdict = SAME
    elif p is not None and not _is_no_chance(p, *map(len, pair), by_runs=by_runs):
        verdict = NOISE
    else:
        verdict = BETTER if (change < 0) is not gate.less_is_worse else WORSE
    return Compared(gate, base.whole, new.whole, change, p, verdict, by_runs)


def _is_no_chance(p: float, one: int, other: int, *, by_runs: bool) -> bool:
    if by_runs:
        least = 2 / math.comb(one + other, one)
        return p <= max(BY_RUNS, least)
    return p < SIGNIFICANT


def mann_whitney(one: Sequence[float], other: Sequence[float]) -> float:
    """The two-sided p of the Mann-Whitney U test: exact, or with ties normal."""
    n, m = len(one), len(other)
    ranked = sorted([*one, *other])
    ranks: dict[float, float] = {}
    ties, at = 0, 0
    while at < len(ranked):
        value = ranked[at]
        end = at
        while end < len(ranked) and ranked[end] == value:
            end += 1
        ranks[value] = (at + 1 + end) / 2  # the mean of those that share it
        ties += (end - at) ** 3 - (end - at)
        at = end
    u = sum(ranks[value] for value in one) - n * (n + 1) / 2
    u = min(u, n * m - u)
    if not ties and n * m <= MOST_EXACT:
        ways = _ways(n, m)
        return min(1.0, 2 * sum(ways[: int(u) + 1]) / math.comb(n + m, n))
    total = n + m
    variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)))
    if variance <= 0:
        return 1.0  # all are the same
    z = (u - n * m / 2 + 0.5) / math.sqrt(variance)
    return min(1.0, 2 * NormalDist().cdf(z))


def _ways(n: int, m: int) -> list[int]:
    """How many orders of n and m things have each U: a Gaussian binomial."""
    ways = [1] + [0] * (n * m)
    for k in range(1, n + 1):
        for at in range(n * m, m + k - 1, -1):
            ways[at] -= ways[at - m - k]
        for at in range(k, n * m + 1):
            ways[at] += ways[at - k]
    return ways
