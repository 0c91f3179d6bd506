"""
What an ACS orders of files: Download, Upload, and how it looks after them (T1–T3, T7).

Rule: arguments are read and judged here, at once; what is wrong with an order later
is for its TransferComplete to say.
"""

from __future__ import annotations

import re
from functools import partial
from urllib.parse import urlsplit

from cpesim.cwmp import names, transfers
from cpesim.cwmp.fault import Fault, invalid_arguments
from cpesim.cwmp.pause import Pause
from cpesim.cwmp.read import Call, Element, number, text
from cpesim.device.behaviour.arguments import command_key
from cpesim.device.behaviour.files.ending import told_as, word
from cpesim.device.behaviour.files.transfer import arrived, begin, queue
from cpesim.device.behaviour.files.upgrade import announced, is_image
from cpesim.device.device import Device
from cpesim.device.profile import Behaviour
from cpesim.device.transfer import DONE, MOVING, WAITING, Transfer

MOST_TOLD = 16  # entries of a TransferList
MOST_TEXT = 256
# The schema says 256, but what object stores sign is longer, and taken in the field.
MOST_URL = 2048
_OF_A_VENDOR = re.compile(r"X \S+ \S.*")
_OF_ONE = re.compile(r"(.*) ([1-9][0-9]{0,9})\Z")


def download(device: Device, call: Call, now: float) -> bytes:
    """Take the order; the file comes after the session (Status 1)."""
    transfer = download_order(device, call, names.M_DOWNLOAD)
    return _ordered(device, call, transfer, now)


def upload(device: Device, call: Call, now: float) -> bytes:
    """Take the order; the file goes after the session (Status 1)."""
    element = call.element
    transfer = Transfer(
        command_key(call),
        _upload_type(device, element),
        url(_bounded(element, "URL", MOST_URL)),
        username=_bounded(element, "Username"),
        password=_bounded(element, "Password"),
        upload=True,
        event=names.M_UPLOAD,
    )
    return _ordered(device, call, transfer, now)


def _ordered(device: Device, call: Call, transfer: Transfer, now: float) -> bytes:
    """The answer: Status 1, or at the end of the transfer Status 0 (T1)."""
    delay = number(call.element, "DelaySeconds", 0)
    queue(device, transfer)
    announced(device, transfer, now)
    # T3: with a delay never in the session; and an image is done after its boot.
    do = device.model.world.do if device.profile.transfers.in_session else None
    if do is not None and not delay and not is_image(transfer):
        begin(device, transfer, now)
        raise Pause(
            partial(do, device, transfer),
            partial(_moved, device, call.method, transfer),
        )
    device.alarm(now + delay, "transfer", transfer)
    return transfers.ordered(call.method)


def _moved(
    device: Device, method: str, transfer: Transfer, outcome: object, now: float
) -> bytes:
    """Done in the session, and so no more to be told; or a fault; or after it."""
    if not isinstance(outcome, int):  # it takes longer than an ACS waits
        transfer.state = WAITING
        device.alarm(now, "transfer", transfer)
        return transfers.ordered(method)
    device.transfers = tuple(t for t in device.transfers if t is not transfer)
    transfer.state = DONE
    code = outcome or arrived(device, transfer, now)
    if code:
        raise Fault(word(code, device.namespace))
    completed = device.model.world.time(now)
    return transfers.ordered(method, transfer.started, completed)


def download_order(device: Device, call: Call, event: str) -> Transfer:
    """What Download and ScheduleDownload have in common."""
    element = call.element
    return Transfer(
        command_key(call),
        _download_type(device, element),
        url(_bounded(element, "URL", MOST_URL)),
        username=_bounded(element, "Username"),
        password=_bounded(element, "Password"),
        size=number(element, "FileSize", 0),
        target=_bounded(element, "TargetFileName"),
        event=event,
    )


def _bounded(element: Element, name: str, most: int = MOST_TEXT) -> str:
    found = text(element, name, "")
    if len(found) > most:
        raise invalid_arguments(f"{name} is longer than {most} characters")
    return found


def _download_type(device: Device, element: Element) -> str:
    """A type that the version has (V1); the sixth came with CWMP 1.4."""
    file_type = text(element, "FileType")
    known = names.FILE_TYPES[: names.FILE_TYPES_UP_TO[device.namespace]]
    if device.profile.cwmp != "1.4":
        known = known[:5]
    if file_type not in known and not _of_a_vendor(file_type):
        raise invalid_arguments(f"FileType {file_type[:64]!r} is not known")
    return file_type


def _upload_type(device: Device, element: Element) -> str:
    """A type that the version has (V1), and a file that the device has."""
    file_type = text(element, "FileType")
    if file_type in names.UPLOAD_TYPES or _of_a_vendor(file_type):
        return file_type
    found = _OF_ONE.match(file_type)
    table = names.UPLOAD_TYPES_OF_ONE.get(found[1]) if found else None
    if (
        found is not None
        and table is not None
        and device.namespace == names.NAMESPACES["1.2"]
        and device.model.has_object(
            f"{device.profile.root}DeviceInfo.{table}{found[2]}."
        )
    ):
        return file_type
    raise invalid_arguments(f"FileType {file_type[:64]!r} is not known")


def _of_a_vendor(file_type: str) -> bool:
    return len(file_type) <= 64 and bool(_OF_A_VENDOR.fullmatch(file_type))


def url(given: str) -> str:
    """A URL that a transfer can use; fault 9003 or, for its scheme, 9013."""
    given = given.strip()
    try:
        parts = urlsplit(given)
        _ = parts.port
    except ValueError:
        raise invalid_arguments("URL is not valid") from None
    if parts.scheme.lower() not in ("http", "https"):
        if parts.scheme and "://" in given:
            raise Fault(9013)
        raise invalid_arguments("URL is not absolute")
    if not parts.hostname:
        raise invalid_arguments("URL names no host")
    if parts.username is not None:
        # TR-069 A6 A.3.2.8: credentials stand in their own arguments.
        raise invalid_arguments("URL holds user information")
    return given


def get_queued_transfers(device: Device, call: Call, now: float) -> bytes:
    """The transfers that the ACS ordered, with their states (T7)."""
    found = [(t.key, t.state) for t in device.transfers if t.event]
    return transfers.queued(found[:MOST_TOLD])


def get_all_queued_transfers(device: Device, call: Call, now: float) -> bytes:
    """All transfers, those too that no ACS ordered (T7)."""
    namespace = device.namespace
    found = [(t.key, t.state, told_as(t, namespace)) for t in device.transfers]
    return transfers.all_queued(found[:MOST_TOLD])


def cancel_transfer(device: Device, call: Call, now: float) -> bytes:
    """
    All transfers with that key are off, or none is: 9021 (T7).

    Nothing more is told of them: an ACS that has called a file off waits for nothing.
    """
    key = command_key(call)
    off = [t for t in device.transfers if t.event and t.key == key]
    able = (WAITING, MOVING) if device.profile.transfers.cancel else (WAITING,)
    if any(transfer.state not in able for transfer in off):
        raise Fault(9021)
    device.transfers = tuple(t for t in device.transfers if t not in off)
    device.alarms = tuple(a for a in device.alarms if a[2] not in off)
    for transfer in off:
        transfer.state = WAITING  # the engine lets go of one that it moves
    return b"<cwmp:CancelTransferResponse/>"


ORDERS = Behaviour(
    "orders",
    rpcs={
        "Download": download,
        "Upload": upload,
        "GetQueuedTransfers": get_queued_transfers,
        "GetAllQueuedTransfers": get_all_queued_transfers,
        "CancelTransfer": cancel_transfer,
    },
)
