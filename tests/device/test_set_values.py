"""SetParameterValues, AddObject and DeleteObject, clause by clause (P3, P6, P10)."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.device.device import Device
from tests.device.profiletext import compiled
from tests.device.test_arguments import picture
from tests.factory import HOSTS, ROOT, SERVER, WAN, hold, make_device
from tests.play import Play, judged, reply

KEY = SERVER + "ParameterKey"


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


def details(play: Play) -> list[tuple[str, int]]:
    """The entries of the fault, in order."""
    return [
        (d.findtext("ParameterName"), int(d.findtext("FaultCode")))
        for d in play.sent.iter("SetParameterValuesFault")
    ]


BAD = {
    (WAN + "No", "string", "x"): 9005,
    (WAN, "string", "x"): 9005,
    ("", "string", "x"): 9005,
    (HOSTS + "9.Name", "string", "x"): 9005,
    (ROOT + "DeviceSummary", "string", "x"): 9008,
    (KEY, "string", "x"): 9008,
    (WAN + "Mode", "int", "1"): 9006,
    (WAN + "Signal", "unsignedInt", "0"): 9006,
    (WAN + "Signal", "int", "low"): 9006,
    (WAN + "Mode", "string", "dsl"): 9007,
    (WAN + "Signal", "int", "1"): 9007,
    (WAN + "Secret", "string", "123456789"): 9007,
}
GOOD = (
    (WAN + "Total", "unsignedLong", "9"),
    (SERVER + "Username", "string", "other"),
    (SERVER + "PeriodicInformInterval", "unsignedInt", "77"),
)


@pytest.mark.rule("P3", "P10")
@given(st.lists(st.sampled_from(sorted(BAD)), min_size=1, unique_by=lambda e: e[0]))
def test_every_bad_entry_is_told(bad: list[tuple[str, str, str]]) -> None:
    """In their order, each with its own code, never 9004; nothing is changed."""
    device = make_device()
    device.model.set(KEY, "old")
    before = picture(device)
    entries = [GOOD[0], *bad, *GOOD[1:]]
    play = ask(device, "SetParameterValues", entries, "new")
    assert play.fault == 9003
    assert details(play) == [(entry[0], BAD[entry]) for entry in bad]
    assert picture(device) == before


@pytest.mark.rule("P3")
@pytest.mark.parametrize(
    ("first", "second", "codes"),
    [("DSL", "DSL", [9003]), ("DSL", "Auto", [9003]), ("No", "DSL", [9007, 9003])],
)
def test_a_name_twice(
    device: Device, first: str, second: str, codes: list[int]
) -> None:
    """Whatever its values are, it is 9003 for the second."""
    name = WAN + "Mode"
    entries = [(name, "string", first), (name, "string", second)]
    play = ask(device, "SetParameterValues", entries)
    assert details(play) == [(name, code) for code in codes]
    assert device.model.get(name, 0.0) == "Auto"


@pytest.mark.rule("P3")
def test_the_order_of_entries_means_nothing() -> None:
    """All orders end in the same values and the same alarms."""
    entries = [
        (SERVER + "PeriodicInformEnable", "boolean", "1"),
        (SERVER + "PeriodicInformInterval", "unsignedInt", "90"),
        (SERVER + "PeriodicInformTime", "dateTime", "2026-01-01T00:00:30Z"),
        (WAN + "Mode", "string", "DSL"),
    ]
    found = []
    for order in permutations(entries):
        device = make_device()
        off = [(SERVER + "PeriodicInformEnable", "boolean", "0")]
        ask(device, "SetParameterValues", off)
        assert ask(device, "SetParameterValues", list(order)).fault == 0
        device.wake(10.0)
        found.append((device.model.own, device.due()))
    assert all(one == found[0] for one in found)


@pytest.mark.rule("P3")
@pytest.mark.parametrize("status", [0, 1])
def test_a_change_is_in_force_before_the_next_session(status: int) -> None:
    """Whether the Status is 0 or 1; the answers of all three RPCs have it."""
    device = make_device(set_status=status)
    name = SERVER + "ConnectionRequestUsername"
    play = ask(device, "SetParameterValues", [(name, "string", "them")])
    assert play.sent.findtext("Status") == str(status)
    assert device.model.get(name, 10.0) == "them"
    assert ask(device, "GetParameterValues", name).values() == {name: "them"}
    play = ask(device, "AddObject", HOSTS, "")
    assert play.sent.findtext("Status") == str(status)
    play = ask(device, "DeleteObject", HOSTS + "3.", "")
    assert play.sent.findtext("Status") == str(status)


@pytest.mark.rule("P3", "I4")
def test_an_empty_list_is_a_success(device: Device) -> None:
    """Nothing is set but the key."""
    play = ask(device, "SetParameterValues", [], "k") >> "SetParameterValuesResponse"
    assert play.sent.findtext("Status") == "0"
    assert device.model.own == {KEY: "k"}


@pytest.mark.rule("P4", "X6")
def test_an_entry_without_a_type(device: Device) -> None:
    """Some ACSs send none; the model's own then counts, and checks."""
    for value, code in (("-5", None), ("x", 9006), ("5", 9007)):
        body = reply("SetParameterValues", [(WAN + "Signal", "int", value)])
        body = body.replace(b' xsi:type="xsd:int"', b"")
        play = Play(device.begin(10.0), 10.0) << reply("InformResponse") << body
        assert [c for _, c in details(play)] == ([code] if code else [])
        device.end(play.session, 10.0)
    assert device.model.get(WAN + "Signal", 0.0) == "-5"


