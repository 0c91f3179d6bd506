"""Names, values, attributes and objects, as an ACS asks for them (CHECKLIST P)."""

from __future__ import annotations

import pytest

from cpesim.device.device import Device
from cpesim.device.profile import Parameter
from tests.factory import HOSTS, ROOT, SERVER, WAN, hold, make_device, make_profile
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


def set_values(device: Device, *pairs: tuple[str, str, str], key: str = "key") -> Play:
    return ask(device, "SetParameterValues", pairs, key)


@pytest.mark.rule("P1")
def test_values_by_full_and_partial_path(device: Device) -> None:
    """A full path gives one, a partial path all beneath, the empty one everything."""
    found = ask(device, "GetParameterValues", SERVER + "URL").values()
    assert found == {SERVER + "URL": "http://acs.invalid/"}

    found = ask(device, "GetParameterValues", WAN, SERVER + "Username").values()
    assert found[WAN + "Mode"] == "Auto"
    assert found[SERVER + "Username"] == "cpe"

    everything = ask(device, "GetParameterValues", "").values()
    assert set(everything) == set(device.profile.names)


@pytest.mark.rule("P1", "X6")
def test_values_have_their_true_type(device: Device) -> None:
    """xsi:type is the model's, for changed values as well."""
    set_values(device, (WAN + "Signal", "int", "-70"))
    play = ask(device, "GetParameterValues", WAN)

    types = {
        s.findtext("Name"): s.find("Value").get(
            "{http://www.w3.org/2001/XMLSchema-instance}type"
        )
        for s in play.sent.iter("ParameterValueStruct")
    }
    assert types[WAN + "Signal"] == "xsd:int"
    assert types[WAN + "Key"] == "xsd:hexBinary"
    assert play.values()[WAN + "Signal"] == "-70"


@pytest.mark.rule("P1")
def test_hidden_values_read_as_empty(device: Device) -> None:
    """A password is empty, before and after the ACS set it."""
    name = SERVER + "Password"
    assert ask(device, "GetParameterValues", name).values() == {name: ""}

    set_values(device, (name, "string", "new"))

    assert ask(device, "GetParameterValues", name).values() == {name: ""}
    assert device.model.get(name, 0.0) == "new"


@pytest.mark.rule("P1")
@pytest.mark.parametrize("path", [ROOT + "Nothing", ROOT + "Nothing.", "Device."])
def test_unknown_paths_are_9005(device: Device, path: str) -> None:
    """For values, names and attributes alike."""
    assert ask(device, "GetParameterValues", path).fault == 9005
    assert ask(device, "GetParameterNames", path, 0).fault == 9005
    assert ask(device, "GetParameterAttributes", path).fault == 9005


@pytest.mark.rule("P1")
def test_an_object_without_parameters_is_an_empty_list(device: Device) -> None:
    """A partial path with nothing beneath is no fault."""
    for number in (1, 2):
        ask(device, "DeleteObject", f"{HOSTS}{number}.", "")

    play = ask(device, "GetParameterValues", HOSTS)
    assert (play >> "GetParameterValuesResponse").values() == {}


@pytest.mark.rule("P2")
def test_the_next_level(device: Device) -> None:
    """Only the children, not the object itself; objects end in a dot."""
    found = ask(device, "GetParameterNames", ROOT + "LANDevice.1.", 1).names()
    assert found == {ROOT + "LANDevice.1.Hosts.": False}

    found = ask(device, "GetParameterNames", HOSTS, 1).names()
    assert found == {HOSTS + "1.": True, HOSTS + "2.": True}

    found = ask(device, "GetParameterNames", ROOT, 1).names()
    assert found[ROOT + "DeviceSummary"] is False
    assert found[ROOT + "WANDevice."] is False
    assert ROOT not in found


@pytest.mark.rule("P2")
def test_the_whole_tree(device: Device) -> None:
    """NextLevel 0 gives the named one and all beneath, "" everything."""
    found = ask(device, "GetParameterNames", HOSTS, 0).names()
    assert found == {
        HOSTS: True,
        HOSTS + "1.": True,
        HOSTS + "1.Name": True,
        HOSTS + "2.": True,
        HOSTS + "2.Name": True,
    }

    everything = ask(device, "GetParameterNames", "", 0).names()
    assert set(everything) == {*device.profile.names, *device.profile.objects}
    assert ask(device, "GetParameterNames", "", 1).names() == {ROOT: False}


