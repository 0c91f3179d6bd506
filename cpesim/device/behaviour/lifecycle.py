"""
GetRPCMethods, Reboot, FactoryReset, and the way back from the dark (B1, B2, E3, E4).

Rule: what an RPC asks for is done after the session: it is an alarm that is due at
once, and no alarm rings in a session.
"""

from __future__ import annotations

from cpesim.cwmp import names, write
from cpesim.cwmp.fault import Fault
from cpesim.cwmp.read import Call
from cpesim.device import events
from cpesim.device.behaviour.arguments import command_key
from cpesim.device.behaviour.files.ending import interrupt
from cpesim.device.device import Device
from cpesim.device.profile import Behaviour

MOST = 16  # Reboots in one session; the next one is denied


def get_rpc_methods(device: Device, call: Call, now: float) -> bytes:
    """What this CPE really handles in the version that is spoken (P9, V1)."""
    lacking = names.RPCS_LACKING[device.namespace]
    handled = device.profile.rpcs
    return write.rpc_methods(
        [rpc for rpc in names.RPCS if rpc in handled and rpc not in lacking]
    )


def reboot(device: Device, call: Call, now: float) -> bytes:
    """Answered now, done after the session."""
    key = command_key(call)
    if sum(alarm[1] == "reboot" for alarm in device.alarms) >= MOST:
        raise Fault(9001)
    device.alarm(now, "reboot", key)
    return b"<cwmp:RebootResponse/>"


def factory_reset(device: Device, call: Call, now: float) -> bytes:
    """Answered now, done after the session."""
    device.alarm(now, "factory reset")
    return b"<cwmp:FactoryResetResponse/>"


def ring_reboot(device: Device, key: object, now: float) -> None:
    """The ACS's Reboot: dark for a while, then `1 BOOT` and `M Reboot`."""
    device.events = events.add(device.events, names.M_REBOOT, str(key))
    restart(device, now)


def restart(device: Device, now: float) -> None:
    """
    Dark for a while, then `1 BOOT`.

    Every Reboot that the ACS asked for until now is done with it: two in a session
    are one reboot, which tells both of their CommandKeys (E2, E4).
    """
    asked = [a for a in device.alarms if a[1] == "reboot" and a[0] <= now]
    for alarm in asked:
        device.events = events.add(device.events, names.M_REBOOT, str(alarm[2]))
    device.alarms = tuple(a for a in device.alarms if a not in asked)
    interrupt(device, now)
    device.darken(now, device.profile.reboot)


def ring_factory_reset(device: Device, key: object, now: float) -> None:
    """Everything back to the profile's; then `0 BOOTSTRAP` and `1 BOOT`."""
    interrupt(device, now)  # files on their way are on their way no more
    device.alarms = ()
    device.darken(now, device.profile.reboot)
    device.model.reset()
    device.errands = ()
    device.transfers, device.requests = (), ()
    device.forget()
    device.events = ((names.BOOTSTRAP, ""),)  # the others go with it (E3)


def ring_boot(device: Device, why: object, now: float) -> None:
    """The dark is over. *why* is what was done meanwhile, if anything."""
    device.boot(now)
    if callable(why):
        why(device, now)


LIFECYCLE = Behaviour(
    "lifecycle",
    rpcs={
        "GetRPCMethods": get_rpc_methods,
        "Reboot": reboot,
        "FactoryReset": factory_reset,
    },
    alarms={
        "reboot": ring_reboot,
        "factory reset": ring_factory_reset,
        "boot": ring_boot,
    },
)
