"""ScheduleDownload: time windows, their modes, and retries in them (CHECKLIST T6)."""

from __future__ import annotations

import pytest

from cpesim.device.device import DARK, Device
from cpesim.device.transfer import Transfer
from tests.device.transfers import (
    FILE,
    WEB,
    answered,
    asked,
    brought,
    gateway,
    hold,
    told,
)
from tests.play import Play, reply

ANY, NOW = "1 At Any Time", "2 Immediately"
IDLE, CONFIRM = "3 When Idle", "4 Confirmation Needed"


def scheduled(device: Device, *windows: tuple[object, ...], key: str = "sd") -> None:
    """The order, in a session at 1000 s: the windows count from there."""
    device.silence("periodic")
    hold(device, 1000.0, reply("ScheduleDownload", FILE, windows, key, WEB))


def started(device: Device, now: float) -> Transfer | None:
    """The transfer that starts at *now* or before, if any."""
    device.wake(now)
    found, device.errands = device.errands, ()
    assert len(found) <= 1
    return found[0] if found else None  # type: ignore[return-value]


def outcome(device: Device, now: float) -> str:
    """The code that the TransferComplete tells."""
    play = told(device, now) >> "TransferComplete"
    code = play.sent.findtext("FaultStruct/FaultCode")
    answered(device, play)
    assert code is not None
    return str(code)


@pytest.mark.rule("T6", "T1")
def test_it_is_answered_and_starts_with_its_window() -> None:
    """An empty response; not before the window, and in mode 2 at its start."""
    device = gateway()
    windows = [(50, 80, NOW, 0)]
    play = told(device, 1000.0) << reply("ScheduleDownload", FILE, windows)
    play = play >> "ScheduleDownloadResponse"
    assert len(play.sent) == 0
    device.end(play.session, 1001.0)
    assert started(device, 1049.9) is None
    assert started(device, 1050.0) is not None


@pytest.mark.rule("T6", "T4", "E5")
def test_its_end_is_told() -> None:
    """`7 TRANSFER COMPLETE` and `M ScheduleDownload` with its key."""
    device = gateway()
    scheduled(device, (50, 80, NOW, 0), key="later")
    transfer = started(device, 1050.0)
    assert transfer is not None
    brought(device, transfer, 0, 1060.0)

    play = Play(device.begin(1060.0), 1060.0)
    assert play.events() == [
        ("7 TRANSFER COMPLETE", ""),
        ("M ScheduleDownload", "later"),
    ]
    play = play << reply("InformResponse", version="1.2") >> "TransferComplete"
    assert play.sent.findtext("CommandKey") == "later"
    assert play.sent.findtext("StartTime") == "2026-01-01T00:17:30Z"
    assert play.sent.findtext("CompleteTime") == "2026-01-01T00:17:40Z"
    answered(device, play)
    assert device.transfers == ()
    device.wake(1100.0)
    assert device.requests == ()


@pytest.mark.rule("T6", "T4")
def test_an_image_in_a_window() -> None:
    """It boots, though the window ends meanwhile; then its end is told."""
    device = gateway()
    window = [(10, 20, NOW, 0)]
    hold(device, 1000.0, reply("ScheduleDownload", FILE, window, "image"))
    transfer = started(device, 1010.0)
    assert transfer is not None
    brought(device, transfer, 0, 1019.0)
    assert device.life == DARK
    device.wake(1080.0)
    play = Play(device.begin(1080.0), 1080.0)
    assert ("M ScheduleDownload", "image") in play.events()
    device.end(play.session, 1080.0)
    assert outcome(device, 1081.0) == "0"


@pytest.mark.rule("T6")
def test_at_any_time_is_somewhere_in_the_window() -> None:
    """Not all of a fleet at once, and all while there is time."""
    moments = set()
    for n in range(8):
        device = gateway(n=n)
        scheduled(device, (100, 300, ANY, 0))
        moment = next(a[0] for a in device.alarms if a[1] == "window try")
        assert 1100.0 <= moment <= 1200.0
        moments.add(moment)
        assert started(device, 1200.0) is not None
    assert len(moments) == 8


