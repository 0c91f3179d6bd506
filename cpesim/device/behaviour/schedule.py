"""
ScheduleInform (CHECKLIST I5).

Rule: each request is one alarm; they ring as `3 SCHEDULED` once and an
`M ScheduleInform` each.
"""

from __future__ import annotations

from cpesim.cwmp import names
from cpesim.cwmp.fault import Fault, invalid_arguments
from cpesim.cwmp.read import Call, number
from cpesim.device.behaviour.arguments import command_key
from cpesim.device.device import Device
from cpesim.device.profile import Behaviour

MOST = 16


def schedule_inform(device: Device, call: Call, now: float) -> bytes:
    """A session after DelaySeconds."""
    delay, key = number(call.element, "DelaySeconds"), command_key(call)
    if delay == 0:
        raise invalid_arguments("DelaySeconds is 0")
    if sum(alarm[1] == "schedule" for alarm in device.alarms) >= MOST:
        raise Fault(9004)
    device.alarm(now + delay, "schedule", key)
    return b"<cwmp:ScheduleInformResponse/>"


def ring(device: Device, key: object, now: float) -> None:
    """The delay is over."""
    device.tell(names.SCHEDULED, "", now, "schedule")
    device.tell(names.M_SCHEDULE_INFORM, str(key), now, "schedule")


SCHEDULE = Behaviour(
    "schedule", rpcs={"ScheduleInform": schedule_inform}, alarms={"schedule": ring}
)
