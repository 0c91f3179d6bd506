"""The meter counts what it is told, and a snapshot takes it away."""

from __future__ import annotations

import time

import pytest

from cpesim.measure.latency import Latency
from cpesim.measure.meter import Meter
from cpesim.measure.snapshot import Snapshot


def figures_of(snapshot: Snapshot, series: str) -> tuple[int, float]:
    """Count and maximum of a snapshot's series."""
    latency = Latency()
    latency.add_bytes(snapshot.latency[series])
    figures = latency.figures()
    return figures.count, figures.max


def test_no_counter_ever_falls() -> None:
    """What is taken back is taken from what the counter rises by, now or later."""
    meter = Meter()
    meter.count("a", 3)
    meter.count("a", -1)
    meter.count("b", -2)
    assert meter.snapshot(1.0, {}).counters == {"a": 2}
    meter.count("b")
    assert meter.snapshot(2.0, {}).counters == {}
    meter.count("b", 5)
    assert meter.snapshot(3.0, {}).counters == {"b": 4}


def test_everything_told_is_in_the_snapshot() -> None:
    """Each call of the meter leaves its counters and its latencies."""
    meter = Meter()
    meter.exchange("Inform", 0.2, 200, 1000, 400)
    meter.exchange("Inform", 0.3, 503, 1000, 100)
    meter.exchange("empty POST", 0.1, 204, 150, 80)
    meter.connect(0.001)
    meter.tls(0.002)
    meter.record("knock", 0.5)
    meter.count("sessions.wanted", 2)
    meter.count("sessions.wanted")
    meter.start("pace", 0.05)
    meter.session("pace", 0.05, 0.6)
    meter.failure("http 503", "Inform")
    meter.failure("bug")

    snapshot = meter.snapshot(1.0, {"busy": 3.0})

    assert snapshot.counters == {
        "sessions.wanted": 3,
        "sessions.started": 1,
        "started.pace": 1,
        "sessions.done": 1,
        "done.pace": 1,
        "sessions.failed": 2,
        "failed.http 503": 1,
        "failed_on.http 503@Inform": 1,
        "failed.bug": 1,
        "status.200": 1,
        "status.503": 1,
        "status.204": 1,
        "bytes.sent": 2150,
        "bytes.received": 580,
    }
    assert figures_of(snapshot, "Inform") == (2, 0.3)
    assert figures_of(snapshot, "session") == (1, 0.65)
    assert figures_of(snapshot, "session.service") == (1, 0.6)
    assert set(snapshot.latency) == {
        "Inform",
        "empty POST",
        "connect",
        "tls",
        "knock",
        "session",
        "session.service",
    }
    assert (snapshot.since, snapshot.at) == (0.0, 1.0)
    assert snapshot.gauges == {"busy": 3.0}


def test_a_snapshot_takes_it_all() -> None:
    """The next one holds only what came since."""
    meter = Meter(since=10.0)
    meter.exchange("Inform", 0.2, 200, 1000, 400)
    meter.snapshot(11.0, {})
    empty = meter.snapshot(12.0, {})
    assert empty == Snapshot(11.0, 12.0)
    meter.exchange("Inform", 0.1, 200, 1, 0)
    assert figures_of(meter.snapshot(13.0, {}), "Inform") == (1, 0.1)


@pytest.mark.parametrize(
    ("late", "why", "counted"),
    [
        (0.1, "in_flight", None),
        (0.2, "in_flight", "late.in_flight"),
        (0.2, "sockets", "late.sockets"),
        (0.2, "generator", "late.generator"),
        (0.2, "", "late.generator"),
    ],
)
def test_who_made_a_start_late_is_counted(
    late: float, why: str, counted: str | None
) -> None:
    """Over 100 ms, by its reason; for want of one it was us."""
    meter = Meter()
    meter.start("alarm", late, why)
    counters = meter.snapshot(1.0, {}).counters
    assert counters.get("sessions.late", 0) == (1 if counted else 0)
    assert [name for name in counters if name.startswith("late.")] == (
        [counted] if counted else []
    )


def test_bytes_counted_by_name_are_added() -> None:
    """A transfer may count its bytes beside the exchanges."""
    meter = Meter()
    meter.count("bytes.received", 5)
    meter.count("bytes.sent", 7)
    meter.exchange("Inform", 0.1, 200, 1, 2)
    counters = meter.snapshot(1.0, {}).counters
    assert (counters["bytes.received"], counters["bytes.sent"]) == (7, 8)


@pytest.mark.bench
def test_the_hot_path_is_cheap() -> None:
    """An exchange costs under 0.6 µs, a snapshot of 20 busy series under 3 ms."""
    meter = Meter()
    times = [0.001 * n for n in range(1, 2001)]
    best = float("inf")
    for _ in range(20):
        begin = time.perf_counter()
        for took in times:
            meter.exchange("Inform", took, 200, 1000, 400)
        best = min(best, (time.perf_counter() - begin) / len(times))
    cost = float("inf")
    for _ in range(20):
        for n in range(20):
            for took in times[::20]:
                meter.record(f"series {n}", took)
        begin = time.perf_counter()
        meter.snapshot(1.0, {}).to_bytes()
        cost = min(cost, time.perf_counter() - begin)
    print(f"exchange {best * 1e6:.2f} µs (0.6), snapshot {cost * 1e3:.2f} ms (3)")
    assert best < 0.6e-6
    assert cost < 3e-3
