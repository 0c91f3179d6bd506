"""
How the arrivals of a rate lie between each other: evenly, or as chance has it.

Rule: pure in k. The area under the rate at which arrival k is due is a function of
(seed, salt, k), so the same seed gives the same moments on one worker or on forty.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from math import floor, log1p, sqrt
from statistics import NormalDist
from typing import Protocol

from cpesim.chance import chance

_NORMAL = NormalDist()
# Arrivals that are drawn together: 0.2 ms of work, and one number kept of them.
BLOCK = 256


class Moments(Protocol):
    """At which areas the arrivals of a load lie."""

    def area(self, k: int) -> float:
        """The area under the rate at which arrival *k* is due."""
        ...

    def count(self, area: float) -> int:
        """How many arrivals are due up to that area, give or take a rounding."""
        ...


class Even:
    """One arrival each time the area has grown by 1."""

    def area(self, k: int) -> float:
        """Arrival k at area k."""
        return float(k)

    def count(self, area: float) -> int:
        """The arrival at area 0 counts."""
        return floor(area + 1e-9) + 1 if area >= 0 else 0


class Poisson:
    """
    Gaps that are exponential and independent, 1 on average.

    A block's length is drawn first and its arrivals are put into it, so that a rate far
    above what an ACS takes is passed over by blocks.
    """

    def __init__(self, seed: int, salt: str) -> None:
        self._seed = seed
        self._salt = f"poisson/{salt}"
        self._starts = [0.0]  # the area at which each block begins, as far as known
        self._drawn: tuple[int, list[float]] = (-1, [])

    def area(self, k: int) -> float:
        """The sum of the gaps up to arrival *k*."""
        block, place = divmod(k, BLOCK)
        return self._block(block)[place]

    def count(self, area: float) -> int:
        """By search: first the block, then the arrival in it."""
        if area < 0:
            return 0
        while self._starts[-1] <= area:
            self._reach(len(self._starts))
        block = bisect_right(self._starts, area) - 1
        return block * BLOCK + bisect_right(self._block(block), area)

    def _reach(self, block: int) -> float:
        """The area at which a block begins."""
        starts = self._starts
        while len(starts) <= block:
            part = chance(self._seed, len(starts) - 1, self._salt + "/block")
            starts.append(starts[-1] + _gamma(part))
        return starts[block]

    def _block(self, block: int) -> list[float]:
        known, drawn = self._drawn
        if known == block:
            return drawn
        begin, end = self._reach(block), self._reach(block + 1)
        first = block * BLOCK
        gaps = [
            -log1p(-chance(self._seed, first + i, self._salt)) for i in range(BLOCK)
        ]
        # Gaps that are exponential, divided by their sum, do not depend on the sum.
        length = (end - begin) / sum(gaps)
        drawn = [begin + length * at for at in accumulate(gaps)]
        drawn[-1] = end
        self._drawn = (block, drawn)
        return drawn


def _gamma(part: float) -> float:
    """The sum of BLOCK exponential gaps (Wilson and Hilferty: off by 1e-4 of it)."""
    ninth = 1 / (9 * BLOCK)
    edge = 2.0**-53
    z = _NORMAL.inv_cdf(min(max(part, edge), 1 - edge))
    root = 1 - ninth + z * sqrt(ninth)
    return BLOCK * root * root * root
