"""
Sessions counted by the events of their Informs, where a limit names some.

Rule: a run of which no limit names an event has the plain Sessions.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cpesim.device.device import Device
from cpesim.device.telling import events_of
from cpesim.engine.figures.sessions import Sessions
from cpesim.engine.start import CLOSED, Start
from cpesim.measure.meter import Meter


class ByEvent(Sessions):
    """Sessions that are counted for each of these *events* that their Inform tells."""

    def __init__(
        self, meter: Meter, groups: Sequence[tuple[str, int]], events: Collection[str]
    ) -> None:
        super().__init__(meter, groups)
        self._events = frozenset(events)

    def done(self, start: Start, late: float, took: float) -> None:
        """One went well."""
        super().done(start, late, took)
        for tag in self._tags(start.device):
            self._meter.count("sessions.done" + tag)
            self._meter.record("session.service" + tag, took)
            if start.cause != CLOSED:
                self._meter.record("session" + tag, late + took)

    def failed(self, start: Start, label: str, kind: str) -> None:
        """One failed; it may be that the ACS never saw its Inform."""
        super().failed(start, label, kind)
        for tag in self._tags(start.device):
            self._meter.count("sessions.failed" + tag)

    def _tags(self, device: Device) -> list[str]:
        told = self._events.intersection(code for code, _ in events_of(device))
        return [f"{{event={code}}}" for code in told]


def sessions_of(
    meter: Meter, groups: Sequence[tuple[str, int]], events: Collection[str]
) -> Sessions:
    """What counts the sessions of a shard, by these events too if there are any."""
    return ByEvent(meter, groups, events) if events else Sessions(meter, groups)
