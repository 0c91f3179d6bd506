"""
The rows of one span: the newest whole, those before them as what charts show of them.

Rule: a row that was added is never changed, for others hold it too: older ones are
kept as new ones, and the oldest as numbers in one block of memory. Nothing is rounded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from itertools import islice
from operator import attrgetter
from struct import Struct
from typing import Any

from cpesim.measure.latency import NOTHING, Figures

# Rows of the last minute are whole: only these have all series, for instance.
FRESH = 60
KEPT_COUNTERS = tuple(
    f"sessions.{name}" for name in ("wanted", "started", "done", "failed", "dropped")
)
KEPT_SERIES = ("session",)
DRAWN_COUNTERS = (*KEPT_COUNTERS, "late.generator")
DRAWN_GAUGES = ("busy", "cpu", "rss", "fds", "lag_p99", "lag_max")
# Second, counters, the session's figures: its count, seconds, and what was clamped.
_PACKED = Struct(f"<q{len(KEPT_COUNTERS)}qq7dq")
_FIGURES = 1 + len(KEPT_COUNTERS)
_P99 = _FIGURES + 4
_numbers = attrgetter(*(each.name for each in fields(Figures)))
# Never written to: there are 20,000 such rows after a day.
_NO_GAUGES: dict[str, float] = {}
_Told = tuple[Any, ...]


@dataclass(slots=True)
class Row:
    """What all processes did in [second, second + span)."""

    second: int
    span: int
    counters: dict[str, int] = field(default_factory=dict)
    gauges: dict[str, float] = field(default_factory=dict)
    latency: dict[str, Figures] = field(default_factory=dict)

    def rate(self, name: str) -> float:
        """A counter's rise a second."""
        return self.counters.get(name, 0) / self.span

    def drawn(self) -> Row:
        """What the curves of the last minutes show of it."""
        return Row(
            self.second,
            self.span,
            {k: self.counters[k] for k in DRAWN_COUNTERS if k in self.counters},
            {k: self.gauges[k] for k in DRAWN_GAUGES if k in self.gauges},
            {k: self.latency[k] for k in KEPT_SERIES if k in self.latency},
        )


class Rows:
    """
    At most *maxlen* rows of *span* seconds, in order, as a sequence of them.

    The newest *drawn* are rows as they are, the others packed.
    """

    def __init__(self, span: int, maxlen: int, drawn: int = 0) -> None:
        self.span = span
        self.maxlen = maxlen
        self._new: deque[Row] = deque()
        self._drawn = min(drawn, maxlen)
        # A ring: it grows to its size, then the oldest one gives way.
        self._packed = bytearray()
        self._room = maxlen - self._drawn
        self._begin = self._old = 0

    def append(self, row: Row) -> None:
        """Add the newest row; the oldest goes when there are too many."""
        new = self._new
        new.append(row)
        if len(new) > FRESH:
            new[-FRESH - 1] = new[-FRESH - 1].drawn()
        if len(new) > self._drawn:
            self._pack(new.popleft())

    def __len__(self) -> int:
        return self._old + len(self._new)

    def __getitem__(self, index: int) -> Row:
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError(index)
        return self._unpacked(at) if at < self._old else self._new[at - self._old]

    def __iter__(self) -> Iterator[Row]:
        yield from map(self._unpacked, range(self._old))
        yield from self._new

    def __reversed__(self) -> Iterator[Row]:
        yield from reversed(self._new)
        yield from map(self._unpacked, reversed(range(self._old)))

    def hardest(self, most: int, each: int) -> dict[int, Figures]:
        """
        The figures of the sessions, of the newest *most* rows, in the hardest ones.

        They are those with the highest p99 in each *each* seconds, by the number of
        these from the begin of the run.
        """
        tops: dict[int, float] = {}
        found: dict[int, Figures | _Told] = {}
        for second, p99, told in islice(self._sessions(), most):
            number = second // each
            if told is not None and p99 > tops.get(number, -1.0):
                tops[number], found[number] = p99, told
        return {
            number: told if isinstance(told, Figures) else _figures(told)
            for number, told in found.items()
        }

    def _sessions(self) -> Iterator[tuple[int, float, Figures | _Told | None]]:
        """Second, p99 and all that is known of the sessions, the newest row first."""
        for row in reversed(self._new):
            found = row.latency.get("session")
            yield row.second, found.p99 if found else 0.0, found
        for at in reversed(range(self._old)):
            told = self._told(at)
            yield told[0], told[_P99], told if told[_FIGURES] else None

    def _pack(self, row: Row) -> None:
        if not self._room:
            return
        figures = row.latency.get("session", NOTHING)
        told = _PACKED.pack(
            row.second,
            *(row.counters.get(name, 0) for name in KEPT_COUNTERS),
            *_numbers(figures),
        )
        if self._old < self._room:
            self._packed += told
            self._old += 1
        else:
            at = self._begin * _PACKED.size
            self._packed[at : at + _PACKED.size] = told
            self._begin = (self._begin + 1) % self._room

    def _told(self, at: int) -> _Told:
        place = (self._begin + at) % self._room
        return _PACKED.unpack_from(self._packed, place * _PACKED.size)

    def _unpacked(self, at: int) -> Row:
        told = self._told(at)
        numbers = zip(KEPT_COUNTERS, told[1:_FIGURES], strict=True)
        return Row(
            told[0],
            self.span,
            {name: number for name, number in numbers if number},
            _NO_GAUGES,
            {"session": _figures(told)} if told[_FIGURES] else {},
        )


def _figures(told: _Told) -> Figures:
    return Figures(*told[_FIGURES:])
