"""The strip keeps a whole run in few columns, and loses no count and no peak."""

from __future__ import annotations

from math import inf

from cpesim.measure.history import SPANS, History, spans
from cpesim.measure.kept.strip import Strip
from cpesim.measure.latency import Interval, Latency, coarse_step, step_begins
from cpesim.measure.snapshot import Snapshot


def test_a_strip_stays_short() -> None:
    """A day of seconds fits; sums add up, and a short peak is still there."""
    strip = Strip(1, 720)
    for second in range(86_400):
        strip.add(second, {"failed.x": 1}, {"cpu": 1.0 if second == 7 else 0.2})
    assert strip.width == 128
    assert len(strip.columns) == 675 <= 720
    assert sum(column.sums["failed.x"] for column in strip.columns) == 86_400
    assert [c.peaks["cpu"] for c in strip.columns[:2]] == [1.0, 0.2]
    assert [c.begin for c in strip.columns[:3]] == [0, 128, 256]


def test_coarse_counts_are_all_counts() -> None:
    """Each sample in the step that holds it, to within the histogram's own slot."""
    latency = Latency()
    for n in range(1, 1_000):
        latency.record(n * 0.0007)
    coarse = latency.coarse()
    assert sum(coarse.values()) == 999
    for step in map(int, coarse):
        assert coarse_step(int(step_begins(step) * 1e6 + 1)) == step
    assert Latency().coarse() == {}


def test_an_interval_is_read_from_a_log() -> None:
    """The same counts as before; the sum and what was clamped come besides."""
    one = Latency()
    for took in (0.0003, 0.5, 7_200.0):
        one.record(took)
    text, top = one.encode().decode(), one.max_value / 1e6
    other = Latency()
    other.add_interval(Interval.from_log(text, top, one.sum, one.clamped))
    assert other.figures() == one.figures()


def test_detail_is_kept_as_asked() -> None:
    """Seconds of each span as rows; forever has an end, and the rest is as always."""
    assert spans({}) == list(SPANS)
    assert spans({1: 60, 60: inf}) == [(1, 60), SPANS[1], (60, 28 * 24 * 60)]


def test_a_run_s_strip_holds_what_is_drawn() -> None:
    """Failures by their label, and the generator's figures; nothing of one group."""
    history = History()
    counters = {
        "failed.http 503": 2,
        "late.generator": 1,
        "sessions.started": 9,
        "sessions.started{group=homes}": 5,
        "sessions.failed": 2,
    }
    gauges = {"cpu": 0.5, "lag_p99": 0.01, "busy": 3.0, "rss": 1e8}
    history.feed("w0", Snapshot(0.0, 1.0, counters, gauges), {})
    history.feed_parent(Snapshot(0.0, 1.0, {}, gauges))
    history.close(1.0)
    (column,) = history.strip.columns
    assert column.sums == {
        "failed.http 503": 2,
        "late.generator": 1,
        "sessions.started": 9,
    }
    assert column.peaks == {
        "cpu": 0.5,
        "lag_p99": 0.01,
        "busy": 3.0,
        "parent cpu": 0.5,
        "parent lag_p99": 0.01,
    }
