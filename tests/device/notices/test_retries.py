"""Sessions that fail are tried again: how long after, and with what (CHECKLIST R)."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cpesim.cwmp.session import State
from cpesim.device.device import Device
from cpesim.device.profile import Parameter
from cpesim.device.retry import retry_wait
from cpesim.device.transfer import MOVING, Transfer
from tests.factory import ROOT, SERVER, hold, make_device, with_parameters
from tests.play import Play, reply

LEAST = SERVER + "CWMPRetryMinimumWaitInterval"
FACTOR = SERVER + "CWMPRetryIntervalMultiplier"
QUIET = {SERVER + "PeriodicInformEnable": Parameter("boolean", True, "0")}


def quiet(n: int = 0, *, booted: bool = True, **changes: Parameter) -> Device:
    """A test box whose timer does not ring."""
    return make_device(n, booted=booted, **with_parameters({**QUIET, **changes}))


def failed(device: Device, now: float) -> Play:
    """The next session fails before its InformResponse: the Inform."""
    play = Play(device.begin(now), now) >> "Inform"
    play.session.state = State.FAILED
    device.end(play.session, now)
    return play


def told(play: Play) -> tuple[list[str], int]:
    """Its event codes and its RetryCount."""
    count = int(play.sent.findtext("RetryCount") or -1)
    return [code for code, _ in play.events()], count


COUNTS = st.integers(1, 40)
LEASTS = st.integers(1, 65535)
FACTORS = st.integers(1000, 65535)
CHANCES = st.floats(0, 1)


@pytest.mark.rule("R1")
@given(n=COUNTS, chance=CHANCES, least=LEASTS, factor=FACTORS)
def test_a_wait_lies_in_its_interval(
    n: int, chance: float, least: int, factor: int
) -> None:
    """[m·(k/1000)^(n−1), m·(k/1000)^n], and from n = 10 on that of n = 10."""
    k = factor / 1000
    wait = retry_wait(n, chance, least=least, multiplier=factor)
    low = least * k ** (min(n, 10) - 1)
    assert low * (1 - 1e-9) <= wait <= low * k * (1 + 1e-9)
    ends = [retry_wait(n, c, least=least, multiplier=factor) for c in (0.0, 1.0)]
    assert ends == pytest.approx([low, low * k])


@pytest.mark.rule("R1")
@given(n=COUNTS, one=CHANCES, two=CHANCES, least=LEASTS, factor=FACTORS)
def test_later_retries_never_come_sooner(
    n: int, one: float, two: float, least: int, factor: int
) -> None:
    """The intervals touch and do not overlap; the chance picks the point in one."""
    first = retry_wait(n, one, least=least, multiplier=factor)
    if n < 10:
        later = retry_wait(n + 1, two, least=least, multiplier=factor)
        assert first <= later * (1 + 1e-9)
    assume(one < two)
    second = retry_wait(n, two, least=least, multiplier=factor)
    assert first <= second


@pytest.mark.rule("R1", "R2")
def test_a_device_goes_through_the_table() -> None:
    """RetryCount counts up with each; after the tenth the wait stays as it is."""
    device = quiet(booted=False)
    device.boot(0.0)
    now = 0.0
    for n in range(1, 14):
        assert told(failed(device, now))[1] == n - 1
        low = 5 * 2 ** (min(n, 10) - 1)
        assert low <= device.wanted - now <= 2 * low
        assert device.cause == "retry"
        now = device.wanted


@pytest.mark.rule("R1")
def test_a_fleet_that_failed_together_does_not_come_back_together() -> None:
    """The waits are spread over the whole interval."""
    waits = []
    for n in range(100):
        device = quiet(n, booted=False)
        device.boot(0.0)
        failed(device, 0.0)
        waits.append(device.wanted)
    assert len(set(waits)) == 100
    for part in range(5, 10):
        assert sum(part <= wait < part + 1 for wait in waits) >= 5


@pytest.mark.rule("R1", "R5")
@pytest.mark.parametrize(("least", "factor"), [(1, 1000), (7, 3000), (65535, 65535)])
def test_the_acs_sets_the_table(least: int, factor: int) -> None:
    """m and k, in force from the next failure on."""
    device = quiet()
    values = [
        (LEAST, "unsignedInt", str(least)),
        (FACTOR, "unsignedInt", str(factor)),
    ]
    hold(device, 1.0, reply("SetParameterValues", values))
    k = factor / 1000
    device.tell("3 SCHEDULED", "", 10.0, "test")
    now = 10.0
    for n in (1, 2, 3):
        failed(device, now)
        wait = device.wanted - now
        assert least * k ** (n - 1) * 0.999 <= wait <= least * k**n * 1.001
        now = device.wanted


@pytest.mark.rule("R1")
def test_a_model_without_the_two_parameters_has_their_defaults() -> None:
    """5 s and 2000."""
    profile = quiet().profile
    parameters = {
        n: p for n, p in profile.parameters.items() if n not in (LEAST, FACTOR)
    }
    device = make_device(parameters=parameters, names=tuple(sorted(parameters)))
    device.tell("3 SCHEDULED", "", 10.0, "test")
    failed(device, 10.0)
    assert 15.0 <= device.wanted <= 20.0


@pytest.mark.rule("R2")
def test_a_good_session_ends_the_count() -> None:
    """The next failure is the first again."""
    device = quiet(booted=False)
    device.boot(0.0)
    failed(device, 0.0)
    failed(device, 10.0)
    play = Play(device.begin(30.0), 30.0)
    assert told(play)[1] == 2
    device.end((play << reply("InformResponse") << b"").session, 30.0)
    assert device.wanted == inf

    device.tell("3 SCHEDULED", "", 40.0, "test")
    assert told(failed(device, 40.0))[1] == 0
    assert 45.0 <= device.wanted <= 50.0


@pytest.mark.rule("R2", "R1")
def test_a_reboot_keeps_the_count_and_begins_the_table_anew() -> None:
    """RetryCount goes on with the failures before it."""
    device = quiet(booted=False)
    device.boot(0.0)
    for now in (0.0, 10.0, 30.0, 70.0):
        failed(device, now)
    device.darken(80.0, 45.0)
    assert device.wanted == inf
    device.wake(125.0)
    assert told(failed(device, 125.0))[1] == 4
    assert 130.0 <= device.wanted <= 135.0
    assert told(failed(device, 135.0))[1] == 5
    assert 145.0 <= device.wanted <= 155.0


CAUSES = {
    "periodic": "2 PERIODIC",
    "change": "4 VALUE CHANGE",
    "schedule": "3 SCHEDULED",
    "transfer": "7 TRANSFER COMPLETE",
    "knock": "6 CONNECTION REQUEST",
    "boot": "1 BOOT",
}


def bring(device: Device, cause: str, now: float) -> None:
    """Something happens that asks for a session."""
    if cause == "periodic":
        device.alarm(now, "periodic")
        device.wake(now)
    elif cause == "change":
        device.changed(ROOT + "DeviceInfo.SoftwareVersion", now)
    elif cause == "schedule":
        device.alarm(now, "schedule", "k")
        device.wake(now)
    elif cause == "transfer":
        transfer = Transfer("k", "2 Web Content", "http://files.invalid/x")
        transfer.state = MOVING
        device.transfers = (*device.transfers, transfer)
        device.returned(transfer, 0, now)
        device.wake(now)
    elif cause == "knock":
        device.knock(now)
    else:
        device.darken(now - 1.0, 1.0)
        device.wake(now)


@pytest.mark.rule("R3", "R4")
@pytest.mark.parametrize("cause", CAUSES)
def test_a_new_event_cuts_the_wait(cause: str) -> None:
    """It is the retry: with what was not delivered, and the RetryCount of now."""
    device = quiet()
    device.alarm(10.0, "schedule", "first")
    device.wake(10.0)
    failed(device, 10.0)
    assert device.wanted >= 15.0

    bring(device, cause, 12.0)
    assert device.wanted == 12.0
    assert device.due() == 12.0
    codes, count = told(failed(device, 12.0))
    assert {"3 SCHEDULED", "M ScheduleInform", CAUSES[cause]} <= set(codes)
    assert count == 1
    # Only the boot begins the table anew.
    low = 5.0 if cause == "boot" else 10.0
    assert 12.0 + low <= device.wanted <= 12.0 + 2 * low


@pytest.mark.rule("R3")
def test_a_passive_change_cuts_nothing() -> None:
    """It waits for the retry, and goes with it."""
    device = quiet()
    mode = ROOT + "WANDevice.1.Mode"
    hold(device, 1.0, reply("SetParameterAttributes", [(mode, True, 1, None)]))
    device.tell("3 SCHEDULED", "", 10.0, "test")
    failed(device, 10.0)
    retry = device.wanted
    device.changed(mode, 11.0)
    assert device.wanted == retry
    assert told(failed(device, retry)) == (["3 SCHEDULED", "4 VALUE CHANGE"], 1)


@pytest.mark.rule("R4", "S10")
def test_what_comes_in_a_session_that_fails_goes_with_what_it_told() -> None:
    """Events and changed values: none pushes another out."""
    name = ROOT + "DeviceInfo.SoftwareVersion"
    device = quiet()
    device.tell("3 SCHEDULED", "", 10.0, "test")
    device.changed(name, 10.0)
    play = Play(device.begin(10.0), 10.0)
    device.tell("8 DIAGNOSTICS COMPLETE", "", 11.0, "test")
    play.session.state = State.FAILED
    device.end(play.session, 12.0)
    play = failed(device, 12.0)
    assert told(play) == (
        ["3 SCHEDULED", "4 VALUE CHANGE", "8 DIAGNOSTICS COMPLETE"],
        1,
    )
    assert name in play.values()


@pytest.mark.rule("R4")
def test_undelivered_events_go_with_the_next_inform() -> None:
    """All of them, and what came up since; a connection request does not."""
    device = quiet()
    for code in ("3 SCHEDULED", "8 DIAGNOSTICS COMPLETE", "6 CONNECTION REQUEST"):
        device.tell(code, "", 10.0, "test")
    device.changed(ROOT + "DeviceInfo.SoftwareVersion", 10.0)
    failed(device, 10.0)
    device.tell("2 PERIODIC", "", 11.0, "test")
    assert told(failed(device, 11.0)) == (
        ["2 PERIODIC", "3 SCHEDULED", "4 VALUE CHANGE", "8 DIAGNOSTICS COMPLETE"],
        1,
    )


@pytest.mark.rule("R4", "E7")
def test_with_nothing_left_to_tell_there_is_no_retry() -> None:
    """A connection request alone is not tried again, yet it was a failure."""
    device = quiet()
    device.knock(10.0)
    failed(device, 10.0)
    assert device.wanted == inf
    device.knock(20.0)
    assert told(failed(device, 20.0)) == (["6 CONNECTION REQUEST"], 1)


@pytest.mark.rule("X7", "R1", "R3")
def test_retry_after_is_a_least_wait_that_a_new_event_cuts() -> None:
    """One second is less than R1 asks for; an hour is waited, unless there is news."""
    device = quiet(booted=False)
    device.boot(0.0)
    device.end(device.begin(0.0), 0.0, retry_after=1.0)
    assert 5.0 <= device.wanted <= 10.0
    device.end(device.begin(20.0), 20.0, retry_after=3600.0)
    assert device.wanted == 3620.0
    device.knock(30.0)
    assert (device.wanted, device.cause) == (30.0, "knock")
