"""
Which CPEs a fault is for, where nothing but the plan is known.

Rule: a pick is the CPEs that rank first by a draw over the whole fleet, the same ones
in each shard and each run. Sets that steps name or that ask for values need
engine/sets.py, which takes this one's place.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from heapq import nsmallest

from cpesim.chance import draw
from cpesim.errors import ConfigError
from cpesim.scenario.scenario import Group
from cpesim.scenario.step import DeviceSet

SALT = "fault"


class Members:
    """The CPEs of a set, by group, share and count."""

    def __init__(self, groups: Sequence[Group], seed: int) -> None:
        self._groups = groups
        self._seed = seed

    def __call__(self, wanted: DeviceSet) -> Container[int]:
        """Their numbers, of all shards; raises ConfigError where it cannot tell."""
        if wanted.name or wanted.where:
            raise ConfigError(f"no set is called {wanted.name or wanted.where!r} yet")
        found = [g for g in self._groups if wanted.group in ("", g.name)]
        if not found:
            known = ", ".join(group.name for group in self._groups)
            raise ConfigError(f"no group is called {wanted.group!r}: expected {known}")
        ranges = [range(g.first, g.first + g.count) for g in found]
        total = sum(map(len, ranges))
        most = total
        if wanted.count is not None:
            most = max(wanted.count, 1)
        elif wanted.share is not None:
            most = max(round(wanted.share * total), 1)
        if most >= total:
            return ranges[0] if len(ranges) == 1 else Several(ranges)
        numbers = (n for part in ranges for n in part)
        return frozenset(nsmallest(most, numbers, key=self._rank))

    def _rank(self, n: int) -> int:
        return draw(self._seed, n, SALT)


class Several:
    """The numbers of several ranges."""

    def __init__(self, ranges: Sequence[range]) -> None:
        self._ranges = ranges

    def __contains__(self, n: object) -> bool:
        return any(n in part for part in self._ranges)
