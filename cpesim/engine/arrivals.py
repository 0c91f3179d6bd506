"""
The arrivals of a rate: which is next, which have waited too long.

Rule: arithmetic on the pace, not a queue. A rate far above what an ACS takes costs
nothing for each arrival that is dropped.
"""

from __future__ import annotations

from math import floor

from cpesim.scenario.pace import Pace

# An arrival that finds no place for so long is dropped.
PATIENCE = 1.0


class Arrivals:
    """
    Arrival numbers 0, 1, 2 … of *pace*.

    Those before `head` were started, dropped, or set aside (their device was busy);
    `dropped` and `wanted` are counts since they were last taken.
    """

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.head = 0
        self._aside: list[int] = []
        self._wanted = 0

    def next(self) -> float:
        """When the next arrival is due."""
        return self.pace.due(self.head)

    def waiting(self, now: float) -> int:
        """How many are due and have no place yet."""
        return max(self._due(now) - self.head, 0) + len(self._aside)

    def wanted(self, now: float) -> int:
        """How many have become due since this was last asked."""
        due = max(self._due(now), self._wanted)
        fresh, self._wanted = due - self._wanted, due
        return fresh

    def take(self, now: float) -> int | None:
        """The arrival at the head, if it is due."""
        if self.pace.due(self.head) > now:
            return None
        self.head += 1
        return self.head - 1

    def aside(self, k: int) -> None:
        """Arrival *k* waits for its device, and must not hold up the others."""
        self._aside.append(k)

    def set_aside(self) -> list[int]:
        """Those set aside, to be tried anew: put back what still waits."""
        found, self._aside = self._aside, []
        return found

    def drop(self, now: float) -> int:
        """Give up what has waited longer than PATIENCE: how many."""
        since = now - PATIENCE
        count = len(self._aside)
        if count:
            self._aside = [k for k in self._aside if self.pace.due(k) >= since]
            count -= len(self._aside)
        if self.pace.due(self.head) < since:
            head = max(self._due(since), self.head)
            count += head - self.head
            self.head = head
        return count

    def _due(self, t: float) -> int:
        """How many arrivals are due up to *t*, *t* included."""
        if t < self.pace.segments[0].at:
            return 0
        k = floor(self.pace.area(t) + 1e-9)
        return k + 1 if self.pace.due(k) <= t else k
