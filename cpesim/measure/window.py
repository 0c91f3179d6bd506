"""
What was measured in the last so many seconds, sliding along the run.

Rule: only the series, counters and gauges that were asked for are kept, encoded, and
no longer than the window; a slide costs what comes and what goes, however long it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cpesim.measure.history import add_counters
from cpesim.measure.latency import Interval, Latency
from cpesim.measure.part import Part, wanted

Heard = Callable[[Part, float], None]


@dataclass(frozen=True, slots=True)
class Piece:
    """What one row adds to the window."""

    second: int
    span: int
    counters: Mapping[str, int]
    series: Mapping[str, bytes]
    tops: Mapping[str, int]
    gauges: Mapping[str, float]


def span_of(length: float) -> int:
    """By how much a window of this length slides: the rows that it is made of."""
    if length < 60:
        return 1
    return 10 if length < 3600 else 60


class Window:
    """
    A window of *length* seconds, made of rows of *span* seconds.

    *gauges* are looked at as sums, each of those that it names. *heard* gets the
    window, and its end, at each slide once it is full.
    """

    def __init__(
        self,
        length: float,
        *,
        series: Sequence[str] = (),
        counters: Sequence[str] = (),
        gauges: tuple[tuple[str, ...], ...] = (),
        heard: Heard,
    ) -> None:
        self.span = span_of(length)
        self._rows = max(1, round(length / self.span))
        self._series, self._gauges = series, gauges
        self._counters = [name for name in counters if "*" not in name]
        self._wild = [name for name in counters if "*" in name]
        self._heard = heard
        self._pieces: deque[Piece] = deque()
        self._part = Part()
        self.full = False  # it was, at least once

    def feed(self, second: int, row: Part, gauges: Mapping[str, float]) -> None:
        """Slide on by one row."""
        piece, kept = self._piece(second, row, gauges)
        if self._pieces:
            last = self._pieces[-1].second + self.span
            # Seconds in which nobody told anything have no row.
            while self._pieces and last < second:
                self._take(Piece(last, self.span, {}, {}, {}, {}), {})
                last += self.span
        self._take(piece, kept)

    def clear(self) -> None:
        """Forget everything: what comes now does not join what came before."""
        self._pieces.clear()
        self._part = Part()

    def partial(self) -> None:
        """Tell of what there is, where the window never was full."""
        if self._pieces and not self.full:
            self._tell()

    def _piece(
        self, second: int, row: Part, gauges: Mapping[str, float]
    ) -> tuple[Piece, Mapping[str, Latency]]:
        kept = {name: row.latency[name] for name in self._series if name in row}
        told = row.counters
        counters = {k: told[k] for k in self._counters if k in told}
        if self._wild:
            counters |= {k: v for k, v in told.items() if wanted(k, self._wild)}
        return Piece(
            second,
            self.span,
            counters,
            {name: found.to_bytes() for name, found in kept.items()},
            {name: found.max_value for name, found in kept.items()},
            {k: gauges[k] for names in self._gauges for k in names if k in gauges},
        ), kept

    def _take(self, piece: Piece, series: Mapping[str, Latency]) -> None:
        self._pieces.append(piece)
        part = self._part
        part.seconds += piece.span
        add_counters(part.counters, piece.counters)
        for name, found in series.items():
            if name not in part.latency:
                part.latency[name] = Latency()
            part.latency[name].add_latency(found)
        while len(self._pieces) > self._rows:
            self._drop(self._pieces.popleft())
        if len(self._pieces) == self._rows:
            self.full = True
            self._tell()

    def _drop(self, piece: Piece) -> None:
        part = self._part
        part.seconds -= piece.span
        for name, number in piece.counters.items():
            part.counters[name] -= number
        for series, encoded in piece.series.items():
            whole = part.latency[series]
            top = whole.max_value
            if piece.tops[series] == top:
                left = (one.tops.get(series, 0) for one in self._pieces)
                top = max(left, default=0)
            whole.take_interval(Interval(encoded), top)

    def _tell(self) -> None:
        part = self._part
        part.gauges = {}
        if self._gauges:
            for piece in self._pieces:
                part.look(piece.gauges, self._gauges)
        self._heard(part, float(self._pieces[-1].second + self.span))
