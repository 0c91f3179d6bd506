"""
Periodic Informs (CHECKLIST I3).

Rule: the next one is computed from phase and interval, never from the last one, so
a late session does not shift those after it.
"""

from __future__ import annotations

from cpesim.chance import chance
from cpesim.cwmp import names
from cpesim.device.device import Device
from cpesim.device.moment import following, moment
from cpesim.device.profile import Behaviour


def schedule(device: Device, now: float) -> None:
    """Set the alarm of the next periodic Inform, if they are on."""
    device.silence("periodic")
    model = device.model
    path = model.profile.root + "ManagementServer.PeriodicInform"
    enabled = model.find(path + "Enable", now, "1") in ("1", "true")
    if model.world.timers and model.profile.ways.timers and enabled:
        interval = float(model.find(path + "Interval", now) or model.profile.interval)
        phase = _phase(device, model.find(path + "Time", now), interval)
        begin = model.profile.ways.phase
        if begin is not None:
            now = max(now, begin(device.n))  # it begins to count at its turn
        device.alarm(following(now, phase, max(interval, 1.0)), "periodic")


def _phase(device: Device, time: str, interval: float) -> float:
    """A known PeriodicInformTime, else a point of the device's own."""
    world = device.model.world
    known = moment(time, world.epoch)
    if known is not None:
        return known
    begin = device.profile.ways.phase
    if begin is not None:
        return begin(device.n)
    return chance(world.seed, device.n, "phase") * interval


def ring(device: Device, key: object, now: float) -> None:
    """`2 PERIODIC`, and the next alarm."""
    device.tell(names.PERIODIC, "", now, "periodic")
    schedule(device, now)


def on_write(device: Device, name: str, given: str, now: float) -> None:
    """A new value takes effect at once; what was due before it is still told."""
    if any(a[1] == "periodic" and a[0] <= now for a in device.alarms):
        device.tell(names.PERIODIC, "", now, "periodic")
    schedule(device, now)


PERIODIC = Behaviour(
    "periodic",
    writes={
        "*.ManagementServer.PeriodicInformEnable": on_write,
        "*.ManagementServer.PeriodicInformInterval": on_write,
        "*.ManagementServer.PeriodicInformTime": on_write,
    },
    alarms={"periodic": ring},
    starts=(schedule,),
)
