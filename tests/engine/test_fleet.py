"""Who starts when, who waits, and what is counted (issue's section 4)."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from cpesim.device.device import DARK
from cpesim.device.transfer import Transfer
from cpesim.errors import HttpStatus, NoSockets
from tests.engine.stage import staged

Clock = trio.testing.MockClock


async def test_boots_follow_the_ramp_and_then_the_timers(mock_clock: Clock) -> None:
    """Each boots at its moment; from then on every 300 s, in its own phase."""
    async with staged(5, ramp=lambda n: n * 2.0) as stage:
        await trio.sleep(10)
        boots = [
            (round(at, 2), n) for at, n, body in stage.informs if b"1 BOOT" in body
        ]
        assert boots == [(0.0, 0), (2.0, 1), (4.0, 2), (6.0, 3), (8.0, 4)]

        await trio.sleep(900)
        for device in range(5):
            at = [a for a, n, body in stage.informs if n == device and b"2 PER" in body]
            assert len(at) == 3
            assert at[1] - at[0] == pytest.approx(300, abs=0.01)
            assert at[2] - at[1] == pytest.approx(300, abs=0.01)
        counters = stage.counters()
        assert counters["sessions.done"] == counters["sessions.wanted"] == 20


async def test_an_idle_device_is_no_task(mock_clock: Clock) -> None:
    """A thousand sleeping devices are a thousand entries in a heap."""
    async with staged(1000, ramp=lambda n: n / 100, in_flight=50) as stage:
        await trio.sleep(12)
        assert stage.counters()["sessions.done"] >= 1000
        tasks = trio.lowlevel.current_statistics().tasks_living
        assert tasks < 70
        assert len(stage.fleet.agenda) == 1000


async def test_owed_sessions_wait_and_are_late(mock_clock: Clock) -> None:
    """Ten boots at once through two places: none dropped, the lateness in_flight's."""
    async with staged(10, in_flight=2) as stage:
        await trio.sleep(0.15)
        assert stage.fleet.places.busy == 2
        assert stage.fleet.standing.gauges()["fleet.waiting"] == 8
        await trio.sleep(5)
        counters = stage.counters()
        assert counters["sessions.done"] == 10
        assert counters["late.in_flight"] == counters["sessions.late"] == 8
        assert "sessions.dropped" not in counters
        assert "late.generator" not in counters


async def test_arrivals_of_a_rate(mock_clock: Clock) -> None:
    """Arrival k is CPE k mod N: a boot the first time, then `2 PERIODIC`; no timers."""
    async with staged(4, rate=2.0) as stage:
        await trio.sleep(5.9)
        seen = [(round(at, 1), n, b"1 BOOT" in body) for at, n, body in stage.informs]
        assert seen == [(k / 2, k % 4, k < 4) for k in range(12)]
        assert stage.counters()["sessions.wanted"] == 12


async def test_arrivals_without_a_place_are_dropped(mock_clock: Clock) -> None:
    """After a second; what was started waited less, and nothing is lost from sight."""
    async with staged(100, rate=50.0, in_flight=5) as stage:
        stage.delay = 0.25  # 0.5 s a session: ten a second get through
        await trio.sleep(20)
        stage.fleet.stop()
        counters = stage.counters()
        assert counters["sessions.started"] == pytest.approx(200, abs=6)
        assert counters["sessions.not_started"] == pytest.approx(50, abs=3)
        assert counters["sessions.wanted"] == (
            counters["sessions.started"]
            + counters["sessions.dropped"]
            + counters["sessions.not_started"]
        )
        assert counters["late.in_flight"] == counters["sessions.late"]


async def test_a_boot_that_was_dropped_is_the_next_arrival(mock_clock: Clock) -> None:
    """A CPE's first session is its boot, whichever arrival it was."""
    async with staged(3, rate=11.0, in_flight=1) as stage:
        stage.delay = 0.6
        await trio.sleep(30)
        first: dict[int, bytes] = {}
        for _, n, body in stage.informs:
            first.setdefault(n, body)
        assert len(first) == 3
        assert all(b"1 BOOT" in body for body in first.values())


