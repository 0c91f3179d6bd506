"""
Who has waited too long.

Rule: no cancel scope for each exchange; one look at the oldest, every now and then,
finds all that are overdue, since waits of one kind are all of one length.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from cpesim.errors import WireError


class Breakable(Protocol):
    """What can be broken off from outside."""

    def break_off(self, error: WireError) -> None: ...


class Waits:
    """Waits of one kind: `since` holds when each began, the oldest first."""

    __slots__ = ("_error", "most", "since")

    def __init__(self, most: float, error: Callable[[], WireError]) -> None:
        self.most = most
        self._error = error
        self.since: dict[Breakable, float] = {}

    def expire(self, now: float) -> None:
        """Break off those that began more than `most` seconds ago."""
        before = now - self.most
        while self.since:
            oldest = next(iter(self.since))
            if self.since[oldest] > before:
                return
            del self.since[oldest]
            oldest.break_off(self._error())
