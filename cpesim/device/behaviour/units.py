"""
Execution units that start and stop, and the environments that they run in.

Rule: what the ACS writes is a command that reads as empty again, done after the
session; the Status that follows is a change of the device's own (I7).
"""

from __future__ import annotations

from cpesim.device.device import Device
from cpesim.device.modules import tree
from cpesim.device.profile import Behaviour

ACTIVE, IDLE = "Active", "Idle"


def run(device: Device, part: str, status: str, now: float) -> None:
    """An execution unit's Status changes, which is active by default (I7)."""
    if tree.run(device.model, part, status, now):
        device.changed(part + "Status", now)


def on_requested_state(device: Device, name: str, given: str, now: float) -> None:
    """Idle or Active: on its way there after the session; the latest counts."""
    # It reads as empty from now on, also where a dump says what was asked for last.
    device.model.set(name, "")
    part = name.removesuffix("RequestedState")
    _forget(device, "unit", part)
    device.alarm(now, "unit", (part, given))


def _forget(device: Device, alarm: str, part: str) -> None:
    device.alarms = tuple(
        a
        for a in device.alarms
        if a[1] != alarm or not isinstance(a[2], tuple) or a[2][0] != part
    )


def ring(device: Device, key: object, now: float) -> None:
    """A unit starts or stops; in an environment that is off it does not start."""
    assert isinstance(key, tuple)
    part, wanted = key
    model = device.model
    _forget(device, "unit there", part)
    if part not in tree.rows(model, tree.PART):
        return
    if model.find(part + "Status", now) == wanted:
        return
    fault = wanted == ACTIVE and not _may_run(device, part, now)
    code = "FailureOnStart" if fault else "NoFault"
    tree.put(model, part, {"ExecutionFaultCode": code})
    if fault:
        return
    run(device, part, "Starting" if wanted == ACTIVE else "Stopping", now)
    device.alarm(now + model.profile.modules.start, "unit there", (part, wanted))


def _may_run(device: Device, part: str, now: float) -> bool:
    environment = tree.home(device.model, part, now)
    return not environment or tree.is_enabled(device.model, environment, now)


def ring_there(device: Device, key: object, now: float) -> None:
    """It has started or stopped, if it is still there."""
    assert isinstance(key, tuple)
    part, wanted = key
    if part in tree.rows(device.model, tree.PART):
        run(device, part, wanted, now)


def on_environment(device: Device, name: str, given: str, now: float) -> None:
    """An environment is switched on or off after the session."""
    environment = name.removesuffix("Enable")
    device.alarms = tuple(
        a for a in device.alarms if (a[1], a[2]) != ("environment", environment)
    )
    device.alarm(now, "environment", environment)


def ring_environment(device: Device, key: object, now: float) -> None:
    """Its Status follows; its units stop, or those that start by themselves do."""
    environment, model = str(key), device.model
    enabled = tree.is_enabled(model, environment, now)
    tree.put(model, environment, {"Status": "Up" if enabled else "Disabled"})
    device.changed(environment + "Status", now)
    for part in tree.rows(model, tree.PART):
        if tree.home(model, part, now) != environment:
            continue
        _forget(device, "unit there", part)
        if not enabled:
            run(device, part, IDLE, now)
        elif model.find(part + "AutoStart", now) in ("1", "true"):
            run(device, part, ACTIVE, now)


def start(device: Device, now: float) -> None:
    """After a boot, what starts by itself runs, and nothing is on its way."""
    device.silence("unit")
    device.silence("unit there")
    model = device.model
    if not model.own:
        return  # as it left the factory
    for part in tree.rows(model, tree.PART):
        starts = model.find(part + "AutoStart", now) in ("1", "true")
        runs = starts and _may_run(device, part, now)
        tree.run(model, part, ACTIVE if runs else IDLE, now)


UNITS = Behaviour(
    "units",
    writes={
        "*.ExecutionUnit.{i}.RequestedState": on_requested_state,
        "*.SoftwareModules.ExecEnv.{i}.Enable": on_environment,
    },
    alarms={
        "unit": ring,
        "unit there": ring_there,
        "environment": ring_environment,
    },
    starts=(start,),
    needs="SoftwareModules.ExecutionUnit.{i}.",
)
