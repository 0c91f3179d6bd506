"""
One session of each CPE, all due at one moment.

Rule: these are owed: they wait for a place, however late they become, and none is
dropped. A CPE that has a session already tells its events in the next one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import inf

from cpesim.device.device import DARK, Device
from cpesim.engine.loads.source import Count
from cpesim.engine.start import AT_ONCE, PERIODIC, Start, Tells, able, rouse


class OnceLoad:
    """A Source: one session of each of *devices*, due at *at*."""

    def __init__(
        self,
        devices: Sequence[Device],
        count: Count,
        *,
        name: str = "",
        at: float = 0.0,
        tells: Tells = PERIODIC,
    ) -> None:
        self.name = name
        self._devices = list(devices)
        self._count = count
        self._at = at
        self._tells = tells
        self._turn = 0
        self._counted = False
        self._apart: set[Device] = set()  # who was not able at the moment
        self._paused = False
        self._full = -inf  # when there was no place the last time

    def due(self, now: float, free: bool) -> float:
        """At the moment; after it as soon as there is a place, which asks by itself."""
        if self._turn == len(self._devices) or self._paused:
            return inf
        if now < self._at or not self._counted:
            return self._at
        if free:
            return -inf
        self._full = now
        return inf

    def look(self, now: float) -> None:
        """All that are able are wanted at the one moment."""
        if not self._counted and now >= self._at:
            self._counted = True
            self._apart = {d for d in self._devices if not able(d)}
            self._count("sessions.wanted", len(self._devices) - len(self._apart))

    def since(self, now: float) -> float:
        """The one moment, until each has had its turn."""
        over = self._turn == len(self._devices)
        return inf if over or self._paused or now < self._at else self._at

    def next(self, now: float) -> Start | None:
        """The next CPE; one that is off has nothing to tell."""
        if self.since(now) > now:
            return None
        self.look(now)
        while self._turn < len(self._devices):
            device = self._devices[self._turn]
            self._turn += 1
            wanted = device not in self._apart
            if able(device):
                if not wanted:
                    self._count("sessions.wanted", 1)
                rouse(device, now, self._tells, AT_ONCE)
                why = "in_flight" if self._at <= self._full else ""
                return Start(self._at, device, AT_ONCE, why)
            if device.life == DARK:
                self._count("at-once.off", 1)
                if wanted:
                    self._count("sessions.not_started", 1)
            else:
                if wanted:
                    self._count("sessions.wanted", -1)  # the next one's is counted
                self._tells.to(device, now, AT_ONCE)
        return None

    def join(self, devices: Sequence[Device]) -> None:
        """Who comes after the moment has missed it."""
        if not self._counted:
            self._devices.extend(devices)

    def leave(self, gone: Collection[Device]) -> None:
        """Those whose turn has not come have none."""
        before, after = self._devices[: self._turn], self._devices[self._turn :]
        kept = [d for d in after if d not in gone]
        lost = [d for d in after if d in gone and d not in self._apart]
        if self._counted and lost:
            self._count("sessions.not_started", len(lost))
        self._devices = before + kept

    def left(self, now: float) -> int:
        """Those whose moment has come and whose turn has not."""
        return len(self._devices) - self._turn if self._counted else 0

    def paused(self, now: float) -> None:
        """The rest waits."""
        self._paused = True

    def resumed(self, now: float) -> None:
        """The rest has been due since the moment."""
        self._paused = False
