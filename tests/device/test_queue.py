"""How an ACS looks after its transfers: lists, CancelTransfer (CHECKLIST T7, T10)."""

from __future__ import annotations

import pytest

from cpesim.cwmp.names import NAMESPACES
from cpesim.device.behaviour.files.ending import told_as
from cpesim.device.device import Device
from cpesim.device.transfer import Autonomous, Transfer
from tests.device.transfers import (
    FILE,
    WEB,
    answered,
    asked,
    brought,
    gateway,
    hold,
    told,
    under_way,
)
from tests.play import Play, reply

UPLOAD = "2 Vendor Log File"


def listed(play: Play) -> list[tuple[str, ...]]:
    """The entries of a TransferList, each as its texts."""
    assert play.sent[0].tag == "TransferList"
    return [tuple(x.text or "" for x in entry) for entry in play.sent[0]]


def states(device: Device, now: float) -> dict[str, str]:
    play = asked(device, reply("GetQueuedTransfers"), now)
    _ = play >> "GetQueuedTransfersResponse"
    return dict(listed(play))  # type: ignore[arg-type]


@pytest.mark.rule("T7")
def test_the_three_states() -> None:
    """Not started, in progress, done but its TransferComplete not answered."""
    device = gateway()
    done = under_way(device, 10.0, reply("Download", FILE, "done", WEB))
    _ = under_way(device, 11.0, reply("Upload", FILE, "moves", UPLOAD))
    hold(device, 12.0, reply("Download", FILE, "waits", WEB, 900))
    device.returned(done, 0, 13.0)
    play = Play(device.begin(13.0), 13.0) << reply("InformResponse", version="1.2")
    device.end(play.session, 13.0)
    device.wake(13.0)
    play = told(device, 14.0) << reply("Fault", 8002) << reply("GetQueuedTransfers")

    assert listed(play) == [("done", "3"), ("moves", "2"), ("waits", "1")]
    device.end(play.session, 14.0)
    answered(device, told(device, 15.0))
    assert states(device, 16.0) == {"moves": "2", "waits": "1"}


@pytest.mark.rule("T7")
@pytest.mark.parametrize("cwmp", ["1.0", "1.1", "1.2"])
def test_no_transfer_is_an_empty_list(cwmp: str) -> None:
    """With its arrayType, as the schema wants it."""
    play = asked(gateway(cwmp), reply("GetQueuedTransfers"))
    assert listed(play >> "GetQueuedTransfersResponse") == []


@pytest.mark.rule("T7", "T9")
def test_all_transfers_with_what_they_are() -> None:
    """Those that the ACS did not ask for too, and only in this list."""
    own = Autonomous(every=100.0, url="http://127.0.0.1:1/own", target="own.log")
    device = gateway(autonomous=own)
    hold(device, 1.0, reply("Download", FILE, "d", WEB, 900, 77, "page.html"))
    hold(device, 1.0, reply("Upload", FILE, "u", "3 Vendor Configuration File 1", 900))
    hold(device, 1.0, reply("Upload", FILE, "v", UPLOAD, 900))
    device.wake(101.0)
    play = asked(device, reply("GetAllQueuedTransfers"), 102.0)

    assert listed(play >> "GetAllQueuedTransfersResponse") == [
        ("d", "1", "1", WEB, "77", "page.html"),
        ("u", "1", "0", "6 Vendor Configuration File 1", "0", ""),
        ("v", "1", "0", "4 Vendor Log File", "0", ""),
        ("", "2", "0", "4 Vendor Log File", "0", "own.log"),
    ]
    assert set(states(device, 103.0)) == {"d", "u", "v"}


@pytest.mark.rule("T7", "V1")
@pytest.mark.parametrize(
    ("file_type", "upload", "old"),
    [
        (WEB, False, WEB),
        ("4 Tone File", False, "X 000000 Tone File"),
        ("X 00D09E Map", False, "X 00D09E Map"),
        ("1 Vendor Configuration File", True, "3 Vendor Configuration File"),
        ("3 Vendor Configuration File 2", True, "3 Vendor Configuration File"),
        ("4 Vendor Log File 2", True, "4 Vendor Log File"),
    ],
)
def test_types_in_the_words_of_an_older_version(
    file_type: str, upload: bool, old: str
) -> None:
    """What cwmp-1-1's schema has no word for is told as near as it can be."""
    transfer = Transfer("k", file_type, FILE, upload=upload)
    assert told_as(transfer, NAMESPACES["1.1"]).file_type == old


@pytest.mark.rule("T7", "T10")
def test_sixteen_are_told_at_the_most() -> None:
    """Also where more may wait."""
    device = gateway(queue=20)
    for number in range(20):
        hold(device, 1.0, reply("Download", FILE, f"k{number}", WEB, 900))
    for method in ("GetQueuedTransfers", "GetAllQueuedTransfers"):
        assert len(listed(asked(device, reply(method), 2.0))) == 16


