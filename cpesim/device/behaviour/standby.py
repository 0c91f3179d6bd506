"""
When a device neither speaks nor hears: EnableCWMP and standby (CHECKLIST I9, I11).

Rule: it sleeps as it does in the dark, but nothing is lost; a "wake" alarm ends it.
"""

from __future__ import annotations

from functools import partial
from math import ceil, inf

from cpesim.chance import chance
from cpesim.cwmp import names
from cpesim.device.behaviour import heartbeat, periodic
from cpesim.device.device import Device
from cpesim.device.profile import Behaviour

TRUE = ("1", "true")
SOON = 60.0  # a device that has something to do falls asleep later


def ring_wake(device: Device, why: object, now: float) -> None:
    """It is there again; *why* is what it does first."""
    device.wake_up()
    if callable(why):
        why(device, now)


# -- EnableCWMP


def on_enable(device: Device, name: str, given: str, now: float) -> None:
    """After the session the device is silent (I9)."""
    device.silence("cwmp off")
    device.alarm(now, "cwmp off")


def ring_off(device: Device, key: object, now: float) -> None:
    """
    No Inform and no connection request, until a user switches CWMP on again.

    An ACS cannot: it is not spoken to. The profile says after how long a user does.
    """
    if not _is_off(device, now):
        return
    device.sleep()
    after = device.profile.enable_after
    if after is not None:
        device.silence("wake")
        device.alarm(now + after, "wake", enabled)


def enabled(device: Device, now: float) -> None:
    """A user has switched CWMP on; what was due meanwhile is told now."""
    name = device.profile.root + "ManagementServer.EnableCWMP"
    device.model.set(name, "1")
    device.changed(name, now)


def _is_off(device: Device, now: float) -> bool:
    name = device.profile.root + "ManagementServer.EnableCWMP"
    return device.model.find(name, now, "1") not in TRUE


# -- standby


def start(device: Device, now: float) -> None:
    """After a boot: still without CWMP, or awake until the next standby."""
    device.silence("wake")
    if _is_off(device, now):
        device.alarm(now, "cwmp off")
    standby = device.profile.standby
    if standby is not None:
        device.silence("standby")
        part = chance(device.model.world.seed, device.n, "standby")
        device.alarm(now + part * standby.every, "standby")


def ring_standby(device: Device, key: object, now: float) -> None:
    """It falls asleep, unless it is busy or has to stay aware (StandbyPolicy)."""
    standby = device.profile.standby
    assert standby is not None
    if device.wanted != inf or device.transfers or device.requests:
        device.alarm(now + SOON, "standby")
        return
    until = _until(device, now, now + standby.length)
    if until <= now:
        device.alarm(now + standby.every, "standby")
        return
    device.sleep()
    device.alarm(until, "wake", partial(awake, now))


def _policy(device: Device, name: str, now: float, default: str = "") -> str:
    path = device.profile.root + "ManagementServer.StandbyPolicy."
    return device.model.find(path + name, now, default)


def _until(device: Device, now: float, end: float) -> float:
    """When it has to be awake again for what it was asked to be aware of."""

    def asked(name: str) -> bool:
        return _policy(device, name, now) in TRUE

    if asked("NetworkAwarenessCapable") and asked("CRAwarenessRequested"):
        return now
    timer = asked("SelfTimerCapable")
    contacts = []
    if timer and asked("PeriodicAwarenessRequested"):
        contacts.append("periodic")
    if asked("ScheduledAwarenessRequested"):
        contacts.append("schedule")
        if not timer and any(a[1] == "schedule" for a in device.alarms):
            return now
    return min([end, *(a[0] for a in device.alarms if a[1] in contacts)])


def awake(since: float, device: Device, now: float) -> None:
    """`13 WAKEUP` where the policy asks for it; what was missed is not made up for."""
    standby = device.profile.standby
    assert standby is not None
    missed = _missed_periodic(device, now)
    scheduled = any(a[1] == "schedule" and a[0] < now for a in device.alarms)
    for name, again in (
        ("periodic", periodic.schedule),
        ("heartbeat", heartbeat.schedule),
    ):
        if any(a[1] == name and a[0] < now for a in device.alarms):
            again(device, now)
    device.alarm(now + standby.every, "standby")
    unaware = int(_policy(device, "CRUnawarenessMaxDuration", now, "-1"))
    most = int(_policy(device, "MaxMissedPeriodic", now, "-1"))
    if device.profile.cwmp in ("1.0", "1.1"):
        return  # V1: they have no such event
    if (
        0 <= unaware < now - since
        or 0 <= most < missed
        or (scheduled and _policy(device, "NotifyMissedScheduled", now) in TRUE)
    ):
        device.tell(names.WAKEUP, "", now, "wakeup")


def _missed_periodic(device: Device, now: float) -> int:
    """How many periodic Informs were due before now."""
    model = device.model
    path = model.profile.root + "ManagementServer.PeriodicInformInterval"
    interval = float(model.find(path, now) or model.profile.interval)
    first = next((a[0] for a in device.alarms if a[1] == "periodic"), now)
    return max(ceil((now - first) / max(interval, 1.0)), 0)


STANDBY = Behaviour(
    "standby",
    writes={"*.ManagementServer.EnableCWMP": on_enable},
    alarms={
        "wake": ring_wake,
        "cwmp off": ring_off,
        "standby": ring_standby,
    },
    starts=(start,),
)
