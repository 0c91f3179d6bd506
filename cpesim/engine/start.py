"""
One session that is due.

Rule: plain values; fleet.py decides, places.py runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from cpesim.cwmp import names
from cpesim.device.device import DARK, NEW, Device
from cpesim.engine.standing import BUSY, WAITING

if TYPE_CHECKING:
    from cpesim.wire.connection import Connection


class Opener(Protocol):
    """What gives a device its connection: engine/shard.py's, or a test's."""

    def __call__(self, device: Device) -> Connection: ...


class Start(NamedTuple):
    """A session that is due: *due* is when it should have begun, *why* it waits."""

    due: float
    device: Device
    cause: str
    why: str = ""


def arrival(device: Device, due: float, now: float) -> Start | None:
    """
    The session that a rate makes of a device: its boot, and `2 PERIODIC` from then on.

    None where the device cannot begin one: it is off, or has one already.
    """
    if device.life == DARK or device.standing in (BUSY, WAITING):
        return None
    if device.life == NEW:
        device.boot(now)
    else:
        device.tell(names.PERIODIC, "", now, "pace")
    return Start(due, device, "pace", "in_flight")
