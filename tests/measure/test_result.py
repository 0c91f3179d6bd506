"""A Result is exact whoever reports when, and bounded however long the run."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpesim.measure import history
from cpesim.measure.health import Grade
from cpesim.measure.history import History
from cpesim.measure.latency import NOTHING, Interval, Latency
from cpesim.measure.meter import Meter
from cpesim.measure.result import Exit, GroupFacts, Result, RunFacts, State
from cpesim.measure.snapshot import Snapshot


def facts(workers: int = 1) -> RunFacts:
    """A small plan."""
    groups = (GroupFacts("homes", 8, "gw"), GroupFacts("shops", 2, "gw"))
    return RunFacts(
        "storm", "7f3a", "http://u:p@acs:7547/x", 10, groups, workers=workers
    )


def second(n: int, *latencies: float, **gauges: float) -> Snapshot:
    """A worker's second *n* with these sessions done."""
    meter = Meter(float(n))
    for took in latencies:
        meter.session("pace", 0.0, took)
    return meter.snapshot(float(n + 1), gauges)


SAMPLES = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 14), st.floats(1e-6, 100)), max_size=60
)


@settings(deadline=None)
@given(SAMPLES, st.randoms())
def test_workers_merge_exactly(samples, random) -> None:  # type: ignore[no-untyped-def]
    """Three workers, in any order within a second, are as one that did it all."""
    one, three = Result(facts()), Result(facts(workers=3))
    for n in range(15):
        one.feed("w0", second(n, *(took for _, at, took in samples if at == n)))
        one.tick(n + 1.0)
        workers = [0, 1, 2]
        random.shuffle(workers)
        for worker in workers:
            mine = [took for who, at, took in samples if (who, at) == (worker, n)]
            three.feed(f"w{worker}", second(n, *mine))
            three.tick(n + 1.0)
    for result in (one, three):
        result.finish(15.0, Exit(0, "ran to its end"))
    assert one.counters == three.counters
    assert one.total("session") == three.total("session")
    assert one.window("session") == three.window("session")
    assert [(r.second, r.counters, r.latency) for r in one.history.seconds] == [
        (r.second, r.counters, r.latency) for r in three.history.seconds
    ]
    assert one.take_stretches() == three.take_stretches()
    assert one.peak == three.peak


def test_the_window_is_the_last_ten_seconds() -> None:
    """What is older has left it, what is not closed is not yet in it."""
    result = Result(facts())
    for n in range(20):
        result.feed("w0", second(n, float(n + 1)))
        result.tick(n + 1.0)
    assert result.window("session").count == 10
    assert result.window("session").max == 20
    assert result.total("session").count == 20
    assert result.window("nothing") == result.total("nothing") == NOTHING
    result.feed("w0", second(20, 99.0))
    assert result.window("session").max == 20
    assert result.total("session").max == 99
    assert Result(facts()).window("session") == NOTHING


def test_a_second_waits_for_all_workers_but_not_for_ever() -> None:
    """Rows close when all have told, or four seconds later; none that left counts."""
    result = Result(facts(workers=2))
    result.feed("w0", second(0, 0.1))
    assert result.tick(1.0) == []
    result.feed("w1", second(0, 0.2))
    assert [row.second for row in result.tick(1.0)] == [0]
    result.feed("w0", second(1, 0.1))
    assert result.window("session").count == 2
    assert result.tick(4.0) == []
    assert [row.second for row in result.tick(6.0)] == [1]
    result.left("w1")
    result.feed("w0", second(6, 0.1))
    assert [row.second for row in result.tick(7.0)] == [6]


def test_what_comes_too_late_counts_in_the_next_row() -> None:
    """A count is never lost, though its own row has gone out."""
    result = Result(facts(workers=2))
    result.feed("w0", second(0, 0.1, busy=1.0))
    result.tick(9.0)
    result.feed("w1", second(0, 0.2, 0.3, busy=5.0))
    result.feed("w0", second(1, 0.1, busy=2.0))
    result.finish(12.0, Exit(130, "interrupted"))
    assert [row.counters["sessions.done"] for row in result.history.seconds] == [1, 3]
    assert result.history.seconds[1].gauges == {"busy": 2.0}
    assert result.total("session").count == 4
    first, rest = result.take_stretches()
    late = Latency()
    for took in (0.2, 0.3, 0.1):
        late.record(took)
    assert first.series["session"][0] == 0.1
    assert rest.series["session"] == (0.3, late.encode().decode())
    assert [(s.begin, s.length) for s in (first, rest)] == [(0.0, 5), (5.0, 5)]


