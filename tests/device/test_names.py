"""GetParameterValues and GetParameterNames, clause by clause (CHECKLIST P1, P2)."""

from __future__ import annotations

import pytest
from lxml import etree

from cpesim.cwmp import names
from cpesim.device.device import Device
from cpesim.device.profile import Parameter, Profile
from tests.device.aliased import MAPPING, ROUTER, router
from tests.device.aliased import ask as ask_router
from tests.factory import HOSTS, ROOT, SERVER, WAN, make_device, make_profile
from tests.play import Play, judged, reply


@pytest.fixture
def device() -> Device:
    return make_device()


def ask(device: Device, *message: object) -> Play:
    """What the device answers to one RPC."""
    play = Play(device.begin(10.0), 10.0) << reply("InformResponse")
    play = play << reply(*message)  # type: ignore[arg-type]
    judged(play.body or b"")
    device.end(play.session, 10.0)
    return play


def count(play: Play) -> tuple[int, int]:
    """What the arrayType of a ParameterList says, and what stands in it."""
    (found,) = play.sent.iter("ParameterList")
    said = found.get(f"{{{names.ENC}}}arrayType")
    return int(said.partition("[")[2].rstrip("]")), len(found)


@pytest.mark.rule("P1")
def test_no_names_no_values(device: Device) -> None:
    """An empty list of names is answered by an empty list."""
    play = ask(device, "GetParameterValues") >> "GetParameterValuesResponse"
    assert count(play) == (0, 0)
    play = ask(device, "GetParameterAttributes") >> "GetParameterAttributesResponse"
    assert count(play) == (0, 0)


@pytest.mark.rule("P1")
@pytest.mark.parametrize("paths", [("",), (ROOT,), ("", WAN), (WAN, WAN + "Mode", WAN)])
def test_the_count_is_right_and_no_name_comes_twice(
    device: Device, paths: tuple[str, ...]
) -> None:
    """The arrayType is the number of structs, overlapping paths or not."""
    play = ask(device, "GetParameterValues", *paths)
    said, there = count(play)
    found = [n.text for n in play.sent.iter("Name")]
    assert said == there == len(found) == len(set(found))


@pytest.mark.rule("P1")
def test_one_unknown_path_among_good_ones(device: Device) -> None:
    """9005, and no values at all."""
    for wrong in (WAN + "No", WAN[:-1], WAN + "Mode.", ROOT[:-1], HOSTS + "9."):
        play = ask(device, "GetParameterValues", WAN, wrong)
        assert (play.fault, play.values()) == (9005, {})


