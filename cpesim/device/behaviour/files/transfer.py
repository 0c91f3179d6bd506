"""
The life of a transfer, and what follows from a file that came or did not come (T3–T12).

Rule: who moves the file is the engine, and who ordered it another file here; this is
when it starts and what its end means: who is told of it, and what the file changes.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from cpesim.chance import chance
from cpesim.cwmp.fault import Fault
from cpesim.device.behaviour.files.ending import finish
from cpesim.device.behaviour.files.upgrade import fails_on_its_way, flash, is_image
from cpesim.device.check import check
from cpesim.device.device import Device
from cpesim.device.profile import Behaviour
from cpesim.device.transfer import (
    CONFIGURATION,
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

CORRUPT, UNSIGNED = 9018, 9019


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
        flash(device, transfer, now)
    else:
        finish(device, transfer, code, now)


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
        return fails_on_its_way(device, transfer)
    return 0


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


TRANSFER = Behaviour(
    "transfer", alarms={"transfer": ring, "transferred": ring_transferred}
)
