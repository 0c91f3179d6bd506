"""
A whole run in so many columns, for charts: what failed when, how hard it was, how slow.

Rule: bounded however long the run. When the columns are too many, each two become one:
sums add up and peaks stay, so that a short stall is seen in the chart of a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MOST = 720


@dataclass(slots=True)
class Column:
    """What was counted, and the highest of each figure, from *begin* on."""

    begin: int
    sums: dict[str, int] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)

    def add(self, sums: Mapping[str, int], peaks: Mapping[str, float]) -> None:
        """Add what came in the same time."""
        for name, number in sums.items():
            self.sums[name] = self.sums.get(name, 0) + number
        for name, value in peaks.items():
            self.peaks[name] = max(self.peaks.get(name, value), value)


class Strip:
    """Columns of *width* seconds; the width doubles when there are too many."""

    def __init__(self, width: int = 1, most: int = MOST) -> None:
        self.width = width
        self._most = most
        self._columns: dict[int, Column] = {}

    @property
    def columns(self) -> list[Column]:
        """The columns that hold something, in order."""
        return [self._columns[begin] for begin in sorted(self._columns)]

    def add(
        self, second: int, sums: Mapping[str, int], peaks: Mapping[str, float]
    ) -> None:
        """Add to the column of a second."""
        begin = second // self.width * self.width
        column = self._columns.get(begin)
        if column is None:
            column = self._columns[begin] = Column(begin)
        column.add(sums, peaks)
        if len(self._columns) > self._most:
            self._fold()

    def _fold(self) -> None:
        self.width *= 2
        old, self._columns = self.columns, {}
        for column in old:
            begin = column.begin // self.width * self.width
            into = self._columns.setdefault(begin, Column(begin))
            into.add(column.sums, column.peaks)
