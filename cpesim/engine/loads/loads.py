"""
All loads of a worker together: whose turn it is, and what is changed of them.

Rule: who has waited longest comes first, so that no load starves another.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import inf

from cpesim.device.device import Device
from cpesim.engine.loads.rate import RateLoad
from cpesim.engine.loads.source import Source
from cpesim.engine.start import Start


class Loads:
    """The *sources* of a worker; none where CPEs have only their own timers."""

    def __init__(self, sources: Sequence[Source] = ()) -> None:
        self.sources = sources

    def due(self, now: float, free: bool) -> float:
        """When one of them is to be looked at next."""
        return min((one.due(now, free) for one in self.sources), default=inf)

    def look(self, now: float) -> None:
        """Count what has become due, and give up what has waited too long."""
        for one in self.sources:
            one.look(now)

    def next(self, now: float) -> Start | None:
        """The next session that is due and whose device is able."""
        sources = self.sources
        if len(sources) > 1:
            sources = sorted(sources, key=lambda one: one.since(now))
        for one in sources:
            start = one.next(now)
            if start is not None:
                return start
        return None

    def join(self, names: Collection[str], devices: Sequence[Device]) -> None:
        """More CPEs take part in the loads of these names."""
        for one in self.sources:
            if one.name in names:
                one.join(devices)

    def leave(self, gone: Collection[Device]) -> None:
        """These CPEs take part in no load any more."""
        for one in self.sources:
            one.leave(gone)

    def left(self, now: float) -> int:
        """How many sessions are due and will not be, for the run ends."""
        return sum(one.left(now) for one in self.sources)

    # -- what changes during the run; None is all of them

    def rate(self, now: float) -> float | None:
        """The sessions a second that are meant to start here, if any has a rate."""
        rated = self._rated(None)
        return sum(one.rate(now) for one in rated) if rated else None

    def set_rate(self, name: str | None, rate: float, now: float) -> None:
        """
        Another rate from now on, of one or of all together, on all workers.

        All together keep the parts that they have by the plan at this moment.
        """
        found = self._rated(name)
        parts = [one.planned(now) for one in found]
        total = sum(parts)
        for one, part in zip(found, parts, strict=True):
            one.changed(rate * part / total if total else rate / len(found), now)

    def times(self, name: str | None, factor: float, now: float) -> None:
        """The rates of the plan from now on, so many times as high."""
        for one in self._rated(name):
            one.times(factor, now)

    def pause(self, name: str | None, now: float) -> None:
        """Start nothing from now on."""
        for one in self._named(name):
            one.paused(now)

    def resume(self, name: str | None, now: float) -> None:
        """Go on as before the pause."""
        for one in self._named(name):
            one.resumed(now)

    def _rated(self, name: str | None) -> list[RateLoad]:
        """Those that have a rate."""
        return [one for one in self._named(name) if isinstance(one, RateLoad)]

    def _named(self, name: str | None) -> list[Source]:
        return [one for one in self.sources if name in (None, one.name)]
