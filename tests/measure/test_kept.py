"""What is kept of a run's rows and series takes little, and is what was put in."""

from __future__ import annotations

import pytest

from cpesim.chance import chance
from cpesim.measure.history import History
from cpesim.measure.kept.rows import DRAWN_GAUGES, FRESH, KEPT_COUNTERS, Row, Rows
from cpesim.measure.latency import Figures, Interval
from cpesim.measure.meter import Meter
from cpesim.measure.part import Part
from cpesim.measure.result import Result, RunFacts
from cpesim.measure.snapshot import Snapshot


def row(second: int, span: int = 1) -> Row:
    """A row of its own, as full as one may be; each seventh is without sessions."""
    counters = {name: second + n for n, name in enumerate(KEPT_COUNTERS, 1)}
    gauges = {**dict.fromkeys(DRAWN_GAUGES, 0.1 * second), "rate": 9.0}
    latency = {"Inform": Figures(1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1)}
    if second % 7:
        a, b, c, d, e, f, g = (chance(1, second, str(n)) for n in range(7))
        latency["session"] = Figures(second, a, b, c, d, e, f, g, second % 3)
    return Row(second, span, {**counters, "status.200": 1}, gauges, latency)


@pytest.mark.parametrize("count", [0, 1, 9, 10, 29, 30, 31, 100])
def test_old_rows_are_what_they_were(count: int) -> None:
    """All that charts show of them, to the last digit, in order, from both ends."""
    rows = Rows(10, 30, 10)
    for n in range(count):
        rows.append(row(n, 10))
    kept = list(rows)
    assert len(kept) == len(rows) == min(count, 30)
    assert [each.second for each in kept] == list(range(count))[-30:]
    assert list(reversed(rows)) == kept[::-1]
    assert [rows[n] for n in range(len(rows))] == kept
    assert [rows[n - len(rows)] for n in range(len(rows))] == kept
    for wrong in (len(rows), -len(rows) - 1):
        with pytest.raises(IndexError):
            rows[wrong]
    for n, each in enumerate(kept):
        was = row(each.second, 10)
        if n >= len(kept) - 10:
            assert each == was
            continue
        assert each.counters == {k: was.counters[k] for k in KEPT_COUNTERS}
        assert each.latency == {k: v for k, v in was.latency.items() if k == "session"}
        assert (each.span, each.gauges) == (10, {})


def test_a_row_that_somebody_holds_is_not_changed() -> None:
    """The timeline may take it later; what the dashboard draws stays for minutes."""
    rows = Rows(1, 7_200, 300)
    added = [row(n) for n in range(400)]
    for each in added:
        rows.append(each)
    assert added == [row(n) for n in range(400)]
    assert rows[-FRESH] == row(400 - FRESH)
    drawn = rows[-FRESH - 1]
    assert drawn.gauges == {k: v for k, v in row(339).gauges.items() if k != "rate"}
    assert set(drawn.latency) == {"session"}
    assert rows[-301].gauges == {}


@pytest.mark.parametrize(("most", "each"), [(1, 1), (25, 4), (60, 7), (1_000, 60)])
def test_the_hardest_rows(most: int, each: int) -> None:
    """The highest p99 of each so many seconds, of old rows and of new ones."""
    rows = Rows(1, 500, 20)
    for n in range(700):
        rows.append(row(n))
    worst: dict[int, Figures] = {}
    for one in list(rows)[-most:]:
        found = one.latency.get("session")
        known = worst.get(one.second // each)
        if found and (known is None or found.p99 > known.p99):
            worst[one.second // each] = found
    assert rows.hardest(most, each) == worst


class Watching:
    """Keeps what it is told."""

    span = 10

    def __init__(self) -> None:
        self.counts: list[dict[str, int]] = []

    def feed(self, second: int, row: Part, gauges: object) -> None:
        """How many samples each series has in the row."""
        self.counts.append({k: v.total_count for k, v in row.latency.items()})


def test_longer_rows_measure_what_is_asked_for() -> None:
    """Beside the sessions; also where the detail is chosen after the limits."""
    result, watching = Result(RunFacts("a", "b", "c", 1)), Watching()
    result.watch(watching, ["Inform", "tls"])
    result.keep_detail({1: 60.0})
    for n in range(20):
        meter = Meter(float(n))
        for series in ("session", "Inform", "connect"):
            meter.record(series, 0.1)
        result.feed("w", meter.snapshot(n + 1.0, {}))
        result.tick(n + 1.0)
    assert watching.counts == [{"session": 10, "Inform": 10}] * 2
    assert result.total("connect").count == 20
    assert set(result.history.seconds[-1].latency) == {"session", "Inform", "connect"}


def test_a_late_process_leaves_no_memory_behind() -> None:
    """Rows that waited for it have histograms; no more are kept than two rows need."""
    history = History()
    for n in range(50):
        meter = Meter(float(n))
        meter.record("Inform", 0.1)
        told = meter.snapshot(n + 1.0, {})
        intervals = {k: Interval(v) for k, v in told.latency.items()}
        history.feed("w", told, intervals)
    history.close(50.0)
    history.feed("w", Snapshot(50.0, 51.0), {})
    assert len(history.levels[0]._spare) == 2
