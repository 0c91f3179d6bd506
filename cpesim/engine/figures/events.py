"""
Sessions counted by the events of their Informs, where a limit names some.

Rule: a run of which no limit names an event has the plain Sessions.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from cpesim.device.device import Device
from cpesim.device.telling import events_of
from cpesim.engine.figures.sessions import Sessions
from cpesim.engine.start import CLOSED, Start
from cpesim.measure.meter import Meter

if TYPE_CHECKING:
    from cpesim.engine.figures.failed import Traced
    from cpesim.engine.talk import Ending
    from cpesim.wire.connection import Connection


class ByEvent(Sessions):
    """Sessions that are counted for each of these *events* that their Inform tells."""

    def __init__(
        self,
        meter: Meter,
        groups: Sequence[tuple[str, int]],
        events: Collection[str],
        traced: Traced | None,
    ) -> None:
        super().__init__(meter, groups, traced)
        self._events = frozenset(events)

    def done(self, start: Start, late: float, took: float) -> None:
        """One went well."""
        super().done(start, late, took)
        for tag in self._tags(start.device):
            self._meter.count("sessions.done" + tag)
            self._meter.record("session.service" + tag, took)
            if start.cause != CLOSED:
                self._meter.record("session" + tag, late + took)

    def failed(
        self, start: Start, ending: Ending, kind: str, connection: Connection
    ) -> None:
        """One failed; it may be that the ACS never saw its Inform."""
        super().failed(start, ending, kind, connection)
        for tag in self._tags(start.device):
            self._meter.count("sessions.failed" + tag)

    def _tags(self, device: Device) -> list[str]:
        told = self._events.intersection(code for code, _ in events_of(device))
        return [f"{{event={code}}}" for code in told]


def sessions_of(
    meter: Meter,
    groups: Sequence[tuple[str, int]],
    events: Collection[str],
    traced: Traced | None = None,
) -> Sessions:
    """What counts the sessions of a shard, by these events too if there are any."""
    if events:
        return ByEvent(meter, groups, events, traced)
    return Sessions(meter, groups, traced)
