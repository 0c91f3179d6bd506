"""Reboot, FactoryReset, ScheduleReboot and DelayReboot (CHECKLIST B1, B2, B6)."""

from __future__ import annotations

from math import inf

import pytest

from cpesim.device.device import DARK, UP, Device
from cpesim.device.moment import moment
from cpesim.device.profile import Parameter
from cpesim.device.transfer import MOVING
from tests.factory import PARAMETERS, ROOT, SERVER, hold, make_device
from tests.play import EMPTY, OVER, Play, reply

SCHEDULE, DELAY = SERVER + "ScheduleReboot", SERVER + "DelayReboot"
EPOCH = 1_767_225_600.0  # 2026-01-01T00:00:00Z


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    """A test box with both parameters, and no other reason to speak."""
    monkeypatch.setitem(
        PARAMETERS,
        "ManagementServer.ScheduleReboot",
        Parameter("dateTime", True, "0001-01-01T00:00:00Z"),
    )
    monkeypatch.setitem(
        PARAMETERS,
        "ManagementServer.DelayReboot",
        Parameter("int", True, "-1", ranges=((-1, None),)),
    )
    box = make_device()
    box.model.set(SERVER + "PeriodicInformEnable", "0")
    box.silence("periodic")
    return box


def told(device: Device, now: float) -> list[tuple[str, str]]:
    """The events of the next session, which goes well."""
    play = Play(device.begin(now), now) >> "Inform"
    events = play.events()
    play = play << reply("InformResponse")
    while play.body:
        play = play << reply(f"{play.method}Response", id=play.id)
    play = play << EMPTY >> OVER
    device.end(play.session, now)
    device.wake(now)
    return events


def write(device: Device, now: float, name: str, type: str, text: str) -> None:
    hold(device, now, reply("SetParameterValues", [(name, type, text)]))


@pytest.mark.rule("B1")
def test_a_reboot_waits_for_the_session_s_end(device: Device) -> None:
    """What the ACS still asks is answered; then it is dark, deaf and silent."""
    play = Play(device.begin(10.0), 10.0) << reply("InformResponse")
    play = play << reply("Reboot", "k") >> "RebootResponse"
    play = play << reply("GetParameterValues", ROOT + "DeviceInfo.UpTime")
    play = play >> "GetParameterValuesResponse" << EMPTY >> OVER
    assert device.life == UP
    device.end(play.session, 12.0)
    device.alarm(20.0, "schedule", "s")
    device.wake(12.0)
    assert device.life == DARK
    assert device.wanted == inf
    device.wake(30.0)
    assert device.wanted == inf  # what rings meanwhile rings after
    assert device.due() == 57.0
    device.wake(57.0)
    assert device.life == UP
    assert told(device, 57.0) == [
        ("1 BOOT", ""),
        ("3 SCHEDULED", ""),
        ("M Reboot", "k"),
        ("M ScheduleInform", "s"),
    ]


@pytest.mark.rule("B1", "E2", "E4")
def test_two_reboots_in_a_session_are_one(device: Device) -> None:
    """It tells each CommandKey, and a key that came twice once."""
    hold(device, 10.0, *(reply("Reboot", key) for key in ("a", "b", "a")))
    assert device.due() == 55.0
    device.wake(55.0)
    assert told(device, 55.0) == [("1 BOOT", ""), ("M Reboot", "a"), ("M Reboot", "b")]
    assert device.due() == inf
    assert device.life == UP


@pytest.mark.rule("B1")
def test_reboots_are_bounded(device: Device) -> None:
    """A seventeenth in one session is denied."""
    play = Play(device.begin(0.0)) << reply("InformResponse")
    for number in range(16):
        play = play << reply("Reboot", str(number)) >> "RebootResponse"
    assert (play << reply("Reboot", "more") >> "Fault").fault == 9001