@pytest.mark.rule("T6")
def test_when_idle_waits_for_the_user_to_rest() -> None:
    """Within the profile's longest use; a device that is in use longer is late."""
    device = gateway(idle=50.0)
    scheduled(device, (100, 300, IDLE, 0))
    moment = next(a[0] for a in device.alarms if a[1] == "window try")
    assert 1100.0 < moment < 1150.0
    assert started(device, moment) is not None

    busy = gateway(idle=1e9)
    scheduled(busy, (100, 300, IDLE, 0))
    assert started(busy, 1299.0) is None
    assert started(busy, 1300.0) is None
    assert outcome(busy, 1301.0) == "9020"


@pytest.mark.rule("T6", "T5")
def test_a_user_who_is_asked() -> None:
    """Yes starts it after a while; no leaves it to the next window, else 9020."""
    device = gateway(confirm=1.0, answer=30.0)
    scheduled(device, (100, 300, CONFIRM, 0))
    assert started(device, 1129.0) is None
    assert started(device, 1130.0) is not None

    device = gateway(confirm=0.0, answer=30.0)
    scheduled(device, (100, 300, CONFIRM, 0), (400, 500, NOW, 0))
    assert started(device, 1130.0) is None
    assert started(device, 1399.0) is None
    assert started(device, 1400.0) is not None

    device = gateway(confirm=0.0, answer=30.0)
    scheduled(device, (100, 300, CONFIRM, 0))
    assert started(device, 1300.0) is None
    assert outcome(device, 1301.0) == "9020"


@pytest.mark.rule("T6")
@pytest.mark.parametrize(("retries", "tries"), [(0, 1), (1, 2), (3, 4)])
def test_retries_in_a_window(retries: int, tries: int) -> None:
    """As many as MaxRetries says, a while apart; then the last code is told."""
    device = gateway(retry=10.0)
    scheduled(device, (100, 10_000, NOW, retries))
    now, made = 1100.0, 0
    while (transfer := started(device, now)) is not None:
        made += 1
        brought(device, transfer, 9016, now + 1)
        assert started(device, now + 10.9) is None
        now += 11.0
    assert made == tries
    assert outcome(device, now) == "9016"
    assert device.transfers == ()


@pytest.mark.rule("T6")
def test_unlimited_retries() -> None:
    """-1: as many as the window has time for; then 9020. Nothing piles up meanwhile."""
    device = gateway(retry=10.0)
    scheduled(device, (100, 600, NOW, -1))
    now, made = 1100.0, 0
    while (transfer := started(device, now)) is not None:
        made += 1
        brought(device, transfer, 9015, now)
        assert len(device.alarms) <= 2
        now += 10.0
    assert made == 50
    assert now == 1600.0
    assert outcome(device, now) == "9020"


@pytest.mark.rule("T6")
def test_the_second_window() -> None:
    """What the first did not bring, the second tries by its own mode and retries."""
    device = gateway(retry=10.0)
    scheduled(device, (100, 200, NOW, 0), (300, 400, NOW, 1))
    transfer = started(device, 1100.0)
    assert transfer is not None
    brought(device, transfer, 9016, 1101.0)
    assert device.requests == ()
    assert started(device, 1299.0) is None

    transfer = started(device, 1300.0)
    assert transfer is not None
    brought(device, transfer, 9016, 1301.0)
    transfer = started(device, 1311.0)
    assert transfer is not None
    brought(device, transfer, 0, 1312.0)
    assert outcome(device, 1313.0) == "0"


@pytest.mark.rule("T6", "T5")
def test_a_window_that_ends_meanwhile() -> None:
    """The file is broken off; what the engine still brings is too late: 9020."""
    device = gateway()
    scheduled(device, (100, 200, NOW, 5), (300, 400, NOW, 5))
    first = started(device, 1100.0)
    assert first is not None
    device.wake(1200.0)
    assert first.state != 2
    brought(device, first, 0, 1201.0)
    assert device.requests == ()

    second = started(device, 1300.0)
    assert second is not None
    assert second is not first
    brought(device, first, 0, 1301.0)  # of the first window, later still
    assert device.requests == ()
    assert second.state == 2
    device.wake(1400.0)
    assert second.state != 2
    assert outcome(device, 1401.0) == "9020"


