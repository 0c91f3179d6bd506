"""
Which groups a load is about, and which part of it is whose.

Rule: pure, and the same on every worker, so that forty agree without a message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cpesim.scenario.pace import boot_due, default_ramp, position
from cpesim.scenario.scenario import Group, Load, Scenario, Start
from cpesim.scenario.shard import Shard

# Loads whose sessions find CPEs that have not booted yet, and boot them.
BOOTING = ("arrival-rate", "in-flight")


def about(load: Load, group: Group) -> bool:
    """Whether the load is about the group's CPEs."""
    return not load.groups or group.name in load.groups


def timed(loads: Iterable[Load], group: Group) -> bool:
    """Whether the group's CPEs run their own timers."""
    return any(load.executor == "fleet" and about(load, group) for load in loads)


def ramps(start: Start, loads: Sequence[Load], group: Group) -> bool:
    """
    Whether the group's CPEs boot over the ramp.

    Those that only a rate or a fixed number of sessions is about boot in their first
    session, unless somebody said how long the ramp is.
    """
    if start.ramp is not None or timed(loads, group):
        return True
    return not any(load.executor in BOOTING and about(load, group) for load in loads)


def ramp_of(scenario: Scenario) -> float | None:
    """The seconds over which CPEs boot, or begin to count; None where none does."""
    start, loads = scenario.start, scenario.loads
    if not any(ramps(start, loads, group) for group in scenario.groups):
        return None
    return default_ramp(scenario.count) if start.ramp is None else start.ramp


@dataclass(frozen=True, slots=True)
class Ramp:
    """When each of *count* CPEs has its turn in *seconds*."""

    count: int
    seconds: float

    def __call__(self, n: int) -> float:
        """The moment of CPE *n*."""
        return boot_due(position(n, self.count), self.count, self.seconds)


@dataclass(frozen=True, slots=True)
class Part:
    """Number *index* of the *of* workers that have a CPE of a load's groups."""

    index: int
    of: int

    def share(self, number: int) -> int:
        """How many of *number* are this worker's."""
        return number // self.of + (self.index < number % self.of)


def part_of(load: Load, groups: Sequence[Group], shard: Shard) -> Part | None:
    """This worker's part in a load; None where it has none of its CPEs."""
    able = [
        index
        for index in range(shard.of)
        if any(
            about(load, g) and Shard(index, shard.of).numbers(g.first, g.count)
            for g in groups
        )
    ]
    if shard.index not in able:
        return None
    return Part(able.index(shard.index), len(able))


def numbers_of(
    load: Load, groups: Iterable[Group], shard: Shard, most: int | None = None
) -> Iterator[int]:
    """The CPEs of a load that live here, or of its first *most* ones."""
    before = 0
    for group in groups:
        if not about(load, group):
            continue
        count = group.count
        if most is not None:
            count = max(min(count, most - before), 0)
        before += group.count
        yield from shard.numbers(group.first, count)
