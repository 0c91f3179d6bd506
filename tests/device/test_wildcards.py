"""Paths with stars for instances (CHECKLIST P12)."""

from __future__ import annotations

import pytest

from cpesim.device.device import Device
from tests.device.aliased import (
    INTERFACE,
    MAPPING,
    ROUTER,
    SERVER,
    ask,
    details,
    give,
    levels,
    router,
    values,
)


@pytest.fixture
def device() -> Device:
    return router()


@pytest.mark.rule("P12")
def test_a_star_means_every_instance(device: Device) -> None:
    """Those that were added too, and not those that were deleted."""
    ask(device, "AddObject", MAPPING, "")
    ask(device, "DeleteObject", MAPPING + "1.", "")
    assert values(device, MAPPING + "*.Description") == {
        MAPPING + "2.Description": "mapping 2",
        MAPPING + "3.Description": "mapping 3",
    }
    assert set(values(device, MAPPING + "*.")) == {
        f"{MAPPING}{i}.{name}"
        for i in (2, 3)
        for name in ("Alias", "Enable", "Description")
    }


@pytest.mark.rule("P12")
def test_several_stars_and_aliases(device: Device) -> None:
    """Each star is every instance; what an instance lacks is left out."""
    name = INTERFACE + "*.IPv4Address.*.IPAddress"
    assert values(device, name) == {
        INTERFACE + "1.IPv4Address.1.IPAddress": "192.0.2.1",
        INTERFACE + "2.IPv4Address.1.IPAddress": "192.0.2.2",
    }
    name = INTERFACE + "[cpe-2].IPv4Address.*.IPAddress"
    assert set(values(device, name)) == {INTERFACE + "2.IPv4Address.1.IPAddress"}
    name = INTERFACE + "*.IPv4Address.[cpe-1].IPAddress"
    assert len(values(device, name)) == 2
    assert set(values(device, INTERFACE + "*.Status", INTERFACE + "1.Status")) == {
        f"{INTERFACE}{i}.Status" for i in (1, 2, 3)
    }


@pytest.mark.rule("P12", "P2")
def test_names_by_wildcard(device: Device) -> None:
    """The next level of each instance, or all beneath it."""
    found = ask(device, "GetParameterNames", MAPPING + "*.", 1).names()
    assert found == {
        f"{MAPPING}{i}.{name}": True
        for i in (1, 2)
        for name in ("Alias", "Enable", "Description")
    }
    found = ask(device, "GetParameterNames", INTERFACE + "*.IPv4Address.", 0).names()
    assert found[INTERFACE + "1.IPv4Address."] is True
    assert found[INTERFACE + "2.IPv4Address.1.IPAddress"] is True
    found = ask(device, "GetParameterNames", INTERFACE + "*.Status", 0).names()
    assert found == {f"{INTERFACE}{i}.Status": False for i in (1, 2, 3)}
    wrong = ask(device, "GetParameterNames", INTERFACE + "*.Status", 1)
    assert wrong.fault == 9003


@pytest.mark.rule("P12", "P5")
def test_attributes_by_wildcard(device: Device) -> None:
    """Read by star; to set them a path has to be plain."""
    ask(device, "SetParameterAttributes", [(MAPPING + "2.Enable", True, 1, None)])
    found = levels(ask(device, "GetParameterAttributes", MAPPING + "*.Enable"))
    assert found == {MAPPING + "1.Enable": 0, MAPPING + "2.Enable": 1}

    entry = (MAPPING + "*.Enable", True, 2, None)
    assert ask(device, "SetParameterAttributes", [entry]).fault == 9005
    mixed = (INTERFACE + "[cpe-1].IPv4Address.*.", True, 2, None)
    assert ask(device, "SetParameterAttributes", [mixed]).fault == 9005


@pytest.mark.rule("P12")
def test_nothing_is_written_by_star(device: Device) -> None:
    """Neither values nor objects."""
    name = MAPPING + "*.Description"
    assert details(give(device, (name, "x"))) == {name: 9005}
    assert ask(device, "DeleteObject", MAPPING + "*.", "").fault == 9005
    assert ask(device, "AddObject", ROUTER + "*.IPv4Forwarding.", "").fault == 9005


@pytest.mark.rule("P12", "P1")
def test_a_table_without_instances_is_an_empty_list(device: Device) -> None:
    """It is there, and nothing in it: no fault."""
    for path in ("Device.Hosts.Host.*.", "Device.Hosts.Host.*.HostName"):
        assert values(device, path) == {}
        play = ask(device, "GetParameterNames", path, 0)
        assert (play.fault, play.names()) == (0, {})
        play = ask(device, "GetParameterAttributes", path)
        assert (play.fault, levels(play)) == (0, {})


@pytest.mark.rule("P12")
@pytest.mark.parametrize(
    "path",
    [
        MAPPING + "*.No",
        MAPPING + "*.No.",
        MAPPING + "*",
        MAPPING + "*Description",
        MAPPING + "2*.Description",
        MAPPING + "**.Description",
        "Device.*.",
        "Device.NAT.*.Enable",
        "*.",
        "*",
        "Device.No.*.Name",
        "Device.Hosts.Host.*.No",
        INTERFACE + "[no].IPv4Address.*.",
    ],
)
def test_stars_that_mean_nothing(device: Device, path: str) -> None:
    """No table there, no such name in any instance, or no whole segment: 9005."""
    assert ask(device, "GetParameterValues", path).fault == 9005
    assert ask(device, "GetParameterNames", path, 0).fault == 9005
    assert ask(device, "GetParameterAttributes", path).fault == 9005


@pytest.mark.rule("P12")
@pytest.mark.parametrize("path", ["*.", "*.Description", "[cpe-1].*."])
def test_without_support_a_star_is_9005(path: str) -> None:
    """Where InstanceWildcardsSupported is false."""
    device = router(InstanceWildcardsSupported="0")
    assert ask(device, "GetParameterValues", MAPPING + path).fault == 9005
    assert ask(device, "GetParameterNames", MAPPING + path, 0).fault == 9005
    assert ask(device, "GetParameterAttributes", MAPPING + path).fault == 9005


@pytest.mark.rule("P12", "P11")
def test_stars_need_no_aliases_and_follow_the_mode() -> None:
    """Wildcards are a thing of their own; the paths returned are those of the mode."""
    device = router(AliasBasedAddressing="0")
    assert len(values(device, MAPPING + "*.Enable")) == 2
    device = router(InstanceMode="InstanceAlias")
    assert set(values(device, MAPPING + "*.Enable")) == {
        MAPPING + "[cpe-1].Enable",
        MAPPING + "[cpe-2].Enable",
    }
    assert SERVER + "InstanceMode" in values(device, SERVER)
