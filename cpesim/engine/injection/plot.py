"""
What goes wrong in one session: the faults that were drawn for it, at each point.

Rule: what a fault does stands in kinds.py; here it is only asked in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from cpesim.cwmp.read import Call
from cpesim.cwmp.session import Session
from cpesim.device.device import Device
from cpesim.engine.figures.sessions import Sessions
from cpesim.engine.injection.apart import Apart
from cpesim.engine.injection.kinds import KINDS, Drawn, Edit
from cpesim.engine.injection.session import FaultySession
from cpesim.wire.connection import Connection
from cpesim.wire.ways.faulty import FaultyLink, FaultyWire

if TYPE_CHECKING:
    from cpesim.wire.wire import Wire

# Gives a device a connection over a wire of the plot's own.
Over = Callable[[Device, "Wire"], Connection]


class Plot:
    """The faults of one session; *meter* and *figures* keep what it counts apart."""

    __slots__ = ("_drawn", "_over", "_wire", "figures", "meter")

    def __init__(
        self, drawn: Sequence[Drawn], meter: Apart, wire: Wire, over: Over
    ) -> None:
        self._drawn = drawn
        self._wire = wire
        self._over = over
        self.meter = meter
        self.figures = Sessions(meter)

    # -- what the fleet asks of it

    def session(self, device: Device, now: float) -> Session:
        """The device's session, as it is going to go wrong."""
        return device.begin(now, partial(FaultySession, self, device, now))

    def open(self, device: Device) -> Connection:
        """The device's connection, as it is going to go wrong."""
        return self._over(device, FaultyWire(self._wire, self.meter, self))

    def close(self) -> None:
        """Count which of the faults showed."""
        for name in {drawn.name for drawn in self._drawn if drawn.shown}:
            self.meter.shown(name)

    # -- what session and connection ask of it

    def begin(self, session: FaultySession) -> Sequence[Edit]:
        """The Inform is about to be written."""
        return [
            edit
            for drawn in self._drawn
            if (act := KINDS[drawn.kind].begin) is not None
            and (edit := act(session, drawn)) is not None
        ]

    async def connect(self, link: FaultyLink | None, stage: str) -> None:
        """A connection comes to a stage of wire/ways/faulty.py."""
        for drawn in self._drawn:
            if (act := KINDS[drawn.kind].connect) is not None:
                await act(link, stage, drawn)

    async def send(self, link: FaultyLink, message: bytes) -> bytes:
        """A message is about to leave: what leaves in its place."""
        for drawn in self._drawn:
            if (act := KINDS[drawn.kind].send) is not None:
                message = await act(link, message, drawn)
        return message

    async def receive(self, link: FaultyLink) -> None:
        """An answer is about to be waited for."""
        for drawn in self._drawn:
            if (act := KINDS[drawn.kind].receive) is not None:
                await act(link, drawn)

    def answer(self, session: FaultySession, call: Call) -> Sequence[Edit]:
        """An RPC is about to be answered; raises Fault."""
        return [
            edit
            for drawn in self._drawn
            if (act := KINDS[drawn.kind].answer) is not None
            and (edit := act(session, call, drawn)) is not None
        ]
