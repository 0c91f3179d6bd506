"""
How the CPEs of one group live in a run: timers, connection requests, new images.

Rule: plain values, shared by the group and never changed. What is drawn is drawn by
the seed, the CPE's number and a salt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class Drawn(Protocol):
    """A distribution (scenario/shape.py)."""

    def at(self, u: float) -> float:
        """The value that the number *u* in [0, 1) stands for."""
        ...


class Outcome(Protocol):
    """What becomes of a *share* of the new images (scenario.Outcome)."""

    @property
    def share(self) -> float: ...
    @property
    def fault(self) -> int: ...
    @property
    def at(self) -> str: ...
    @property
    def silent(self) -> bool: ...
    @property
    def keep_version(self) -> bool: ...


class Downloads(Protocol):
    """What the CPEs do when the ACS says Download (scenario.Behaviour)."""

    @property
    def fetch(self) -> bool | None: ...
    @property
    def keep(self) -> bool | None: ...
    @property
    def bandwidth(self) -> Drawn | None: ...  # bits a second
    @property
    def flash(self) -> Drawn | None: ...
    @property
    def reboot(self) -> Drawn | None: ...
    @property
    def then(self) -> Mapping[str, str]: ...
    @property
    def complete_inform(self) -> tuple[str, ...]: ...
    @property
    def outcomes(self) -> Sequence[Outcome]: ...


class Upgrades(Protocol):
    """Who counts new images (engine/figures/campaign.py)."""

    def ordered(self, version: str, now: float) -> None:
        """An ACS has ordered an image of that version."""
        ...

    def reached(self, n: int, old: str, new: str, now: float) -> None:
        """CPE *n* has booted another version than it had."""
        ...

    def gone(self, n: int, version: str) -> None:
        """CPE *n*, which had that version, is off for good."""
        ...


@dataclass(frozen=True, slots=True)
class Ways:
    """
    How the CPEs of a group live.

    *phase* is when CPE n begins to count its periodic Informs, which it makes one
    interval later for the first time; without it a CPE has a phase of its own.
    """

    timers: bool = True  # they run their own
    listens: bool = True  # they take connection requests
    answer_after: Drawn | None = None  # from a connection request to its session
    phase: Callable[[int], float] | None = None
    downloads: Downloads | None = None


WAYS = Ways()
