"""Files that no ACS ordered, and wishes for files (CHECKLIST T9, T12)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cpesim.device.device import Device
from cpesim.device.transfer import Autonomous, Transfer, Wish
from tests.device.transfers import (
    FILE,
    POLICY,
    WEB,
    answered,
    asked,
    brought,
    gateway,
    hold,
    told,
)
from tests.play import EMPTY, OVER, Play, reply

URL = "http://127.0.0.1:1/own/log"
LOG, CONFIGURATION = "4 Vendor Log File", "3 Vendor Configuration File"


def policy(device: Device, **values: str) -> None:
    """What the ACS sets in AutonomousTransferCompletePolicy."""
    kinds = {"Enable": "boolean"}
    pairs = [(POLICY + k, kinds.get(k, "string"), v) for k, v in values.items()]
    hold(device, 1.0, reply("SetParameterValues", pairs))


def moved(device: Device, code: int = 0) -> Transfer:
    """The device's own transfer, from its moment to its end at 105 s."""
    device.wake(100.0)
    (transfer,) = device.errands
    device.errands = ()
    transfer.moved = 4711  # type: ignore[attr-defined]
    brought(device, transfer, code, 105.0)  # type: ignore[arg-type]
    return transfer  # type: ignore[return-value]


def device_of(cwmp: str = "1.2", **own: object) -> Device:
    """One that moves a file of its own every 100 s."""
    way = {"every": 100.0, "url": URL, "announce": "http://h/a", "target": "x.log"}
    device = gateway(cwmp, autonomous=Autonomous(**way | own))  # type: ignore[arg-type]
    device.silence("periodic")
    return device


@pytest.mark.rule("T9", "E5", "T8")
@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_its_end_is_told(version: str) -> None:
    """`10 …` until AutonomousTransferCompleteResponse, over failures and a reboot."""
    device = device_of(version)
    policy(device, Enable="1")
    _ = moved(device)
    assert device.wanted == 105.0
    play = Play(device.begin(106.0), 106.0)
    assert play.events() == [("10 AUTONOMOUS TRANSFER COMPLETE", "")]
    play = play << reply("InformResponse", version=version)
    play = play >> "AutonomousTransferComplete" << reply("Fault", 8002, version=version)
    device.end((play << EMPTY >> OVER).session, 107.0)

    device.darken(108.0, 10.0)
    device.wake(118.0)
    play = Play(device.begin(118.0), 118.0)
    assert ("10 AUTONOMOUS TRANSFER COMPLETE", "") in play.events()
    play = play << reply("InformResponse", version=version)
    play = play >> "AutonomousTransferComplete"
    texts = {entry.tag: entry.text or "" for entry in play.sent}
    del texts["FaultStruct"]
    assert texts == {
        "AnnounceURL": "http://h/a",
        "TransferURL": URL,
        "IsDownload": "0",
        "FileType": LOG,
        "FileSize": "4711",
        "TargetFileName": "x.log",
        "StartTime": "2026-01-01T00:01:40Z",
        "CompleteTime": "2026-01-01T00:01:45Z",
    }
    assert play.sent.findtext("FaultStruct/FaultCode") == "0"
    assert play.sent.findtext("FaultStruct/FaultString") == ""
    answered(device, play, version)
    assert device.transfers == device.requests == ()


@pytest.mark.rule("T9")
def test_a_download_of_its_own() -> None:
    """With the fault that ended it."""
    device = device_of(download=True, type=CONFIGURATION)
    policy(device, Enable="1", FileTypeFilter=CONFIGURATION)
    _ = moved(device, 9016)
    play = told(device, 106.0) >> "AutonomousTransferComplete"
    assert play.sent.findtext("IsDownload") == "1"
    assert play.sent.findtext("FaultStruct/FaultCode") == "9016"
    assert play.sent.findtext("FaultStruct/FaultString")


