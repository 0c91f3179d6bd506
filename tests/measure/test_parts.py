"""Parts of a run: phases, windows, trends and recoveries, with exact figures."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpesim.measure.latency import Interval, Latency
from cpesim.measure.meter import Meter
from cpesim.measure.part import Part
from cpesim.measure.recovery import Recovery
from cpesim.measure.result import GroupFacts, Result, RunFacts
from cpesim.measure.snapshot import Snapshot
from cpesim.measure.trend import Trend
from cpesim.measure.window import Window, span_of


def result(workers: int = 1) -> Result:
    """A Result of ten CPEs."""
    groups = (GroupFacts("homes", 10, "gw"),)
    return Result(RunFacts("x", "1f", "http://a/", 10, groups, workers=workers))


def second(n: int, *latencies: float, **gauges: float) -> Snapshot:
    """A worker's second *n* with these sessions done."""
    meter = Meter(float(n))
    for took in latencies:
        meter.session("pace", 0.0, took)
    return meter.snapshot(float(n + 1), gauges)


def test_a_phase_has_what_came_in_its_seconds() -> None:
    """By the second that a snapshot is of, however late it comes."""
    run = result()
    run.keep_by_phase((), ("busy",))
    run.feed("w0", second(0, 9.0))
    run.tick(1.0)
    run.begin_phase("quiet", 1.0)
    run.feed("w0", second(1, 0.1, 0.1, busy=3.0))
    run.tick(2.0)
    run.begin_phase("storm", 3.0)
    run.feed("w0", second(2, 0.1, busy=1.0))  # told when the storm had begun
    run.feed("w0", second(3, 5.0, busy=7.0))
    run.close(4.0)
    assert run.total("session", "quiet").count == 3
    assert run.total("session", "quiet").max == 0.1
    assert run.total("session", "storm").count == 1
    assert run.total("session", "storm").max == 5.0
    assert run.total("session").count == 5
    assert run.total("session", "never").count == 0
    quiet, storm = run.part("quiet"), run.part("storm")
    assert quiet is not None
    assert storm is not None
    assert quiet.count(["sessions.done"]) == 3
    assert (quiet.seconds, storm.seconds) == (2, 1)
    looked = quiet.gauges[("busy",)]
    assert (looked.last, looked.low, looked.high, looked.looks) == (1.0, 1.0, 3.0, 2)
    assert run.whole.gauges[("busy",)].high == 7.0
    assert [(s.name, s.begin, s.end) for s in run.phases.stretches] == [
        ("quiet", 1.0, 3.0),
        ("storm", 3.0, 4.0),
    ]


def test_a_phase_keeps_only_the_series_that_are_asked_for() -> None:
    """A histogram is 184 KiB: not each series of each phase."""
    run = result()
    run.keep_by_phase(("Inform",), ())
    run.begin_phase("all", 0.0)
    meter = Meter(0.0)
    meter.session("pace", 0.0, 0.1)
    for kind in ("Inform", "Reboot"):
        meter.exchange(kind, 0.1, 200, 1, 1)
    run.feed("w0", meter.snapshot(1.0, {}))
    part = run.part("all")
    assert part is not None
    assert sorted(part.latency) == ["Inform", "session", "session.service"]
    assert part.counters == run.counters


def test_counters_of_a_pattern_are_added() -> None:
    """A star is anything."""
    part = Part(counters={"status.200": 5, "status.503": 2, "status.500": 1, "x": 9})
    assert part.count(["status.5*"]) == 3
    assert part.count(["status.*", "x", "none"]) == 17


SECONDS = st.lists(st.lists(st.floats(1e-6, 100), max_size=4), min_size=1, max_size=30)


