"""
Where a figure is going: the slope of a line through it that outliers do not bend.

Rule: Theil-Sen, the median of the slopes between all pairs of points. However long
the run, at most MOST points are kept: then each two neighbours become their mean.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import median

MOST = 240
# A slope through fewer points tells nothing.
LEAST = 6


class Trend:
    """Points of a figure over time."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._points: list[tuple[float, float]] = []
        self._stride = 1
        self._held: list[tuple[float, float]] = []  # till there are *stride* of them

    @property
    def points(self) -> list[tuple[float, float]]:
        """The points that are kept, the oldest first."""
        return self._points

    def add(self, at: float, value: float) -> None:
        """One point more."""
        self._held.append((at, value))
        if len(self._held) < self._stride:
            return
        self._points.append(_mean(self._held))
        self._held = []
        if len(self._points) >= self._most:
            pairs = zip(self._points[::2], self._points[1::2], strict=False)
            self._points = [_mean(list(pair)) for pair in pairs]
            self._stride *= 2

    def slope(self) -> float | None:
        """The rise a second; None of too few points."""
        points = self._points
        if len(points) < LEAST or any(a[0] >= b[0] for a, b in pairwise(points)):
            return None
        return median(
            (later[1] - point[1]) / (later[0] - point[0])
            for n, point in enumerate(points)
            for later in points[n + 1 :]
        )

    def middle(self) -> float:
        """The median of the values."""
        return median(value for _, value in self._points) if self._points else 0.0


def _mean(points: list[tuple[float, float]]) -> tuple[float, float]:
    count = len(points)
    return sum(at for at, _ in points) / count, sum(v for _, v in points) / count