@pytest.mark.rule("P2")
def test_a_full_path_has_no_next_level(device: Device) -> None:
    """NextLevel 1 with a parameter is 9003; with 0 it is the parameter alone."""
    name = WAN + "Mode"
    assert ask(device, "GetParameterNames", name, 1).fault == 9003
    assert ask(device, "GetParameterNames", name, 0).names() == {name: True}


@pytest.mark.rule("P3")
def test_all_or_nothing(device: Device) -> None:
    """One bad entry: 9003 with a detail for each bad one, and nothing changed."""
    play = set_values(
        device,
        (WAN + "Mode", "string", "DSL"),
        (WAN + "Nothing", "string", "x"),
        (ROOT + "DeviceSummary", "string", "x"),
        (WAN + "Signal", "string", "x"),
        (WAN + "Ratio", "decimal", "x"),
        (WAN + "Total", "unsignedLong", "-1"),
        (WAN + "Mode", "string", "DSL"),
        key="lost",
    )

    details = {
        d.findtext("ParameterName"): int(d.findtext("FaultCode"))
        for d in play.sent.iter("SetParameterValuesFault")
    }
    assert (play.fault, device.model.own) == (9003, {})
    assert details == {
        WAN + "Nothing": 9005,
        ROOT + "DeviceSummary": 9008,
        WAN + "Signal": 9006,
        WAN + "Ratio": 9006,
        WAN + "Total": 9007,
        WAN + "Mode": 9003,
    }


@pytest.mark.rule("P3", "P10")
def test_success_sets_the_parameter_key(device: Device) -> None:
    """Status 0, or what the profile says; an empty key counts too."""
    play = set_values(device, (WAN + "Mode", "string", "DSL"), key="k 1")
    assert play.sent.findtext("Status") == "0"
    assert device.model.get(SERVER + "ParameterKey", 0.0) == "k 1"

    set_values(device, (WAN + "Mode", "string", "Auto"), key="")
    assert device.model.get(SERVER + "ParameterKey", 0.0) == ""

    other = make_device(set_status=1)
    play = set_values(other, (WAN + "Mode", "string", "DSL"))
    assert play.sent.findtext("Status") == "1"


@pytest.mark.rule("P10")
def test_a_fault_leaves_the_parameter_key(device: Device) -> None:
    """Neither a refused value nor a refused object changes it; a long one is 9003."""
    set_values(device, (WAN + "Mode", "string", "DSL"), key="old")
    set_values(device, (WAN + "Mode", "string", "No"), key="new")
    ask(device, "AddObject", WAN, "new")
    ask(device, "DeleteObject", HOSTS + "9.", "new")
    too_long = set_values(device, (WAN + "Mode", "string", "DSL"), key="x" * 33)

    assert too_long.fault == 9003
    assert device.model.get(SERVER + "ParameterKey", 0.0) == "old"


@pytest.mark.rule("P4")
@pytest.mark.parametrize(
    ("name", "type", "good", "bad"),
    [
        ("Mode", "string", ["DSL", "Auto"], [("Fast", 9007), ("dsl", 9007)]),
        ("Signal", "int", ["-100", "0", " -5 "], [("1", 9007), ("5.0", 9006)]),
        ("Key", "hexBinary", ["", "AAbb"], [("0", 9006), ("0011223344", 9007)]),
        ("Blob", "base64", ["", "AAEC"], [("A", 9006), ("AAAA" * 8, 9007)]),
        ("Total", "unsignedLong", ["18446744073709551615"], [("-1", 9007)]),
        ("Ratio", "decimal", ["1", "-.5", "2."], [("1e3", 9006), ("", 9006)]),
        ("Secret", "string", ["12345678", "üüüüüüüü"], [("123456789", 9007)]),
    ],
)
def test_types(
    device: Device, name: str, type: str, good: list[str], bad: list[tuple[str, int]]
) -> None:
    """Form is 9006, what the model does not allow 9007."""
    for text in good:
        assert set_values(device, (WAN + name, type, text)).fault == 0, text
    for text, code in bad:
        play = set_values(device, (WAN + name, type, text))
        (detail,) = play.sent.iter("SetParameterValuesFault")
        assert int(detail.findtext("FaultCode")) == code, text


@pytest.mark.rule("P4")
def test_booleans_and_times(device: Device) -> None:
    """0, 1, true, false; UTC, or a time since boot."""
    name = SERVER + "PeriodicInformEnable"
    for text in ("0", "1", "true", "false"):
        assert set_values(device, (name, "boolean", text)).fault == 0
    assert set_values(device, (name, "boolean", "yes")).fault == 9003

    name = SERVER + "PeriodicInformTime"
    for text in (
        "2026-01-31T23:59:59Z",
        "2026-01-31T23:59:59.5+00:00",
        "0001-01-01T00:00:00Z",
        "0001-00-01T05:00:00",
    ):
        assert set_values(device, (name, "dateTime", text)).fault == 0, text
    for text in ("2026-01-31T23:59:59", "2026-13-01T00:00:00Z", "now", "2026-01-01"):
        assert set_values(device, (name, "dateTime", text)).fault == 9003, text
    assert set_values(device, (name, "dateTime", "2026-01-31T23:59:59+02:00")).fault


