"""
The timeline of a run: phases, steps, and the sets of CPEs that steps are about.

Rule: plain frozen values that can be pickled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written: for errors, annotations and reports."""

    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    @property
    def short(self) -> str:
        """The same with the file's name alone, for a line on a screen."""
        return str(self)[self.file.rfind("/") + 1 :]


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class DeviceSet:
    """
    Some of the CPEs: of a set that a step named, or of a group, or of all.

    *share* (0 to 1) or *count* of those picks by seed, the same CPEs in each run;
    *where* keeps those whose parameters have these values at that moment.
    """

    name: str = ""  # a set that an earlier step named by `as:`
    group: str = ""
    share: float | None = None
    count: int | None = None
    where: Mapping[str, str] = field(default_factory=dict)


EVERYONE = DeviceSet()


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the run; it cuts the statistics and ends where the next begins."""

    name: str
    at: float
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Step:
    """
    One entry of the timeline that does something.

    Due at *at*, or each *every* seconds (the first after one *every*), moved by a draw
    of ±*jitter*. *do* is a key of the action tables; *arguments* are the action's own,
    already read (durations in seconds, shares 0 to 1, rates a second).
    """

    do: str
    at: float = 0.0
    every: float | None = None
    jitter: float = 0.0
    devices: DeviceSet | None = None
    name: str = ""  # `as:`, under which later steps and metrics know the set
    arguments: Mapping[str, Any] = field(default_factory=dict)
    place: Place = field(default=NOWHERE, compare=False)


def clock_begins(action: str, arguments: Mapping[str, Any], now: float) -> float | None:
    """When a recovery begins that is measured after a step; None without one."""
    if action in ("power_restore", "watch"):
        return now
    after = arguments.get("restore_after")
    return now + float(after) if action == "power_cut" and after is not None else None


@dataclass(frozen=True, slots=True)
class Injection:
    """
    Misbehaviour by plan: one entry of `faults:`.

    *kinds* maps a kind of fault to its arguments, `p` (0 to 1, drawn once a session)
    among them. It is on during *phase*, or all the time (*phase* empty), unless
    *active* is false: then only `fault on` turns it on.
    """

    name: str
    kinds: Mapping[str, Mapping[str, Any]]
    devices: DeviceSet = EVERYONE
    phase: str = ""
    active: bool = True
    place: Place = field(default=NOWHERE, compare=False)
