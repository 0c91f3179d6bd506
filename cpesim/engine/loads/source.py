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

    def join(self, devices: Sequence[Device]) -> None:
        """More CPEs take part."""
        ...

    def leave(self, gone: Collection[Device]) -> None:
        """These CPEs take part no more."""
        ...

    def left(self, now: float) -> int:
        """How many sessions are due and will not be, for the run ends."""
        ...

    def paused(self, now: float) -> None:
        """Start nothing from now on."""
        ...

    def resumed(self, now: float) -> None:
        """Go on as before the pause."""
        ...
