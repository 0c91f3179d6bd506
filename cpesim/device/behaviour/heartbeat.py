"""
HeartbeatPolicy (CHECKLIST I10).

Rule: as periodic Informs, but with an event that stands alone in its Inform
(telling.py), and that waits while another Inform is being retried.
"""

from __future__ import annotations

from cpesim.chance import chance
from cpesim.cwmp import names
from cpesim.device import events
from cpesim.device.device import Device
from cpesim.device.moment import following, moment
from cpesim.device.profile import Behaviour

LEAST = 30.0  # ReportingInterval's own minimum


def schedule(device: Device, now: float) -> None:
    """Set the alarm of the next heartbeat, if they are on."""
    device.silence("heartbeat")
    model = device.model
    path = model.profile.root + "ManagementServer.HeartbeatPolicy."
    # The event came with CWMP 1.4 (V1).
    if model.profile.cwmp != "1.4" or not (
        model.world.timers and model.profile.ways.timers
    ):
        return
    if model.find(path + "Enable", now) not in ("1", "true"):
        return
    interval = max(float(model.find(path + "ReportingInterval", now) or LEAST), LEAST)
    phase = moment(model.find(path + "InitiationTime", now), model.world.epoch)
    if phase is None:
        phase = chance(model.world.seed, device.n, "heartbeat") * interval
    device.alarm(following(now, phase, interval), "heartbeat")


def ring(device: Device, key: object, now: float) -> None:
    """`14 HEARTBEAT`, and the next alarm."""
    if device.retries and device.cause == "retry":
        device.events = events.add(device.events, names.HEARTBEAT)
    else:
        device.tell(names.HEARTBEAT, "", now, "heartbeat")
    schedule(device, now)


def on_write(device: Device, name: str, given: str, now: float) -> None:
    """A new value takes effect at once."""
    schedule(device, now)


HEARTBEAT = Behaviour(
    "heartbeat",
    writes={
        "*.HeartbeatPolicy.Enable": on_write,
        "*.HeartbeatPolicy.ReportingInterval": on_write,
        "*.HeartbeatPolicy.InitiationTime": on_write,
    },
    alarms={"heartbeat": ring},
    starts=(schedule,),
)
