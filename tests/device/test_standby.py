"""EnableCWMP and StandbyPolicy: when a device is silent (CHECKLIST I9, I11)."""

from __future__ import annotations

from math import inf

import pytest

from cpesim.cwmp.session import Request
from cpesim.device.device import DARK, UP, Device
from cpesim.device.profile import Parameter, Standby
from cpesim.device.transfer import Transfer
from tests.device.profiletext import HEAD, compiled
from tests.factory import PARAMETERS, SERVER, hold, make_device
from tests.play import EMPTY, OVER, Play, reply

ENABLE = SERVER + "EnableCWMP"
POLICY = SERVER + "StandbyPolicy."
NAMES = {
    "EnableCWMP": Parameter("boolean", True, "1"),
    "StandbyPolicy.CRUnawarenessMaxDuration": Parameter("int", True, "-1"),
    "StandbyPolicy.MaxMissedPeriodic": Parameter("int", True, "-1"),
    "StandbyPolicy.NotifyMissedScheduled": Parameter("boolean", True, "0"),
    "StandbyPolicy.NetworkAwarenessCapable": Parameter("boolean", default="1"),
    "StandbyPolicy.SelfTimerCapable": Parameter("boolean", default="1"),
    "StandbyPolicy.CRAwarenessRequested": Parameter("boolean", True, "0"),
    "StandbyPolicy.PeriodicAwarenessRequested": Parameter("boolean", True, "0"),
    "StandbyPolicy.ScheduledAwarenessRequested": Parameter("boolean", True, "0"),
}
LENGTH = 1000.0


@pytest.fixture(autouse=True)
def parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test box has EnableCWMP and a StandbyPolicy."""
    for name, parameter in NAMES.items():
        monkeypatch.setitem(PARAMETERS, "ManagementServer." + name, parameter)


def session(device: Device, now: float) -> list[tuple[str, str]]:
    play = Play(device.begin(now), now) >> "Inform"
    told = play.events()
    play = play << reply("InformResponse", version="1.2") << EMPTY >> OVER
    device.end(play.session, now)
    device.wake(now)
    return told


# -- EnableCWMP


@pytest.mark.rule("I9")
def test_without_cwmp_there_is_no_inform() -> None:
    """The session goes on to its end; then nothing wakes the device any more."""
    device = make_device()
    play = Play(device.begin(5.0), 5.0) << reply("InformResponse")
    play = play << reply("SetParameterValues", [(ENABLE, "boolean", "0")])
    play = play << reply("GetRPCMethods") >> "GetRPCMethodsResponse" << EMPTY >> OVER
    assert device.life == UP
    device.end(play.session, 5.0)
    device.wake(5.0)
    assert device.life == DARK  # nor is it asked for a connection request
    assert device.due() == inf
    device.wake(100_000.0)
    assert device.wanted == inf


@pytest.mark.rule("I9")
def test_switched_off_and_on_in_one_session() -> None:
    """What counts is how it stands at the end."""
    device = make_device()
    off = reply("SetParameterValues", [(ENABLE, "boolean", "0")])
    on = reply("SetParameterValues", [(ENABLE, "boolean", "1")])
    hold(device, 5.0, off, on)
    assert device.life == UP
    hold(device, 6.0, on, off)
    assert device.life == DARK


@pytest.mark.rule("I9")
def test_switching_to_and_fro_is_bounded() -> None:
    """However often in a session, one thing is to be done after it."""
    device = make_device()
    play = Play(device.begin(5.0), 5.0) << reply("InformResponse")
    for value in "01" * 20:
        play = play << reply("SetParameterValues", [(ENABLE, "boolean", value)])
    assert len([a for a in device.alarms if a[1] == "cwmp off"]) == 1


@pytest.mark.rule("I9")
def test_a_user_switches_it_on_again() -> None:
    """After the profile's time; what was due meanwhile is told at once."""
    device = make_device(enable_after=5000.0)
    hold(device, 5.0, reply("SetParameterValues", [(ENABLE, "boolean", "0")]))
    assert device.due() == 5005.0
    device.wake(5005.0)
    assert device.life == UP
    assert device.model.get(ENABLE, 5005.0) == "1"
    assert session(device, 5005.0) == [("2 PERIODIC", "")]