async def test_one_session_at_a_time(mock_clock: Clock) -> None:
    """What comes up in a session opens the next one as soon as it ends (S10)."""
    async with staged(1) as stage:
        fleet, device = stage.fleet, stage.fleet.devices[0]
        await trio.sleep(0.05)
        for _ in range(3):
            assert fleet.knock(device, fleet.clock())
        await trio.sleep(1)
        assert [b"6 CONN" in body for _, _, body in stage.informs] == [False, True]
        assert stage.informs[1][0] == pytest.approx(0.2)
        counters = stage.counters()
        assert counters["sessions.done"] == 2
        assert "sessions.late" not in counters


async def test_a_failed_session_is_retried(mock_clock: Clock) -> None:
    """Counted by its label, tried again after the table's wait."""
    async with staged(1) as stage:
        stage.failure = HttpStatus(503, retry_after=60.0)
        await trio.sleep(1)
        assert stage.fleet.standing.gauges()["fleet.retry"] == 1
        stage.failure = None
        await trio.sleep(100)
        counters = stage.counters()
        assert counters["failed.http 503"] == counters["sessions.failed"] == 1
        assert counters["sessions.retried"] == 1
        assert stage.informs[1][0] == pytest.approx(60.1, abs=0.01)
        assert stage.closed == len(stage.informs)


async def test_no_sockets_of_ours(mock_clock: Clock) -> None:
    """The start waits, is counted as refused, and no attempt is held against it."""
    async with staged(1) as stage:
        stage.failure = NoSockets("EMFILE")
        await trio.sleep(1)
        assert stage.fleet.standing.gauges()["fleet.waiting"] == 1
        stage.failure = None
        await trio.sleep(1)
        counters = stage.counters()
        assert counters["starts.refused"] == 2
        assert counters["late.sockets"] >= 1
        assert counters["sessions.done"] == 1
        assert "sessions.failed" not in counters
        assert b"<RetryCount>0<" in stage.informs[-1][2]


async def test_a_bug_of_ours_is_one_failed_session(mock_clock: Clock) -> None:
    """The run goes on, and the traceback is kept."""
    async with staged(1) as stage:
        stage.failure = ZeroDivisionError("ours")
        await trio.sleep(1)
        assert stage.counters()["failed.bug"] == 1
        assert "ZeroDivisionError: ours" in stage.bugs[0]


async def test_stop_counts_what_waits(mock_clock: Clock) -> None:
    """Nothing new starts; what is in flight goes on to its end."""
    async with staged(10, in_flight=2) as stage:
        await trio.sleep(0.05)
        stage.fleet.stop()
        await stage.fleet.places.quiet()
        counters = stage.counters()
        assert counters["sessions.not_started"] == 8
        assert counters["sessions.done"] == 2


async def test_cancel_breaks_off(mock_clock: Clock) -> None:
    """Sessions in flight end as interrupted, not as failed."""
    async with staged(3) as stage:
        stage.delay = 60
        await trio.sleep(1)
        stage.fleet.stop()
        stage.fleet.talks.cancel()
        await stage.fleet.places.quiet()
        counters = stage.counters()
        assert counters["sessions.interrupted"] == 3
        assert "sessions.failed" not in counters


async def test_overdue_sessions_are_found(mock_clock: Clock) -> None:
    """By the age of the session, not of its exchange."""
    async with staged(2, ramp=lambda n: n * 10.0) as stage:
        stage.delay = 60
        await trio.sleep(15)
        found = list(stage.fleet.talks.overdue(stage.fleet.clock(), 8.0))
        assert len(found) == 1
        found[0].cancel("session timeout")
        await trio.sleep(1)
        assert stage.counters()["failed.session timeout"] == 1