@pytest.mark.rule("T9", "V1")
def test_cwmp_1_0_has_no_word_for_it() -> None:
    """A CPE of 1-0 starts none, and one that spoke down to 1-0 keeps it to itself."""
    device = device_of("1.0")
    device.wake(1000.0)
    assert device.errands == ()

    device = device_of("1.2")
    policy(device, Enable="1")
    _ = moved(device)
    play = Play(device.begin(106.0), 106.0) << reply("InformResponse", version="1.0")
    _ = play >> EMPTY << EMPTY >> OVER
    device.end(play.session, 107.0)
    answered(device, told(device, 108.0) >> "AutonomousTransferComplete")
    assert device.requests == ()


@pytest.mark.rule("T9")
def test_at_a_moment_of_its_own_again_and_again() -> None:
    """Each device at its own, and after a reboot still once a period."""
    first = {n: _moment(gateway(n=n, autonomous=Autonomous(100.0))) for n in range(5)}
    assert len(set(first.values())) == 5
    device = device_of()
    began = _moment(device)
    transfer = moved(device)
    assert transfer.state == 3
    assert _moment(device) == pytest.approx(began + 100.0)
    device.darken(150.0, 10.0)
    device.wake(160.0)
    assert [a[1] for a in device.alarms].count("autonomous") == 1


def _moment(device: Device) -> float:
    return next(a[0] for a in device.alarms if a[1] == "autonomous")


@pytest.mark.rule("T9")
def test_one_at_a_time() -> None:
    """A slow one is not joined by the next; nor is a full queue overrun."""
    device = device_of()
    device.wake(100.0)
    device.wake(350.0)
    assert len(device.transfers) == 1

    device = gateway(queue=3, autonomous=Autonomous(every=100.0, url=URL))
    for key in "abc":
        hold(device, 0.0, reply("Download", FILE, key, WEB, 900))
    device.wake(200.0)
    assert len(device.transfers) == 3


@pytest.mark.rule("T9")
def test_a_share_of_the_fleet() -> None:
    """The others move nothing by themselves."""
    own = Autonomous(every=100.0, url=URL, share=0.5)
    doing = [bool(_alarms(gateway(n=n, autonomous=own))) for n in range(40)]
    assert 8 < sum(doing) < 32


def _alarms(device: Device) -> list[str]:
    return [a[1] for a in device.alarms if a[1] == "autonomous"]


@pytest.mark.rule("T12")
@pytest.mark.parametrize(
    ("values", "code", "heard"),
    [
        ({}, 0, False),
        ({"Enable": "0"}, 0, False),
        ({"Enable": "1"}, 0, True),
        ({"Enable": "true"}, 9011, True),
        ({"Enable": "1", "TransferTypeFilter": "Upload"}, 0, True),
        ({"Enable": "1", "TransferTypeFilter": "Download"}, 0, False),
        ({"Enable": "1", "TransferTypeFilter": "Both"}, 0, True),
        ({"Enable": "1", "ResultTypeFilter": "Success"}, 0, True),
        ({"Enable": "1", "ResultTypeFilter": "Success"}, 9011, False),
        ({"Enable": "1", "ResultTypeFilter": "Failure"}, 0, False),
        ({"Enable": "1", "ResultTypeFilter": "Failure"}, 9011, True),
        ({"Enable": "1", "ResultTypeFilter": "Both"}, 9011, True),
        ({"Enable": "1", "FileTypeFilter": ""}, 0, False),
        ({"Enable": "1", "FileTypeFilter": CONFIGURATION}, 0, False),
        ({"Enable": "1", "FileTypeFilter": f"{CONFIGURATION}, {LOG}"}, 0, True),
    ],
)
def test_the_policy(values: dict[str, str], code: int, heard: bool) -> None:
    """What the ACS does not want to hear of is not told, and leaves nothing behind."""
    device = device_of()
    if values:
        policy(device, **values)
    _ = moved(device, code)
    assert [r.method for r in device.requests] == ["AutonomousTransferComplete"] * heard
    assert len(device.transfers) == heard


