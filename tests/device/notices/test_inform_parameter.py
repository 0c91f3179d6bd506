"""InformParameter: what an ACS wants in Informs beside the forced ones (I8)."""

from __future__ import annotations

import pytest

from cpesim.cwmp import names
from cpesim.device.device import Device
from cpesim.device.notices import informing
from cpesim.device.profile import Parameter, Table
from tests.factory import HOSTS, ROOT, SERVER, WAN, hold, make_device, with_parameters
from tests.play import Play, reply

TABLE = SERVER + "InformParameter."
ROW = {
    "Enable": Parameter("boolean", True, "0"),
    "Alias": Parameter("string", True, ""),
    "ParameterName": Parameter("string", True, "", length=256),
    "EventList": Parameter("string", True, "", list=True),
}
MODE, UPTIME = WAN + "Mode", ROOT + "DeviceInfo.UpTime"


def box(rows: int = 0, most: int = 64) -> Device:
    """A test box that knows InformParameter; the factory gave it *rows* of them."""
    device = make_device()
    tables = {**device.profile.tables, TABLE + "{i}.": Table(True, most, ROW)}
    objects = {**device.profile.objects, TABLE: True}
    parameters = {}
    for row in range(1, rows + 1):
        objects[f"{TABLE}{row}."] = True
        for name, parameter in ROW.items():
            parameters[f"{TABLE}{row}.{name}"] = parameter
    changes = with_parameters(parameters)
    return make_device(tables=tables, objects=objects, cwmp="1.4", **changes)


def wanted(
    device: Device, name: str, events: str = "", enable: str = "1", now: float = 1.0
) -> str:
    """One more instance: its path."""
    hold(device, now, reply("AddObject", TABLE, ""))
    row = f"{TABLE}{device.model.instances(TABLE)[-1]}."
    assert set_row(device, row, name, events, enable, now) == 0
    return row


def set_row(
    device: Device, row: str, name: str, events: str, enable: str = "1", now: float = 1
) -> int:
    """Write an instance: 0, or the fault with its SetParameterValuesFault."""
    play = Play(device.begin(now), now) << reply("InformResponse")
    play = play << reply(
        "SetParameterValues",
        [
            (row + "Enable", "boolean", enable),
            (row + "ParameterName", "string", name),
            (row + "EventList", "string", events),
        ],
    )
    fault = 0
    if play.method == "Fault":
        fault = int(play.sent.findtext(".//SetParameterValuesFault/FaultCode") or 0)
    play = play << b""
    device.end(play.session, now)
    return fault


def inform(device: Device, code: str = "2 PERIODIC", now: float = 5.0) -> list[str]:
    """The names in an Inform for that event."""
    device.tell(code, "", now, "test")
    play = Play(device.begin(now), now) >> "Inform"
    found = [p.findtext("Name") or "" for p in play.sent.iter("ParameterValueStruct")]
    play = play << reply("InformResponse") << b""
    device.end(play.session, now)
    return found


@pytest.mark.rule("I8", "I1")
def test_the_parameter_is_in_every_inform_once() -> None:
    """Behind the forced ones, though two instances and a change name it."""
    device = box()
    forced = inform(device)
    wanted(device, UPTIME)
    wanted(device, UPTIME)
    wanted(device, MODE)
    assert inform(device) == [*forced, UPTIME, MODE]

    hold(device, 6.0, reply("SetParameterAttributes", [(UPTIME, True, 1, None)]))
    device.changed(UPTIME, 7.0)
    assert sorted(inform(device)) == sorted([*forced, UPTIME, MODE])


@pytest.mark.rule("I8")
@pytest.mark.parametrize("code", sorted(names.EVENTS))
def test_an_empty_event_list_is_every_event_but_a_value_change(code: str) -> None:
    """`4 VALUE CHANGE` alone does not bring it, beside another event it does."""
    device = box()
    wanted(device, MODE)
    if code == names.VALUE_CHANGE:
        device.changed(ROOT + "DeviceInfo.SoftwareVersion", 5.0)
        play = Play(device.begin(5.0), 5.0)
        assert play.events() == [(code, "")]
        assert MODE not in play.values()
        play = play << reply("InformResponse") << b""
        device.end(play.session, 5.0)
        device.changed(ROOT + "DeviceInfo.SoftwareVersion", 6.0)
        code = names.PERIODIC
    assert MODE in inform(device, code)


@pytest.mark.rule("I8")
def test_an_event_list_names_the_events() -> None:
    """One of them is enough, an M event too; others bring nothing."""
    device = box()
    wanted(device, MODE, "1 BOOT, 2 PERIODIC,M ScheduleInform")
    assert MODE in inform(device, "2 PERIODIC")
    assert MODE not in inform(device, "6 CONNECTION REQUEST")
    device.tell("2 PERIODIC", "", 5.0, "test")
    assert MODE in inform(device, "6 CONNECTION REQUEST")
    device.tell("M ScheduleInform", "k", 5.0, "test")
    assert MODE in inform(device, "3 SCHEDULED")
    assert MODE not in inform(device, "3 SCHEDULED")


