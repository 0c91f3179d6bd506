"""
One session that is due.

Rule: plain values; fleet.py decides, places.py runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from cpesim.device.device import Device

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
