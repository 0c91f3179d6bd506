"""What a device does to its modules by itself (CHECKLIST T12, E5, E7)."""

from __future__ import annotations

from typing import Any

import pytest

from cpesim.device.device import Device
from cpesim.device.modules.kind import Autonomous, Modules
from cpesim.device.modules.report import is_wanted
from tests.factory import hold
from tests.modular import (
    OLD,
    POLICY,
    UNIT,
    URL,
    modular_device,
    modular_profile,
    results,
    told,
)
from tests.play import reply

EVERY = 1000.0


def device_with(operation: str = "Update", **policy: str) -> Device:
    """A box that does it every 1,000 s and tells so by the given policy."""
    code = int(policy.pop("code", 0))
    device = modular_device(
        autonomous=Autonomous(EVERY, operation, URL),
        failures=1.0 if code else 0.0,
        code=code or 9027,
    )
    wanted = {
        "Enable": "1",
        "OperationTypeFilter": "Install,Update,Uninstall",
        "ResultTypeFilter": "Both",
        "FaultCodeFilter": "9001,9027",
    } | policy
    for name, text in wanted.items():
        device.model.set(POLICY + name, text)
    return device


def lived(device: Device, until: float) -> list[Any]:
    """What is told until then, as results."""
    found: list[Any] = []
    while device.due() <= until:
        now = device.due()
        device.wake(now)
        if device.wanted <= now:
            events, requests = told(device, now)
            for request in requests:
                assert request.tag.endswith("}AutonomousDUStateChangeComplete")
                assert ("12 AUTONOMOUS DU STATE CHANGE COMPLETE", "") in events
                found += results(request)
    return found


@pytest.mark.rule("E1", "T12")
def test_an_update_is_told() -> None:
    """`12 …` and an AutonomousDUStateChangeComplete that says what was done."""
    (result, *_) = lived(device_with(), 2 * EVERY)
    assert result["UUID"] == OLD
    assert result["Version"] == "2.0.2"
    assert result["OperationPerformed"] == "Update"
    assert (result["CurrentState"], result["FaultCode"]) == ("Installed", "0")


@pytest.mark.rule("T12")
def test_installing_and_uninstalling() -> None:
    """No file is fetched for them: nobody asked over the wire."""
    device = device_with("Install")
    (result, *_) = lived(device, EVERY + 100)
    assert result["OperationPerformed"] == "Install"
    assert device.errands == ()
    assert device.model.instances(UNIT) == [1, 2]

    device = device_with("Uninstall")
    (result, *others) = lived(device, 3 * EVERY)
    assert result["CurrentState"] == "Uninstalled"
    assert others == []  # there is nothing left


@pytest.mark.rule("T12")
@pytest.mark.parametrize(
    ("policy", "heard"),
    [
        ({}, True),
        ({"Enable": "0"}, False),
        ({"OperationTypeFilter": "Install,Uninstall"}, False),
        ({"OperationTypeFilter": ""}, False),
        ({"OperationTypeFilter": "Uninstall, Update"}, True),
        ({"ResultTypeFilter": "Success"}, True),
        ({"ResultTypeFilter": "Failure"}, False),
        ({"FaultCodeFilter": ""}, True),
        ({"code": "9001"}, True),
        ({"code": "9001", "FaultCodeFilter": "9027"}, False),
        ({"code": "9001", "FaultCodeFilter": ""}, False),
        ({"code": "9001", "ResultTypeFilter": "Success"}, False),
        ({"code": "9001", "ResultTypeFilter": "Failure"}, True),
    ],
)
def test_the_policy(policy: dict[str, str], heard: bool) -> None:
    """Enable and the three filters decide what the ACS hears of."""
    device = device_with(**policy)
    assert bool(lived(device, EVERY + 100)) == heard
    done = policy.get("code") is None
    assert (device.model.get(UNIT + "1.Version", 0.0) != "2.0.1") == done


@pytest.mark.rule("T12")
def test_a_device_without_the_policy_tells_nothing() -> None:
    """Its parameters are not there, so nothing is asked for."""
    device = modular_device()
    device.model.set(POLICY + "ResultTypeFilter", "Both")
    assert not is_wanted(device.model, "Update", 0, 0.0)


@pytest.mark.rule("E5", "E7")
def test_it_is_told_until_its_response() -> None:
    """Over a reboot too."""
    device = device_with()
    while not device.requests:
        now = device.due()
        device.wake(now)
    device.darken(now, 45.0)
    device.wake(now + 45.0)
    events, (request,) = told(device, now + 45.0)
    assert ("12 AUTONOMOUS DU STATE CHANGE COMPLETE", "") in events
    assert results(request)[0]["UUID"] == OLD
    assert device.requests == ()


@pytest.mark.rule("T12")
def test_what_nobody_hears_is_bounded() -> None:
    """Sixteen wait at the most."""
    device = device_with()
    for _ in range(100):
        device.wake(device.alarms[0][0])
    assert len(device.requests) == 16


@pytest.mark.rule("V1")
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_older_versions_do_nothing_of_the_kind(version: str) -> None:
    """They have no word for it."""
    modules = Modules(autonomous=Autonomous(EVERY))
    device = Device(
        modular_profile(cwmp=version, modules=modules), 0, modular_device().model.world
    )
    device.boot(0.0)
    hold(device, 0.0, reply("GetRPCMethods"))
    assert not any("autonomous" in alarm[1] for alarm in device.alarms)
