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
        self._firsts = [first for _, first, _ in groups]
        self._names = [name for name, _, _ in groups]
        self._counts = [dict.fromkeys((*STATES, GONE), 0) for _ in groups]
        for counts, (_, _, here) in zip(self._counts, groups, strict=True):
            counts[NEW] = here

    def add(self, name: str, first: int, here: int) -> None:
        """More devices of a group, with numbers above all others."""
        self._firsts.append(first)
        self._names.append(name)
        self._counts.append({**dict.fromkeys((*STATES, GONE), 0), NEW: here})

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
        for state in STATES:
            found[f"fleet.{state}"] = sum(c[state] for c in self._counts)
        found["fleet.total"] = sum(c[s] for c in self._counts for s in STATES)
        if gone := sum(c[GONE] for c in self._counts):
            found["fleet.removed"] = gone
        for name, counts in zip(self._names, self._counts, strict=True):
            total = f"fleet/{name}/total"
            found[total] = found.get(total, 0) + sum(counts[s] for s in STATES)
            for state in STATES:
                key = f"fleet/{name}/{state}"
                found[key] = found.get(key, 0) + counts[state]
        return found