@pytest.mark.rule("I9", "B1")
def test_a_reboot_does_not_switch_it_on() -> None:
    """Both in one session: it boots, and is silent."""
    device = make_device()
    off = reply("SetParameterValues", [(ENABLE, "boolean", "0")])
    hold(device, 5.0, reply("Reboot", "k"), off)
    device.wake(50.0)
    assert device.life == DARK
    assert device.due() == inf

    device = make_device()
    device.model.set(ENABLE, "0")
    device.darken(5.0, 45.0)
    device.wake(50.0)
    assert device.life == DARK
    assert device.due() == inf


@pytest.mark.rule("I9", "B2")
def test_a_factory_reset_switches_it_on() -> None:
    """The default is true."""
    device = make_device()
    off = reply("SetParameterValues", [(ENABLE, "boolean", "0")])
    hold(device, 5.0, reply("FactoryReset"), off)
    device.wake(50.0)
    assert session(device, 50.0) == [("0 BOOTSTRAP", ""), ("1 BOOT", "")]


# -- standby


def sleeper(version: str = "1.4", **policy: str) -> Device:
    """A box that is about to sleep at 600, with an Inform each 300 s from 700 on."""
    device = make_device(cwmp=version, standby=Standby(2000.0, LENGTH))
    for name, text in policy.items():
        device.model.set(POLICY + name, text)
    hold(
        device,
        1.0,
        reply(
            "SetParameterValues",
            [(SERVER + "PeriodicInformTime", "dateTime", "2026-01-01T00:11:40Z")],
        ),
    )
    device.silence("standby")
    device.silence("periodic")
    device.alarm(700.0, "periodic")
    device.alarm(600.0, "standby")
    return device


@pytest.mark.rule("I11")
def test_a_device_that_sleeps_misses_its_informs() -> None:
    """No session and no connection request until it wakes; the next one is in phase."""
    device = sleeper()
    device.wake(600.0)
    assert device.life == DARK
    assert device.due() == 1600.0
    device.wake(1500.0)
    assert device.wanted == inf
    device.wake(1600.0)
    assert device.life == UP
    assert device.wanted == inf  # the policy never asks for a wake-up by default
    assert device.due() == 1900.0
    device.wake(1900.0)
    assert session(device, 1900.0) == [("2 PERIODIC", "")]
    assert any(a[:2] == (3600.0, "standby") for a in device.alarms)


@pytest.mark.rule("I11", "E1")
@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ({"CRUnawarenessMaxDuration": "-1"}, False),
        ({"CRUnawarenessMaxDuration": "0"}, True),
        ({"CRUnawarenessMaxDuration": "999"}, True),
        ({"CRUnawarenessMaxDuration": "1000"}, False),
        ({"MaxMissedPeriodic": "-1"}, False),
        ({"MaxMissedPeriodic": "0"}, True),
        ({"MaxMissedPeriodic": "2"}, True),
        ({"MaxMissedPeriodic": "3"}, False),
        ({"NotifyMissedScheduled": "1"}, False),
    ],
)
def test_when_a_wakeup_is_told(policy: dict[str, str], told: bool) -> None:
    """Asleep for longer, or more Informs missed (700, 1000, 1300), than the policy."""
    device = sleeper(**policy)
    device.wake(600.0)
    device.wake(1600.0)
    if told:
        assert device.wanted == 1600.0
        assert session(device, 1600.0) == [("13 WAKEUP", "")]
    else:
        assert device.wanted == inf


@pytest.mark.rule("I11")
@pytest.mark.parametrize(("notify", "codes"), [("0", []), ("1", ["13 WAKEUP"])])
def test_a_scheduled_contact_that_was_missed(notify: str, codes: list[str]) -> None:
    """It is made up for; whether it is a reason to tell the wake-up is the policy's."""
    device = sleeper(NotifyMissedScheduled=notify)
    device.alarm(800.0, "schedule", "k")
    device.wake(600.0)
    device.wake(1600.0)
    events = session(device, 1600.0)
    assert [code for code, _ in events] == ["3 SCHEDULED", *codes, "M ScheduleInform"]


