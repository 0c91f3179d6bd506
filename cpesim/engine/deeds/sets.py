"""
Which CPEs a DeviceSet means: by name, group, share, count and values.

Rule: a pick is the CPEs that rank first by a draw over the whole fleet, so that each
shard finds its own without asking the others, and a share is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import nsmallest
from itertools import chain

from cpesim.chance import draw
from cpesim.device.device import Device
from cpesim.engine.order import Order
from cpesim.errors import ConfigError
from cpesim.scenario.shard import Shard
from cpesim.scenario.step import DeviceSet

# Above so many a pick is ranked in a thread: 1 µs each.
MOST_RANKED = 20_000
# Whether a CPE of this shard has these values now.
Look = Callable[[int, Mapping[str, str]], bool]


class Sets:
    """
    The numbers of the fleet by group, and the sets that steps have named.

    A set chosen by values holds the CPEs of this shard alone; all others hold those
    of every shard, for a pick out of them has to rank them all.
    """

    def __init__(
        self, groups: Iterable[tuple[str, range]], seed: int, shard: Shard
    ) -> None:
        self._groups: dict[str, list[range]] = {}
        self._seed = seed
        self._shard = shard
        self._named: dict[str, tuple[Sequence[int], bool]] = {}
        self._gone: set[int] = set()
        self.total = 0
        for name, numbers in groups:
            self._take(name, numbers)

    @property
    def names(self) -> tuple[str, ...]:
        """The sets that have a name."""
        return tuple(self._named)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups, as they are named."""
        return tuple(self._groups)

    def add(self, group: str, count: int) -> range:
        """
        *count* more CPEs of a group: their numbers, behind those of all others.

        Raises ConfigError where there is no such group.
        """
        if group not in self._groups:
            raise ConfigError(_unknown("group", group, self.groups))
        numbers = range(self.total, self.total + count)
        self._take(group, numbers)
        return numbers

    def _take(self, group: str, numbers: range) -> None:
        of = self._groups.setdefault(group, [])
        if of and of[-1].stop == numbers.start:
            of[-1] = range(of[-1].start, numbers.stop)
        else:
            of.append(numbers)
        self.total = max(self.total, numbers.stop)

    def remove(self, numbers: Iterable[int]) -> None:
        """These are off for good: no pick finds them any more."""
        self._gone.update(numbers)

    def gone(self, n: int) -> bool:
        """Whether CPE *n* was removed."""
        return n in self._gone

    def mine(self, n: int) -> bool:
        """Whether CPE *n* is of this shard."""
        return self._shard.mine(n)

    def slow(self, wanted: DeviceSet) -> bool:
        """Whether a choice ranks so many that it belongs into a thread."""
        picks = wanted.share is not None or wanted.count is not None
        return picks and not wanted.where and self.total > MOST_RANKED

    def choose(self, wanted: DeviceSet, salt: str, look: Look) -> list[int]:
        """
        The CPEs of the set, in the order of their numbers.

        Those of other shards are among them unless values were asked for. *salt* makes
        this pick another than the last one. Raises ConfigError for an unknown name.
        """
        numbers, everywhere = self._members(wanted)
        if self._gone:
            numbers = [n for n in numbers if n not in self._gone]
        if wanted.where:
            mine = self._shard.mine
            numbers = [n for n in numbers if mine(n) and look(n, wanted.where)]
            everywhere = False
        most = self._most(wanted, len(numbers), everywhere)
        if most < len(numbers):
            seed = self._seed
            numbers = nsmallest(most, numbers, key=lambda n: draw(seed, n, salt))
        return sorted(numbers)

    def name(self, name: str, numbers: Sequence[int], wanted: DeviceSet) -> None:
        """Later steps know these CPEs, chosen as *wanted*, by this name."""
        _, everywhere = self._members(wanted)
        self._named[name] = (numbers, everywhere and not wanted.where)

    def remember(self, name: str, numbers: Sequence[int]) -> None:
        """Later steps know these CPEs, of every shard, by this name."""
        self._named[name] = (numbers, True)

    def _members(self, wanted: DeviceSet) -> tuple[Sequence[int], bool]:
        """The numbers that a set is a part of, and whether they are all shards'."""
        if wanted.name:
            if wanted.name not in self._named:
                raise ConfigError(_unknown("set", wanted.name, self.names))
            numbers, everywhere = self._named[wanted.name]
            if not wanted.group:
                return numbers, everywhere
            of = self._ranges(wanted.group)
            return [n for n in numbers if any(n in part for part in of)], everywhere
        parts = (
            self._ranges(wanted.group)
            if wanted.group
            else chain.from_iterable(self._groups.values())
        )
        return [n for part in parts for n in part], True

    def _ranges(self, group: str) -> list[range]:
        if group not in self._groups:
            raise ConfigError(_unknown("group", group, self.groups))
        return self._groups[group]

    def _most(self, wanted: DeviceSet, found: int, everywhere: bool) -> int:
        """How many of *found* CPEs are to be picked."""
        if wanted.count is None and wanted.share is None:
            return found
        index, of = self._shard.index, self._shard.of
        if wanted.count is not None:
            count = max(wanted.count, 1)
            if everywhere:
                return min(count, found)
            # Who has the values only its own shard knows: each takes its part.
            return min(count * (index + 1) // of - count * index // of, found)
        share = wanted.share or 0.0
        if everywhere:
            return min(max(round(share * found), 1), found)
        # Rounded up or down by shard, so that the parts add up to the whole.
        return min(int(share * found + (index + 0.5) / of), found)


def sets_of(order: Order) -> Sets:
    """The CPEs that a run begins with."""
    groups = [(g.name, range(g.first, g.first + g.count)) for _, g in order.groups]
    return Sets(groups, order.seed, order.shard)


def having(device: Device, values: Mapping[str, str], now: float) -> bool:
    """Whether a device has parameters of these values."""
    model = device.model
    return all(
        model.parameter(name) is not None and model.get(name, now) == text
        for name, text in values.items()
    )


def _unknown(what: str, name: str, known: Sequence[str]) -> str:
    there = f"expected {', '.join(known)}" if known else "there is none yet"
    return f"no {what} is called {name!r}: {there}"