@pytest.mark.rule("I8")
def test_an_instance_that_is_not_enabled_brings_nothing() -> None:
    """Nor does a deleted one; a new one is not enabled."""
    device = box()
    row = wanted(device, MODE, enable="0")
    assert MODE not in inform(device)
    assert set_row(device, row, MODE, "", "true") == 0
    assert MODE in inform(device)
    hold(device, 6.0, reply("DeleteObject", row, ""))
    assert MODE not in inform(device)


@pytest.mark.rule("I8")
def test_a_star_is_each_instance_that_is_there() -> None:
    """Of those that an ACS added, too; what is not there is left out."""
    device = box()
    wanted(device, HOSTS + "*.Name")
    wanted(device, ROOT + "WANDevice.*.Mode")
    wanted(device, ROOT + "No.Such.Thing")
    wanted(device, ROOT + "No.*.Thing")
    hold(device, 2.0, reply("AddObject", HOSTS, ""))
    hold(device, 2.0, reply("DeleteObject", HOSTS + "1.", ""))
    more = [n for n in inform(device) if n not in device.profile.inform]
    assert more == [HOSTS + "2.Name", HOSTS + "3.Name", MODE]


@pytest.mark.rule("I8")
@pytest.mark.parametrize(
    "name",
    [
        SERVER + "ParameterKey",  # forced
        WAN + "ExternalIPAddress",
        ROOT + "WANDevice.*.ExternalIPAddress",
        WAN,  # partial
        ROOT,
        "*",
        ROOT + "WANDevice.1.*",  # a star is an instance
        ROOT + "*.1.Mode",
        ROOT + "WANDevice.*1.Mode",
        ROOT + "WANDevice.0.Mode",
        "Device.DeviceInfo.UpTime",  # the other root
        "DeviceInfo.UpTime",
        MODE + " ",
        ROOT + "WANDevice..Mode",
        "(" * 250,
    ],
)
def test_a_wrong_parameter_name_is_refused(name: str) -> None:
    """A forced parameter, and what is no pattern: 9007, and nothing changes."""
    device = box()
    row = wanted(device, MODE)
    assert set_row(device, row, name, "") == 9007
    assert device.model.get(row + "ParameterName", 9.0) == MODE


@pytest.mark.rule("I8")
@pytest.mark.parametrize(
    ("events", "code"),
    [
        ("", 0),
        ("0 BOOTSTRAP", 0),
        ("6 CONNECTION REQUEST,M Reboot", 0),
        ("X 00D09E ours,M X_00D09E_Do", 0),
        ("4 VALUE CHANGE", 9007),
        ("2 PERIODIC,4 VALUE CHANGE", 9007),
        ("2", 9007),
        ("periodic", 9007),
        (",", 9007),
    ],
)
def test_an_event_list_is_checked(events: str, code: int) -> None:
    """Inform events as they are spelt, but for the value change."""
    device = box()
    row = wanted(device, MODE)
    assert set_row(device, row, MODE, events) == code


@pytest.mark.rule("I8")
def test_other_parameters_of_that_name_are_not_checked() -> None:
    """Only those of InformParameter have a rule of their own."""
    other = ROOT + "Probe.ParameterName"
    device = make_device(
        **with_parameters(
            {
                other: Parameter("string", True, ""),
                ROOT + "Probe.EventList": Parameter("string", True, ""),
            }
        )
    )
    values = [
        (other, "string", "what you like"),
        (ROOT + "Probe.EventList", "string", "4 VALUE CHANGE"),
    ]
    hold(device, 1.0, reply("SetParameterValues", values))
    assert device.model.get(other, 2.0) == "what you like"


@pytest.mark.rule("I8")
def test_instances_of_the_profile_count() -> None:
    """Without any that the ACS added."""
    device = box(rows=1)
    assert device.model.grown is None
    assert set_row(device, TABLE + "1.", MODE, "") == 0
    assert MODE in inform(device)


def test_an_inform_stays_one_message() -> None:
    """So many parameters more at the most."""
    device = box(most=300)
    many = {
        f"{WAN}Lane.{k}.Up": Parameter("string", default="x") for k in range(1, 400)
    }
    changes = with_parameters({**device.profile.parameters, **many})
    device = make_device(
        tables=device.profile.tables, objects=device.profile.objects, **changes
    )
    wanted(device, WAN + "Lane.*.Up")
    more = [n for n in inform(device) if n not in device.profile.inform]
    assert len(more) == informing.MOST
