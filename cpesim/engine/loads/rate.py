"""
Sessions at a rate: the open model, in which an ACS that is slow gets no fewer.

Rule: arrival k belongs to the k-th CPE in turn; what finds no place for a second is
dropped, and counted.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import inf

from cpesim.device.device import Device
from cpesim.engine.loads.arrivals import Arrivals
from cpesim.engine.loads.source import AGAIN, Count
from cpesim.engine.start import PACE, PERIODIC, Start, Tells, able, rouse
from cpesim.scenario.pace import Pace


class RateLoad:
    """A Source: the arrivals of a pace, each for the next of *devices*."""

    def __init__(
        self,
        arrivals: Arrivals,
        devices: Sequence[Device],
        count: Count,
        *,
        name: str = "",
        tells: Tells = PERIODIC,
    ) -> None:
        self.name = name
        self.arrivals = arrivals
        self._devices = list(devices)
        self._count = count
        self._tells = tells
        self._plan = self._meant = arrivals.pace
        self._paused = False
        self._counted = -inf  # when arrivals were counted last
        self._again: list[int] = []  # those set aside that are tried anew
        self._full = -inf  # when there was no place the last time

    def due(self, now: float, free: bool) -> float:
        """The next arrival, or the next look at those that wait."""
        found = self.arrivals.next()
        if not free:
            self._full = now
            found = max(found, now + AGAIN)
        if found > now + AGAIN and (self._again or self.arrivals.waiting(now)):
            return now + AGAIN
        return found

    def look(self, now: float) -> None:
        """Each AGAIN: count and drop, and try anew what was set aside."""
        if now >= self._counted + AGAIN:
            self._tally(now)

    def _tally(self, now: float) -> None:
        arrivals, self._counted = self.arrivals, now
        for k in self._again:
            arrivals.aside(k)
        wanted, dropped = arrivals.wanted(now), arrivals.drop(now)
        self._again = arrivals.set_aside()
        if wanted:
            self._count("sessions.wanted", wanted)
        if dropped:
            self._count("sessions.dropped", dropped)

    def since(self, now: float) -> float:
        """The moment of the arrival whose turn it is."""
        if self._again:
            return self.arrivals.due(self._again[0])
        found = self.arrivals.next()
        return found if found <= now else inf

    def next(self, now: float) -> Start | None:
        """Those set aside first; a device that is busy holds up no other."""
        arrivals = self.arrivals
        if arrivals.late(now):
            self._tally(now)
        while self._again:
            k = self._again.pop(0)
            start = self._start(k, arrivals.due(k), now)
            if start is not None:
                # Its CPE had a session, which is the ACS's time and not ours.
                return start._replace(why="in_flight")
            arrivals.aside(k)
        while (found := arrivals.take(now)) is not None:
            start = self._start(*found, now)
            if start is not None:
                return start
            arrivals.aside(found[0])
        return None

    def _start(self, k: int, due: float, now: float) -> Start | None:
        if not self._devices:
            return None
        device = self._devices[k % len(self._devices)]
        if not able(device):
            return None
        rouse(device, now, self._tells, PACE)
        return Start(due, device, PACE, "in_flight" if due <= self._full else "")

    def join(self, devices: Sequence[Device]) -> None:
        """Their turn comes after that of the others."""
        self._devices.extend(devices)

    def leave(self, gone: Collection[Device]) -> None:
        """The others have all of the arrivals."""
        self._devices = [d for d in self._devices if d not in gone]

    def left(self, now: float) -> int:
        """What is due and has found no place, counted to the end."""
        self._tally(now)
        return self.arrivals.waiting(now) + len(self._again)

    # -- what changes during the run

    def rate(self, now: float) -> float:
        """This worker's part of it, in sessions a second."""
        return self.arrivals.rate(now)

    def planned(self, now: float) -> float:
        """By the plan, whatever was changed since, on all workers together."""
        return self._plan.rate(now)

    def changed(self, rate: float, now: float) -> None:
        """A steady rate of all workers together, and the plan's stages no more."""
        self._mean(Pace.steady(rate), now)

    def times(self, factor: float, now: float) -> None:
        """The plan's stages, lifted or lowered."""
        self._mean(self._plan.times(factor), now)

    def _mean(self, pace: Pace, now: float) -> None:
        self._meant = pace
        if not self._paused:
            self.arrivals.pace = self.arrivals.pace.followed(now, pace)

    def paused(self, now: float) -> None:
        """No arrival becomes due; those that are due wait on."""
        self._paused = True
        self.arrivals.pace = self.arrivals.pace.paused(now)

    def resumed(self, now: float) -> None:
        """At the rate that is meant by now."""
        self._paused = False
        self.arrivals.pace = self.arrivals.pace.followed(now, self._meant)
