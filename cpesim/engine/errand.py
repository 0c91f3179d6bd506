"""
What a device has done for it outside: which errand is run by whom.

Rule: one line in ERRANDS for each kind; the outcome goes back to the device as it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import trio

from cpesim.device.behaviour.files.upgrade import link
from cpesim.device.behaviour.lightweight import Notification
from cpesim.device.device import Device, Errand
from cpesim.device.diagnostics.run import Run as Diagnosis
from cpesim.device.modules.operation import UnitFile
from cpesim.device.profile import Firmware
from cpesim.device.transfer import Transfer
from cpesim.device.vendorfile import vendor_file
from cpesim.engine.diagnose import diagnose
from cpesim.engine.transfer import Files

# Bytes of a file that is not fetched, where the ACS does not say how many.
UNSAID = 8_000_000


def unfetched(device: Device, errand: Errand) -> bool:
    """Whether it is a file of which only the time is spent: nobody is asked for it."""
    ways = device.profile.ways.downloads
    download = isinstance(errand, Transfer) and not errand.upload
    return download and ways is not None and ways.fetch is False


async def move(files: Files, device: Device, transfer: Transfer) -> int:
    """The file of a Download or Upload: 0 or a code of T5."""
    profile = device.profile
    if not transfer.upload:
        firmware = link(device)
        if unfetched(device, transfer):
            await trio.sleep((transfer.size or UNSAID) / firmware.bandwidth)
            return 0
        return await files.fetch(transfer, firmware, device.n)
    # Made when its turn has come: a fleet's files together would fill the memory.
    content = vendor_file(device, transfer)
    method = profile.transfers.upload
    return await files.send(transfer, content, profile.firmware, device.n, method)


async def fetch_unit(files: Files, device: Device, unit: UnitFile) -> int:
    """The file of a deployment unit: 0 or a code of T5."""
    modules = device.profile.modules
    limits = Firmware(bandwidth=modules.bandwidth, least=modules.least)
    return await files.fetch(unit.file, limits, device.n)


async def notify(files: Files, device: Device, notification: Notification) -> bool:
    """The datagrams of a lightweight notification: whether they left."""
    return await files.datagrams.send(
        notification.host, notification.port, notification.datagrams
    )


Run = Callable[[Files, Device, Any], Awaitable[object]]

ERRANDS: Mapping[type, Run] = {
    Transfer: move,
    UnitFile: fetch_unit,
    Notification: notify,
    Diagnosis: diagnose,
}


async def run_errand(files: Files, device: Device, errand: Errand) -> object:
    """Do it, and return what the device is to be told."""
    return await ERRANDS[type(errand)](files, device, errand)


async def with_room(
    room: trio.CapacityLimiter, files: Files, device: Device, errand: Errand
) -> object:
    """Do it when there is room for it; what meets no server needs none."""
    if unfetched(device, errand):
        return await run_errand(files, device, errand)
    async with room:
        return await run_errand(files, device, errand)
