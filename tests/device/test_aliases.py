"""Paths with aliases, as an ACS writes and reads them (CHECKLIST P8, P11)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.cwmp.fault import Fault
from cpesim.device.device import Device
from cpesim.device.paths.address import Aliases, resolved
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
from tests.factory import HOSTS, make_device
from tests.play import Play


@pytest.fixture
def device() -> Device:
    return router()


@pytest.mark.rule("P8")
def test_values_by_alias(device: Device) -> None:
    """Full and partial paths, aliases at every level; the answer has numbers."""
    assert values(device, MAPPING + "[cpe-2].Description") == {
        MAPPING + "2.Description": "mapping 2"
    }
    assert set(values(device, MAPPING + "[cpe-1].")) == {
        MAPPING + "1.Alias",
        MAPPING + "1.Description",
        MAPPING + "1.Enable",
    }
    deep = ROUTER + "[cpe-1].IPv4Forwarding.[cpe-1].Metric"
    assert values(device, deep) == {ROUTER + "1.IPv4Forwarding.1.Metric": "-1"}
    mixed = ROUTER + "1.IPv4Forwarding.[cpe-1].Metric"
    assert values(device, mixed, deep) == {ROUTER + "1.IPv4Forwarding.1.Metric": "-1"}


@pytest.mark.rule("P8", "P2")
def test_names_by_alias(device: Device) -> None:
    """Both values of NextLevel, an object and a parameter."""
    found = ask(device, "GetParameterNames", MAPPING + "[cpe-2].", 1).names()
    assert found == {
        MAPPING + "2.Alias": True,
        MAPPING + "2.Description": True,
        MAPPING + "2.Enable": True,
    }
    found = ask(device, "GetParameterNames", MAPPING + "[cpe-2].", 0).names()
    assert found[MAPPING + "2."] is True
    name = INTERFACE + "[cpe-1].Status"
    found = ask(device, "GetParameterNames", name, 0).names()
    assert found == {INTERFACE + "1.Status": False}
    assert ask(device, "GetParameterNames", name, 1).fault == 9003


@pytest.mark.rule("P8", "P5")
def test_attributes_by_alias(device: Device) -> None:
    """What is set by alias is set for the instance, and read by alias too."""
    ask(device, "SetParameterAttributes", [(MAPPING + "[cpe-2].", True, 1, None)])
    found = levels(ask(device, "GetParameterAttributes", MAPPING))
    assert found[MAPPING + "2.Enable"] == 1
    assert found[MAPPING + "1.Enable"] == 0

    one = ask(device, "GetParameterAttributes", MAPPING + "[cpe-2].Enable")
    assert levels(one) == {MAPPING + "2.Enable": 1}
    unknown = [(MAPPING + "[no].", True, 1, None)]
    assert ask(device, "SetParameterAttributes", unknown).fault == 9005


@pytest.mark.rule("P8", "P3")
def test_setting_by_alias(device: Device) -> None:
    """An alias and a number may name the same parameter, but then it stands twice."""
    give(device, (MAPPING + "[cpe-2].Description", "mine"))
    assert device.model.get(MAPPING + "2.Description", 0.0) == "mine"

    play = give(
        device,
        (MAPPING + "2.Description", "a"),
        (MAPPING + "[cpe-2].Description", "b"),
    )
    assert details(play) == {MAPPING + "[cpe-2].Description": 9003}
    assert device.model.get(MAPPING + "2.Description", 0.0) == "mine"


@pytest.mark.rule("P8", "P7")
def test_deleting_by_alias(device: Device) -> None:
    """The instance of that alias goes, and no other."""
    assert ask(device, "DeleteObject", MAPPING + "[cpe-2].", "k").fault == 0
    assert device.model.instances(MAPPING) == [1]
    for path in ("[cpe-2].", "[cpe-1]", "*."):
        assert ask(device, "DeleteObject", MAPPING + path, "").fault == 9005
    assert ask(device, "DeleteObject", INTERFACE + "[cpe-1].", "").fault == 9005


@pytest.mark.rule("P8", "P6")
def test_adding_by_alias(device: Device) -> None:
    """The new instance has the ACS's alias; below another instance as well."""
    play = ask(device, "AddObject", MAPPING + "[web].", "k")
    assert play.sent.findtext("InstanceNumber") == "3"
    assert device.model.get(MAPPING + "3.Alias", 0.0) == "web"
    assert device.model.get(SERVER + "ParameterKey", 0.0) == "k"

    play = ask(device, "AddObject", ROUTER + "[cpe-1].IPv4Forwarding.[lan].", "")
    assert play.sent.findtext("InstanceNumber") == "2"
    assert values(device, ROUTER + "1.IPv4Forwarding.[lan].Metric")
    play = ask(device, "AddObject", ROUTER + "[cpe-1].IPv4Forwarding.", "")
    assert play.sent.findtext("InstanceNumber") == "3"