@pytest.mark.rule("E4", "E7")
def test_m_reboot_is_told_until_delivered(device: Device) -> None:
    """Over another reboot too, which has its own."""
    hold(device, 10.0, reply("Reboot", "a"))
    device.wake(55.0)
    device.darken(60.0, 45.0)
    device.wake(105.0)
    assert told(device, 105.0) == [("1 BOOT", ""), ("M Reboot", "a")]
    hold(device, 200.0, reply("Reboot", "b"))
    device.wake(245.0)
    assert told(device, 245.0) == [("1 BOOT", ""), ("M Reboot", "b")]


@pytest.mark.rule("B6")
def test_a_scheduled_reboot(device: Device) -> None:
    """At its time, outside of a session; `1 BOOT` without `M Reboot`."""
    write(device, 10.0, SCHEDULE, "dateTime", "2026-01-01T00:05:00Z")
    assert device.due() == 300.0
    device.wake(300.0)
    assert device.life == DARK
    device.wake(345.0)
    assert told(device, 345.0) == [("1 BOOT", "")]
    assert device.due() == inf
    assert device.model.get(SCHEDULE, 345.0) == "2026-01-01T00:05:00Z"


@pytest.mark.rule("B6")
@pytest.mark.parametrize(
    "text",
    [
        "2025-12-31T23:59:59Z",
        "2026-01-01T00:00:10Z",
        "0001-01-01T00:00:01Z",
        "0001-01-01T00:10:00",
    ],
)
def test_a_time_that_has_passed(device: Device, text: str) -> None:
    """Nothing happens, and what was scheduled before is taken back."""
    write(device, 5.0, SCHEDULE, "dateTime", "2026-01-01T00:05:00Z")
    write(device, 10.0, SCHEDULE, "dateTime", text)
    assert device.due() == inf


@pytest.mark.rule("B6")
def test_a_scheduled_reboot_waits_for_a_session(device: Device) -> None:
    """Its time comes in one: done when that has ended."""
    write(device, 10.0, SCHEDULE, "dateTime", "2026-01-01T00:00:30Z")
    play = Play(device.begin(29.0), 29.0) << reply("InformResponse")
    play.now = 35.0
    play = play << reply("GetRPCMethods") >> "GetRPCMethodsResponse" << EMPTY >> OVER
    device.end(play.session, 35.0)
    assert device.life == UP
    device.wake(35.0)
    assert device.life == DARK
    assert device.due() == 80.0


@pytest.mark.rule("B6")
def test_a_time_that_passes_in_the_dark(device: Device) -> None:
    """The device comes back and stays; one that is still to come is not forgotten."""
    write(device, 10.0, SCHEDULE, "dateTime", "2026-01-01T00:00:30Z")
    hold(device, 11.0, reply("Reboot", "k"))
    device.wake(56.0)
    assert device.life == UP
    assert told(device, 56.0) == [("1 BOOT", ""), ("M Reboot", "k")]
    assert device.due() == inf

    write(device, 60.0, SCHEDULE, "dateTime", "2026-01-01T00:10:00Z")
    hold(device, 61.0, reply("Reboot", "k"))
    device.wake(106.0)
    told(device, 106.0)
    assert device.due() == 600.0


@pytest.mark.rule("B6")
def test_a_delayed_reboot(device: Device) -> None:
    """So many seconds after the session has ended; then it is -1 again."""
    play = Play(device.begin(10.0), 10.0) << reply("InformResponse")
    play = play << reply("SetParameterValues", [(DELAY, "int", "60")]) << EMPTY >> OVER
    device.end(play.session, 25.0)
    device.wake(25.0)
    assert device.due() == 85.0
    assert device.model.get(DELAY, 30.0) == "60"
    device.wake(85.0)
    assert device.life == DARK
    device.wake(130.0)
    assert told(device, 130.0) == [("1 BOOT", "")]
    assert device.model.get(DELAY, 130.0) == "-1"
    assert device.due() == inf


@pytest.mark.rule("B6")
def test_a_delay_of_nothing_and_none(device: Device) -> None:
    """0 is at once after the session, -1 takes it back."""
    write(device, 10.0, DELAY, "int", "60")
    write(device, 20.0, DELAY, "int", "-1")
    assert device.due() == inf
    values = [(DELAY, "int", "60")], [(DELAY, "int", "-1")]
    hold(device, 25.0, *(reply("SetParameterValues", value) for value in values))
    assert device.due() == inf
    write(device, 30.0, DELAY, "int", "0")
    assert device.life == DARK