def test_rows_and_stretches_are_taken_once() -> None:
    """A report that appends gets each of them one time."""
    result = Result(facts())
    for n in range(12):
        result.feed("w0", second(n, 0.5))
        result.tick(n + 1.0)
    assert [row.second for row in result.take_rows()] == list(range(12))
    assert result.take_rows() == []
    assert len(result.take_stretches()) == 2
    assert result.take_stretches() == []
    result.finish(12.0, Exit(0, ""))
    (last,) = result.take_stretches()
    assert (last.begin, last.length) == (10.0, 2.0)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Old seconds give way to ten-second rows, and those to minutes; none overlap."""
    monkeypatch.setattr(history, "SPANS", ((1, 50), (10, 12), (60, 4)))
    monkeypatch.setattr(history, "FULL_ROWS", 20)
    kept = History()
    for n in range(400):
        snapshot = second(n, 0.5, busy=1.0)
        intervals = {s: Interval(b) for s, b in snapshot.latency.items()}
        kept.feed("w0", snapshot, intervals)
        kept.close(n + 1.0)
    rows = kept.chart()
    assert len(kept.seconds) == 50
    assert [row.span for row in rows] == [60] * 3 + [10] * 5 + [1] * 50
    ends = [row.second + row.span for row in rows]
    assert all(a == b.second for a, b in zip(ends, rows[1:], strict=False))
    assert sum(row.counters["sessions.done"] for row in rows) == 280
    assert rows[0].latency["session"].count == 60
    assert kept.seconds[0].gauges == {}
    assert set(kept.seconds[0].latency) == {"session"}
    assert set(kept.seconds[-1].latency) == {"session", "session.service"}
    assert kept.seconds[-1].rate("sessions.done") == 1
    assert History().chart() == []


def test_a_broken_histogram_adds_nothing() -> None:
    """A snapshot counts whole or not at all."""
    result = Result(facts())
    with pytest.raises(ValueError, match="not a latency interval"):
        result.feed("w0", Snapshot(0, 1, {"sessions.done": 1}, {}, {"session": b""}))
    assert result.count("sessions.done") == 0


def test_errors_are_tallied_by_label() -> None:
    """Count, first, last and where most of them happened."""
    result = Result(facts())
    meter = Meter()
    meter.failure("http 503", "Inform")
    meter.failure("http 503", "Inform")
    meter.failure("http 503", "empty POST")
    result.feed("w0", meter.snapshot(1.0, {}))
    result.feed("w0", meter.snapshot(2.0, {}))
    meter.failure("http 503")
    meter.failure("bug")
    result.feed("w0", meter.snapshot(3.0, {}))
    tally = result.errors["http 503"]
    assert (tally.count, tally.first, tally.last) == (4, 0.0, 3.0)
    assert tally.exchange == "Inform"
    assert result.errors["bug"].exchange == ""
    assert result.by("failed.") == {"http 503": 4, "bug": 1}
    assert result.sessions()["failed"] == 5


def test_the_fleet_is_told_by_group() -> None:
    """Gauges fleet/GROUP/STATE of all workers add up to groups and to all."""
    result = Result(facts(workers=2))
    assert result.fleet() == {
        "homes": {"total": 8},
        "shops": {"total": 2},
        "all": {"total": 10},
    }
    gauges = {"fleet/homes/ok": 3.0, "fleet/homes/total": 4.0, "fleet/shops/off": 1.0}
    for who in ("w0", "w1"):
        result.feed(who, Snapshot(0, 1, {}, {**gauges, "busy": 2.0, "fleet.x": 1.0}))
    result.feed("w1", Snapshot(1, 2, {}, {**gauges, "fleet/a/b/retry": 1.0}))
    assert result.fleet() == {
        "homes": {"total": 8, "ok": 6},
        "shops": {"total": 2, "off": 2},
        "a/b": {"retry": 1},
        "all": {"total": 10, "ok": 6, "off": 2, "retry": 1},
    }
    assert result.gauges()["busy"] == 2.0


def test_percentiles_confess_what_they_leave_out() -> None:
    """Dropped sessions and all others that never came to an end are named."""
    result = Result(facts())
    assert result.left_out() == ""
    meter = Meter()
    meter.count("sessions.dropped", 1350)
    meter.count("sessions.not_started", 2)
    result.feed("w0", meter.snapshot(1.0, {}))
    assert result.left_out() == "1,350 dropped, 2 not started"


def test_states_events_and_the_end() -> None:
    """What the conductor tells is kept for the views."""
    result = Result(facts())
    assert result.state is State.PREPARING
    result.enter(State.DRAINING, 5.0, until=35.0)
    result.event(5.0, "stop asked for at http://me:secret@acs/")
    assert (result.state, result.until, result.now) == (State.DRAINING, 35.0, 5.0)
    assert list(result.events) == [(5.0, "stop asked for at http://acs/")]
    assert result.take_events() == list(result.events)
    assert result.take_events() == []
    result.finish(6.0, Exit(130, "interrupted"))
    assert (result.state, result.until) == (State.ENDED, None)
    assert result.exit == Exit(130, "interrupted")
    assert result.share_late() == 0


def test_the_parent_is_judged_too() -> None:
    """Its lag and CPU count for the verdict, and make no row."""
    result = Result(facts())
    for n in range(5):
        result.feed_parent(Snapshot(n, n + 1, {}, {"cpu": 0.9}))
    assert result.health.grade is Grade.SUSPECT
    assert result.tick(9.0) == []


def test_the_url_is_shown_without_credentials() -> None:
    """Whatever was given, no password comes to a report."""
    assert facts().acs == "http://acs:7547/x"
    assert RunFacts("a", "b", "http://acs/x", 1).acs == "http://acs/x"
    assert facts().profiles == ("gw",)


def test_series_stand_by_use() -> None:
    """The most used first."""
    result = Result(facts())
    meter = Meter()
    meter.record("b", 1)
    meter.record("a", 1)
    meter.record("c", 1)
    meter.record("c", 1)
    result.feed("w0", meter.snapshot(1.0, {}))
    assert result.series() == ["c", "a", "b"]
    assert result.total("c") is result.total("c")