@pytest.mark.rule("T10", "F")
def test_a_full_queue() -> None:
    """9004 for every kind of order, until there is room again."""
    device = gateway(queue=3)
    for number in range(3):
        hold(device, 1.0, reply("Upload", FILE, f"k{number}", UPLOAD, 900))
    window = [(0, 60, "2 Immediately", 0)]
    for message in (
        reply("Download", FILE, "k"),
        reply("Upload", FILE, "k"),
        reply("ScheduleDownload", FILE, window),
    ):
        assert asked(device, message, 2.0).fault == 9004
    assert len(device.transfers) == 3
    hold(device, 3.0, reply("CancelTransfer", "k0"))
    assert asked(device, reply("Upload", FILE, "k"), 4.0).fault == 0


@pytest.mark.rule("T7")
def test_all_transfers_with_the_key_are_canceled() -> None:
    """And no others; nothing of them starts or is told any more."""
    device = gateway()
    hold(device, 1.0, reply("Download", FILE, "off", WEB, 50))
    hold(device, 1.0, reply("Upload", FILE, "off", UPLOAD, 60))
    hold(device, 1.0, reply("Download", FILE, "on", WEB, 70))
    play = told(device, 3.0) << reply("CancelTransfer", "off")
    _ = play >> "CancelTransferResponse"
    device.end(play.session, 3.0)

    assert [t.key for t in device.transfers] == ["on"]
    assert len([a for a in device.alarms if a[1] == "transfer"]) == 1
    device.wake(100.0)
    assert [e.key for e in device.errands] == ["on"]  # type: ignore[attr-defined]
    assert device.requests == ()


@pytest.mark.rule("T7")
def test_a_key_that_no_transfer_has() -> None:
    """Nothing to cancel is a success."""
    device = gateway()
    play = told(device, 1.0) << reply("CancelTransfer", "nothing")
    _ = play >> "CancelTransferResponse"


@pytest.mark.rule("T7", "F")
def test_one_that_cannot_be_canceled() -> None:
    """9021 for one under way, and then none of that key is canceled."""
    device = gateway()
    _ = under_way(device, 1.0, reply("Download", FILE, "k", WEB))
    hold(device, 2.0, reply("Download", FILE, "k", WEB, 900))
    play = asked(device, reply("CancelTransfer", "k"), 3.0)
    assert play.fault == 9021
    assert play.sent.findtext("faultcode") == "soap-env:Client"
    assert len(device.transfers) == 2


@pytest.mark.rule("T7")
def test_one_under_way_where_the_profile_lets_it() -> None:
    """The engine lets go of it; what it still brings is not told."""
    device = gateway(cancel=True)
    transfer = under_way(device, 1.0, reply("Download", FILE, "k", WEB))
    hold(device, 2.0, reply("CancelTransfer", "k"))
    assert device.transfers == ()
    assert transfer.state != 2
    brought(device, transfer, 9017, 3.0)
    assert device.requests == ()


@pytest.mark.rule("T7")
def test_one_that_is_done_is_told_and_not_canceled() -> None:
    """9021 until its TransferComplete was answered, whatever the profile says."""
    device = gateway(cancel=True)
    transfer = under_way(device, 1.0, reply("Download", FILE, "k", WEB))
    brought(device, transfer, 0, 2.0)
    play = told(device, 3.0) << reply("Fault", 8002) << reply("CancelTransfer", "k")
    assert play.fault == 9021
    device.end(play.session, 3.0)
    answered(device, told(device, 4.0))
    assert asked(device, reply("CancelTransfer", "k"), 5.0).fault == 0


@pytest.mark.rule("V1", "S11")
@pytest.mark.parametrize(
    ("method", "arguments", "faults"),
    [
        ("GetQueuedTransfers", (), (0, 0, 0)),
        ("Upload", (FILE,), (0, 0, 0)),
        ("GetAllQueuedTransfers", (), (9000, 0, 0)),
        ("CancelTransfer", ("k",), (9000, 9000, 0)),
        (
            "ScheduleDownload",
            (FILE, [(0, 60, "2 Immediately", 0)]),
            (9000, 9000, 0),
        ),
        ("GetOptions", ("x",), (9000, 9000, 9000)),
        ("SetVouchers", ("",), (9000, 9000, 9000)),
    ],
)
def test_what_a_version_lacks(
    method: str, arguments: tuple[object, ...], faults: tuple[int, ...]
) -> None:
    """9000, and GetRPCMethods does not name it."""
    for cwmp, fault in zip(("1.0", "1.1", "1.2"), faults, strict=True):
        device = gateway(cwmp)
        assert asked(device, reply(method, *arguments)).fault == fault
        play = asked(device, reply("GetRPCMethods"), 2.0)
        methods = [entry.text for entry in play.sent.iter("string")]
        assert (method in methods) == (fault == 0)
