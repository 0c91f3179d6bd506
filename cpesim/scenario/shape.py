"""
What is drawn anew for each CPE: a delay, a bandwidth, a duration.

Rule: pure. A shape turns a number in [0, 1) into a value by the inverse of its
distribution; where the number comes from is chance.py's business.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

_NORMAL = NormalDist()
# What keeps a draw finite: chance() may be 0, and 1 is never drawn but as 1 - this.
_EDGE = 2.0**-53
SHAPES = ("fixed", "uniform", "exponential", "lognormal")


@dataclass(frozen=True, slots=True)
class Shape:
    """
    A distribution: fixed (*a*), uniform (*a* to *b*), exponential (mean *a*) or
    lognormal (median *a*, sigma *b*).

    *within*: no value above it; what lies above is drawn again, which is the same as
    a draw from the part below.
    """

    kind: str
    a: float
    b: float = 0.0
    within: float = math.inf

    def at(self, u: float) -> float:
        """The value that the number *u* in [0, 1) stands for."""
        if self.within != math.inf:
            u *= self._below(self.within)
        u = min(max(u, _EDGE), 1.0 - _EDGE)
        if self.kind == "fixed":
            return min(self.a, self.within)
        if self.kind == "uniform":
            return self.a + (self.b - self.a) * u
        if self.kind == "exponential":
            return -self.a * math.log1p(-u)
        return self.a * math.exp(self.b * _NORMAL.inv_cdf(u))

    def _below(self, value: float) -> float:
        """The share of draws that are at most *value*."""
        if self.kind == "fixed":
            return 1.0
        if self.kind == "uniform":
            return min(max((value - self.a) / ((self.b - self.a) or 1.0), 0.0), 1.0)
        if self.kind == "exponential":
            return -math.expm1(-value / self.a)
        if value <= 0 or not self.b:
            return 1.0
        return _NORMAL.cdf(math.log(value / self.a) / self.b)
