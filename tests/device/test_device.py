"""What a device tells, when, and what it keeps (CHECKLIST E, I, R, B, T)."""

from __future__ import annotations

from math import inf

import pytest

from cpesim.cwmp.session import State
from cpesim.device import events
from cpesim.device.device import DARK, UP, Device
from cpesim.device.retry import retry_wait
from tests.factory import ROOT, SERVER, WAN, hold, make_device
from tests.play import EMPTY, OVER, Play, reply

VERSION = ROOT + "DeviceInfo.SoftwareVersion"


def informed(device: Device, now: float) -> tuple[list[tuple[str, str]], Play]:
    """The events of the next session, which goes well."""
    play = Play(device.begin(now), now) >> "Inform"
    told = play.events()
    play = play << reply("InformResponse")
    while play.body:
        play = play << reply(f"{play.method}Response", id=play.id)
    play = play << EMPTY >> OVER
    device.end(play.session, now)
    device.wake(now)
    return told, play


def failed(device: Device, now: float) -> list[tuple[str, str]]:
    """The events of the next session, which fails before an InformResponse."""
    play = Play(device.begin(now), now)
    told = play.events()
    play.session.state = State.FAILED
    device.end(play.session, now)
    return told


def codes(told: list[tuple[str, str]]) -> list[str]:
    return [code for code, _ in told]


@pytest.mark.rule("E1", "E3", "E4")
def test_the_first_session() -> None:
    """`0 BOOTSTRAP` and `1 BOOT` together, with no CommandKey."""
    device = make_device(booted=False)
    assert device.due() == inf
    device.boot(5.0)

    told, _ = informed(device, 5.0)
    assert told == [("0 BOOTSTRAP", ""), ("1 BOOT", "")]


@pytest.mark.rule("I1", "I2")
def test_the_inform() -> None:
    """DeviceId equal to DeviceInfo, one MaxEnvelopes, the forced parameters."""
    device = make_device(booted=False)
    device.boot(0.0)
    play = Play(device.begin(60.0), 60.0) >> "Inform"
    sent, values = play.sent, play.values()

    assert sent.findtext("DeviceId/Manufacturer") == "Maker & Sons"
    assert sent.findtext("DeviceId/OUI") == "00D09E"
    assert sent.findtext("DeviceId/SerialNumber") == "T000001"
    assert sent.findtext("MaxEnvelopes") == "1"
    assert sent.findtext("CurrentTime") == "2026-01-01T00:01:00Z"
    assert sent.findtext("RetryCount") == "0"
    assert set(values) == set(device.profile.inform)


@pytest.mark.rule("E5", "E7")
def test_undelivered_events_are_told_again() -> None:
    """Until an InformResponse comes, and then no more."""
    device = make_device(booted=False)
    device.boot(0.0)
    assert codes(failed(device, 0.0)) == ["0 BOOTSTRAP", "1 BOOT"]
    assert codes(failed(device, 9.0)) == ["0 BOOTSTRAP", "1 BOOT"]

    assert codes(informed(device, 20.0)[0]) == ["0 BOOTSTRAP", "1 BOOT"]
    device.knock(30.0)
    assert codes(informed(device, 30.0)[0]) == ["6 CONNECTION REQUEST"]


@pytest.mark.rule("E2")
def test_single_events_stand_once() -> None:
    """Whatever the number of causes; M events once for each."""
    device = make_device()
    for key in ("a", "b", "a"):
        device.alarm(1.0, "schedule", key)
    device.knock(1.0)
    device.knock(1.0)
    device.wake(1.0)

    told, _ = informed(device, 1.0)
    assert told == [
        ("3 SCHEDULED", ""),
        ("6 CONNECTION REQUEST", ""),
        ("M ScheduleInform", "a"),
        ("M ScheduleInform", "b"),
    ]


@pytest.mark.rule("E7", "E6")
def test_a_connection_request_is_not_retried() -> None:
    """Its session fails, and nothing is left to tell: no retry."""
    device = make_device()
    device.knock(1.0)
    failed(device, 1.0)

    assert device.wanted == inf
    assert device.retries == 1
    assert device.due() > 1.0