@pytest.mark.rule("P1")
@pytest.mark.parametrize(
    ("type", "text", "empty"),
    [
        ("string", "secret", ""),
        ("base64", "AAEC", ""),
        ("hexBinary", "00ff", ""),
        ("boolean", "1", "0"),
        ("int", "-7", "0"),
        ("unsignedInt", "7", "0"),
        ("long", "7", "0"),
        ("unsignedLong", "7", "0"),
        ("decimal", "7.5", "0"),
        ("dateTime", "2026-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ],
)
def test_secured_parameters_read_as_nothing(type: str, text: str, empty: str) -> None:
    """Empty, 0 or false by their type: the default, and what the ACS wrote."""
    name = WAN + "Secured"
    old = make_profile()
    profile = Profile(
        **{
            f: getattr(old, f)
            for f in (*Profile.__dataclass_fields__,)
            if Profile.__dataclass_fields__[f].init and f not in ("names", "parameters")
        },
        names=tuple(sorted((*old.names, name))),
        parameters={**old.parameters, name: Parameter(type, True, text, hidden=True)},
    )
    device = Device(profile, 0, make_device().model.world)
    device.boot(0.0)
    assert ask(device, "GetParameterValues", name).values() == {name: empty}
    device.model.set(name, text)
    assert ask(device, "GetParameterValues", WAN).values()[name] == empty
    assert device.model.get(name, 0.0) == text


@pytest.mark.rule("P2")
def test_what_may_be_added_to_and_deleted() -> None:
    """Writable of a table, of its instances, old and new, and of plain objects."""
    device = router()
    for path in (ROUTER, ROUTER + "1.IPv4Forwarding.", MAPPING):
        ask_router(device, "AddObject", path, "")
    found = ask_router(device, "GetParameterNames", "Device.", 0).names()
    assert {n for n, writable in found.items() if writable and n[-1] == "."} == {
        "Device.Hosts.Host.",
        "Device.Users.User.",
        "Device.Users.User.1.",
        ROUTER,
        *(f"{ROUTER}{i}." for i in (1, 2)),
        *(f"{ROUTER}{i}.IPv4Forwarding." for i in (1, 2)),
        *(f"{ROUTER}1.IPv4Forwarding.{i}." for i in (1, 2)),
        MAPPING,
        *(f"{MAPPING}{i}." for i in (1, 2, 3)),
        *(f"Device.IP.Interface.{i}.IPv4Address." for i in (1, 2, 3)),
        *(f"Device.IP.Interface.{i}.IPv4Address.1." for i in (1, 2)),
    }
    # Each says the same as what then happens.
    for path, writable in found.items():
        if path[-1] != ".":
            continue
        last = path[:-1].rpartition(".")[2]
        method = "DeleteObject" if last.isdigit() else "AddObject"
        fresh = router()
        for table in (ROUTER, ROUTER + "1.IPv4Forwarding.", MAPPING):
            ask_router(fresh, "AddObject", table, "")
        assert (ask_router(fresh, method, path, "").fault != 9005) is writable, path


@pytest.mark.rule("P2")
@pytest.mark.parametrize("next_level", [0, 1])
def test_the_levels_of_every_object(device: Device, next_level: int) -> None:
    """NextLevel 1 is what has one name more than the object, 0 is all and itself."""
    everything = ask(device, "GetParameterNames", "", 0).names()
    for path in [name for name in everything if name[-1] == "."]:
        below = {
            name: writable
            for name, writable in everything.items()
            if name.startswith(path)
            and (
                not next_level
                or name[len(path) :].strip(".").count(".") == 0 < len(name) - len(path)
            )
        }
        play = ask(device, "GetParameterNames", path, next_level)
        assert play.names() == below
        assert count(play) == (len(below), len(below))


@pytest.mark.rule("P2")
def test_a_parameter_of_its_own(device: Device) -> None:
    """Writable as the model has it; NextLevel false and 0 are the same."""
    for word in ("0", "false"):
        for name, writable in ((WAN + "Mode", True), (ROOT + "DeviceSummary", False)):
            found = ask(device, "GetParameterNames", name, word).names()
            assert found == {name: writable}
    for word in ("1", "true"):
        assert ask(device, "GetParameterNames", WAN + "Mode", word).fault == 9003
        assert ask(device, "GetParameterNames", WAN + "No", word).fault == 9005
        assert ask(device, "GetParameterNames", "", word).names() == {ROOT: False}


@pytest.mark.rule("P2")
@pytest.mark.parametrize(
    "path",
    [WAN[:-1], ROOT[:-1], HOSTS + "1", HOSTS + "9.", WAN + "Mode.", ".", "Device"],
)
@pytest.mark.parametrize("next_level", [0, 1])
def test_no_such_names(device: Device, path: str, next_level: int) -> None:
    """An object without its dot is none, nor is a parameter with one: 9005."""
    assert ask(device, "GetParameterNames", path, next_level).fault == 9005


@pytest.mark.rule("P1", "P6", "P7")
def test_living_values_of_a_device_that_grew() -> None:
    """With instances added and deleted, the others read as before."""
    device = router()
    before = ask_router(device, "GetParameterValues", "").values()
    ask_router(device, "AddObject", ROUTER, "")
    ask_router(device, "DeleteObject", MAPPING + "1.", "")
    after = ask_router(device, "GetParameterValues", "").values()

    entries = "Device.NAT.PortMappingNumberOfEntries"
    assert (before.pop(entries), after.pop(entries)) == ("2", "1")
    gone = {n for n in before if n.startswith(MAPPING + "1.")}
    new = {ROUTER + "2.Alias": "cpe-2", ROUTER + "2.Enable": "0"}
    assert after == {n: v for n, v in before.items() if n not in gone} | new
    assert etree.fromstring(device.begin(11.0).start()) is not None
    assert SERVER not in after
