"""
Which CPEs a fault is for.

Rule: a pick is always the same CPEs, in each shard and each run; one by values is made
anew whenever the fault is turned on.
"""

from __future__ import annotations

import sys
from collections.abc import Container

from cpesim.engine.deeds.sets import Look, Sets
from cpesim.scenario.step import EVERYONE, DeviceSet

SALT = "fault"
ALL = range(sys.maxsize)  # those too that are added later


class Members:
    """The CPEs of a set, by the *sets* of this shard."""

    def __init__(self, sets: Sets, look: Look) -> None:
        self._sets = sets
        self._look = look

    def __call__(self, wanted: DeviceSet) -> Container[int]:
        """The numbers of those here; raises ConfigError for a name that there is not"""
        if wanted == EVERYONE:
            return ALL
        sets = self._sets
        chosen = sets.choose(wanted, SALT, self._look)
        return frozenset(n for n in chosen if sets.mine(n))
