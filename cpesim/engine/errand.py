"""
What a device has done for it outside: which errand is run by whom.

Rule: one line in ERRANDS for each kind; the outcome goes back to the device as it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from cpesim.device.behaviour.lightweight import Notification
from cpesim.device.device import Device, Errand
from cpesim.device.transfer import Transfer
from cpesim.engine.transfer import Files


async def fetch(files: Files, device: Device, transfer: Transfer) -> int:
    """The file of a Download: 0 or a code of T5."""
    return await files.fetch(transfer, device.profile.firmware, device.n)


async def notify(files: Files, device: Device, notification: Notification) -> bool:
    """The datagrams of a lightweight notification: whether they left."""
    return await files.datagrams.send(
        notification.host, notification.port, notification.datagrams
    )


Run = Callable[[Files, Device, Any], Awaitable[object]]

ERRANDS: Mapping[type, Run] = {Transfer: fetch, Notification: notify}


async def run_errand(files: Files, device: Device, errand: Errand) -> object:
    """Do it, and return what the device is to be told."""
    return await ERRANDS[type(errand)](files, device, errand)
