"""Execution units that start and stop (CHECKLIST I7, B3's sibling for modules)."""

from __future__ import annotations

import pytest

from cpesim.device.device import Device
from tests.factory import hold
from tests.modular import OLD, PART, PLACE, UNIT, URL, modular_device, outcome, told
from tests.play import reply

STATUS = PART + "1.Status"
REQUESTED = PART + "1.RequestedState"


def write(device: Device, now: float, name: str, type: str, text: str) -> None:
    hold(device, now, reply("SetParameterValues", [(name, type, text)]))


@pytest.mark.rule("I7", "I4")
def test_a_unit_stops_and_starts() -> None:
    """RequestedState is a command; each new Status is told at once."""
    device = modular_device(start=2.0)
    write(device, 10.0, REQUESTED, "string", "Idle")
    assert device.model.get(REQUESTED, 10.0) == ""
    assert device.model.get(STATUS, 10.0) == "Stopping"
    assert device.wanted == 10.0
    events, _ = told(device, 10.0)
    assert events == [("4 VALUE CHANGE", "")]
    device.wake(12.0)
    assert device.model.get(STATUS, 12.0) == "Idle"
    assert device.model.get(PLACE + "1.ActiveExecutionUnits", 12.0) == ""
    assert told(device, 12.0)[0] == [("4 VALUE CHANGE", "")]

    write(device, 20.0, REQUESTED, "string", "Active")
    assert device.model.get(STATUS, 20.0) == "Starting"
    device.wake(22.0)
    assert device.model.get(STATUS, 22.0) == "Active"
    assert device.model.get(PLACE + "1.ActiveExecutionUnits", 22.0) == PART + "1"


@pytest.mark.rule("I7")
def test_the_default_can_be_changed() -> None:
    """Active until the ACS sets another notification."""
    device = modular_device()
    hold(device, 1.0, reply("SetParameterAttributes", [(STATUS, True, 0, None)]))
    write(device, 10.0, REQUESTED, "string", "Idle")
    device.wake(50.0)
    assert device.model.get(STATUS, 50.0) == "Idle"
    assert device.changes == ()


def test_the_latest_command_counts() -> None:
    """One that is on its way turns round."""
    device = modular_device(start=5.0)
    write(device, 10.0, REQUESTED, "string", "Idle")
    write(device, 12.0, REQUESTED, "string", "Active")
    assert device.model.get(STATUS, 12.0) == "Starting"
    device.wake(15.0)
    assert device.model.get(STATUS, 15.0) == "Starting"
    device.wake(17.0)
    assert device.model.get(STATUS, 17.0) == "Active"
    for _ in range(50):
        write(device, 20.0, REQUESTED, "string", "Idle")
    assert sum(alarm[1].startswith("unit") for alarm in device.alarms) == 1


def test_a_command_for_what_is_so_already_does_nothing() -> None:
    """And one for a unit that is gone neither."""
    device = modular_device(fetch=False)
    write(device, 10.0, REQUESTED, "string", "Active")
    assert device.changes == ()
    write(device, 11.0, REQUESTED, "string", "Idle")
    outcome(device, 11.5, ("Uninstall", {"UUID": OLD}))
    device.wake(100.0)
    assert device.model.parameter(STATUS) is None


@pytest.mark.rule("I7")
def test_an_environment_that_is_switched_off() -> None:
    """Its units are Idle and do not start; switched on, they run again."""
    device = modular_device()
    write(device, 10.0, PLACE + "1.Enable", "boolean", "0")
    assert device.model.get(PLACE + "1.Status", 10.0) == "Disabled"
    assert device.model.get(STATUS, 10.0) == "Idle"
    assert told(device, 10.0)[0] == [("4 VALUE CHANGE", "")]
    write(device, 20.0, REQUESTED, "string", "Active")
    device.wake(30.0)
    assert device.model.get(STATUS, 30.0) == "Idle"
    assert device.model.get(PART + "1.ExecutionFaultCode", 30.0) == "FailureOnStart"

    write(device, 40.0, PLACE + "1.Enable", "boolean", "1")
    assert device.model.get(PLACE + "1.Status", 40.0) == "Up"
    assert device.model.get(STATUS, 40.0) == "Active"


def test_a_boot_starts_what_starts_by_itself() -> None:
    """AutoStart decides; an unfinished command is forgotten."""
    device = modular_device(fetch=False)
    outcome(device, 0.0, ("Install", {"URL": URL}))
    write(device, 100.0, PART + "2.AutoStart", "boolean", "0")
    write(device, 110.0, REQUESTED, "string", "Idle")
    device.darken(111.0, 45.0)
    device.wake(156.0)
    device.wake(200.0)
    assert device.model.get(STATUS, 200.0) == "Active"
    assert device.model.get(PART + "2.Status", 200.0) == "Idle"
    assert device.model.get(UNIT + "2.Status", 200.0) == "Installed"
