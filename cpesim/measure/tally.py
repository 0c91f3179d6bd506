"""
Failures by their label: how many, when, and on which exchange.

Rule: made of the counters ``failed.LABEL`` and ``failed_on.LABEL@KIND`` alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from cpesim.measure.snapshot import Snapshot


@dataclass(slots=True)
class Tally:
    """Failures under one label."""

    label: str
    count: int = 0
    first: float = inf
    last: float = 0.0
    exchanges: dict[str, int] = field(default_factory=dict)

    @property
    def exchange(self) -> str:
        """The exchange that most of them failed on; empty where none was told."""
        return max(self.exchanges, key=lambda kind: self.exchanges[kind], default="")


def tally(errors: dict[str, Tally], snapshot: Snapshot) -> None:
    """Add a snapshot's failures to the *errors* by label."""
    for name, number in snapshot.counters.items():
        kind = ""
        if name.startswith("failed."):
            label = name.removeprefix("failed.")
        elif name.startswith("failed_on."):
            label, _, kind = name.removeprefix("failed_on.").rpartition("@")
        else:
            continue
        found = errors.setdefault(label, Tally(label))
        if kind:
            found.exchanges[kind] = found.exchanges.get(kind, 0) + number
        else:
            found.count += number
            found.first = min(found.first, snapshot.since)
            found.last = max(found.last, snapshot.at)
