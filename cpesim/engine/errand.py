"""
What a device has done for it outside: which errand is run by whom.

Rule: one line in ERRANDS for each kind; the outcome goes back to the device as it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from cpesim.device.device import Device, Errand
from cpesim.device.diagnostics.run import Run as Diagnosis
from cpesim.device.transfer import Transfer
from cpesim.engine.diagnose import diagnose
from cpesim.engine.transfer import Files


async def fetch(files: Files, device: Device, transfer: Transfer) -> int:
    """The file of a Download: 0 or a code of T5."""
    return await files.fetch(transfer, device.profile.firmware, device.n)


Run = Callable[[Files, Device, Any], Awaitable[object]]

ERRANDS: Mapping[type, Run] = {Transfer: fetch, Diagnosis: diagnose}


async def run_errand(files: Files, device: Device, errand: Errand) -> object:
    """Do it, and return what the device is to be told."""
    return await ERRANDS[type(errand)](files, device, errand)