@pytest.mark.rule("E7")
def test_what_outlives_a_reboot() -> None:
    """0, 2, 3 and M events do; 1 and 4 do not."""
    queue = (
        ("0 BOOTSTRAP", ""),
        ("1 BOOT", ""),
        ("2 PERIODIC", ""),
        ("4 VALUE CHANGE", ""),
        ("6 CONNECTION REQUEST", ""),
        ("8 DIAGNOSTICS COMPLETE", ""),
        ("M Reboot", "k"),
    )

    assert events.after_reboot(queue) == (
        ("0 BOOTSTRAP", ""),
        ("2 PERIODIC", ""),
        ("M Reboot", "k"),
    )


@pytest.mark.rule("R1")
def test_the_retry_table() -> None:
    """5–10, 10–20, 20–40 … 2560–5120 s, and no longer from the tenth on."""
    bounds = [(retry_wait(n, 0.0), retry_wait(n, 1.0)) for n in range(1, 13)]

    assert bounds[:3] == [(5, 10), (10, 20), (20, 40)]
    assert bounds[9] == bounds[10] == bounds[11] == (2560, 5120)
    assert retry_wait(2, 0.5, least=10, multiplier=3000) == pytest.approx(60)


@pytest.mark.rule("R1", "R2", "R4")
def test_a_failed_session_is_retried() -> None:
    """After the table's wait, with RetryCount and the events that are due."""
    device = make_device(booted=False)
    device.boot(0.0)
    failed(device, 0.0)
    assert 5 <= device.due() <= 10
    assert device.cause == "retry"
    failed(device, 10.0)
    assert 20 <= device.due() <= 30

    play = Play(device.begin(30.0), 30.0)
    assert play.sent.findtext("RetryCount") == "2"
    assert codes(play.events()) == ["0 BOOTSTRAP", "1 BOOT"]


@pytest.mark.rule("R1", "R5")
def test_the_retry_table_is_the_acs_s_to_set() -> None:
    """By CWMPRetryMinimumWaitInterval and CWMPRetryIntervalMultiplier."""
    device = make_device()
    name = SERVER + "CWMPRetryMinimumWaitInterval"
    play = Play(device.begin(0.0)) << reply("InformResponse")
    play = play << reply("SetParameterValues", [(name, "unsignedInt", "0")])
    assert play.fault == 9003
    play = play << reply("SetParameterValues", [(name, "unsignedInt", "100")])
    play.session.state = State.FAILED
    device.tell("2 PERIODIC", "", 0.0, "periodic")
    device.wanted = inf
    device.end(play.session, 0.0)

    assert 100 <= device.wanted <= 200


@pytest.mark.rule("R2")
def test_a_reboot_restarts_the_table_and_keeps_the_count() -> None:
    """RetryCount goes on; the n of the wait begins anew."""
    device = make_device(booted=False)
    device.boot(0.0)
    for now in (0.0, 10.0, 30.0):
        failed(device, now)
    device.darken(40.0, 45.0)
    device.wake(85.0)
    failed(device, 85.0)

    assert device.retries == 4
    assert 90 <= device.due() <= 95


@pytest.mark.rule("R3")
def test_a_new_event_cuts_the_wait() -> None:
    """It is the retry: the queued events go with it, and the RetryCount."""
    device = make_device(booted=False)
    device.boot(0.0)
    failed(device, 0.0)
    device.knock(1.0)
    assert device.due() == 1.0

    play = Play(device.begin(1.0), 1.0)
    assert play.sent.findtext("RetryCount") == "1"
    assert codes(play.events()) == ["0 BOOTSTRAP", "1 BOOT", "6 CONNECTION REQUEST"]


@pytest.mark.rule("X7")
def test_retry_after_is_a_minimum() -> None:
    """A 503 that asks for two minutes gets them."""
    device = make_device(booted=False)
    device.boot(0.0)
    session = device.begin(0.0)
    device.end(session, 0.0, retry_after=120.0)

    assert device.wanted == 120.0


@pytest.mark.rule("S10")
def test_what_comes_up_in_a_session_waits_for_the_next() -> None:
    """Even an event of the kind that is just being told."""
    device = make_device()
    device.knock(1.0)
    play = Play(device.begin(1.0), 1.0) << reply("InformResponse")
    device.knock(1.5)
    play = play << EMPTY >> OVER
    device.end(play.session, 2.0)

    assert device.due() == 1.5
    assert codes(informed(device, 2.0)[0]) == ["6 CONNECTION REQUEST"]
    assert device.due() > 2.0