async def test_a_device_in_the_dark(mock_clock: Clock) -> None:
    """No session until it is back; it counts as off meanwhile."""
    async with staged(1, reboot=45.0) as stage:
        await trio.sleep(1)
        fleet, device = stage.fleet, stage.fleet.devices[0]
        device.alarm(fleet.clock(), "reboot", "k")
        fleet.schedule(device)
        await trio.sleep(1)
        assert device.life == DARK
        assert fleet.standing.gauges()["fleet.off"] == 1
        await trio.sleep(45)
        assert b"M Reboot" in stage.informs[-1][2]
        assert fleet.standing.gauges()["fleet.ok"] == 1


async def test_a_transfer_that_ends_in_a_session(mock_clock: Clock) -> None:
    """What follows from it waits for the session's end."""
    async with staged(1) as stage:
        fleet, device = stage.fleet, stage.fleet.devices[0]
        transfer = Transfer("k", "2 Web Content", "http://127.0.0.1/x")
        device.transfers = (transfer,)
        transfer.state = 2
        await trio.sleep(0.05)
        fleet.returned(device, transfer, 9016)
        assert transfer.state == 2
        await trio.sleep(0.2)
        assert b"7 TRANSFER COMPLETE" in stage.informs[-1][2]


async def test_lateness_counts_from_when_it_was_due(mock_clock: Clock) -> None:
    """A loop that slept through a moment started late, and by its own doing."""
    async with staged(1, ramp=lambda n: 1.0) as stage:
        await trio.sleep(0.5)
        mock_clock.jump(2.0)
        await trio.sleep(1.0)
        counters = stage.counters()
        assert counters["sessions.late"] == counters["late.generator"] == 1


async def test_a_city_that_is_due_at_once(mock_clock: Clock) -> None:
    """Starts come in small lots between which the loop turns; all of them come."""
    async with staged(500, in_flight=400) as stage:
        stage.fleet.release(0.0)
        assert 0 < stage.fleet.places.busy <= 64
        await trio.sleep(1)
        assert stage.counters()["sessions.done"] == 500


async def test_a_high_rate_is_not_held_back_by_its_lots(mock_clock: Clock) -> None:
    """Ten thousand a second start while there are places."""
    async with staged(5000, rate=10_000.0, in_flight=4000) as stage:
        stage.delay = 0.05
        await trio.sleep(1)
        counters = stage.counters()
        assert counters["sessions.started"] > 9_900
        assert "sessions.late" not in counters


async def test_a_device_that_waits_for_a_place_stays_up(mock_clock: Clock) -> None:
    """A firmware image that arrives meanwhile takes it down after its session."""
    async with staged(2, in_flight=1) as stage:
        fleet, device = stage.fleet, stage.fleet.devices[1]
        await trio.sleep(0.05)
        transfer = Transfer("k", "1 Firmware Upgrade Image", "http://127.0.0.1/x")
        transfer.state = 2
        device.transfers = (transfer,)
        fleet.returned(device, transfer, 0)
        assert device.life != DARK
        await trio.sleep(1)
        assert [n for _, n, _ in stage.informs] == [0, 1]
        assert device.life == DARK


async def test_a_refused_start_is_not_forgotten_at_the_end(mock_clock: Clock) -> None:
    """One that waits for a socket when the run stops was not started."""
    async with staged(3) as stage:
        stage.failure = NoSockets("EMFILE")
        await trio.sleep(0.3)
        stage.fleet.stop()
        await stage.fleet.places.quiet()
        assert stage.counters()["sessions.not_started"] == 3


async def test_arrivals_go_on_after_all_places_were_taken(mock_clock: Clock) -> None:
    """Though none was waiting at the moment when the last place went."""
    async with staged(100, rate=10.0, in_flight=1) as stage:
        stage.delay = 0.045  # 90 ms a session: the place is free again just in time
        await trio.sleep(20)
        stage.delay = 2.0
        await trio.sleep(5)
        stage.delay = 0.045
        await trio.sleep(20)
        late = [at for at, _, _ in stage.informs if at > 35]
        assert len(late) == pytest.approx(100, abs=5)