@settings(deadline=None)
@given(SECONDS, st.integers(1, 12))
def test_a_window_is_what_its_last_seconds_hold(
    seconds: list[list[float]], length: int
) -> None:
    """After each slide it is as if only its own seconds had been recorded."""
    seen: list[tuple[float, int, int, list[float]]] = []

    def heard(part: Part, end: float) -> None:
        found = part.histogram(["session"]) or Latency()
        seen.append(
            (
                end,
                part.count(["sessions.done"]),
                found.sum,
                found.percentiles([1.0, 50.0, 99.0, 100.0]),
            )
        )

    window = Window(length, series=["session"], counters=["sessions.done"], heard=heard)
    wanted = []
    for n, latencies in enumerate(seconds):
        snapshot = second(n, *latencies)
        row = Part(1.0)
        row.feed(
            snapshot.counters, {k: Interval(v) for k, v in snapshot.latency.items()}
        )
        window.feed(n, row, {})
        if n + 1 >= length:
            whole = Latency()
            for took in (t for s in seconds[n + 1 - length : n + 1] for t in s):
                whole.record(took)
            figures = whole.percentiles([1.0, 50.0, 99.0, 100.0])
            wanted.append((n + 1.0, whole.total_count, whole.sum, figures))
    assert seen == wanted
    assert window.full == (len(seconds) >= length)


def test_a_long_window_slides_by_coarser_rows() -> None:
    """So that it never holds more than some hundred pieces."""
    assert [span_of(s) for s in (30, 60, 600, 3600, 86400)] == [1, 10, 10, 60, 60]


def test_a_pause_without_rows_is_in_the_window_too() -> None:
    """Seconds that nobody told of push out what was before them."""
    seen: list[tuple[float, int]] = []
    window = Window(
        3, counters=["x"], heard=lambda part, end: seen.append((end, part.count(["x"])))
    )
    for n in (0, 1, 5):
        window.feed(n, Part(1.0, {"x": 1}), {})
    assert seen == [(3.0, 2), (4.0, 1), (5.0, 0), (6.0, 1)]


def test_the_slope_of_a_line_with_outliers() -> None:
    """A fifth of the points may be anything."""
    trend = Trend()
    for n in range(100):
        trend.add(n * 10.0, 1e9 if n % 5 == 2 else 3.0 + 0.25 * n * 10.0)
    assert trend.slope() == pytest.approx(0.25)


def test_a_trend_is_bounded() -> None:
    """A week of points keeps its slope and at most 240 of them."""
    trend = Trend()
    for n in range(60_480):
        trend.add(n * 10.0, 100.0 + 0.001 * n)
    assert len(trend.points) < 240
    assert trend.slope() == pytest.approx(0.0001)
    assert trend.middle() == pytest.approx(130, rel=0.02)


def test_too_few_points_have_no_slope() -> None:
    """Five of them tell nothing."""
    trend = Trend()
    for n in range(5):
        trend.add(n, n)
    assert trend.slope() is None
    trend.add(5, 5)
    assert trend.slope() == 1.0


def test_a_recovery_is_told_by_shares_of_the_set() -> None:
    """Hundredths go in, seconds come out; who is not back has no time."""
    times = Latency()
    for n in range(1, 81):
        times.record(n / 100)
    found = Recovery(100, 80, 600.0, times)
    assert found.t(0.5) == pytest.approx(50, rel=1e-3)
    assert found.t(0.8) == pytest.approx(80, rel=1e-3)
    assert found.t(0.81) is None
    assert (found.done, found.never) == (0.8, 20)
    assert Recovery(0, 0).t(0.5) is None


def test_a_recovery_begins_anew_when_power_comes_back_again() -> None:
    """What was before is forgotten, the size stays what the workers tell."""
    run = result()

    def back(at: int, *seconds: float) -> None:
        meter = Meter(float(at))
        for took in seconds:
            meter.record("recovery{set=dark}", took / 100)
        run.feed("w0", meter.snapshot(at + 1.0, {"set.size{set=dark}": 4.0}))

    run.begin_recovery("dark", 0.0)
    back(0, 1.0, 2.0, 3.0, 4.0)
    first = run.recovery("dark")
    assert (first.size, first.back, first.began) == (4, 4, 0.0)
    assert first.t(1.0) == pytest.approx(4, rel=1e-3)
    run.begin_recovery("dark", 10.0)
    assert run.recovery("dark").back == 0
    back(11, 7.0)
    again = run.recovery("dark")
    assert (again.back, again.began) == (1, 10.0)
    assert again.t(0.25) == pytest.approx(7, rel=1e-3)
    assert "recovery{set=dark}" not in run.series()
