"""
The end of a transfer: who is told of it, and in which words (T5, T8, T12).

Rule: what a file changes on the device is behind it when its end is told.
"""

from __future__ import annotations

import re
from functools import partial

from cpesim.cwmp import names, transfers, write
from cpesim.cwmp.session import Request
from cpesim.cwmp.transfers import Told
from cpesim.device.device import Device
from cpesim.device.transfer import CONFIGURATION, DONE, MOVING, WAITING, Transfer

GENERAL, UPLOAD, BROKEN_OFF = 9010, 9011, 9017
_OF_ONE = re.compile(r"(.*) ([1-9][0-9]*)\Z")


def interrupt(device: Device, now: float) -> None:
    """The power goes: files on their way are broken off."""
    for transfer in device.transfers:
        if transfer.state != MOVING:
            continue
        if transfer.windows:
            transfer.state, transfer.code = WAITING, BROKEN_OFF
            device.alarm(now, "window", transfer)
        else:
            finish(device, transfer, UPLOAD if transfer.upload else BROKEN_OFF, now)


def finish(device: Device, transfer: Transfer, code: int, now: float) -> None:
    """Tell the end of a transfer; it is kept until its response (T8)."""
    transfer.code = code
    transfer.state = DONE
    transfer.completed = device.model.world.time(now)
    transfer.started = transfer.started or names.UNKNOWN_TIME  # it never began
    transfer.content = b""
    if transfer.event:
        transfer.request = Request(
            "TransferComplete",
            partial(_complete, transfer),
            ((names.TRANSFER_COMPLETE, ""), (transfer.event, transfer.key)),
        )
    elif reported(device, transfer, now):
        transfer.request = Request(
            "AutonomousTransferComplete",
            partial(_autonomous, transfer),
            ((names.AUTONOMOUS_TRANSFER_COMPLETE, ""),),
        )
    else:
        device.transfers = tuple(t for t in device.transfers if t is not transfer)
        return
    device.requests = (*device.requests, transfer.request)
    device.want(now, "transfer")


def _complete(transfer: Transfer, namespace: str) -> bytes:
    code = word(transfer.code, namespace)
    return write.transfer_complete(
        transfer.key, code, transfer.started, transfer.completed
    )


def _autonomous(transfer: Transfer, namespace: str) -> bytes:
    return transfers.autonomous_transfer_complete(
        transfer.announce,
        transfer.url,
        told_as(transfer, namespace),
        word(transfer.code, namespace),
        transfer.started,
        transfer.completed,
    )


def word(code: int, namespace: str) -> int:
    """T5: what the version has no word for is a general failure."""
    return GENERAL if code > names.FAULTS_UP_TO[namespace] else code


def told_as(transfer: Transfer, namespace: str) -> Told:
    """A transfer in the words that Download and Upload share (TransferFileType)."""
    size = transfer.size or transfer.moved
    told = told_type(transfer)
    if namespace != names.NAMESPACES["1.2"] and not told.startswith("X "):
        found = _OF_ONE.match(told)
        if found:  # 6 and 7 are one file of those that 3 and 4 are
            told = CONFIGURATION if told.startswith("6 ") else "4 Vendor Log File"
        elif told not in names.TRANSFER_TYPES_OLD:
            told = "X 000000 " + told.partition(" ")[2]
    return Told(not transfer.upload, told, size, transfer.target)


def told_type(transfer: Transfer) -> str:
    """The type of its file, as TransferFileType has it."""
    if not (transfer.upload and transfer.event):
        return transfer.file_type
    found = _OF_ONE.match(transfer.file_type)
    general, row = (found[1], f" {found[2]}") if found else (transfer.file_type, "")
    return names.UPLOAD_TYPES_TOLD.get(general, general) + row


def reported(device: Device, transfer: Transfer, now: float) -> bool:
    """Whether the ACS wants to hear of a transfer that it did not order (T12)."""
    model = device.model
    path = model.profile.root + "ManagementServer.AutonomousTransferCompletePolicy."
    if not model.has_object(path):
        return True
    direction = "Upload" if transfer.upload else "Download"
    result = "Failure" if transfer.code else "Success"
    types = model.find(path + "FileTypeFilter", now).split(",")
    return (
        model.find(path + "Enable", now) in ("1", "true")
        and model.find(path + "TransferTypeFilter", now, "Both") in (direction, "Both")
        and model.find(path + "ResultTypeFilter", now, "Both") in (result, "Both")
        and told_type(transfer) in (entry.strip() for entry in types)
    )
