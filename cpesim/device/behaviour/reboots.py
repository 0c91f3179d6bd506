"""
ManagementServer.ScheduleReboot and DelayReboot (CHECKLIST B6).

Rule: both are alarms, which never ring in a session; what they set off tells `1 BOOT`
without `M Reboot`, for no Reboot was asked for.
"""

from __future__ import annotations

from cpesim.device.behaviour.lifecycle import restart
from cpesim.device.device import Device
from cpesim.device.moment import moment
from cpesim.device.profile import Behaviour

NEVER = "-1"
_DELAYS = ("reboot delay", "delayed reboot")


def on_schedule(device: Device, name: str, given: str, now: float) -> None:
    """A time to come sets the alarm; a past one sets none, and takes back the last."""
    device.silence("scheduled reboot")
    when = moment(given.strip(), device.model.world.epoch)
    if when is not None and when > now:
        device.alarm(when, "scheduled reboot")


def ring_scheduled(device: Device, key: object, now: float) -> None:
    """The time has come."""
    restart(device, now)


def on_delay(device: Device, name: str, given: str, now: float) -> None:
    """The seconds count from the session's end, which is when alarms ring again."""
    device.silence("reboot delay")
    device.silence("delayed reboot")
    if int(given) >= 0:
        device.alarm(now, "reboot delay", int(given))


def ring_delay(device: Device, key: object, now: float) -> None:
    """The session has ended."""
    assert isinstance(key, int)
    device.alarm(now + key, "delayed reboot")


def start(device: Device, now: float) -> None:
    """After any reboot DelayReboot is -1, and a time that passed meanwhile is past."""
    model = device.model
    name = model.profile.root + "ManagementServer.DelayReboot"
    if model.find(name, now, NEVER) != NEVER:
        model.set(name, NEVER)
        device.changed(name, now)
    device.alarms = tuple(
        a
        for a in device.alarms
        if a[1] not in _DELAYS and not (a[1] == "scheduled reboot" and a[0] <= now)
    )


REBOOTS = Behaviour(
    "reboots",
    writes={
        "*.ManagementServer.ScheduleReboot": on_schedule,
        "*.ManagementServer.DelayReboot": on_delay,
    },
    alarms={
        "scheduled reboot": ring_scheduled,
        "reboot delay": ring_delay,
        "delayed reboot": ring_scheduled,
    },
    starts=(start,),
)
