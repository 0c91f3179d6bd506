"""
What the fleet asks of a load.

Rule: nothing here waits; each answer is arithmetic on what the load remembers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from cpesim.device.device import Device
from cpesim.engine.start import Start

Count = Callable[[str, int], None]
# How often arrivals that found no place, or a busy device, are looked at.
AGAIN = 0.02


class Source(Protocol):
    """
    A load's part on this worker.

    *rate* is what it means to start each second at that moment; *changed*, *times*,
    *paused* and *resumed* are what people and the timeline do to it.
    """

    name: str

    def due(self, now: float, free: bool) -> float:
        """When it is to be looked at next; *free* says whether there is a place."""
        ...

    def look(self, now: float) -> None:
        """Count what has become due, and give up what has waited too long."""
        ...

    def since(self, now: float) -> float:
        """Since when its next session has been due; infinity when none is."""
        ...

    def next(self, now: float) -> Start | None:
        """The next session that is due and whose device is able."""
        ...

    def ended(self) -> None:
        """One of its sessions is over."""
        ...

    def join(self, devices: Sequence[Device]) -> None:
        """More CPEs take part."""
        ...

    def leave(self, gone: Collection[Device]) -> None:
        """These CPEs take part no more."""
        ...

    def left(self, now: float) -> int:
        """How many sessions are due and will not be, for the run ends."""
        ...

    def rate(self, now: float) -> float | None:
        """Sessions a second here; None where it has no rate."""
        ...

    def planned(self, now: float) -> float:
        """Sessions a second by the plan, on all workers; 0 where it has no rate."""
        ...

    def changed(self, rate: float, now: float) -> None:
        """Another rate from now on: that of all workers together."""
        ...

    def times(self, factor: float, now: float) -> None:
        """The rates of the plan from now on, so many times as high."""
        ...

    def paused(self, now: float) -> None:
        """Start nothing from now on."""
        ...

    def resumed(self, now: float) -> None:
        """Go on as before the pause."""
        ...
