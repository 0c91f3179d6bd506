"""
Download, and what follows from a file that came or did not come (T1–T5, T8, T10).

Rule: who moves the file is the engine; here is when it starts and what its end
means: a TransferComplete, and after a firmware image a dark while and a new version.
"""

from __future__ import annotations

import re
from functools import partial
from urllib.parse import urlsplit

from cpesim.cwmp import names, write
from cpesim.cwmp.fault import Fault, invalid_arguments
from cpesim.cwmp.read import Call, number, text
from cpesim.cwmp.session import Request
from cpesim.device.behaviour.arguments import command_key
from cpesim.device.device import Device
from cpesim.device.profile import Behaviour, Profile
from cpesim.device.transfer import DONE, FIRMWARE, MOVING, Transfer

MOST = 16
GENERAL, BROKEN_OFF = 9010, 9017
_LAST_NUMBER = re.compile(r"(\d+)(\D*)\Z")


def download(device: Device, call: Call, now: float) -> bytes:
    """Take the order; the file comes after the session (Status 1)."""
    element = call.element
    namespace = device.namespace
    file_type = text(element, "FileType")
    known = names.FILE_TYPES[: names.FILE_TYPES_UP_TO[namespace]]
    if file_type not in known and not file_type.startswith("X "):
        raise invalid_arguments(f"FileType {file_type[:64]!r} is not known")
    transfer = Transfer(
        command_key(call),
        file_type,
        _url(text(element, "URL")),
        username=text(element, "Username", ""),
        password=text(element, "Password", ""),
        size=number(element, "FileSize", 0),
        target=text(element, "TargetFileName", ""),
    )
    delay = number(element, "DelaySeconds", 0)
    if len(device.transfers) >= MOST:
        raise Fault(9004)
    device.transfers = (*device.transfers, transfer)
    device.alarm(now + delay, "transfer", transfer)
    return (
        "<cwmp:DownloadResponse><Status>1</Status>"
        f"<StartTime>{names.UNKNOWN_TIME}</StartTime>"
        f"<CompleteTime>{names.UNKNOWN_TIME}</CompleteTime></cwmp:DownloadResponse>"
    ).encode()


def _url(url: str) -> str:
    """A URL that a transfer can use; fault 9003 or, for its scheme, 9013."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise invalid_arguments("URL is not valid") from None
    if parts.scheme.lower() not in ("http", "https"):
        if parts.scheme and "://" in url:
            raise Fault(9013)
        raise invalid_arguments("URL is not absolute")
    if not parts.hostname:
        raise invalid_arguments("URL names no host")
    if parts.username is not None:
        # TR-069 A6 A.3.2.8: credentials stand in their own arguments.
        raise invalid_arguments("URL holds user information")
    return url


def ring(device: Device, key: object, now: float) -> None:
    """The delay is over: the engine may move the file."""
    assert isinstance(key, Transfer)
    if key in device.transfers:
        key.state = MOVING
        key.started = device.model.world.time(now)
        device.errands = (*device.errands, key)


def ring_transferred(device: Device, key: object, now: float) -> None:
    """
    The file is there (code 0) or is not coming (a code of T5).

    A transfer that a reboot or a reset ended meanwhile is left alone.
    """
    assert isinstance(key, tuple)
    transfer, code = key
    if transfer.state != MOVING or transfer not in device.transfers:
        return
    if code == 0 and transfer.file_type == FIRMWARE:
        transfer.state = DONE  # it waits for the boot to be told
        interrupt(device, now)
        device.darken(now, device.profile.firmware.flash, partial(upgraded, transfer))
        return
    _finish(device, transfer, code, now)
    device.want(now, "transfer")


def upgraded(transfer: Transfer, device: Device, now: float) -> None:
    """The new image has booted: `4 VALUE CHANGE` with its version (T4)."""
    model = device.model
    name = model.profile.root + "DeviceInfo.SoftwareVersion"
    old = model.find(name, now)
    new = version(model.profile, transfer, old)
    if new != old:
        model.set(name, new)
        device.changed(name, now)
    _finish(device, transfer, 0, now)


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


def interrupt(device: Device, now: float) -> None:
    """The power goes: files on their way are broken off."""
    for transfer in device.transfers:
        if transfer.state == MOVING:
            _finish(device, transfer, BROKEN_OFF, now)


def _finish(device: Device, transfer: Transfer, code: int, now: float) -> None:
    """Queue the TransferComplete; it is kept until its response (T8)."""
    transfer.code = code
    transfer.state = DONE
    transfer.completed = device.model.world.time(now)

    def render(namespace: str) -> bytes:
        # T5: what the version has no word for is a general failure.
        told = GENERAL if code > names.FAULTS_UP_TO[namespace] else code
        return write.transfer_complete(
            transfer.key, told, transfer.started, transfer.completed
        )

    told = ((names.TRANSFER_COMPLETE, ""), (names.M_DOWNLOAD, transfer.key))
    transfer.request = Request("TransferComplete", render, told)
    device.requests = (*device.requests, transfer.request)


TRANSFER = Behaviour(
    "transfer",
    rpcs={"Download": download},
    alarms={"transfer": ring, "transferred": ring_transferred},
)