@pytest.mark.rule("I11", "V1")
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_older_versions_tell_no_wakeup(version: str) -> None:
    """They have no such event."""
    device = sleeper(version, CRUnawarenessMaxDuration="0", MaxMissedPeriodic="0")
    device.wake(600.0)
    device.wake(1600.0)
    assert device.life == UP
    assert device.wanted == inf


@pytest.mark.rule("I11")
def test_what_it_has_to_stay_aware_of() -> None:
    """Of connection requests: no sleep; of contacts: it wakes for them in time."""
    device = sleeper(CRAwarenessRequested="1")
    device.wake(600.0)
    assert device.life == UP
    assert device.due() == 700.0

    device = sleeper(PeriodicAwarenessRequested="1", MaxMissedPeriodic="0")
    device.wake(600.0)
    assert (device.life, device.due()) == (DARK, 700.0)
    device.wake(700.0)
    assert session(device, 700.0) == [("2 PERIODIC", "")]

    device = sleeper(ScheduledAwarenessRequested="1", NotifyMissedScheduled="1")
    device.alarm(800.0, "schedule", "k")
    device.wake(600.0)
    assert (device.life, device.due()) == (DARK, 800.0)
    device.wake(800.0)
    assert [code for code, _ in session(device, 800.0)] == [
        "3 SCHEDULED",
        "M ScheduleInform",
    ]


@pytest.mark.rule("I11")
def test_what_a_device_is_not_capable_of() -> None:
    """Without a timer it stays awake for a scheduled contact, and for no other."""
    device = sleeper(SelfTimerCapable="0", ScheduledAwarenessRequested="1")
    device.alarm(800.0, "schedule", "k")
    device.wake(600.0)
    assert device.life == UP

    wishes = {"PeriodicAwarenessRequested": "1", "CRAwarenessRequested": "1"}
    device = sleeper(SelfTimerCapable="0", NetworkAwarenessCapable="0", **wishes)
    device.wake(600.0)
    assert (device.life, device.due()) == (DARK, 1600.0)


@pytest.mark.rule("I11")
def test_a_device_with_something_to_do_sleeps_later() -> None:
    """A session that it wants, or a file on its way, comes first."""
    device = sleeper()
    device.tell("4 VALUE CHANGE", "", 650.0, "retry")
    device.wake(600.0)
    assert device.life == UP
    session(device, 650.0)
    device.wake(660.0)
    assert device.life == DARK


@pytest.mark.rule("I11", "T8")
def test_a_file_or_its_end_keeps_a_device_awake() -> None:
    """It sleeps when they are told."""
    for name, thing in (
        ("transfers", Transfer("k", "2 Web Content", "http://127.0.0.1/x")),
        ("requests", Request("TransferComplete", lambda namespace: b"")),
    ):
        device = sleeper()
        setattr(device, name, (thing,))
        device.wake(600.0)
        assert device.life == UP
        setattr(device, name, ())
        device.wake(660.0)
        assert device.life == DARK


@pytest.mark.rule("I11", "E7")
def test_a_wakeup_outlives_a_reboot() -> None:
    """Kept as `2 PERIODIC` is."""
    device = sleeper(CRUnawarenessMaxDuration="0")
    device.wake(600.0)
    device.wake(1600.0)
    device.darken(1601.0, 10.0)
    device.wake(1611.0)
    assert session(device, 1611.0) == [("1 BOOT", ""), ("13 WAKEUP", "")]


def test_the_keys_of_a_profile() -> None:
    """`standby:` and `session: {enable_after}` land in it."""
    head = HEAD.replace("deny_active: true", "deny_active: true, enable_after: 2h")
    profile = compiled(head="standby: {every: 6h, for: 30m}\n" + head)
    assert profile.standby == Standby(21_600.0, 1_800.0)
    assert profile.enable_after == 7200.0
    assert compiled().standby is None
