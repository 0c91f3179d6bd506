"""
How many devices of each group are in which state.

Rule: counted when a device changes, never by looking at all of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

NEW, OK, BUSY, WAITING, RETRY, OFF = "new", "ok", "busy", "waiting", "retry", "off"
STATES = (NEW, OK, BUSY, WAITING, RETRY, OFF)
# Off for good: no longer one of the fleet.
GONE = "removed"
# Who is in one of these starts no session: it has one, it waits for one, or it is gone.
HELD = (BUSY, WAITING, GONE)


class Standing:
    """The counts of a shard's devices, by group and state."""

    def __init__(self, groups: Sequence[tuple[str, int, int]]) -> None:
        """*groups*: name, number of the first device, how many of it are here."""
        self._groups: dict[str, dict[str, int]] = {}
        # Of each stretch of numbers: the first, the group, and the group's counts.
        self._firsts: list[int] = []
        self._names: list[str] = []
        self._counts: list[dict[str, int]] = []
        for group in groups:
            self.add(*group)

    def add(self, name: str, first: int, here: int) -> None:
        """More devices of a group, with numbers above all others."""
        counts = self._groups.get(name)
        if counts is None:
            counts = self._groups[name] = dict.fromkeys((*STATES, GONE), 0)
        counts[NEW] += here
        # A fleet that grows each minute must not make each second dearer.
        if self._names[-1:] != [name]:
            self._firsts.append(first)
            self._names.append(name)
            self._counts.append(counts)

    def move(self, n: int, old: str, new: str) -> None:
        """Device *n* goes from one state to another."""
        at = bisect_right(self._firsts, n) - 1 if len(self._firsts) > 1 else 0
        counts = self._counts[at]
        counts[old] -= 1
        counts[new] += 1

    def group(self, n: int) -> str:
        """The name of device *n*'s group."""
        return self._names[bisect_right(self._firsts, n) - 1]

    def gauges(self) -> dict[str, float]:
        """The counts as the snapshot carries them."""
        found: dict[str, float] = {}
        every = self._groups.values()
        for state in STATES:
            found[f"fleet.{state}"] = sum(c[state] for c in every)
        found["fleet.total"] = sum(c[s] for c in every for s in STATES)
        if gone := sum(c[GONE] for c in every):
            found["fleet.removed"] = gone
        for name, counts in self._groups.items():
            found[f"fleet/{name}/total"] = sum(counts[s] for s in STATES)
            for state in STATES:
                found[f"fleet/{name}/{state}"] = counts[state]
        return found