@pytest.mark.rule("I3")
def test_periodic_informs_keep_their_phase() -> None:
    """Late or not, they fall on phase + k·interval; each device has its own phase."""
    first, second = make_device(0), make_device(1)
    due = first.due()
    assert 0 < due <= 300
    assert second.due() != due

    first.wake(due + 7.0)
    assert codes(informed(first, due + 7.0)[0]) == ["2 PERIODIC"]
    assert first.due() == pytest.approx(due + 300)


@pytest.mark.rule("I3")
def test_a_periodic_time_fixes_the_phase() -> None:
    """Informs fall on PeriodicInformTime ± n·interval, and at once so."""
    device = make_device()
    hold(
        device,
        10.0,
        reply(
            "SetParameterValues",
            [
                (SERVER + "PeriodicInformTime", "dateTime", "2026-01-01T00:00:20Z"),
                (SERVER + "PeriodicInformInterval", "unsignedInt", "60"),
            ],
        ),
    )
    assert device.due() == 20.0

    hold(
        device,
        15.0,
        reply(
            "SetParameterValues", [(SERVER + "PeriodicInformEnable", "boolean", "0")]
        ),
    )
    assert device.due() == inf


@pytest.mark.rule("I4")
def test_a_passive_change_waits_and_an_active_one_calls() -> None:
    """`4 VALUE CHANGE` with the last value; what the ACS sets never notifies."""
    device = make_device()
    mode = WAN + "Mode"
    hold(
        device,
        1.0,
        reply("SetParameterAttributes", [(mode, True, 1, None)]),
        reply("SetParameterValues", [(mode, "string", "DSL")]),
    )
    assert device.changes == ()

    for value in ("Auto", "Ethernet"):
        device.model.set(mode, value)
        device.changed(mode, 2.0)
    assert device.wanted == inf
    device.model.set(VERSION, "9")
    device.changed(VERSION, 3.0)
    assert device.wanted == 3.0

    play = Play(device.begin(3.0), 3.0)
    assert codes(play.events()) == ["4 VALUE CHANGE"]
    assert play.values()[mode] == "Ethernet"
    assert play.values()[VERSION] == "9"


@pytest.mark.rule("I4")
def test_changes_are_kept_until_delivered_or_rebooted() -> None:
    """A failed session keeps them, a reboot drops them."""
    device = make_device()
    device.changed(VERSION, 1.0)
    failed(device, 1.0)
    assert codes(failed(device, 9.0)) == ["4 VALUE CHANGE"]

    device.darken(10.0, 45.0)
    device.wake(55.0)
    assert codes(informed(device, 55.0)[0]) == ["1 BOOT"]


@pytest.mark.rule("I5")
def test_schedule_inform() -> None:
    """0 seconds are 9003; several wait; too many are 9004."""
    device = make_device()
    play = Play(device.begin(0.0)) << reply("InformResponse")
    assert (play << reply("ScheduleInform", 0, "k")).fault == 9003
    for number in range(16):
        play = play << reply("ScheduleInform", 10 + number % 2, f"k{number % 2}")
    assert (play << reply("ScheduleInform", 10, "k")).fault == 9004
    _ = play << EMPTY
    device.end(play.session, 1.0)

    device.silence("periodic")
    assert device.due() == 10.0
    device.wake(11.0)
    told, _ = informed(device, 11.0)
    assert told == [
        ("3 SCHEDULED", ""),
        ("M ScheduleInform", "k0"),
        ("M ScheduleInform", "k1"),
    ]


@pytest.mark.rule("B1", "E4", "X11")
def test_reboot() -> None:
    """Answered, done after the session; dark; then `1 BOOT` and `M Reboot`."""
    device = make_device()
    hold(device, 10.0, reply("Reboot", "why & how"))
    assert device.life == DARK
    assert device.due() == 55.0

    device.wake(55.0)
    assert device.life == UP
    assert informed(device, 55.0)[0] == [("1 BOOT", ""), ("M Reboot", "why & how")]


@pytest.mark.rule("P5", "B1")
def test_a_reboot_keeps_values_and_attributes() -> None:
    """What the ACS set is still there."""
    device = make_device()
    hold(
        device,
        10.0,
        reply("SetParameterValues", [(WAN + "Mode", "string", "DSL")], "key"),
        reply("SetParameterAttributes", [(WAN, True, 1, None)]),
        reply("Reboot", ""),
    )
    device.wake(55.0)

    assert device.model.get(WAN + "Mode", 55.0) == "DSL"
    assert device.model.get(SERVER + "ParameterKey", 55.0) == "key"
    assert device.model.attributes