@pytest.mark.rule("B6")
def test_any_reboot_ends_the_delay(device: Device) -> None:
    """Another reboot meanwhile: -1, and no second one."""
    hold(device, 5.0, reply("SetParameterAttributes", [(DELAY, True, 2, None)]))
    write(device, 10.0, DELAY, "int", "20")
    hold(device, 12.0, reply("Reboot", "k"))
    device.wake(57.0)
    assert device.model.get(DELAY, 57.0) == "-1"
    assert told(device, 57.0) == [
        ("1 BOOT", ""),
        ("4 VALUE CHANGE", ""),
        ("M Reboot", "k"),
    ]
    assert device.due() == inf


@pytest.mark.rule("B1", "B6")
def test_a_reboot_and_a_delay_in_one_session_are_one(device: Device) -> None:
    """Whichever comes first, the CommandKey is told."""
    delay = reply("SetParameterValues", [(DELAY, "int", "0")])
    for messages in (delay, reply("Reboot", "k")), (reply("Reboot", "k"), delay):
        now = device.model.booted + 100.0
        hold(device, now, *messages)
        device.wake(now + 45.0)
        assert told(device, now + 45.0) == [("1 BOOT", ""), ("M Reboot", "k")]
        assert device.life == UP
        assert device.due() == inf


@pytest.mark.rule("B2", "E3")
def test_everything_goes_in_a_factory_reset(device: Device) -> None:
    """Values, attributes, objects, alarms, memory, files; the firmware stays."""
    device.model.set(ROOT + "DeviceInfo.SoftwareVersion", "9.9")
    hold(
        device,
        10.0,
        reply("SetParameterValues", [(SCHEDULE, "dateTime", "2026-01-01T01:00:00Z")]),
        reply("SetParameterValues", [(DELAY, "int", "100")], "key"),
        reply("ScheduleInform", 500, "s"),
        reply("AddObject", ROOT + "LANDevice.1.Hosts.Host.", "key"),
        reply("SetParameterAttributes", [(ROOT, True, 1, None)]),
        reply("Download", "http://127.0.0.1/x", "d"),
    )
    device.remember("anything", "there is")
    (transfer,) = device.transfers
    device.changed(ROOT + "DeviceInfo.UpTime", 15.0)
    hold(device, 20.0, reply("FactoryReset"), reply("Reboot", "k"))
    assert device.life == DARK
    assert transfer.state != MOVING

    device.wake(65.0)
    model = device.model
    assert model.own == {ROOT + "DeviceInfo.SoftwareVersion": "9.9"}
    assert (model.grown, model.attributes, device.memory) == (None, (), {})
    assert (device.transfers, device.requests, device.errands) == ((), (), ())
    assert told(device, 65.0) == [("0 BOOTSTRAP", ""), ("1 BOOT", "")]
    assert [alarm[1] for alarm in device.alarms] == ["periodic"]


@pytest.mark.rule("B1", "B2")
def test_a_reboot_before_a_factory_reset(device: Device) -> None:
    """Both in one session: at its end all is reset, and no `M Reboot` is told."""
    hold(device, 10.0, reply("Reboot", "k"), reply("FactoryReset"))
    while device.life == DARK:
        device.wake(device.due())
    assert told(device, 200.0) == [("0 BOOTSTRAP", ""), ("1 BOOT", "")]


def test_moments() -> None:
    """A dateTime in UTC, in seconds of the run; None where it fixes none."""
    assert moment("2026-01-01T00:01:00Z", EPOCH) == 60.0
    assert moment("2026-01-01T00:01:00.5+00:00", EPOCH) == 60.0
    for text in ("", "0001-01-01T00:00:00Z", "0000-00-01T00:00:00", "2026-02-31T0"):
        assert moment(text, EPOCH) is None
