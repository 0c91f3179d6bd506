"""DefaultActiveNotificationThrottle: what waits, and what does not (CHECKLIST I6)."""

from __future__ import annotations

from math import inf

import pytest

from cpesim.cwmp.session import State
from cpesim.device.device import Device
from cpesim.device.profile import Parameter
from tests.factory import ROOT, SERVER, hold, make_device, with_parameters
from tests.play import Play, reply

THROTTLE = SERVER + "DefaultActiveNotificationThrottle"
VERSION = ROOT + "DeviceInfo.SoftwareVersion"
CODE = ROOT + "DeviceInfo.ProvisioningCode"


def throttled(seconds: str = "100") -> Device:
    """A device that was told at 10 to wait, in a good session."""
    device = make_device(
        **with_parameters(
            {
                THROTTLE: Parameter("unsignedInt", True, "0"),
                SERVER + "PeriodicInformEnable": Parameter("boolean", True, "0"),
            }
        )
    )
    hold(
        device, 10.0, reply("SetParameterValues", [(THROTTLE, "unsignedInt", seconds)])
    )
    return device


def codes(device: Device, now: float) -> list[str]:
    """The events of the next session, which goes well."""
    play = Play(device.begin(now), now)
    found = [code for code, _ in play.events()]
    play = play << reply("InformResponse") << b""
    device.end(play.session, now)
    return found


def failed(device: Device, now: float) -> None:
    """The next session fails."""
    session = device.begin(now)
    session.state = State.FAILED
    device.end(session, now)


@pytest.mark.rule("I6")
def test_a_session_for_a_change_alone_waits() -> None:
    """So many seconds after the last good session's end, and no longer."""
    device = throttled()
    device.changed(VERSION, 20.0)
    assert (device.wanted, device.cause) == (110.0, "value change")
    device.changed(CODE, 30.0)
    assert device.wanted == 110.0
    assert codes(device, 110.0) == ["4 VALUE CHANGE"]

    device.changed(VERSION, 150.0)
    assert device.wanted == 210.0
    codes(device, 210.0)
    device.changed(VERSION, 500.0)
    assert device.wanted == 500.0


@pytest.mark.rule("I6")
def test_any_good_session_counts_by_its_end() -> None:
    """Whatever it was for, and however long it took."""
    device = throttled()
    device.knock(200.0)
    play = Play(device.begin(200.0), 200.0) << reply("InformResponse") << b""
    device.end(play.session, 230.0)
    device.changed(VERSION, 231.0)
    assert device.wanted == 330.0


@pytest.mark.rule("I6")
def test_a_failed_session_does_not_count() -> None:
    """The wait goes on from the last good one."""
    device = throttled()
    device.knock(50.0)
    failed(device, 50.0)
    assert device.wanted == inf
    device.changed(VERSION, 60.0)
    assert device.wanted == 110.0


@pytest.mark.rule("I6")
def test_another_session_is_not_delayed_and_takes_the_changes_along() -> None:
    """A knock, a periodic Inform, a schedule; nothing is left to wait for then."""
    for code in ("6 CONNECTION REQUEST", "2 PERIODIC", "3 SCHEDULED"):
        device = throttled()
        device.changed(VERSION, 20.0)
        device.tell(code, "", 25.0, "other")
        assert (device.wanted, device.cause) == (25.0, "other")
        assert sorted(codes(device, 25.0)) == sorted(["4 VALUE CHANGE", code])
        assert device.wanted == inf


@pytest.mark.rule("I6", "R3")
def test_a_retry_is_not_delayed() -> None:
    """It comes when the retry table says so, and takes the changes along."""
    device = throttled()
    device.tell("2 PERIODIC", "", 20.0, "periodic")
    failed(device, 20.0)
    retry = device.wanted
    assert 25.0 <= retry <= 30.0
    device.changed(VERSION, 21.0)
    assert (device.wanted, device.cause) == (retry, "retry")
    assert codes(device, retry) == ["2 PERIODIC", "4 VALUE CHANGE"]

    device.changed(VERSION, retry + 1.0)
    assert device.wanted == retry + 100.0
    failed(device, retry + 100.0)
    assert retry + 105.0 <= device.wanted <= retry + 110.0


@pytest.mark.rule("I6", "S10")
def test_a_change_during_a_session_waits_from_its_end() -> None:
    """Not from the end of the one before."""
    device = throttled()
    device.knock(300.0)
    play = Play(device.begin(300.0), 300.0)
    device.changed(VERSION, 301.0)
    play = play << reply("InformResponse") << b""
    device.end(play.session, 310.0)
    assert (device.wanted, device.cause) == (410.0, "value change")

    codes(device, 410.0)
    device.tell("2 PERIODIC", "", 620.0, "periodic")
    play = Play(device.begin(620.0), 620.0)
    device.changed(VERSION, 621.0)
    device.knock(622.0)
    play = play << reply("InformResponse") << b""
    device.end(play.session, 630.0)
    assert device.wanted <= 630.0
    assert codes(device, 630.0) == ["4 VALUE CHANGE", "6 CONNECTION REQUEST"]


@pytest.mark.rule("I6")
def test_without_a_throttle_nothing_waits() -> None:
    """0, none in the model, or one that was taken back; nothing is remembered then."""
    for device in (throttled("0"), make_device()):
        device.changed(VERSION, 20.0)
        assert device.wanted == 20.0
        assert device.memory == {}
    device = throttled()
    hold(device, 20.0, reply("SetParameterValues", [(THROTTLE, "unsignedInt", "0")]))
    assert device.memory == {}


@pytest.mark.rule("I6", "B1")
def test_a_reboot_keeps_the_throttle_and_forgets_the_session() -> None:
    """The standard lets the time go; the boot's own session counts again."""
    device = throttled()
    device.darken(20.0, 30.0)
    device.changed(VERSION, 30.0)
    assert device.wanted == inf
    device.wake(50.0)
    assert device.wanted == 50.0
    assert codes(device, 50.0) == ["1 BOOT", "4 VALUE CHANGE"]
    device.changed(VERSION, 60.0)
    assert device.wanted == 150.0


@pytest.mark.rule("I6", "R3")
def test_a_reboot_forgets_when_the_last_good_session_ended() -> None:
    """A change after it cuts the wait for a retry of the boot's session at once."""
    device = throttled()
    device.darken(20.0, 30.0)
    device.wake(50.0)
    failed(device, 50.0)
    assert device.wanted >= 55.0
    device.changed(VERSION, 51.0)
    assert (device.wanted, device.cause) == (51.0, "value change")
