"""
What came when: rows of one second, ten seconds and a minute, and strips for charts.

Rule: memory is bounded however long the run. Each resolution keeps its own
histograms while a row is open, so that the percentiles of a ten-second row are true
ones and not made of those of its seconds. A count is never lost, however late.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from cpesim.measure.kept.rows import KEPT_SERIES, Row, Rows
from cpesim.measure.kept.strip import Strip
from cpesim.measure.latency import NOTHING, Figures, Interval, Latency
from cpesim.measure.snapshot import Snapshot, merge_gauges

# Spans in seconds, and how many rows: 2 hours, 24 hours, a week.
SPANS = ((1, 7_200), (10, 8_640), (60, 10_080))
LONGEST = 28 * 86_400.0
WINDOW = 10
# Seconds of one line of the histogram log: with what is still open when a run is
# killed, and what its workers have not yet told, less than ten seconds are lost.
STRETCH = 5
# What the chart of errors and that of the generator's health are drawn from, beside
# every counter of a failure.
STRIP_SUMS = ("late.generator", "sessions.started")
STRIP_PEAKS = ("cpu", "lag_p99", "busy")
STRIP_PARENT = ("cpu", "lag_p99")
HEAT_SERIES = "session"
# Seconds for which the parent's gauges wait for their row.
PARENTS = 60
# Of one second, the newest rows have what the dashboard's curves are drawn from; the
# older ones, and longer ones, what charts of a whole run are.
FULL_ROWS = 300


def spans(keep: Mapping[int, float]) -> list[tuple[int, int]]:
    """SPANS with the seconds for which some of them are kept; inf is four weeks."""
    return [
        (span, max(1, int(min(keep[span], LONGEST) / span)) if span in keep else rows)
        for span, rows in SPANS
    ]


@dataclass(slots=True)
class Stretch:
    """Some seconds' histograms, encoded as a histogram log wants them."""

    begin: float
    length: float
    series: dict[str, tuple[float, str]]  # -> maximum in seconds, base64 text


@dataclass(slots=True)
class _Open:
    """A row that still takes snapshots."""

    row: Row
    histograms: dict[str, Latency] = field(default_factory=dict)
    gauges: dict[str, Mapping[str, float]] = field(default_factory=dict)

    def close(self) -> Row:
        self.row.gauges = merge_gauges(self.gauges.values())
        self.row.latency = {
            series: histogram.figures() for series, histogram in self.histograms.items()
        }
        return self.row


class Level:
    """
    The rows of one span, the newest last; of *series* only these, where they are told.

    With no *limit* none is kept, and only histograms are made.
    """

    def __init__(
        self, span: int, limit: int, series: Collection[str] | None = None
    ) -> None:
        self.span = span
        self.rows = Rows(span, limit, 0 if span > 1 else FULL_ROWS)
        self._series = series
        self._open: dict[int, _Open] = {}
        self._spare: list[Latency] = []  # of closed rows: a new one takes 0.2 ms
        self._closed_to = 0

    def feed(
        self, who: str, snapshot: Snapshot, intervals: Mapping[str, Interval]
    ) -> None:
        """Add a snapshot to the row of its second."""
        own = snapshot.second // self.span * self.span
        # What comes after its row was closed counts in the next one.
        second = max(own, self._closed_to)
        part = self._open.get(second)
        if part is None:
            part = self._open[second] = _Open(Row(second, self.span))
        if self.rows.maxlen:
            add_counters(part.row.counters, snapshot.counters)
            if second == own:
                part.gauges[who] = snapshot.gauges
        for series, interval in intervals.items():
            if self._series is not None and series not in self._series:
                continue
            histogram = part.histograms.get(series)
            if histogram is None:
                histogram = self._spare.pop() if self._spare else Latency()
                part.histograms[series] = histogram
            histogram.add_interval(interval)

    def close(self, until: float) -> Iterator[_Open]:
        """
        Close, and yield in order, the rows that end at *until* or before.

        Their histograms serve until the next is asked for.
        """
        for second in sorted(self._open):
            if second + self.span > until:
                return
            part = self._open.pop(second)
            if self.rows.maxlen:
                self.rows.append(part.close())
            self._closed_to = second + self.span
            yield part
            most = 2 * len(part.histograms)
            for histogram in part.histograms.values():
                # One process that hung may have left many rows open.
                if len(self._spare) < most:
                    histogram.reset()
                    self._spare.append(histogram)


Tell = Callable[[Row, dict[str, Latency]], None]


