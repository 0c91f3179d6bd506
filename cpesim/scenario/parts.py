"""
Which groups a load is about, and which part of it is whose.

Rule: pure, and the same on every worker, so that forty agree without a message.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

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
    session, unless somebody said how long the ramp is. One without end is for fleets
    that are led by hand: their CPEs boot when they are told to.
    """
    if start.ramp == inf:
        return False
    if start.ramp is not None or timed(loads, group):
        return True
    return not any(load.executor in BOOTING and about(load, group) for load in loads)


def ramp_seconds(start: Start, count: int, timer_scale: float = 1.0) -> float:
    """The seconds that *count* CPEs have to boot, or to come in for the first time."""
    return default_ramp(count) * timer_scale if start.ramp is None else start.ramp


def ramp_of(scenario: Scenario) -> float | None:
    """The seconds over which CPEs boot; None where none does."""
    start, loads = scenario.start, scenario.loads
    if start.known or not any(ramps(start, loads, group) for group in scenario.groups):
        return None
    return ramp_seconds(start, scenario.count, scenario.timer_scale)


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
    """
    What of a load is one worker's: those of its *count* CPEs that live there.

    *numbers* are the CPEs', *turns* their places in the load's turn of all its CPEs.
    """

    numbers: Sequence[int]
    turns: Sequence[int]
    count: int

    def share(self, number: int) -> int:
        """How many of the first *number* in the turn are this worker's."""
        return bisect_left(self.turns, number)


def part_of(load: Load, groups: Iterable[Group], shard: Shard) -> Part:
    """This worker's part in a load."""
    numbers, turns = array("q"), array("q")
    count = 0
    for group in groups:
        if about(load, group):
            here = shard.numbers(group.first, group.count)
            numbers.extend(here)
            turns.extend(n - group.first + count for n in here)
            count += group.count
    return Part(numbers, turns, count)