@pytest.mark.rule("T6", "T5", "V1")
def test_too_late_in_the_words_of_an_older_version() -> None:
    """An ACS that has spoken cwmp-1-1 since is told 9010."""
    device = gateway()
    scheduled(device, (100, 200, IDLE, 0))
    device.alarms = tuple(a for a in device.alarms if a[1] != "window try")
    device.wake(1200.0)
    play = told(device, 1201.0, "1.1") >> "TransferComplete"
    assert play.sent.findtext("FaultStruct/FaultCode") == "9010"
    assert play.sent.findtext("StartTime") == "0001-01-01T00:00:00Z"


@pytest.mark.rule("T6", "B1")
def test_a_reboot_in_a_window() -> None:
    """It costs a try; after the boot it is tried again."""
    device = gateway(retry=10.0)
    scheduled(device, (100, 2000, NOW, 1))
    first = started(device, 1100.0)
    assert first is not None
    hold(device, 1101.0, reply("Reboot", "r"))
    assert first.state != 2
    device.wake(1200.0)
    hold(device, 1200.0)
    brought(device, first, 0, 1201.0)
    assert device.requests == ()
    second = started(device, 1220.0)
    assert second is not None
    brought(device, second, 9016, 1221.0)
    assert outcome(device, 1222.0) == "9016"


@pytest.mark.rule("T6", "B2")
def test_a_factory_reset_forgets_it() -> None:
    """With its windows and their alarms."""
    device = gateway()
    scheduled(device, (100, 2000, NOW, 1))
    hold(device, 1050.0, reply("FactoryReset"))
    device.wake(1150.0)
    assert device.transfers == device.errands == ()


@pytest.mark.rule("T6", "T7")
def test_it_is_listed_and_canceled() -> None:
    """State 1 between two tries, 2 in one, and off after CancelTransfer."""
    device = gateway(retry=10.0)
    scheduled(device, (100, 2000, NOW, -1))
    transfer = started(device, 1100.0)
    assert transfer is not None
    assert [t.state for t in device.transfers] == [2]
    brought(device, transfer, 9016, 1101.0)
    assert [t.state for t in device.transfers] == [1]
    hold(device, 1102.0, reply("CancelTransfer", "sd"))
    assert device.transfers == ()
    assert started(device, 3001.0) is None
    assert device.requests == ()


@pytest.mark.rule("T6", "F")
@pytest.mark.parametrize(
    "windows",
    [
        [],
        [(0, 10, NOW, 0), (20, 30, NOW, 0), (40, 50, NOW, 0)],
        [(10, 10, NOW, 0)],
        [(20, 10, NOW, 0)],
        [(0, 100, NOW, 0), (99, 200, NOW, 0)],
        [(100, 200, NOW, 0), (0, 50, NOW, 0)],
        [(0, 100, "5 Whenever", 0)],
        [(0, 100, "2", 0)],
        [(0, 100, "X 00D09E At Night", 0)],
        [(-5, 100, NOW, 0)],
        [(0, "soon", NOW, 0)],
        [(0, 100, NOW, "many")],
        [(0, 100, NOW, "")],
    ],
)
def test_windows_that_make_no_sense(windows: list[tuple[object, ...]]) -> None:
    """Fault 9003, and nothing is queued."""
    device = gateway()
    play = asked(device, reply("ScheduleDownload", FILE, windows))
    assert play.fault == 9003
    assert device.transfers == ()
    assert [a for a in device.alarms if a[1].startswith("window")] == []


@pytest.mark.rule("T6")
def test_windows_may_touch() -> None:
    """The second may start when the first ends."""
    device = gateway()
    scheduled(device, (0, 100, NOW, 0), (100, 200, NOW, 0))
    assert len(device.transfers) == 1


@pytest.mark.rule("T5", "T6", "T2")
@pytest.mark.parametrize(
    ("url", "file_type", "code"),
    [
        ("ftp://127.0.0.1/x", WEB, 9013),
        ("nowhere", WEB, 9003),
        (FILE, "6 Stored Firmware Image", 9003),
        (FILE, "1 Vendor Configuration File", 9003),
    ],
)
def test_the_file_is_judged_as_a_download_s(
    url: str, file_type: str, code: int
) -> None:
    """The same types, the same schemes."""
    windows = [(0, 60, NOW, 0)]
    message = reply("ScheduleDownload", url, windows, "k", file_type)
    assert asked(gateway(), message).fault == code
