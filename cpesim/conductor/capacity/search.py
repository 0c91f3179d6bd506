"""
The search for the highest arrival rate at which the limits hold.

Rule: pure. It says what to try next, is told what came of it, and knows no run, no
clock and no ACS, so that it can be tested against any ACS there could be.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

# The interval between what held and what failed is halved until it is so narrow.
NARROW = 1.05
# A confirmation that fails lowers the rate by so much.
LOWER = 0.95
# Below this there is nothing to search: the ACS does not even take one in ten seconds.
LEAST = 0.1
# Doubling ends here; no generator gets there.
MOST = 1e6


class Came(StrEnum):
    """What came of a step."""

    HELD = "held"
    FAILED = "failed"
    SATURATED = "saturated"  # the generator, not the ACS


@dataclass(frozen=True, slots=True)
class Trial:
    """A step to take: *confirms* is the longer run at the end."""

    rate: float
    confirms: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """A step that was taken."""

    trial: Trial
    came: Came
    broke: str = ""  # the limit that failed, or what saturated


@dataclass(slots=True)
class Search:
    """
    Doubling from *start*, then halving the interval, then a confirmation.

    ``next()`` is the step to take, None when the search is over; ``told()`` says what
    came of it.
    """

    start: float
    narrow: float = NARROW
    tried: list[Tried] = field(default_factory=list)
    _low: float = 0.0  # the highest that held
    _high: float = inf  # the lowest that failed
    _lowered: float = 0.0  # what is to be confirmed after a confirmation failed
    _over: bool = False

    @property
    def held(self) -> float:
        """The highest rate that was confirmed; 0 where none was."""
        rates = [t.trial.rate for t in self.tried if t.came is Came.HELD]
        confirmed = [
            t.trial.rate for t in self.tried if t.came is Came.HELD and t.trial.confirms
        ]
        return max(confirmed or (rates if self.saturated else []), default=0.0)

    @property
    def failed(self) -> float | None:
        """The lowest rate that failed; None where none did."""
        rates = [t.trial.rate for t in self.tried if t.came is Came.FAILED]
        return min(rates, default=None)

    @property
    def broke(self) -> str:
        """The limit that the lowest failed rate broke."""
        failed = [t for t in self.tried if t.came is Came.FAILED]
        return min(failed, key=lambda t: t.trial.rate).broke if failed else ""

    @property
    def saturated(self) -> bool:
        """Whether the generator was the first to give in: *held* is "at least"."""
        return any(t.came is Came.SATURATED for t in self.tried)

    def next(self) -> Trial | None:
        """What to try now."""
        if self._over:
            return None
        if self._lowered:
            return Trial(self._lowered, confirms=True)
        if self._high == inf:
            return Trial(min(self._low * 2, MOST) if self._low else self.start)
        if not self._low:  # not even the start held: downwards
            return Trial(self._high / 2)
        if self._high / self._low > self.narrow:
            return Trial((self._low + self._high) / 2)
        return Trial(self._low, confirms=True)

    def told(self, trial: Trial, came: Came, broke: str = "") -> None:
        """What came of a step."""
        self.tried.append(Tried(trial, came, broke))
        if came is Came.SATURATED:
            self._over = True
        elif trial.confirms:
            self._over = came is Came.HELD
            self._lowered = trial.rate * LOWER
            self._over |= self._lowered < LEAST
        elif came is Came.HELD:
            self._low = max(self._low, trial.rate)
            self._over = trial.rate >= MOST
        else:
            self._high = min(self._high, trial.rate)
            self._over = trial.rate / 2 < LEAST and not self._low