@pytest.mark.rule("P10")
@pytest.mark.parametrize("key", ["k", "", "x" * 32, "ü" * 32])
@pytest.mark.parametrize("method", ["SetParameterValues", "AddObject", "DeleteObject"])
def test_each_success_sets_the_key(device: Device, method: str, key: str) -> None:
    """An empty one too; the parameter tells it, and Informs do."""
    device.model.set(KEY, "old")
    argument: object = [(WAN + "Mode", "string", "DSL")]
    if method != "SetParameterValues":
        argument = HOSTS if method == "AddObject" else HOSTS + "1."
    assert ask(device, method, argument, key).fault == 0
    assert ask(device, "GetParameterValues", KEY).values() == {KEY: key}
    device.tell("2 PERIODIC", "", 11.0, "timer")
    assert (Play(device.begin(11.0), 11.0) >> "Inform").values()[KEY] == key


@pytest.mark.rule("P10")
@pytest.mark.parametrize(
    ("method", "argument"),
    [
        ("SetParameterValues", [(WAN + "Mode", "string", "no")]),
        ("SetParameterValues", [(WAN + "No", "string", "no")]),
        ("AddObject", WAN),
        ("DeleteObject", HOSTS + "9."),
    ],
)
def test_no_fault_changes_the_key(
    device: Device, method: str, argument: object
) -> None:
    """Nor does any RPC without one."""
    device.model.set(KEY, "old")
    assert ask(device, method, argument, "new").fault
    ask(device, "GetParameterValues", "")
    ask(device, "SetParameterAttributes", [(WAN, True, 1, None)])
    assert device.model.get(KEY, 0.0) == "old"


@pytest.mark.rule("P10", "P6")
def test_the_key_stays_at_the_limit_of_a_table(device: Device) -> None:
    """9004 is a fault like the others."""
    for _ in range(2):
        ask(device, "AddObject", HOSTS, "old")
    assert ask(device, "AddObject", HOSTS, "new").fault == 9004
    assert device.model.get(KEY, 0.0) == "old"


@pytest.mark.rule("P10", "B2")
def test_the_key_is_empty_after_a_factory_reset(device: Device) -> None:
    """It outlives a reboot, not a reset."""
    hold(device, 5.0, reply("SetParameterValues", [], "k"), reply("Reboot", ""))
    device.wake(100.0)
    assert hold(device, 100.0).session.informed
    assert device.model.get(KEY, 100.0) == "k"
    hold(device, 110.0, reply("FactoryReset"))
    device.wake(200.0)
    assert (Play(device.begin(200.0), 200.0) >> "Inform").values()[KEY] == ""


@pytest.mark.rule("P6")
def test_defaults_of_a_new_instance() -> None:
    """The [] block's values; without one the types', in range and of the choices."""
    device = Device(compiled(), 0, make_device().model.world)
    model = device.model
    new = f"Device.Hosts.Host.{model.add('Device.Hosts.Host.')}."
    assert {n[len(new) :]: model.get(n, 0.0) for n in model.under(new)}.items() >= {
        "Kind": "Ethernet",
        "Count": "5",
        "Name": "host-3",
    }.items()
    assert model.has_object(new + "Stats.")
    assert model.instances(new + "Lease.") == []
    assert model.get("Device.Hosts.HostNumberOfEntries", 0.0) == "3"

    empty = f"Device.Empty.{model.add('Device.Empty.')}."
    assert model.get(empty + "Enable", 0.0) == "1"
    assert model.get(empty + "Port", 0.0) == "port-1"


@pytest.mark.rule("P6", "P7")
def test_entries_follow(device: Device) -> None:
    """NumberOfEntries is what AddObject and DeleteObject left."""
    grown = Device(compiled(), 0, device.model.world)
    table, entries = "Device.Hosts.Host.", "Device.Hosts.HostNumberOfEntries"
    counts = [grown.model.get(entries, 0.0)]
    for step in ("add", "add", "delete"):
        if step == "add":
            grown.model.add(table)
        else:
            grown.model.delete(table + "1.")
        counts.append(grown.model.get(entries, 0.0))
    assert counts == ["2", "3", "4", "3"]


_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\n\r<>&'\""),
    max_size=64,
)


@pytest.mark.rule("P14")
@given(_TEXT)
def test_texts_go_round_unchanged(text: str) -> None:
    """Markup, white space and every alphabet, up to the length in characters."""
    text = "".join(c for c in text if c not in "\ufffe\uffff")
    device = make_device()
    name = ROOT + "DeviceInfo.ProvisioningCode"
    assert ask(device, "SetParameterValues", [(name, "string", text)]).fault == 0
    assert ask(device, "GetParameterValues", name).values() == {name: text}
    device.tell("2 PERIODIC", "", 11.0, "timer")
    assert (Play(device.begin(11.0), 11.0) >> "Inform").values()[name] == text


@pytest.mark.rule("P14", "P4")
@pytest.mark.parametrize("sign", ["a", "ü", "€", "😀", "&", "\n"])
def test_the_full_length_counts_characters(device: Device, sign: str) -> None:
    """64 of any of them fit in string(64), a 65th does not."""
    name = ROOT + "DeviceInfo.ProvisioningCode"
    assert ask(device, "SetParameterValues", [(name, "string", sign * 64)]).fault == 0
    assert ask(device, "GetParameterValues", name).values() == {name: sign * 64}
    play = ask(device, "SetParameterValues", [(name, "string", sign * 65)])
    assert details(play) == [(name, 9007)]