@pytest.mark.rule("B2", "E3", "P10")
def test_factory_reset() -> None:
    """Everything back, then `0 BOOTSTRAP` and `1 BOOT` and nothing else."""
    device = make_device()
    device.alarm(11.0, "schedule", "k")
    hold(
        device,
        10.0,
        reply("SetParameterValues", [(WAN + "Mode", "string", "DSL")], "key"),
        reply("AddObject", ROOT + "LANDevice.1.Hosts.Host.", "key"),
        reply("Download", "http://127.0.0.1/x"),
        reply("FactoryReset"),
    )
    device.wake(60.0)

    model = device.model
    assert (model.own, model.grown, model.attributes) == ({}, None, ())
    assert model.get(SERVER + "ParameterKey", 60.0) == ""
    assert codes(informed(device, 60.0)[0]) == ["0 BOOTSTRAP", "1 BOOT"]


@pytest.mark.rule("C3", "C7")
def test_knocks() -> None:
    """Many before a session are one; too many in a minute are refused."""
    device = make_device(knock_rate=3)
    assert [device.knock(float(t)) for t in (1, 2, 3, 4)] == [True, True, True, False]
    assert codes(informed(device, 4.0)[0]) == ["6 CONNECTION REQUEST"]
    assert device.due() > 4.0
    assert device.knock(62.0)

    shy = make_device(knock_in_session=False)
    session = shy.begin(0.0)
    assert not shy.knock(0.0)
    session.state = State.DONE
    shy.end(session, 0.0)
    assert shy.knock(1.0)


def test_undo_leaves_all_as_it_was() -> None:
    """A session that this machine had no socket for never happened."""
    device = make_device()
    device.knock(1.0)
    device.changed(VERSION, 1.0)
    device.begin(1.0)
    device.undo()

    assert device.retries == 0
    assert codes(informed(device, 2.0)[0]) == ["4 VALUE CHANGE", "6 CONNECTION REQUEST"]


@pytest.mark.rule("H8")
def test_the_same_acs_url_again_is_no_new_acs() -> None:
    """Nor does any other value that was there already set something off."""
    device = make_device()
    known = device.model.get(SERVER + "URL", 0.0)
    hold(device, 5.0, reply("SetParameterValues", [(SERVER + "URL", "string", known)]))
    assert device.wanted == inf
    assert device.events == ()


@pytest.mark.rule("S8", "R2")
def test_a_session_that_fails_after_its_inform_is_retried() -> None:
    """With the same events and its RetryCount; a connection request is not."""
    device = make_device(booted=False)
    device.boot(0.0)
    play = Play(device.begin(0.0), 0.0) << reply("InformResponse")
    play.session.state = State.FAILED
    device.end(play.session, 1.0)
    assert device.cause == "retry"
    again = Play(device.begin(9.0), 9.0)
    assert codes(again.events()) == ["0 BOOTSTRAP", "1 BOOT"]
    assert again.sent.findtext("RetryCount") == "1"

    device = make_device()
    device.knock(1.0)
    play = Play(device.begin(1.0), 1.0) << reply("InformResponse")
    play.session.state = State.FAILED
    device.end(play.session, 2.0)
    assert device.wanted == inf


@pytest.mark.rule("I3", "S10")
def test_a_periodic_inform_that_is_due_in_a_session_is_not_lost() -> None:
    """Though the ACS writes the interval in that very session."""
    device = make_device()
    due = device.due()
    play = Play(device.begin(due - 1), due + 1) << reply("InformResponse")
    interval = [(SERVER + "PeriodicInformInterval", "unsignedInt", "600")]
    play = play << reply("SetParameterValues", interval) << EMPTY
    device.end(play.session, due + 1)
    device.wake(due + 1)
    assert codes(informed(device, due + 1)[0]) == ["2 PERIODIC"]


@pytest.mark.rule("B2")
def test_a_factory_reset_keeps_the_image() -> None:
    """Values go back, the firmware does not."""
    device = make_device()
    device.model.set(VERSION, "9")
    hold(device, 10.0, reply("FactoryReset"))
    device.wake(60.0)
    assert device.model.get(VERSION, 60.0) == "9"
