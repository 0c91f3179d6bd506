"""
The arrivals of a rate: which is next, which have waited too long.

Rule: arithmetic on the pace, not a queue. A rate far above what an ACS takes costs
nothing for each arrival that is dropped.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from cpesim.scenario.moments import Even, Moments
from cpesim.scenario.pace import Pace

# An arrival that finds no place for so long is dropped.
PATIENCE = 1.0


class Arrivals:
    """
    Arrival numbers 0, 1, 2 … of *pace*, or those of them that are this worker's.

    Of *of* arrivals in a row it makes the ones at the places *turns*.

    Those before `head` were started, dropped, or set aside (their device was busy).
    A number here is one of this worker's own: its k-th arrival.
    """

    def __init__(
        self,
        pace: Pace,
        moments: Moments | None = None,
        turns: Sequence[int] = (0,),
        of: int = 1,
    ) -> None:
        self._pace = pace
        self._moments = moments or Even()
        self._turns = turns
        self._of = of
        self.head = 0
        self._next = self.due(0)  # when the one at the head is due
        self._aside: list[int] = []
        self._wanted = 0

    def due(self, k: int) -> float:
        """When the *k*-th of them is due."""
        around, place = divmod(k, len(self._turns))
        return self._pace.due(
            self._moments.area(around * self._of + self._turns[place])
        )

    def rate(self, now: float) -> float:
        """How many a second there are of them at that moment."""
        return self._pace.rate(now) * len(self._turns) / self._of

    @property
    def pace(self) -> Pace:
        """When they are due; another pace may take over at any time."""
        return self._pace

    @pace.setter
    def pace(self, pace: Pace) -> None:
        self._pace = pace
        self._move(self.head)

    def next(self) -> float:
        """When the next arrival is due."""
        return self._next

    def waiting(self, now: float) -> int:
        """How many are due and have no place yet."""
        return max(self._due(now) - self.head, 0) + len(self._aside)

    def wanted(self, now: float) -> int:
        """How many have become due since this was last asked."""
        due = max(self._due(now), self._wanted)
        fresh, self._wanted = due - self._wanted, due
        return fresh

    def take(self, now: float) -> tuple[int, float] | None:
        """The arrival at the head and its moment, if it is due."""
        due = self._next
        if due > now:
            return None
        self._move(self.head + 1)
        return self.head - 1, due

    def aside(self, k: int) -> None:
        """Arrival *k* waits for its device, and must not hold up the others."""
        self._aside.append(k)

    def set_aside(self) -> list[int]:
        """Those set aside, to be tried anew: put back what still waits."""
        found, self._aside = self._aside, []
        return found

    def late(self, now: float) -> bool:
        """Whether the one at the head has waited too long."""
        return self._next < now - PATIENCE

    def drop(self, now: float) -> int:
        """Give up what has waited longer than PATIENCE: how many."""
        since = now - PATIENCE
        count = len(self._aside)
        if count:
            self._aside = [k for k in self._aside if self.due(k) >= since]
            count -= len(self._aside)
        if self._next < since:
            head = max(self._due(since), self.head)
            count += head - self.head
            self._move(head)
        return count

    def _move(self, head: int) -> None:
        self.head = head
        self._next = self.due(head)

    def _due(self, t: float) -> int:
        """How many arrivals are due up to *t*, *t* included."""
        if t < self._pace.segments[0].at:
            return 0
        around, rest = divmod(self._moments.count(self._pace.area(t)), self._of)
        mine = around * len(self._turns) + bisect_left(self._turns, rest)
        # The area is rounded, and so may be off by one; the moment is what holds.
        if mine and self.due(mine - 1) > t:
            return mine - 1
        return mine + 1 if self.due(mine) <= t else mine
