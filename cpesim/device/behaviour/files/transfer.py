"""
The life of a transfer, and what follows from a file that came or did not come (T3–T12).

Rule: who moves the file is the engine, and who ordered it another file here; this is
when it starts and what its end means: who is told of it, and what the file changes.
"""

from __future__ import annotations

import re
from functools import partial
from urllib.parse import unquote, urlsplit

from cpesim.chance import chance
from cpesim.cwmp import names, transfers, write
from cpesim.cwmp.fault import Fault
from cpesim.cwmp.session import Request
from cpesim.cwmp.transfers import Told
from cpesim.device.check import check
from cpesim.device.device import Device
from cpesim.device.profile import Behaviour, Profile
from cpesim.device.transfer import (
    CONFIGURATION,
    DONE,
    FIRMWARE,
    MOVING,
    WAITING,
    Transfer,
)
from cpesim.device.vendorfile import (
    SECRET,
    Configuration,
    file_name,
    read_configuration,
)

GENERAL, UPLOAD, BROKEN_OFF, CORRUPT, UNSIGNED = 9010, 9011, 9017, 9018, 9019
_LAST_NUMBER = re.compile(r"(\d+)(\D*)\Z")
_OF_ONE = re.compile(r"(.*) ([1-9][0-9]*)\Z")


def has_room(device: Device) -> bool:
    """Whether one transfer more can be queued (T10)."""
    return len(device.transfers) < device.profile.transfers.queue


def queue(device: Device, transfer: Transfer) -> None:
    """One transfer more; fault 9004 where there is no room (T10)."""
    if not has_room(device):
        raise Fault(9004)
    device.transfers = (*device.transfers, transfer)


def begin(device: Device, transfer: Transfer, now: float) -> None:
    """The file is on its way from here on."""
    transfer.state = MOVING
    transfer.began = now
    transfer.started = device.model.world.time(now)


def start(device: Device, transfer: Transfer, now: float) -> None:
    """The engine may move the file."""
    begin(device, transfer, now)
    device.errands = (*device.errands, transfer)


def ring(device: Device, key: object, now: float) -> None:
    """The delay is over."""
    assert isinstance(key, Transfer)
    if key in device.transfers:
        start(device, key, now)


def ring_transferred(device: Device, key: object, now: float) -> None:
    """
    The file is there (code 0) or is not coming (a code of T5).

    A transfer that a reboot or a reset ended meanwhile is left alone.
    """
    assert isinstance(key, tuple)
    transfer, code = key
    if transfer.state != MOVING or transfer not in device.transfers:
        return
    code = code or arrived(device, transfer, now)
    if code and transfer.windows:
        transfer.state, transfer.code = WAITING, code
        device.alarm(now, "window", transfer)  # whether it is tried again (T6)
    elif code == 0 and is_image(transfer):
        transfer.state = DONE  # it waits for the boot to be told
        interrupt(device, now)
        device.darken(now, device.profile.firmware.flash, partial(upgraded, transfer))
    else:
        finish(device, transfer, code, now)


def is_image(transfer: Transfer) -> bool:
    """Whether the device boots into the file."""
    return transfer.file_type == FIRMWARE and not transfer.upload


def arrived(device: Device, transfer: Transfer, now: float) -> int:
    """Look at a file that was moved whole: 0, or what is wrong with it."""
    if transfer.upload:
        return 0
    if transfer.file_type == CONFIGURATION:
        return configure(device, transfer, now)
    if transfer.file_type == FIRMWARE:
        seed, salt = device.model.world.seed, f"signature/{transfer.url}"
        if chance(seed, device.n, salt) < device.profile.transfers.unsigned:
            return UNSIGNED
    return 0


# -- a new image


def upgraded(transfer: Transfer, device: Device, now: float) -> None:
    """The new image has booted: `4 VALUE CHANGE` with its version (T4)."""
    model = device.model
    name = model.profile.root + "DeviceInfo.SoftwareVersion"
    old = model.find(name, now)
    new = version(model.profile, transfer, old)
    if new != old:
        model.set(name, new)
        device.changed(name, now)
    finish(device, transfer, 0, now)


def version(profile: Profile, transfer: Transfer, old: str) -> str:
    """What version an image brings; the old one's last number + 1 if unsaid."""
    name = transfer.target or urlsplit(transfer.url).path.rpartition("/")[2]
    if profile.firmware.pattern:
        found = re.search(profile.firmware.pattern, name)
        said = found and (found[1] if found.re.groups else found[0])
        # [0-9.]+ takes the dot of ".bin" along.
        if said and (said := said.rstrip(".")):
            return said
    last = _LAST_NUMBER.search(old)
    if last is None:
        return old + ".1"
    return f"{old[: last.start()]}{int(last[1]) + 1:0{len(last[1])}}{last[2]}"


# -- a new configuration


def configure(device: Device, transfer: Transfer, now: float) -> int:
    """Take a configuration file; 9018 for one that is unusable (T11)."""
    found = read_configuration(transfer.content)
    transfer.content = b""
    model = device.model
    product = model.find(model.profile.root + "DeviceInfo.ProductClass", now)
    foreign = found is not None and found.product != (product or model.profile.name)
    if found is None or (
        foreign and (found.product or device.profile.transfers.own_format)
    ):
        return CORRUPT
    for name, text in found.values:
        _restore(device, name, text, now)
    _list_file(device, transfer, found, now)
    return 0


def _restore(device: Device, name: str, text: str, now: float) -> None:
    """One setting of the file, where it is one that a file may bring."""
    model = device.model
    parameter = model.parameter(name)
    # A file goes to many devices: whose they are, and what sets something off, stays.
    if (
        parameter is None
        or not parameter.writable
        or text == SECRET
        or name.startswith(model.profile.root + "ManagementServer.")
        or any(name.endswith(pattern[1:]) for pattern in model.profile.writes)
        or check(parameter, text)
        or model.get(name, now) == text
    ):
        return
    model.set(name, text)
    device.changed(name, now)


def _list_file(
    device: Device, transfer: Transfer, found: Configuration, now: float
) -> None:
    """Its row in VendorConfigFile: the one of its name, or a new one."""
    model = device.model
    info = model.profile.root + "DeviceInfo."
    table = info + "VendorConfigFile."
    if model.table(table) is None:
        return
    path = unquote(urlsplit(transfer.url).path)
    name = found.name or file_name(path) or file_name(transfer.target)
    rows = model.instances(table)
    same = [i for i in rows if model.find(f"{table}{i}.Name", now) == name]
    try:
        row = same[0] if same else model.grow(table)
    except Fault:  # the table is full: the latest file takes the last row
        row = rows[-1]
    columns = {
        "Name": name,
        "Version": found.version,
        "Date": model.world.time(now),
        "Description": "",
    }
    counted = info + "VendorConfigFileNumberOfEntries"
    for path in (*(f"{table}{row}.{column}" for column in columns), counted):
        text = columns.get(path.rpartition(".")[2])
        if model.parameter(path) is not None:
            if text is not None:
                model.set(path, text)
            device.changed(path, now)


# -- the end


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


TRANSFER = Behaviour(
    "transfer", alarms={"transfer": ring, "transferred": ring_transferred}
)
