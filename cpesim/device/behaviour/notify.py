"""
Values that change by themselves, and the throttle of what is told of them (I4, I6).

Rule: here are only the moments; what they do is in device/notices/noticing.py.
"""

from __future__ import annotations

from math import inf

from cpesim.device.device import Device
from cpesim.device.notices import noticing
from cpesim.device.notices.noticing import LIGHTWEIGHT, THROTTLE, WATCH
from cpesim.device.profile import Behaviour

_THROTTLE = "ManagementServer.DefaultActiveNotificationThrottle"


def start(device: Device, now: float) -> None:
    """At a boot: what reads otherwise than before it is told beside `1 BOOT`."""
    device.remember(THROTTLE, None)
    model = device.model
    throttle(device, "", model.find(model.profile.root + _THROTTLE, now), now)
    if LIGHTWEIGHT in device.memory:
        device.silence(LIGHTWEIGHT)
        device.remember(LIGHTWEIGHT, None)
    wanted, cause = device.wanted, device.cause
    if WATCH in device.memory:
        noticing.look(device, now)
    elif not (model.attributes or device.profile.restless_notified):
        return
    noticing.watch(device, now)
    device.wanted, device.cause = wanted, cause  # the boot has a session anyway


def throttle(device: Device, name: str, given: str, now: float) -> None:
    """DefaultActiveNotificationThrottle: only who has one remembers a session's end."""
    seconds = float(given or 0)
    if seconds <= 0:
        device.remember(THROTTLE, None)
        return
    _, ended, lit = device.memory.get(THROTTLE, (0.0, -inf, -inf))
    device.remember(THROTTLE, (seconds, ended, lit))


def ring(device: Device, key: object, now: float) -> None:
    """A watched value may have changed."""
    if WATCH in device.memory:
        noticing.look(device, now)
        noticing.arm(device, now)


NOTIFY = Behaviour(
    "notify",
    writes={"*.ManagementServer.DefaultActiveNotificationThrottle": throttle},
    alarms={WATCH: ring},
    starts=(start,),
)
