"""
ScheduleDownload: a file that comes in a time window, or not at all (T6).

Rule: each try is a transfer of its own in the queue, made by `Transfer.again`, so
that nothing of an earlier try is taken for it; what a window allows is decided here.
"""

from __future__ import annotations

import re
from math import inf

from cpesim.chance import chance
from cpesim.cwmp import names
from cpesim.cwmp.fault import invalid_arguments
from cpesim.cwmp.read import Call, Element, items, number, text
from cpesim.device.behaviour.files.ending import finish
from cpesim.device.behaviour.files.orders import MOST_TEXT, download_order
from cpesim.device.behaviour.files.transfer import queue, start
from cpesim.device.behaviour.files.upgrade import announced
from cpesim.device.device import Device
from cpesim.device.profile import Behaviour
from cpesim.device.transfer import WAITING, Transfer, Window

ANY_TIME, IMMEDIATELY = "1 At Any Time", "2 Immediately"
WHEN_IDLE, CONFIRMED = "3 When Idle", "4 Confirmation Needed"
MODES = (ANY_TIME, IMMEDIATELY, WHEN_IDLE, CONFIRMED)
MOST_WINDOWS = 2
TOO_LATE = 9020
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}\Z")


def schedule_download(device: Device, call: Call, now: float) -> bytes:
    """Take the order; the windows count from now."""
    transfer = download_order(device, call, names.M_SCHEDULE_DOWNLOAD)
    windows = [_window(e, now) for e in items(call.element, "TimeWindowList")]
    if not 1 <= len(windows) <= MOST_WINDOWS:
        raise invalid_arguments(f"{len(windows)} time windows")
    if any(window.start >= window.end for window in windows):
        raise invalid_arguments("a time window ends before it starts")
    if len(windows) == MOST_WINDOWS and windows[1].start < windows[0].end:
        raise invalid_arguments("the time windows overlap")
    transfer.windows = tuple(windows)
    queue(device, transfer)
    announced(device, transfer, now)
    enter(device, transfer)
    return b"<cwmp:ScheduleDownloadResponse/>"


def _window(entry: Element, now: float) -> Window:
    mode = text(entry, "WindowMode")
    if mode not in MODES:
        raise invalid_arguments(f"WindowMode {mode[:64]!r} is not known")
    if len(text(entry, "UserMessage", "")) > MOST_TEXT:
        raise invalid_arguments(f"UserMessage is longer than {MOST_TEXT} characters")
    retries = text(entry, "MaxRetries").strip()
    if not _WHOLE.match(retries):
        raise invalid_arguments("MaxRetries is not a whole number")
    return Window(
        now + number(entry, "WindowStart"),
        now + number(entry, "WindowEnd"),
        mode,
        int(retries),
    )


def enter(device: Device, transfer: Transfer) -> None:
    """Wait for the right moment in the first of the windows."""
    _attempt(device, transfer, _moment(device, transfer))


def _moment(device: Device, transfer: Transfer) -> float:
    """When the file may come, by the window's mode; inf: in this window never."""
    window, ways = transfer.windows[0], device.profile.transfers
    if window.mode == IMMEDIATELY:
        return window.start
    salt = f"window/{transfer.key}/{window.start}"
    drawn = chance(device.model.world.seed, device.n, salt)
    if window.mode == WHEN_IDLE:
        return window.start + drawn * ways.idle
    if window.mode == CONFIRMED:
        return window.start + ways.answer if drawn < ways.confirm else inf
    # A fleet that may come at any time does not come together, and leaves time.
    return window.start + drawn * (window.end - window.start) / 2


def _attempt(device: Device, transfer: Transfer, when: float) -> None:
    end = transfer.windows[0].end
    if when < end:
        device.alarm(when, "window try", transfer)
    device.alarm(end, "window end", transfer)


def ring_try(device: Device, key: object, now: float) -> None:
    """The moment has come; after a long dark it may be over."""
    assert isinstance(key, Transfer)
    if key in device.transfers and now < key.windows[0].end:
        key.tries += 1
        start(device, key, now)


def ring_failed(device: Device, key: object, now: float) -> None:
    """A try came to nothing: once more while the window allows it, or the next one."""
    assert isinstance(key, Transfer)
    if key not in device.transfers:
        return
    window = key.windows[0]
    if 0 <= window.retries < key.tries:
        _pass(device, key, key.code, now)
    else:
        again = now + device.profile.transfers.retry
        _attempt(device, _renewed(device, key), again)


def ring_end(device: Device, key: object, now: float) -> None:
    """The window is over, whether the file was on its way or not."""
    assert isinstance(key, Transfer)
    if key in device.transfers and key.request is None:
        _pass(device, key, TOO_LATE, now)


def _pass(device: Device, transfer: Transfer, code: int, now: float) -> None:
    """On to the next window; without one the transfer has failed."""
    transfer.windows = transfer.windows[1:]
    if not transfer.windows:
        finish(device, transfer, code, now)
        return
    new = _renewed(device, transfer)
    new.tries = 0
    enter(device, new)


def _renewed(device: Device, old: Transfer) -> Transfer:
    """The same order in the same place of the queue, and no alarm of the old try."""
    new = old.again()
    old.state = WAITING
    device.transfers = tuple(new if t is old else t for t in device.transfers)
    device.alarms = tuple(a for a in device.alarms if a[2] is not old)
    return new


WINDOWS = Behaviour(
    "windows",
    rpcs={"ScheduleDownload": schedule_download},
    alarms={
        "window": ring_failed,
        "window try": ring_try,
        "window end": ring_end,
    },
)