class History:
    """
    Rows of all spans, the last ten seconds' histograms, and what is new.

    *spans* are seconds and how many rows of them are kept, the finest first. *asked*
    are the series that somebody wants of the rows of a span, beside those of charts.
    """

    def __init__(
        self,
        spans: Sequence[tuple[int, int]] = (),
        asked: dict[int, set[str]] | None = None,
    ) -> None:
        self.asked: dict[int, set[str]] = {} if asked is None else asked
        self.levels = [
            Level(span, limit, None if span == 1 else self.ask(span, KEPT_SERIES))
            for span, limit in spans or SPANS
        ]
        self.strip = Strip()
        self.heat = Strip(STRETCH)
        # The parent's own gauges, by second, until the timeline has taken them.
        self.parents: dict[int, Mapping[str, float]] = {}
        self._stretches = Level(STRETCH, 0)
        # What a report has not yet taken; bounded for when there is none to take it.
        self.new_rows: deque[Row] = deque(maxlen=3_600)
        self.new_stretches: deque[Stretch] = deque(maxlen=360)
        self._recent: deque[tuple[int, dict[str, bytes]]] = deque()
        self._window: dict[str, Figures] = {}

    @property
    def seconds(self) -> Rows:
        """The one-second rows, the newest last; at most two hours of them."""
        return self.levels[0].rows

    def ask(self, span: int, series: Iterable[str]) -> set[str]:
        """Measure these series in the rows of a span too; all that are asked for."""
        asked = self.asked.setdefault(span, set())
        asked.update(series)
        return asked

    def feed(
        self, who: str, snapshot: Snapshot, intervals: Mapping[str, Interval]
    ) -> None:
        """Add a process's snapshot to the rows of its second."""
        for level in (*self.levels, self._stretches):
            level.feed(who, snapshot, intervals)
        if snapshot.latency:
            self._recent.append((snapshot.second, snapshot.latency))

    def close(
        self, until: float, end: float = inf, tell: Tell | None = None
    ) -> list[Row]:
        """
        Close all rows that end at *until* or before; the new seconds come back.

        *end* is where the run ended, for the length of its last stretch. *tell* gets
        each row of each span with its histograms.
        """
        fine, *coarser = self.levels
        closed = []
        for part in fine.close(until):
            closed.append(part.row)
            self.draw(part.row)
            if tell is not None:
                tell(part.row, part.histograms)
        self.new_rows.extend(closed)
        for part in self._stretches.close(until):
            if HEAT_SERIES in part.histograms:
                slots = part.histograms[HEAT_SERIES].coarse()
                self.heat.add(part.row.second, slots, {})
            self.new_stretches.append(
                Stretch(
                    float(part.row.second),
                    min(part.row.span, end - part.row.second),
                    {
                        series: (histogram.max_value / 1e6, histogram.encode().decode())
                        for series, histogram in part.histograms.items()
                    },
                )
            )
        for level in coarser:
            for part in level.close(until):
                if tell is not None:
                    tell(part.row, part.histograms)
        if closed:
            self._window.clear()
            oldest = closed[-1].second - WINDOW
            while self._recent and self._recent[0][0] <= oldest:
                self._recent.popleft()
        return closed

    def draw(self, row: Row) -> None:
        """Put a row's errors and the generator's figures into the strip."""
        sums = {
            name: number
            for name, number in row.counters.items()
            if name.startswith("failed.") or name in STRIP_SUMS
        }
        peaks = {k: row.gauges[k] for k in STRIP_PEAKS if k in row.gauges}
        self.strip.add(row.second, sums, peaks)

    def feed_parent(self, snapshot: Snapshot) -> None:
        """Keep the parent's own gauges for the strip and the timeline."""
        self.parents[snapshot.second] = snapshot.gauges
        while len(self.parents) > PARENTS:
            del self.parents[next(iter(self.parents))]
        own = snapshot.gauges
        peaks = {f"parent {name}": own[name] for name in STRIP_PARENT if name in own}
        self.strip.add(snapshot.second, {}, peaks)

    def window(self, series: str) -> Figures:
        """A series' figures over the last ten closed seconds; kept till the next."""
        known = self._window.get(series)
        if known is None:
            known = self._window[series] = self._measure_window(series)
        return known

    def chart(self, finest: int = 1) -> list[Row]:
        """
        The whole run in rows that do not overlap, each as fine as it is kept, but none
        shorter than *finest* seconds.
        """
        rows: list[Row] = []
        until = inf
        levels = [level for level in self.levels if level.span >= finest]
        for level, coarser in zip(levels, [*levels[1:], None], strict=True):
            begin = level.rows[0].second if level.rows else 0
            if coarser and coarser.rows and coarser.rows[0].second < begin:
                # Give up the seconds that the coarser row tells of as well.
                begin = -(-begin // coarser.span) * coarser.span
            rows[:0] = [row for row in level.rows if begin <= row.second < until]
            until = min(until, begin)
        return rows

    def _measure_window(self, series: str) -> Figures:
        end = self.seconds[-1].second if self.seconds else -1
        encoded = [
            latency[series]
            for second, latency in self._recent
            if end - WINDOW < second <= end and series in latency
        ]
        if not encoded:
            return NOTHING
        found = Latency()
        for each in encoded:
            found.add_bytes(each)
        return found.figures()


def add_counters(to: dict[str, int], more: Mapping[str, int]) -> None:
    """Add *more* to the counters *to*."""
    for name, number in more.items():
        to[name] = to.get(name, 0) + number
