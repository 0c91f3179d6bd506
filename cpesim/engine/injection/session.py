"""
The session of a CPE that misbehaves by plan.

Rule: an OddSession, for the device may have quirks besides; what goes wrong is said
by its Plot.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from cpesim.cwmp.pause import Pause
from cpesim.cwmp.read import Call
from cpesim.device import quirk
from cpesim.device.quirk import OddSession

if TYPE_CHECKING:
    from cpesim.device.device import Device
    from cpesim.engine.injection.kinds import Edit


class Says(Protocol):
    """What goes wrong in what a session says."""

    def begin(self, session: FaultySession) -> Sequence[Edit]: ...
    def answer(self, session: FaultySession, call: Call) -> Sequence[Edit]: ...


class FaultySession(OddSession):
    """A session with a plot; *answers* counts the RPCs that it was asked."""

    __slots__ = (
        "_edits",
        "_first",
        "_honestly",
        "_late",
        "_plot",
        "_repeat",
        "answers",
    )

    def __init__(
        self, plot: Says, device: Device, now: float, *whole: Any, **how: Any
    ) -> None:
        super().__init__(device, quirk.of(device), now, *whole, **how)
        self._plot = plot
        self._edits: Sequence[Edit] = ()
        self._repeat = False
        self._first = b""
        self._late = 0.0
        self.answers = 0
        self._honestly, self.answer = self.answer, self._falsely

    def repeat(self) -> None:
        """Send the Inform a second time when the first has been answered."""
        self._repeat = True

    def linger(self, seconds: float) -> None:
        """Let the next message wait so long."""
        self._late += seconds

    def start(self) -> bytes:
        """The Inform, as the plot wants it."""
        self._edits = self._plot.begin(self)
        self._first = super().start()
        return self._first

    def receive(self, body: bytes, now: float) -> bytes | None:
        """As OddSession's; what answers an Inform to be repeated is not looked at."""
        if self._repeat:
            self._repeat = False
            return self._first
        self._late = 0.0
        sent = super().receive(body, now)
        self.delay += self._late
        return sent

    def resume(self, pause: Pause, outcome: object, now: float) -> bytes:
        """As OddSession's."""
        self.delay = self._late
        return super().resume(pause, outcome, now)

    def _falsely(self, call: Call, now: float) -> bytes:
        self.answers += 1
        self._edits = self._plot.answer(self, call)
        return self._honestly(call, now)

    def _said(self, body: bytes) -> bytes:
        body = super()._said(body)
        edits, self._edits = self._edits, ()
        for edit in edits:
            body = edit(body)
        return body
