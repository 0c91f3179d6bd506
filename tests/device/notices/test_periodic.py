"""When periodic Informs are due (CHECKLIST I3, E6)."""

from __future__ import annotations

from math import inf
from time import gmtime, strftime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.device.behaviour.periodic import following
from cpesim.device.device import Device
from cpesim.device.profile import Parameter
from cpesim.device.world import World
from tests.factory import SERVER, hold, make_device, make_profile, with_parameters
from tests.play import Play, reply

EPOCH = 1_767_225_600  # 2026-01-01T00:00:00Z
INTERVAL, TIME = SERVER + "PeriodicInformInterval", SERVER + "PeriodicInformTime"
ENABLE = SERVER + "PeriodicInformEnable"


def when(time: int) -> str:
    """A Unix time as a dateTime."""
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(time))


def told(device: Device, now: float) -> list[str]:
    """The events of a good session."""
    play = Play(device.begin(now), now)
    found = [code for code, _ in play.events()]
    play = play << reply("InformResponse") << b""
    device.end(play.session, now)
    device.wake(now)
    return found


def write(device: Device, now: float, *values: tuple[str, str, str]) -> None:
    """The ACS writes, in a good session."""
    hold(device, now, reply("SetParameterValues", list(values)))


@given(
    now=st.floats(-1e9, 1e9),
    phase=st.floats(-4e9, 4e9),
    interval=st.integers(1, 2**32 - 1),
)
def test_the_next_one_is_a_whole_number_of_intervals_from_the_time(
    now: float, phase: float, interval: int
) -> None:
    """And the first after now."""
    due = following(now, phase, float(interval))
    assert now < due
    assert due - now <= interval + 1e-5
    steps = (due - phase) / interval
    assert abs(steps - round(steps)) * interval < 1e-4


@pytest.mark.rule("I3")
@pytest.mark.parametrize("shift", [-1_000_000_000, -50, 0, 50, 1_000_000_000])
def test_a_known_time_is_the_phase(shift: int) -> None:
    """However far in the past or the future it lies."""
    device = make_device()
    write(
        device,
        7.0,
        (TIME, "dateTime", when(EPOCH + shift)),
        (INTERVAL, "unsignedInt", "60"),
    )
    due = device.due()
    assert 7.0 < due <= 67.0
    assert (due - shift) % 60 == 0
    device.wake(due)
    assert told(device, due) == ["2 PERIODIC"]
    assert device.due() == due + 60


@pytest.mark.rule("I3")
@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00", ""])
def test_the_unknown_time_is_a_phase_of_the_device_s_own(time: str) -> None:
    """A fleet spreads over the whole interval, and each device keeps its place."""
    profile = make_profile(**with_parameters({TIME: Parameter("dateTime", True, time)}))
    phases = []
    for n in range(200):
        device = Device(profile, n, World(1, epoch=float(EPOCH)))
        device.boot(0.0)
        hold(device, 0.0)
        first = device.due()
        phases.append(first)
        device.wake(first)
        told(device, first + 20.0)
        assert device.due() == pytest.approx(first + 300)
    for part in range(4):
        assert 25 <= sum(part * 75 < p <= part * 75 + 75 for p in phases) <= 75


@pytest.mark.rule("I3")
def test_a_new_interval_takes_effect_at_once() -> None:
    """Not after the one that was set before is over."""
    device = make_device()
    write(device, 1.0, (INTERVAL, "unsignedInt", "86400"))
    assert 1.0 < device.due() <= 86401.0
    write(device, 2.0, (INTERVAL, "unsignedInt", "10"))
    assert 2.0 < device.due() <= 12.0
    due = device.due()
    device.wake(due)
    assert told(device, due) == ["2 PERIODIC"]
    assert device.due() == pytest.approx(due + 10)


@pytest.mark.rule("I3")
def test_a_new_time_takes_effect_at_once() -> None:
    """The phase is the new one from then on."""
    device = make_device()
    write(device, 1.0, (TIME, "dateTime", when(EPOCH + 17)))
    assert device.due() == 17.0
    write(device, 2.0, (TIME, "dateTime", when(EPOCH + 5)))
    assert device.due() == 5.0


@pytest.mark.rule("I3")
def test_an_interval_is_a_second_at_least() -> None:
    """0 is refused; a model that lets it pass is not asked more than once a second."""
    device = make_device()
    play = Play(device.begin(1.0), 1.0) << reply("InformResponse")
    play = play << reply("SetParameterValues", [(INTERVAL, "unsignedInt", "0")])
    assert play.sent.findtext(".//SetParameterValuesFault/FaultCode") == "9007"
    play = play << reply("SetParameterValues", [(INTERVAL, "unsignedInt", "1")])
    assert play.method == "SetParameterValuesResponse"
    device.end((play << b"").session, 1.0)
    assert 1.0 < device.due() <= 2.0

    loose = make_device(**with_parameters({INTERVAL: Parameter("unsignedInt", True)}))
    write(loose, 1.0, (INTERVAL, "unsignedInt", "0"))
    first = loose.due()
    loose.wake(first)
    told(loose, first)
    assert loose.due() >= first + 1.0


@pytest.mark.rule("I3")
@pytest.mark.parametrize(("off", "on"), [("0", "1"), ("false", "true")])
def test_periodic_informs_are_switched_off_and_on(off: str, on: str) -> None:
    """At once, and over a reboot."""
    device = make_device()
    write(device, 1.0, (ENABLE, "boolean", off))
    assert device.due() == inf
    device.darken(2.0, 10.0)
    device.wake(12.0)
    assert told(device, 12.0) == ["1 BOOT"]
    assert device.due() == inf
    write(device, 20.0, (ENABLE, "boolean", on))
    assert 20.0 < device.due() <= 320.0


@pytest.mark.rule("I3")
def test_the_profile_s_interval_serves_where_the_model_has_none() -> None:
    """A device without PeriodicInformInterval."""
    profile = make_profile()
    parameters = {n: p for n, p in profile.parameters.items() if n != INTERVAL}
    device = make_device(
        parameters=parameters, names=tuple(sorted(parameters)), interval=40.0
    )
    assert 0.0 < device.due() <= 40.0


@pytest.mark.rule("E6", "I3")
def test_a_load_of_arrivals_leaves_the_timers_alone() -> None:
    """Then `2 PERIODIC` is told by the load, and by no timer of the device's."""
    device = Device(make_profile(), 0, World(1, epoch=float(EPOCH), timers=False))
    device.boot(0.0)
    hold(device, 0.0)
    assert device.due() == inf
    device.tell("2 PERIODIC", "", 9.0, "pace")
    assert told(device, 9.0) == ["2 PERIODIC"]


@pytest.mark.rule("E6", "I3")
def test_what_rings_in_the_dark_is_one_inform_after_it() -> None:
    """The phase goes on as if the power had never gone."""
    device = make_device()
    due = device.due()
    device.darken(due - 1.0, 1000.0)
    device.wake(due + 999.0)
    assert told(device, due + 999.0) == ["1 BOOT"]
    assert (device.due() - due) % 300 == pytest.approx(0, abs=1e-6)
