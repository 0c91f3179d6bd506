"""
One session that is due.

Rule: plain values; fleet.py decides, places.py runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from cpesim.cwmp import names
from cpesim.device.device import DARK, NEW, Device
from cpesim.engine.standing import HELD

if TYPE_CHECKING:
    from cpesim.wire.connection import Connection

# Why a load had it: the `cause` that the counters name.
PACE, CLOSED, AT_ONCE = "pace", "in-flight", "at-once"


class Follows(Protocol):
    """A load whose next session begins when one of it has ended."""

    def ended(self) -> None:
        """One of its sessions is over."""
        ...


class Opener(Protocol):
    """What gives a device its connection: engine/shard.py's, or a test's."""

    def __call__(self, device: Device) -> Connection: ...


class Start(NamedTuple):
    """
    A session that is due: *due* is when it should have begun, *why* it waits.

    *load* is told when it has ended, if it waits for that.
    """

    due: float
    device: Device
    cause: str
    why: str = ""
    load: Follows | None = None


class Tells(NamedTuple):
    """What the sessions of a load tell: events, and parameters as value changes."""

    events: tuple[str, ...] = (names.PERIODIC,)
    params: tuple[str, ...] = ()

    def to(self, device: Device, now: float, cause: str) -> None:
        """Let the device want a session that tells it."""
        model, changes = device.model, device.changes
        new = [n for n in self.params if n not in changes and model.parameter(n)]
        if new:
            device.changes = (*changes, *new)
        for code in self.events:
            if not (code == names.VALUE_CHANGE and self.params):
                device.tell(code, "", now, cause)
        device.want(now, cause)


PERIODIC = Tells()


def able(device: Device) -> bool:
    """Whether it could begin a session now: it is not off, and not held."""
    return device.life != DARK and device.standing not in HELD


def rouse(device: Device, now: float, tells: Tells, cause: str) -> None:
    """Let an able device want a session: its boot, and what it *tells* from then on."""
    if device.life == NEW:
        device.boot(now)
    else:
        tells.to(device, now, cause)