@pytest.mark.rule("P14")
def test_values_go_round_unchanged(device: Device) -> None:
    """Markup, tabs, line feeds and multi-byte text come back as they were sent."""
    name, text = SERVER + "Username", "<&> \t\n ü€😀 ' \" ]]>"
    set_values(device, (name, "string", text), key="<k&>")

    assert ask(device, "GetParameterValues", name).values() == {name: text}
    assert device.model.get(SERVER + "ParameterKey", 0.0) == "<k&>"


@pytest.mark.rule("P5", "I7")
def test_attributes(device: Device) -> None:
    """Only what a Change flag names is changed; partial paths are allowed."""
    active = ask(device, "GetParameterAttributes", ROOT + "DeviceInfo.")
    levels = {
        a.findtext("Name"): a.findtext("Notification")
        for a in active.sent.iter("ParameterAttributeStruct")
    }
    assert levels[ROOT + "DeviceInfo.SoftwareVersion"] == "2"
    assert levels[ROOT + "DeviceInfo.UpTime"] == "0"

    ask(
        device,
        "SetParameterAttributes",
        [(WAN, True, 1, None), (WAN + "Mode", False, 2, ["Subscriber"])],
    )
    model, mode = device.model, device.model.parameter(WAN + "Mode")
    assert mode is not None
    assert model.notification(WAN + "Mode", mode) == 1
    assert model.access(WAN + "Mode") == ("Subscriber",)


@pytest.mark.rule("P5", "I7")
def test_forced_notifications_stay(device: Device) -> None:
    """forceEnabled is never changed, forceDefaultEnabled until it is."""
    model = device.model
    ask(device, "SetParameterAttributes", [(ROOT, True, 0, [])])

    always = model.parameter(ROOT + "DeviceInfo.SoftwareVersion")
    default = model.parameter(WAN + "ExternalIPAddress")
    assert always is not None
    assert default is not None
    assert model.notification(ROOT + "DeviceInfo.SoftwareVersion", always) == 2
    assert model.notification(WAN + "ExternalIPAddress", default) == 0
    assert model.access(WAN + "Mode") == ()


@pytest.mark.rule("P5")
@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ((WAN + "Nothing", True, 1, None), 9005),
        ((WAN + "Mode", True, 7, None), 9003),
        ((WAN + "Mode", True, 1, ["Everyone"]), 9003),
    ],
)
def test_attributes_fail_whole(
    device: Device, entry: tuple[object, ...], code: int
) -> None:
    """One wrong entry, and none is kept."""
    good = (WAN + "Signal", True, 2, None)
    play = ask(device, "SetParameterAttributes", [good, entry])

    assert (play.fault, device.model.attributes) == (code, ())


@pytest.mark.rule("P5")
def test_active_notification_may_be_denied() -> None:
    """Where the model says canDeny and the profile does."""
    wanted = [(WAN + "Secret", True, 2, None)]
    assert ask(make_device(), "SetParameterAttributes", wanted).fault == 0
    device = make_device(deny_active=True)
    assert ask(device, "SetParameterAttributes", wanted).fault == 9009


@pytest.mark.rule("P6")
def test_add_object(device: Device) -> None:
    """A number never used before, default values, and 9004 at the limit."""
    play = ask(device, "AddObject", HOSTS, "added")
    assert play.sent.findtext("InstanceNumber") == "3"
    assert device.model.get(SERVER + "ParameterKey", 0.0) == "added"
    assert ask(device, "GetParameterValues", HOSTS + "3.").values() == {
        HOSTS + "3.Name": ""
    }
    set_values(device, (HOSTS + "3.Name", "string", "three"))
    assert ask(device, "GetParameterValues", HOSTS).values() == {
        HOSTS + "1.Name": "one",
        HOSTS + "2.Name": "two",
        HOSTS + "3.Name": "three",
    }
    assert HOSTS + "3." in ask(device, "GetParameterNames", HOSTS, 1).names()
    assert HOSTS + "3.Name" in ask(device, "GetParameterNames", "", 0).names()

    ask(device, "AddObject", HOSTS, "")
    assert ask(device, "AddObject", HOSTS, "").fault == 9004


