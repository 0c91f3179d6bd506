"""
Failures by label and by kind: how many, when, on which exchange, of whose CPEs.

Rule: made of the counters ``failed.LABEL``, ``failed_on.LABEL@KIND`` and
``got_in.LABEL@KIND`` alone, the last two by ``{group=GROUP}`` too where there are
several groups.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from cpesim.measure.snapshot import Snapshot

_ON, _IN, _GROUP = "failed_on.", "got_in.", "{group="


class Kind(NamedTuple):
    """A kind of failure; the exchange and the group are "" where nobody told them."""

    label: str
    exchange: str = ""
    group: str = ""

    def __str__(self) -> str:
        return f"{self.label} on {self.exchange}" if self.exchange else self.label


@dataclass(slots=True)
class Times:
    """
    How many failures, and the first and last second of the run with one.

    *got_in* of them were made good by a later session of the same CPE.
    """

    count: int = 0
    first: float = inf
    last: float = 0.0
    got_in: int = 0

    @property
    def end(self) -> float:
        """When the last second with one was over."""
        return self.last + 1

    def add(self, number: int, second: float) -> None:
        """So many in that second."""
        self.count += number
        self.first = min(self.first, second)
        self.last = max(self.last, second)


@dataclass(slots=True)
class Tally:
    """Failures under one label."""

    label: str
    count: int = 0
    first: float = inf
    last: float = 0.0
    exchanges: dict[str, int] = field(default_factory=dict)
    # By exchange and group; of all groups together the group is "".
    times: dict[tuple[str, str], Times] = field(default_factory=dict)

    @property
    def exchange(self) -> str:
        """The exchange that most of them failed on; empty where none was told."""
        return max(self.exchanges, key=lambda kind: self.exchanges[kind], default="")

    @property
    def got_in(self) -> int:
        """How many of them were made good by a later session of the same CPE."""
        return sum(t.got_in for (_, group), t in self.times.items() if not group)

    def kinds(self) -> dict[Kind, Times]:
        """Its failures by exchange and group, as far as they are known."""
        found: dict[Kind, Times] = {}
        for exchange, number in self.exchanges.items():
            of_groups = {
                Kind(self.label, exchange, group): times
                for (on, group), times in self.times.items()
                if on == exchange and group and times.count
            }
            whole = self.times.get((exchange, ""))
            if whole is None or whole.count != number:
                whole = self._whole(number)
            if sum(times.count for times in of_groups.values()) == number:
                found |= of_groups
            else:
                found[Kind(self.label, exchange)] = whole
        rest = self.count - sum(self.exchanges.values())
        if rest > 0:
            found[Kind(self.label)] = self._whole(rest)
        return found

    def _whole(self, number: int) -> Times:
        """So many of them, of which nobody told when."""
        return Times(number, self.first, max(self.first, self.last - 1))


class Trace(NamedTuple):
    """The last exchange of a failed session: its file in the run's folder, its text."""

    path: str
    text: str


class Traces(dict[Kind, Trace]):
    """The first trace of each kind; *last* is the newest of all."""

    last: Trace | None = None

    def add(self, kind: Kind, trace: Trace) -> None:
        """One more."""
        self.setdefault(kind, trace)
        self.last = trace

    def of(self, kind: Kind) -> Trace | None:
        """That of the kind; where its group is not told, of any group."""
        if kind.group or kind in self:
            return self.get(kind)
        return next((t for k, t in self.items() if k[:2] == kind[:2]), None)


def kinds(errors: Iterable[Tally]) -> list[tuple[Kind, Times]]:
    """All kinds of failures, the most frequent first."""
    found = [pair for tally in errors for pair in tally.kinds().items()]
    return sorted(found, key=lambda pair: (-pair[1].count, pair[0]))


def tally(errors: dict[str, Tally], snapshot: Snapshot) -> None:
    """Add a snapshot's failures to the *errors* by label."""
    for name, number in snapshot.counters.items():
        if name.startswith("failed."):
            found = _of(errors, name.removeprefix("failed."))
            found.count += number
            found.first = min(found.first, snapshot.since)
            found.last = max(found.last, snapshot.at)
        elif name.startswith((_ON, _IN)):
            kind = _kind(name)
            found = _of(errors, kind.label)
            times = found.times.setdefault((kind.exchange, kind.group), Times())
            if name.startswith(_IN):
                times.got_in += number
                continue
            times.add(number, float(snapshot.second))
            if not kind.group:
                known = found.exchanges.get(kind.exchange, 0)
                found.exchanges[kind.exchange] = known + number


def _of(errors: dict[str, Tally], label: str) -> Tally:
    return errors.setdefault(label, Tally(label))


def _kind(name: str) -> Kind:
    """The kind that ``failed_on.LABEL@KIND{group=GROUP}`` names."""
    group = ""
    if name.endswith("}") and _GROUP in name:
        name, _, group = name[:-1].rpartition(_GROUP)
    label, _, exchange = name.partition(".")[2].rpartition("@")
    return Kind(label, exchange, group)