@pytest.mark.rule("P8", "P6")
@pytest.mark.parametrize(
    "path",
    [
        MAPPING + "[cpe-1].",  # there is one
        MAPPING + "[].",
        MAPPING + "[1st].",
        MAPPING + "[-x].",
        MAPPING + f"[{'a' * 65}].",
        MAPPING + "[web]",
        MAPPING + "[web.",
        MAPPING + "[web].[web].",
        MAPPING + "*.",
        ROUTER + "[no].IPv4Forwarding.[lan].",
        ROUTER + "[no].IPv4Forwarding.",
        INTERFACE + "[new].",  # a fixed table
        "Device.Users.User.[me].",  # a table without aliases
        "Device.[x].",
    ],
)
def test_aliases_that_no_instance_can_get(device: Device, path: str) -> None:
    """9005, nothing is added and the key stays."""
    assert ask(device, "AddObject", path, "new").fault == 9005
    assert device.model.grown is None
    assert device.model.get(SERVER + "ParameterKey", 0.0) == ""


@pytest.mark.rule("P8")
@pytest.mark.parametrize(
    "path",
    [
        MAPPING + "[web].Enable",
        MAPPING + "[cpe-1]",
        MAPPING + "[cpe-1]Enable",
        MAPPING + "[cpe-1.Enable",
        MAPPING + "cpe-1].Enable",
        MAPPING + "cpe-1.Enable",
        MAPPING + "[].Enable",
        MAPPING + "[1].Enable",
        MAPPING + "[cpe-1].No",
        MAPPING + "[cpe-1].Enable.",
        "[cpe-1].",
        "Device.[cpe-1].",
        "Device.Users.User.[admin].",
    ],
)
def test_wrong_paths_are_9005(device: Device, path: str) -> None:
    """Malformed and unknown ones alike, in every RPC that takes a path."""
    assert ask(device, "GetParameterValues", path).fault == 9005
    assert ask(device, "GetParameterNames", path, 0).fault == 9005
    assert ask(device, "GetParameterAttributes", path).fault == 9005
    entry = (path, True, 1, None)
    assert ask(device, "SetParameterAttributes", [entry]).fault == 9005
    assert details(give(device, (path, "1"))) == {path: 9005}


@pytest.mark.rule("P8")
def test_a_model_without_aliases_knows_no_brackets() -> None:
    """Where AliasBasedAddressing is false or missing, each such path is 9005."""
    off = router(AliasBasedAddressing="0", AutoCreateInstances="1")
    for device, table in ((off, MAPPING), (make_device(), HOSTS)):
        path = table + "[cpe-1]."
        assert ask(device, "GetParameterValues", path).fault == 9005
        assert ask(device, "GetParameterNames", path, 0).fault == 9005
        assert ask(device, "GetParameterAttributes", path).fault == 9005
        assert ask(device, "AddObject", table + "[x].", "").fault == 9005
        assert ask(device, "DeleteObject", path, "").fault == 9005
        assert details(give(device, (path + "Enable", "1"))) == {path + "Enable": 9005}


@pytest.mark.rule("P11")
@pytest.mark.parametrize(
    "alias", ["", "a].b", "1a", "-a", " a", "é", "a" * 65, "cpe-2", "[x]"]
)
def test_what_is_no_alias(device: Device, alias: str) -> None:
    """Empty, without a letter in front, too long, or another instance's: 9007."""
    name = MAPPING + "1.Alias"
    assert details(give(device, (name, alias))) == {name: 9007}
    assert device.model.get(name, 0.0) == "cpe-1"


@pytest.mark.rule("P11", "P14")
@pytest.mark.parametrize("alias", ["a", "a" * 64, "cpe-9", "Web & <TCP>", "Zü.1 b"])
def test_the_acs_names_an_instance(device: Device, alias: str) -> None:
    """Its alias is kept, and finds the instance; the old one finds none."""
    assert give(device, (MAPPING + "1.Alias", alias)).fault == 0
    found = values(device, f"{MAPPING}[{alias}].Alias")
    assert found == {MAPPING + "1.Alias": alias}
    assert ask(device, "GetParameterValues", MAPPING + "[cpe-1].").fault == 9005


