"""A profile's own timers, multiplied for a run that is quicker than life."""

from __future__ import annotations

import pytest

from cpesim.cwmp.session import State
from cpesim.device.device import Device
from cpesim.device.fitting import with_timers
from tests.factory import SERVER, make_device, make_profile
from tests.play import Play


def test_nothing_changes_at_1() -> None:
    """The very same profile."""
    profile = make_profile()
    assert with_timers(profile, 1.0, interval=True) is profile


def test_what_is_multiplied() -> None:
    """Reboots, flashing, and the period of Informs where a group has none."""
    profile = make_profile()
    found = with_timers(profile, 0.1, interval=True)
    assert found.reboot == pytest.approx(profile.reboot * 0.1)
    assert found.firmware.flash == pytest.approx(profile.firmware.flash * 0.1)
    assert found.firmware.bandwidth == profile.firmware.bandwidth
    assert found.interval == round(profile.interval * 0.1)
    assert found.parameters[SERVER + "PeriodicInformInterval"].default == str(
        round(profile.interval * 0.1)
    )
    assert with_timers(profile, 0.1, interval=False).interval == profile.interval


def waited(device: Device) -> float:
    """How long after a session that fails the next one comes."""
    device.boot(0.0)
    play = Play(device.begin(0.0), 0.0) >> "Inform"
    play.session.state = State.FAILED
    device.end(play.session, 0.0)
    return device.wanted


def test_retries_come_sooner() -> None:
    """By the same draw, a tenth of the wait."""
    usual, quick = (
        make_device(booted=False, retry_scale=scale) for scale in (1.0, 0.1)
    )
    assert waited(quick) == pytest.approx(waited(usual) * 0.1)
