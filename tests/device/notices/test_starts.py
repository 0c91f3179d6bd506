"""Bootstraps, boots and connection requests: when they are told (E3, E4, E6, E7)."""

from __future__ import annotations

import pytest

from tests.device.notices.sessions import (
    failed,
    good,
    key_of,
    make_modern,
    request_of,
)
from tests.factory import SERVER, hold, make_device
from tests.play import Play, reply


@pytest.mark.rule("E7")
def test_a_boot_that_was_not_told_is_one_boot() -> None:
    """The boot after it has its own."""
    device = make_device(booted=False)
    device.boot(0.0)
    failed(device, 0.0)
    device.darken(1.0, 10.0)
    device.wake(11.0)
    assert good(device, 11.0) == [("0 BOOTSTRAP", ""), ("1 BOOT", "")]


@pytest.mark.rule("E3")
def test_a_bootstrap_is_kept_until_its_inform_response() -> None:
    """Over failed sessions and reboots; with it goes `1 BOOT` of the same start."""
    device = make_device(booted=False)
    device.boot(0.0)
    first = [("0 BOOTSTRAP", ""), ("1 BOOT", "")]
    assert failed(device, 0.0) == first
    device.darken(1.0, 10.0)
    device.wake(11.0)
    assert failed(device, 11.0) == first
    assert good(device, 30.0) == first
    device.knock(40.0)
    assert good(device, 40.0) == [("6 CONNECTION REQUEST", "")]


@pytest.mark.rule("E3", "H8")
def test_a_new_acs_is_told_none_of_the_old_one_s_events() -> None:
    """`0 BOOTSTRAP` alone, or with the boot of the same start."""
    url = reply(
        "SetParameterValues", [(SERVER + "URL", "string", "http://new.invalid/")]
    )
    device = make_modern()
    device.requests = (request_of("TransferComplete", ("M Download", "k")),)
    device.tell("2 PERIODIC", "", 1.0, "test")
    session = Play(device.begin(1.0), 1.0) << reply("InformResponse", version="1.4")
    session = session << reply("Fault", 8002) << url << b""
    device.tell("M ScheduleInform", "k", 1.0, "test")
    device.tell("8 DIAGNOSTICS COMPLETE", "", 1.0, "test")
    device.end(session.session, 2.0)
    device.wake(2.0)
    assert good(device, 2.0) == [("0 BOOTSTRAP", "")]


@pytest.mark.rule("E3", "E4")
def test_a_new_acs_is_told_of_the_boot_of_the_same_start() -> None:
    """A Reboot before the new URL: `1 BOOT` stands beside the bootstrap."""
    url = [(SERVER + "URL", "string", "http://new.invalid/")]
    device = make_device()
    hold(device, 1.0, reply("Reboot", "k"), reply("SetParameterValues", url))
    device.wake(100.0)
    assert good(device, 100.0) == [("0 BOOTSTRAP", ""), ("1 BOOT", "")]


@pytest.mark.rule("E3", "B2")
def test_after_a_factory_reset_there_is_a_bootstrap_and_nothing_older() -> None:
    """But for `1 BOOT` of that start."""
    device = make_modern()
    play = Play(device.begin(1.0), 1.0) << reply("InformResponse", version="1.4")
    play = play << reply("FactoryReset", version="1.4") << b""
    for code in ("2 PERIODIC", "3 SCHEDULED", "M ScheduleInform"):
        device.tell(code, key_of(code), 1.0, "test")
    device.requests = (request_of("TransferComplete", ("M Download", "k")),)
    device.end(play.session, 1.0)
    device.wake(1.0)
    assert device.events == (("0 BOOTSTRAP", ""),)
    device.wake(100.0)
    assert good(device, 100.0) == [("0 BOOTSTRAP", ""), ("1 BOOT", "")]


@pytest.mark.rule("E4", "E2")
def test_every_start_is_a_boot_and_the_acs_s_own_has_its_key() -> None:
    """Two Reboots before the power goes have an M event each."""
    device = make_device()
    device.darken(1.0, 10.0)
    device.wake(11.0)
    assert good(device, 11.0) == [("1 BOOT", "")]
    hold(device, 20.0, reply("Reboot", "one"), reply("Reboot", "two"))
    while device.life != "up" or device.due() < device.wanted:
        device.wake(device.due())
    assert good(device, device.wanted) == [
        ("1 BOOT", ""),
        ("M Reboot", "one"),
        ("M Reboot", "two"),
    ]


@pytest.mark.rule("E6")
def test_only_a_connection_request_is_told_as_one() -> None:
    """And only the timer tells of a period: no other reason for a session does."""
    device = make_device()
    device.silence("periodic")
    for cause in ("changed", "scheduled", "boot"):
        if cause == "changed":
            device.changed(SERVER + "ConnectionRequestURL", 1.0)
        elif cause == "scheduled":
            device.alarm(1.0, "schedule", "k")
            device.wake(1.0)
        else:
            device.darken(1.0, 1.0)
            device.silence("periodic")
            device.wake(2.0)
        codes = {code for code, _ in good(device, 2.0)}
        assert not codes & {"6 CONNECTION REQUEST", "2 PERIODIC"}
    device.knock(3.0)
    assert good(device, 3.0) == [("6 CONNECTION REQUEST", "")]


@pytest.mark.rule("E6", "E7")
def test_a_connection_request_beside_another_event_is_not_told_twice() -> None:
    """The other is retried, the request is not."""
    device = make_device()
    device.knock(1.0)
    device.tell("3 SCHEDULED", "", 1.0, "test")
    assert len(failed(device, 1.0)) == 2
    assert device.cause == "retry"
    assert good(device, 9.0) == [("3 SCHEDULED", "")]
