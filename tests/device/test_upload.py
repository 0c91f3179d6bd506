"""Uploads as the device sees them (CHECKLIST T1–T5)."""

from __future__ import annotations

import pytest

from cpesim.device.device import DARK
from tests.device.transfers import (
    FILE,
    answered,
    asked,
    brought,
    gateway,
    hold,
    told,
    under_way,
)
from tests.play import EMPTY, OVER, Play, reply

FIRST, LOG = "1 Vendor Configuration File", "2 Vendor Log File"


@pytest.mark.rule("T1", "T3")
def test_an_upload_is_answered_and_starts_after_the_session() -> None:
    """Status 1 and the unknown time; nothing is sent while the session runs."""
    device = gateway()
    play = told(device, 10.0) << reply("Upload", FILE) >> "UploadResponse"
    assert play.sent.findtext("Status") == "1"
    assert play.sent.findtext("StartTime") == "0001-01-01T00:00:00Z"
    assert play.sent.findtext("CompleteTime") == "0001-01-01T00:00:00Z"
    assert device.errands == ()

    _ = play << EMPTY >> OVER
    device.end(play.session, 11.0)
    device.wake(11.0)
    (transfer,) = device.errands
    assert isinstance(transfer.upload, bool)
    assert transfer.upload


@pytest.mark.rule("T3")
def test_delay_seconds() -> None:
    """The file goes when they are over."""
    device = gateway()
    hold(device, 10.0, reply("Upload", FILE, "k", LOG, 60))
    device.wake(69.0)
    assert device.errands == ()
    device.wake(70.0)
    assert len(device.errands) == 1


@pytest.mark.rule("T4", "E5", "T8")
def test_its_end_is_told() -> None:
    """7 and M Upload until TransferComplete is answered; the times are real."""
    device = gateway()
    brought(device, under_way(device, 10.0, reply("Upload", FILE, "up")), 0, 15.0)
    assert device.life != DARK
    assert device.wanted == 15.0

    play = Play(device.begin(16.0), 16.0) >> "Inform"
    assert play.events() == [("7 TRANSFER COMPLETE", ""), ("M Upload", "up")]
    play = play << reply("InformResponse", version="1.2") >> "TransferComplete"
    device.end(play.session, 16.0)  # broken off
    assert device.cause == "retry"

    play = Play(device.begin(30.0), 30.0)
    assert play.events() == [("7 TRANSFER COMPLETE", ""), ("M Upload", "up")]
    play = play << reply("InformResponse", version="1.2") >> "TransferComplete"
    assert play.sent.findtext("CommandKey") == "up"
    assert play.sent.findtext("FaultStruct/FaultCode") == "0"
    assert play.sent.findtext("FaultStruct/FaultString") == ""
    assert play.sent.findtext("StartTime") == "2026-01-01T00:00:10Z"
    assert play.sent.findtext("CompleteTime") == "2026-01-01T00:00:15Z"
    answered(device, play)
    assert device.transfers == device.requests == ()


@pytest.mark.rule("T5", "V1")
@pytest.mark.parametrize("cwmp", ["1.0", "1.1", "1.2"])
@pytest.mark.parametrize("code", [9011, 9012])
def test_its_failures_have_words_in_every_version(cwmp: str, code: int) -> None:
    """Upload failure and authentication failure."""
    device = gateway(cwmp)
    brought(device, under_way(device, 10.0, reply("Upload", FILE)), code, 15.0)
    play = told(device, 16.0, cwmp) >> "TransferComplete"
    assert play.sent.findtext("FaultStruct/FaultCode") == str(code)
    assert play.sent.findtext("FaultStruct/FaultString")


@pytest.mark.rule("T2", "V1")
@pytest.mark.parametrize(
    ("file_type", "faults"),
    [
        (FIRST, (0, 0, 0)),
        (LOG, (0, 0, 0)),
        ("3 Vendor Configuration File 1", (9003, 9003, 0)),
        ("4 Vendor Log File 1", (9003, 9003, 0)),
        ("3 Vendor Configuration File 7", (9003, 9003, 9003)),
        ("4 Vendor Log File 2", (9003, 9003, 9003)),
        ("3 Vendor Configuration File 01", (9003, 9003, 9003)),
        ("3 Vendor Configuration File", (9003, 9003, 9003)),
        ("1 Firmware Upgrade Image", (9003, 9003, 9003)),
        ("5 Core Dump 1", (9003, 9003, 9003)),
        ("X 00D09E Trace", (0, 0, 0)),
        ("X 00D09E", (9003, 9003, 9003)),
        ("X 00D09E " + "t" * 56, (9003, 9003, 9003)),
    ],
)
def test_file_types_by_version(file_type: str, faults: tuple[int, ...]) -> None:
    """One file of several has a type since 1-2, and has to be there."""
    for cwmp, fault in zip(("1.0", "1.1", "1.2"), faults, strict=True):
        play = asked(gateway(cwmp), reply("Upload", FILE, "k", file_type))
        assert play.fault == fault


@pytest.mark.rule("T5", "F")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("ftp://127.0.0.1/x", "k"), 9013),
        (("tftp://127.0.0.1/x", "k"), 9013),
        (("", "k"), 9003),
        (("http://user:pass@127.0.0.1/x", "k"), 9003),
        (("http://h/" + "x" * 2040, "k"), 9003),
        ((FILE, "k" * 33), 9003),
        ((FILE, "k", FIRST, -1), 9003),
    ],
)
def test_what_is_refused(arguments: tuple[object, ...], code: int) -> None:
    """At once: 9013 for a scheme that is not ours, 9003 for nonsense."""
    device = gateway()
    assert asked(device, reply("Upload", *arguments)).fault == code
    assert device.transfers == ()


@pytest.mark.rule("B1", "T5")
def test_a_reboot_breaks_an_upload_off() -> None:
    """It is told after the boot."""
    device = gateway()
    transfer = under_way(device, 10.0, reply("Upload", FILE))
    hold(device, 12.0, reply("Reboot", "r"))
    assert transfer.state != 2
    device.wake(80.0)
    assert [r.events[1] for r in device.requests] == [("M Upload", "up")]
    assert transfer.code == 9011