@pytest.mark.rule("T12")
def test_the_policy_of_downloads() -> None:
    """TransferTypeFilter in the other direction."""
    for wanted, heard in (("Upload", False), ("Download", True), ("Both", True)):
        device = device_of(download=True, type=CONFIGURATION)
        policy(device, Enable="1", TransferTypeFilter=wanted)
        _ = moved(device, 9016)
        assert bool(device.requests) == heard


@pytest.mark.rule("T9", "T12")
def test_a_device_without_a_policy_tells_all() -> None:
    """There is nothing that could keep it from it."""
    device = device_of()
    bare = {p: w for p, w in device.profile.objects.items() if p != POLICY}
    device.model.profile = replace(device.profile, objects=bare)
    _ = moved(device)
    assert len(device.requests) == 1


@pytest.mark.rule("T9", "E5")
@pytest.mark.parametrize("cwmp", ["1.0", "1.1", "1.2"])
def test_a_wish_for_a_file(cwmp: str) -> None:
    """`9 REQUEST DOWNLOAD`, and what is wished for, once a period."""
    wish = Wish(every=100.0, type=WEB, arguments=(("Version", "<7>"),))
    device = gateway(cwmp, request=wish)
    device.silence("periodic")
    device.wake(100.0)
    play = Play(device.begin(100.0), 100.0)
    assert play.events() == [("9 REQUEST DOWNLOAD", "")]
    play = play << reply("InformResponse", version=cwmp) >> "RequestDownload"
    assert play.sent.findtext("FileType") == WEB
    (argument,) = play.sent.find("FileTypeArg")
    assert [x.text for x in argument] == ["Version", "<7>"]
    answered(device, play, cwmp)
    assert device.requests == ()
    device.wake(200.0)
    assert [r.method for r in device.requests] == ["RequestDownload"]


@pytest.mark.rule("E7", "E5", "T9")
@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("how", ["refused", "no InformResponse", "broken off"])
def test_a_wish_that_is_not_heard(keep: bool, how: str) -> None:
    """Kept until it is answered where the profile says so, else gone at once."""
    device = gateway(request=Wish(every=1000.0, keep=keep))
    device.silence("periodic")
    device.wake(1000.0)
    play = Play(device.begin(1000.0), 1000.0)
    if how != "no InformResponse":
        play = play << reply("InformResponse", version="1.2") >> "RequestDownload"
    if how == "refused":
        play = play << reply("Fault", 8001) << EMPTY >> OVER
    device.end(play.session, 1001.0)
    assert len(device.requests) == keep
    if not keep:
        assert device.wanted == float("inf")
        return
    device.darken(1002.0, 10.0)
    device.wake(1012.0)
    play = Play(device.begin(1012.0), 1012.0)
    assert ("9 REQUEST DOWNLOAD", "") in play.events()


@pytest.mark.rule("E7", "T9")
def test_a_wish_is_lost_with_the_power() -> None:
    """Where the profile does not keep it, it does not outlive a reboot either."""
    for keep in (False, True):
        device = gateway(request=Wish(every=1000.0, keep=keep))
        device.wake(1000.0)
        device.darken(1000.0, 10.0)
        assert len(device.requests) == keep


@pytest.mark.rule("S9", "T9")
def test_a_wish_that_is_to_be_asked_again() -> None:
    """8005: the same envelope at once."""
    device = gateway(request=Wish(every=1000.0))
    device.wake(1000.0)
    play = told(device, 1000.0) >> "RequestDownload"
    first = play.body
    play = play << reply("Fault", 8005) >> "RequestDownload"
    assert play.body == first


@pytest.mark.rule("T9")
def test_without_a_profile_that_asks_for_it_nothing_of_this_happens() -> None:
    """No alarm, no request."""
    device = gateway()
    names = {a[1] for a in device.alarms}
    assert not names & {"autonomous", "request download"}
    assert asked(device, reply("GetRPCMethods")).method == "GetRPCMethodsResponse"