@pytest.mark.rule("P11")
def test_aliases_are_unique_in_their_table(device: Device) -> None:
    """Two given at once clash, two may change places, other tables do not count."""
    one, two = MAPPING + "1.Alias", MAPPING + "2.Alias"
    play = give(device, (one, "same"), (two, "same"))
    assert details(play) == {one: 9007, two: 9007}
    assert give(device, (one, "cpe-2"), (two, "cpe-1")).fault == 0
    assert values(device, MAPPING + "[cpe-1].Description") == {
        MAPPING + "2.Description": "mapping 2"
    }
    assert give(device, (ROUTER + "1.Alias", "cpe-2")).fault == 0
    # A fault names the parameter as the ACS wrote it.
    written = MAPPING + "[cpe-2].Alias"
    assert details(give(device, (written, "cpe-1"))) == {written: 9007}


@pytest.mark.rule("P11")
def test_the_cpe_s_own_aliases(device: Device) -> None:
    """cpe- in front; not one that the ACS gave away before; never changed later."""
    give(device, (MAPPING + "1.Alias", "cpe-3"))
    ask(device, "AddObject", MAPPING, "")
    made = device.model.get(MAPPING + "3.Alias", 0.0)
    assert made.startswith("cpe-")
    assert made != "cpe-3"

    give(device, (MAPPING + "1.Alias", "other"))
    ask(device, "DeleteObject", MAPPING + "2.", "")
    ask(device, "AddObject", MAPPING, "")
    assert device.model.get(MAPPING + "3.Alias", 0.0) == made
    assert device.model.get(MAPPING + "4.Alias", 0.0) == "cpe-4"
    assert device.model.get(MAPPING + "1.Alias", 0.0) == "other"


@pytest.mark.rule("P11")
def test_instance_mode_decides_what_is_read(device: Device) -> None:
    """With InstanceAlias every answer has aliases at all levels, until it is undone."""
    give(device, (SERVER + "InstanceMode", "InstanceAlias"))
    give(device, (MAPPING + "1.Alias", "web <1>"))
    shown = MAPPING + "[web <1>]."

    assert values(device, MAPPING + "1.Enable") == {shown + "Enable": "0"}
    assert shown + "Description" in values(device, "")
    deep = ROUTER + "[cpe-1].IPv4Forwarding.[cpe-1]."
    assert values(device, ROUTER)[deep + "Metric"] == "-1"
    names = ask(device, "GetParameterNames", "Device.", 0).names()
    assert names[shown] is True
    assert names[shown + "Enable"] is True
    assert MAPPING + "1." not in names
    assert "Device.Users.User.1.Username" in names  # it has no alias
    found = ask(device, "GetParameterAttributes", shown)
    assert set(levels(found)) == {shown + n for n in ("Alias", "Enable", "Description")}
    wrong = give(device, (MAPPING + "1.No", "x"))
    assert details(wrong) == {MAPPING + "1.No": 9005}

    give(device, (SERVER + "InstanceMode", "InstanceNumber"))
    assert values(device, MAPPING + "1.Enable") == {MAPPING + "1.Enable": "0"}


@pytest.mark.rule("P11", "I2")
@pytest.mark.parametrize("by_profile", [False, True])
def test_informs_have_the_paths_of_the_mode(by_profile: bool) -> None:
    """Forced and changed parameters alike; AliasBasedAddressing is a forced one."""
    if by_profile:
        device = router(InstanceMode="InstanceAlias")
    else:
        device = router()
        give(device, (SERVER + "InstanceMode", "InstanceAlias"))
    device.changed(INTERFACE + "2.Name", 11.0)
    found = Play(device.begin(12.0), 12.0).values()

    assert found[SERVER + "AliasBasedAddressing"] == "1"
    assert found[INTERFACE + "[cpe-1].Name"] == "eth1"
    assert found[INTERFACE + "[cpe-2].Name"] == "eth2"
    assert INTERFACE + "1.Name" not in found


@pytest.mark.rule("P11")
def test_instance_mode_is_one_of_two(device: Device) -> None:
    """Any other word is 9007, and without alias-based addressing it means nothing."""
    name = SERVER + "InstanceMode"
    assert details(give(device, (name, "Alias"))) == {name: 9007}
    off = router(AliasBasedAddressing="0", InstanceMode="InstanceAlias")
    assert values(off, MAPPING + "1.Enable") == {MAPPING + "1.Enable": "0"}


_SIGNS = st.text(st.sampled_from("[].*cpe-12NATx"), max_size=30)


@given(st.sampled_from(["", "Device.", MAPPING, ROUTER + "[cpe-1]."]), _SIGNS)
def test_no_path_crashes(start: str, rest: str) -> None:
    """Whatever an ACS asks for, there are such plain paths, or it is 9005."""
    model = router().model
    try:
        found = resolved(model, start + rest, 0.0, Aliases(model, 0.0))
    except Fault as fault:
        found = []
        code = fault.code
    else:
        code = 9005
    assert code == 9005
    for path in found:
        assert model.has_object(path) or model.parameter(path) is not None
