"""A first contact of two dozen RPCs, and the true type of all values (X6–X12)."""

from __future__ import annotations

from functools import cache

import pytest

from cpesim.cwmp import names
from cpesim.device.catalog import load_profile, profile_names
from cpesim.device.device import Device
from cpesim.device.profile import Profile
from cpesim.device.world import World
from cpesim.errors import AcsProtocolError
from tests.factory import make_device, make_profile
from tests.play import EMPTY, OVER, Play, reply

TYPE = f"{{{names.XSI}}}type"


@cache
def profile(name: str) -> Profile:
    return load_profile(name)


def begun(device: Device, now: float = 1.0) -> Play:
    """A session in the device's version, up to the empty POST."""
    version = device.profile.cwmp
    return Play(device.begin(now), now) << reply("InformResponse", version=version)


@pytest.mark.rule("X12", "P2", "S15")
@pytest.mark.parametrize("name", profile_names())
def test_a_long_first_contact(name: str) -> None:
    """24 RPCs in the first session ever, the whole tree twice among them: no fault."""
    kind = profile(name)
    device = Device(kind, 7, World(1, epoch=1_767_225_600.0))
    device.boot(0.0)
    server = kind.root + "ManagementServer."
    interval, code = server + "PeriodicInformInterval", "DeviceInfo.ProvisioningCode"
    calls: list[tuple[object, ...]] = [
        ("GetRPCMethods",),
        ("GetParameterNames", "", 1),
        ("GetParameterNames", "", 0),
        ("GetParameterNames", kind.root, 1),
        ("GetParameterNames", kind.root, 0),
        ("GetParameterValues", kind.root + "DeviceInfo."),
        ("GetParameterValues", server),
        ("GetParameterValues", ""),
        ("GetParameterAttributes", kind.root + "DeviceInfo."),
        ("SetParameterAttributes", [(interval, True, 1, None)]),
        ("GetParameterAttributes", interval),
        ("SetParameterValues", [(interval, "unsignedInt", "1800")], "first"),
        ("GetParameterValues", interval, server + "ParameterKey"),
    ]
    for n in range(5):
        calls.append(("SetParameterValues", [(kind.root + code, "string", f"{n}")]))
        calls.append(("GetParameterValues", kind.root + code))
    calls.append(("Reboot", "after"))
    assert len(calls) == 24
    play = begun(device)
    assert ("0 BOOTSTRAP", "") in device.told[0]
    sizes, values = {}, {}
    for k, (method, *arguments) in enumerate(calls):
        play >> EMPTY if k == 0 else play
        message = reply(str(method), *arguments, id=f"c{k}", version=kind.cwmp)
        play = play << message >> f"{method}Response"
        assert play.id == f"c{k}"
        sizes[k], values[k] = len(play.names()), len(play.values())
    assert sizes[1] == 1
    assert sizes[2] == sizes[4] > len(kind.names)
    # An answer is as long as it has to be.
    assert values[7] == len(kind.names)
    assert sum(values.values()) > len(kind.names)
    play = play << EMPTY >> OVER
    device.end(play.session, 1.0)
    assert device.retries == 0


@pytest.mark.rule("X6", "P1", "I1")
@pytest.mark.parametrize("name", profile_names())
def test_every_value_has_its_true_type(name: str) -> None:
    """In the Inform and in an answer with the whole tree: the data model's own."""
    kind = profile(name)
    device = Device(kind, 7, World(1, epoch=1_767_225_600.0))
    device.boot(0.0)

    def types(play: Play) -> dict[str, str]:
        return {
            struct.findtext("Name"): struct.find("Value").get(TYPE)
            for struct in play.sent.iter("ParameterValueStruct")
        }

    def true(name: str) -> str:
        kind_of = kind.parameters[name].type
        return "soap-enc:base64" if kind_of == "base64" else f"xsd:{kind_of}"

    play = Play(device.begin(1.0), 1.0)
    informed = types(play)
    play = play << reply("InformResponse", version=kind.cwmp)
    play = play << reply("GetParameterValues", "", version=kind.cwmp)
    told = types(play)
    assert set(told) == set(kind.names)
    assert set(informed) <= set(told)
    assert told == {name: true(name) for name in kind.names}
    assert informed.items() <= told.items()


@pytest.mark.rule("X6")
def test_a_value_goes_back_with_the_type_it_came_with() -> None:
    """ACSs echo the type: what was read can be set, whatever its type."""
    device = make_device()
    play = begun(device) << reply("GetParameterValues", "")
    structs = list(play.sent.iter("ParameterValueStruct"))
    words = {struct.find("Value").get(TYPE) for struct in structs}
    # XML Schema has no type of that name: it is SOAP's.
    assert "soap-enc:base64" in words
    assert all(word.startswith("xsd:") for word in words - {"soap-enc:base64"})
    read = [
        (
            struct.findtext("Name"),
            struct.find("Value").get(TYPE).partition(":")[2],
            struct.findtext("Value"),
        )
        for struct in structs
    ]
    wanted = [
        entry
        for entry in read
        if device.profile.parameters[entry[0]].writable
        and not device.profile.parameters[entry[0]].hidden
    ]
    types = {type for _, type, _ in wanted}
    assert {"int", "boolean", "base64", "hexBinary", "unsignedLong"} <= types
    play << reply("SetParameterValues", wanted) >> "SetParameterValuesResponse"


@pytest.mark.rule("X10", "V1")
def test_a_profile_that_does_not_say_speaks_cwmp_1_0() -> None:
    """The default of profiles is what the oldest ACS understands."""
    assert Profile.__dataclass_fields__["cwmp"].default == "1.0"
    device = make_device(booted=False)
    device.boot(0.0)
    play = Play(device.begin(0.0), 0.0) >> "Inform"
    assert play.sent.tag == "{urn:dslforum-org:cwmp-1-0}Inform"
    assert b"SupportedCWMPVersions" not in (play.body or b"")
    assert make_profile().cwmp == "1.0"


@pytest.mark.rule("X8", "R2")
def test_the_thousandth_exchange_ends_a_session() -> None:
    """An ACS that never ends it: by default 1,000, and it counts as failed."""
    device = make_device()
    play = begun(device)
    for _ in range(998):
        play = play << reply("GetRPCMethods")
    with pytest.raises(AcsProtocolError, match="1000 exchanges") as caught:
        _ = play << reply("GetRPCMethods")
    assert caught.value.label == "endless session"
    device.end(play.session, 2.0)
    assert device.retries == 1
