"""
What a worker is told.

Rule: plain and picklable; a worker needs nothing else to run its shard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cpesim.device.profile import Profile
from cpesim.scenario.scenario import Acs, Group, Load, Start
from cpesim.scenario.shard import Shard
from cpesim.scenario.step import Injection


@dataclass(frozen=True, slots=True)
class Order:
    """One shard of a run. *secret* makes the connection requests' paths."""

    run_id: str
    seed: int
    groups: tuple[tuple[Profile, Group], ...]
    acs: Acs
    start: Start
    loads: tuple[Load, ...]
    duration: float
    grace: float
    in_flight: int
    secret: bytes = field(repr=False)
    shard: Shard = field(default_factory=Shard)
    trace: int | None = None
    trace_failures: int = 0  # of each kind
    injections: tuple[Injection, ...] = ()
    plugin: str = ""  # FILE.py:CLASS with on_session
    timer_scale: float = 1.0  # of the ramp that nobody named
    # What only some runs want measured (scenario/limits/extra.py).
    first_byte: bool = False
    events: frozenset[str] = frozenset()

    @property
    def timers(self) -> bool:
        """Whether CPEs run their own timers."""
        return any(load.executor == "fleet" for load in self.loads)

    @property
    def count(self) -> int:
        """All devices of the run, of every shard."""
        return sum(group.count for _, group in self.groups)


@dataclass(frozen=True, slots=True)
class Command:
    """
    What the conductor asks of a running shard.

    *verb* is a key of engine.action.ACTIONS, or "start"; the shard answers with
    ("ack", id) when it has been applied.
    """

    id: int
    verb: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


class Part(NamedTuple):
    """A message, its body cut perhaps; *size* is that of the whole one."""

    head: bytes
    body: bytes
    size: int


class Failed(NamedTuple):
    """
    A session that failed at second *at*: *kind* is its label, exchange and group.

    *sent* and *answer* are its last exchange, which began *ago* seconds before.
    """

    at: float
    n: int
    serial: str
    kind: tuple[str, str, str]
    why: str
    ago: float
    sent: Part | None
    answer: Part | None


# What a shard sends: ("ready", {...}), ("snapshot", bytes), ("ack", id),
# ("event", text), ("deed", {...}) what came of a step, ("trace", text),
# ("bug", traceback), ("violation", (kind, example)), ("campaign", (version, when))
# at its first order, ("failed", Failed), ("end", {}).
Message = tuple[str, Any]