@pytest.mark.rule("P6", "P7")
def test_numbers_are_not_used_again(device: Device) -> None:
    """Neither the profile's nor an added one's."""
    ask(device, "AddObject", HOSTS, "")
    for number in (3, 2):
        ask(device, "DeleteObject", f"{HOSTS}{number}.", "deleted")
    assert device.model.count(HOSTS) == 1

    play = ask(device, "AddObject", HOSTS, "")
    assert play.sent.findtext("InstanceNumber") == "4"
    assert device.model.instances(HOSTS) == [1, 4]


@pytest.mark.rule("P6", "P7")
@pytest.mark.parametrize("path", ["", ROOT, WAN, HOSTS[:-1], HOSTS + "1", WAN + "Mode"])
def test_wrong_objects_are_9005(device: Device, path: str) -> None:
    """Not a table, no such table, no final dot; not an instance."""
    assert ask(device, "AddObject", path, "").fault == 9005
    assert ask(device, "DeleteObject", path, "").fault == 9005


@pytest.mark.rule("P7")
def test_delete_takes_all_beneath(device: Device) -> None:
    """Values and attributes go with the instance."""
    name = HOSTS + "2.Name"
    set_values(device, (name, "string", "x"))
    ask(device, "SetParameterAttributes", [(name, True, 2, None)])
    ask(device, "DeleteObject", HOSTS + "2.", "gone")

    assert ask(device, "GetParameterValues", name).fault == 9005
    assert name not in device.model.own
    assert device.model.attributes == ()
    assert device.model.get(SERVER + "ParameterKey", 0.0) == "gone"


@pytest.mark.rule("P5", "P6")
def test_a_new_instance_has_the_model_s_own_attributes(device: Device) -> None:
    """What a partial path set was set for the instances of that time."""
    ask(device, "SetParameterAttributes", [(HOSTS, True, 2, [])])
    ask(device, "AddObject", HOSTS, "")
    play = ask(device, "GetParameterAttributes", HOSTS)
    found = {
        e.findtext("Name"): (e.findtext("Notification"), len(list(e.iter("string"))))
        for e in play.sent.iter("ParameterAttributeStruct")
    }
    assert found[HOSTS + "1.Name"] == ("2", 0)
    assert found[HOSTS + "3.Name"] == ("0", 1)


@pytest.mark.rule("P9", "V1")
def test_rpc_methods() -> None:
    """What this CPE really handles, in the standard's order."""
    play = ask(make_device(), "GetRPCMethods")
    methods = [s.text for s in play.sent.iter("string")]

    assert methods[:2] == ["GetRPCMethods", "SetParameterValues"]
    assert set(methods) >= {
        "GetParameterValues",
        "GetParameterNames",
        "SetParameterAttributes",
        "GetParameterAttributes",
        "AddObject",
        "DeleteObject",
        "Reboot",
        "Download",
        "FactoryReset",
    }
    assert "ScheduleDownload" not in methods


@pytest.mark.rule("S15")
def test_a_large_request_is_taken(device: Device) -> None:
    """32 KiB and more are no reason for 9004."""
    names = [name for name in device.profile.names for _ in range(20)]
    play = Play(device.begin(10.0), 10.0) << reply("InformResponse")
    request = reply("GetParameterValues", *names)
    assert len(request) > 32768
    # Each parameter once, however often it was asked for.
    assert set((play << request).values()) == set(device.profile.names)
    assert len(list(play.sent.iter("Name"))) == len(device.profile.names)


def test_a_device_that_owns_nothing_costs_nothing() -> None:
    """Values equal to the profile's are not kept; keys are the profile's strings."""
    device = make_device()
    set_values(device, (WAN + "Mode", "string", "Auto"), key="")
    assert device.model.own == {}

    set_values(device, (WAN + "Mode", "string", "DSL"), key="")
    (key,) = device.model.own
    assert any(key is name for name in device.profile.names)


def test_with_defaults_makes_another_kind() -> None:
    """Named paths have other defaults; unknown ones are left out."""
    profile = make_profile().with_defaults({WAN + "Mode": "DSL", "No.Such": "x"})

    assert profile.parameters[WAN + "Mode"] == Parameter(
        "string", True, "DSL", choices=("Auto", "DSL", "Ethernet")
    )
    assert b">DSL<" in profile.rendered[WAN + "Mode"]


def test_a_session_is_held(device: Device) -> None:
    """The tests' own way to hold a session leaves the device idle."""
    hold(device, 20.0)
    assert device.session is None
