"""Shipped profiles with software modules live through a unit's whole life."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cpesim.device.catalog import load_profile, profile_names
from cpesim.device.device import Device
from cpesim.device.world import World
from cpesim.errors import ConfigError
from tests.device.profiletext import HEAD, compiled
from tests.factory import hold
from tests.modular import outcome
from tests.play import Play, reply

SOFT = "Device.SoftwareModules."
WITH = {"residential-gateway-tr181", "gpon-ont", "enterprise-router"}


def test_who_has_modules() -> None:
    """Gateways and routers of the newer data model; the others know no such RPC."""
    found = {n for n in profile_names() if "ChangeDUState" in load_profile(n).rpcs}
    assert found == WITH


@pytest.mark.rule("B4", "B7")
@pytest.mark.parametrize("name", sorted(WITH))
def test_a_unit_s_life(name: str) -> None:
    """Installed, updated, stopped, started and uninstalled; all of it reads well."""
    profile = load_profile(name)
    profile = replace(profile, modules=replace(profile.modules, fetch=False))
    device = Device(profile, 0, World(1, epoch=1_767_225_600.0))
    device.boot(0.0)
    hold(device, 0.0)
    device.silence("periodic")
    kind = "ipk" if "1" in profile.modules.environments else "tar.gz"
    if name == "enterprise-router":
        kind = "tar.gz"
    url = f"http://apps.example/meter-1.4.{kind}"
    (result,) = outcome(device, 0.0, ("Install", {"URL": url}))
    assert result["FaultCode"] == "0", result
    unit = result["DeploymentUnitRef"]
    part = result["ExecutionUnitRefList"]
    assert (unit, part) == (SOFT + "DeploymentUnit.3", SOFT + "ExecutionUnit.3")

    play = Play(device.begin(100.0), 100.0) << reply("InformResponse", version="1.2")
    while play.body:
        play = play << reply(f"{play.method}Response", version="1.2")
    play = play << reply("GetParameterValues", SOFT, version="1.2")
    play = play >> "GetParameterValuesResponse"
    values = play.values()
    assert values[unit + ".Status"] == "Installed"
    assert values[unit + ".Resolved"] == "1"
    assert values[part + ".Status"] == "Active"
    assert values[part + ".RequestedState"] == ""
    assert values[part + ".AutoStart"] == "1"
    assert part in values[SOFT + "ExecEnv.1.ActiveExecutionUnits"].split(",")
    assert values[SOFT + "DeploymentUnitNumberOfEntries"] == "3"
    play = play << b""
    device.end(play.session, 100.0)

    command = [(part + ".RequestedState", "string", "Idle")]
    hold(device, 200.0, reply("SetParameterValues", command))
    device.wake(210.0)
    assert device.model.get(part + ".Status", 210.0) == "Idle"
    uuid = {"UUID": result["UUID"]}
    found = outcome(device, 300.0, ("Update", uuid), ("Uninstall", uuid))
    assert [r["FaultCode"] for r in found] == ["0", "0"]
    assert device.model.instances(SOFT + "DeploymentUnit.") == [1, 2]
    assert device.model.instances(SOFT + "ExecutionUnit.") == [1, 2]


def test_the_keys_of_a_profile() -> None:
    """`modules:` lands in the profile."""
    text = (
        "modules: {install: 1m, failures: 5%, code: 9001, environments: {1: ipk},"
        " autonomous: {every: 1d}}\n"
    )
    modules = compiled(head=text + HEAD).modules
    assert (modules.install, modules.failures, modules.code) == (60.0, 0.05, 9001)
    assert modules.environments == {"1": "ipk"}
    assert modules.update == 20.0
    assert modules.autonomous is not None
    assert (modules.autonomous.every, modules.autonomous.operation) == (
        86_400,
        "Update",
    )


@pytest.mark.parametrize(
    "wrong",
    ["{code: 9010}", "{version: '('}", "{failures: 150%}", "{most: 0}", "{fetch: 3s}"],
)
def test_wrong_keys_are_named(wrong: str) -> None:
    """A fault that no result has, a pattern that is none, a share over all."""
    with pytest.raises(ConfigError, match=r"x.yaml:1:\d+: expected"):
        compiled(head=f"modules: {wrong}\n" + HEAD)
