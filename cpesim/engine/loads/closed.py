"""
A fixed number of sessions in flight: the one closed load.

Rule: a session begins when another ends, so none has a moment at which it was meant to
begin, and none is late. What such a run measures is service time, not response time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import inf

from cpesim.device.device import Device
from cpesim.engine.loads.source import AGAIN, Count
from cpesim.engine.start import CLOSED, PERIODIC, Start, Tells, able, rouse

# CPEs that are asked in one go whether they are able: most are, but for a power cut.
MOST_ASKED = 64


class ClosedLoad:
    """A Source: *number* sessions at all times from *at* on, of *devices* in turn."""

    def __init__(
        self,
        number: int,
        devices: Sequence[Device],
        count: Count,
        *,
        name: str = "",
        at: float = 0.0,
        tells: Tells = PERIODIC,
    ) -> None:
        self.name = name
        self.open = 0
        self._number = number
        self._devices = list(devices)
        self._count = count
        self._at = at
        self._tells = tells
        self._turn = 0
        self._paused = False

    def due(self, now: float, free: bool) -> float:
        """While one is missing, soon: a place that becomes free asks by itself."""
        if self._paused or self.open >= self._number:
            return inf
        if now < self._at:
            return self._at
        return now + AGAIN

    def look(self, now: float) -> None:
        """Nothing is counted that has not begun."""

    def since(self, now: float) -> float:
        """Now, when one is missing: it was not due before."""
        if self._paused or now < self._at or self.open >= self._number:
            return inf
        return now

    def next(self, now: float) -> Start | None:
        """One of the next CPEs that is able, if one is missing."""
        if self.since(now) > now:
            return None
        devices = self._devices
        for _ in range(min(MOST_ASKED, len(devices))):
            device = devices[self._turn % len(devices)]
            self._turn = (self._turn + 1) % len(devices)
            if able(device):
                rouse(device, now, self._tells, CLOSED)
                self.open += 1
                self._count("sessions.wanted", 1)
                return Start(now, device, CLOSED, "", self)
        return None

    def ended(self) -> None:
        """One is missing."""
        self.open -= 1

    def join(self, devices: Sequence[Device]) -> None:
        """Their turn comes after that of the others."""
        self._devices.extend(devices)

    def leave(self, gone: Collection[Device]) -> None:
        """The others have as many sessions as before."""
        self._devices = [d for d in self._devices if d not in gone]

    def left(self, now: float) -> int:
        """None is ever due."""
        return 0

    def paused(self, now: float) -> None:
        """Those in flight end, and none follows."""
        self._paused = True

    def resumed(self, now: float) -> None:
        """As many as before."""
        self._paused = False
