"""SetParameterValues that makes the instances it names (CHECKLIST P11)."""

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
    router,
    values,
)


@pytest.fixture
def device() -> Device:
    return router(AutoCreateInstances="1")


@pytest.mark.rule("P11")
def test_missing_instances_are_made(device: Device) -> None:
    """One for all entries that name it, with that alias and defaults besides."""
    play = ask(
        device,
        "SetParameterValues",
        [
            (MAPPING + "[web].Enable", "boolean", "1"),
            (MAPPING + "[web].Description", "string", "a & b"),
        ],
        "made",
    )
    assert play.sent.findtext("Status") == "0"
    assert values(device, MAPPING + "[web].") == {
        MAPPING + "3.Alias": "web",
        MAPPING + "3.Description": "a & b",
        MAPPING + "3.Enable": "1",
    }
    assert device.model.get("Device.NAT.PortMappingNumberOfEntries", 0.0) == "3"
    assert device.model.get(SERVER + "ParameterKey", 0.0) == "made"


@pytest.mark.rule("P11", "P6")
def test_instances_inside_new_ones(device: Device) -> None:
    """A path may make two at once; the second time they are there."""
    name = ROUTER + "[guest].IPv4Forwarding.[default].Metric"
    for metric in ("7", "8"):
        play = ask(device, "SetParameterValues", [(name, "int", metric)], "")
        assert play.fault == 0
    assert device.model.instances(ROUTER) == [1, 2]
    assert values(device, name) == {ROUTER + "2.IPv4Forwarding.1.Metric": "8"}


@pytest.mark.rule("P11", "P3")
def test_nothing_is_made_on_a_fault(device: Device) -> None:
    """All or nothing holds for instances too, and their numbers stay unused."""
    give(device, (MAPPING + "1.Description", "kept"))
    before = device.model.state()
    play = give(
        device,
        (MAPPING + "[web].Description", "x"),
        (MAPPING + "1.Description", "lost"),
        (MAPPING + "[web].No", "x"),
        (MAPPING + "[cpe-1].Enable", "x"),
        key="new",
    )
    assert details(play) == {
        MAPPING + "[web].No": 9005,
        MAPPING + "[cpe-1].Enable": 9006,
    }
    assert device.model.state() == before
    assert ask(device, "AddObject", MAPPING, "").sent.findtext("InstanceNumber") == "3"


@pytest.mark.rule("P11", "P3")
def test_nothing_stays_of_what_stood_before_a_broken_entry(device: Device) -> None:
    """An entry that is none at all undoes those that were made before it."""
    body = give(device, (MAPPING + "[web].Description", "x"), (MAPPING, "x"))
    assert details(body) == {MAPPING: 9005}
    long = give(device, (MAPPING + "[web].Description", "x"), key="k" * 33)
    assert long.fault == 9003
    assert device.model.grown is None


@pytest.mark.rule("P11", "P6")
def test_a_full_table(device: Device) -> None:
    """9004 for the whole, never for an entry; none of them is made."""
    entries = [(f"{MAPPING}[web{i}].Description", "x") for i in range(3)]
    play = give(device, *entries)
    assert (play.fault, details(play)) == (9004, {})
    assert device.model.instances(MAPPING) == [1, 2]
    assert give(device, *entries[:2]).fault == 0


@pytest.mark.rule("P11")
@pytest.mark.parametrize(
    "path",
    [
        INTERFACE + "[new].Name",
        "Device.Users.User.[new].Username",
        MAPPING + "[1].Description",
        MAPPING + "[].Description",
        MAPPING + f"[{'a' * 65}].Description",
        MAPPING + "*.Description",
        "Device.Nothing.[new].Name",
        "Device.[new].Name",
    ],
)
def test_what_cannot_be_made(device: Device, path: str) -> None:
    """Fixed tables, tables without aliases, and what is no alias: 9005."""
    assert details(give(device, (path, "x"))) == {path: 9005}
    assert device.model.grown is None


@pytest.mark.rule("P11")
def test_without_auto_creation_it_is_9005() -> None:
    """False by default: each entry is told, and no instance comes of it."""
    device = router()
    path = MAPPING + "[web].Description"
    play = give(device, (path, "x"), (MAPPING + "1.Description", "lost"))
    assert (play.fault, details(play)) == (9003, {path: 9005})
    assert device.model.grown is None
    assert device.model.get(MAPPING + "1.Description", 0.0) == "mapping 1"


@pytest.mark.rule("P11")
def test_the_acs_turns_it_on() -> None:
    """AutoCreateInstances is the ACS's, and counts from the next request on."""
    device = router()
    ask(
        device,
        "SetParameterValues",
        [
            (SERVER + "AutoCreateInstances", "boolean", "true"),
        ],
    )
    assert give(device, (MAPPING + "[web].Description", "x")).fault == 0
    assert values(device, MAPPING + "[web].Alias") == {MAPPING + "3.Alias": "web"}


@pytest.mark.rule("P11")
def test_a_new_alias_and_a_renamed_one_clash(device: Device) -> None:
    """The order of entries means nothing: paths are those from before."""
    play = give(device, (MAPPING + "1.Alias", "web"), (MAPPING + "[web].Enable", "1"))
    assert details(play)[MAPPING + "1.Alias"] == 9007
    assert device.model.grown is None
