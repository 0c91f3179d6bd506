"""Transfers that end before they are answered (CHECKLIST T1, T3)."""

from __future__ import annotations

from typing import Any

import pytest

from cpesim.cwmp.pause import Pause
from cpesim.device.device import Device
from cpesim.device.transfer import DONE, Transfer
from tests.device.transfers import FILE, WEB, gateway, hold, told
from tests.play import EMPTY, OVER, Play, reply


async def _engine(device: Device, transfer: Transfer) -> int:
    return 0


def able(cwmp: str = "1.2", **ways: Any) -> Device:
    """A device whose engine can move files while a session waits."""
    device = gateway(cwmp, in_session=True, **ways)
    device.model.world.do = _engine
    return device


def paused(play: Play, message: bytes) -> Pause:
    """The pause that an order makes."""
    with pytest.raises(Pause) as found:
        _ = play << message
    return found.value


def resumed(play: Play, pause: Pause, outcome: object, now: float) -> Play:
    """The session with what came of it."""
    play.body = play.session.resume(pause, outcome, now)
    return play


@pytest.mark.rule("T1", "T3")
@pytest.mark.parametrize(
    ("method", "arguments"),
    [("Download", (FILE, "k", WEB)), ("Upload", (FILE, "k"))],
)
def test_status_0_with_real_times(method: str, arguments: tuple[Any, ...]) -> None:
    """And nothing is told of it again: the ACS knows all."""
    device = able()
    play = told(device, 10.0)
    pause = paused(play, reply(method, *arguments, id="odd and own"))
    (transfer,) = device.transfers
    assert transfer.state == 2
    play = resumed(play, pause, 0, 12.0) >> f"{method}Response"
    assert play.id == "odd and own"
    assert play.sent.findtext("Status") == "0"
    assert play.sent.findtext("StartTime") == "2026-01-01T00:00:10Z"
    assert play.sent.findtext("CompleteTime") == "2026-01-01T00:00:12Z"
    device.end((play << EMPTY >> OVER).session, 13.0)
    device.wake(13.0)
    assert device.transfers == device.requests == device.errands == ()
    assert transfer.state == DONE


@pytest.mark.rule("T1", "T5", "V1")
@pytest.mark.parametrize(
    ("cwmp", "code", "fault"), [("1.0", 9016, 9010), ("1.2", 9016, 9016)]
)
def test_a_failure_is_the_answer(cwmp: str, code: int, fault: int) -> None:
    """A fault in the words of the version, and no TransferComplete."""
    device = able(cwmp)
    play = told(device, 10.0, cwmp)
    play = resumed(play, paused(play, reply("Download", FILE, "k", WEB)), code, 12.0)
    assert play.fault == fault
    assert play.session.notes == [f"fault.sent.{fault}"]
    assert device.transfers == device.requests == ()


@pytest.mark.rule("T1", "T11")
def test_an_unusable_configuration_is_a_fault_too() -> None:
    """9018, before the session goes on."""
    device = able()
    play = told(device, 10.0)
    order = reply("Download", FILE, "k", "3 Vendor Configuration File")
    play = resumed(play, paused(play, order), 0, 12.0)
    assert play.fault == 9018


@pytest.mark.rule("T1", "T4")
def test_one_that_takes_too_long() -> None:
    """Status 1, and it starts anew after the session."""
    device = able()
    play = told(device, 10.0)
    play = resumed(play, paused(play, reply("Download", FILE, "k", WEB)), None, 20.0)
    assert play.sent.findtext("Status") == "1"
    assert play.sent.findtext("StartTime") == "0001-01-01T00:00:00Z"
    device.end((play << EMPTY >> OVER).session, 21.0)
    device.wake(21.0)
    assert device.errands == device.transfers
    assert len(device.errands) == 1


@pytest.mark.rule("T3", "T4")
@pytest.mark.parametrize(
    "arguments", [(FILE, "k", WEB, 1), (FILE, "k", "1 Firmware Upgrade Image", 0)]
)
def test_never_with_a_delay_and_never_an_image(arguments: tuple[Any, ...]) -> None:
    """These are Status 1 wherever a device would rather be done at once."""
    device = able()
    play = told(device, 10.0) << reply("Download", *arguments) >> "DownloadResponse"
    assert play.sent.findtext("Status") == "1"


@pytest.mark.rule("T3")
def test_only_where_the_profile_says_so() -> None:
    """And where there is an engine that can."""
    for device in (gateway(), gateway(in_session=True)):
        hold(device, 10.0, reply("Download", FILE, "k", WEB))
        assert len(device.errands) == 1
