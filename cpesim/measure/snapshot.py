"""
What one process measured between two moments.

Rule: a plain value. Counters and histograms of any two snapshots add up exactly, in
any order; what a gauge's merge means is said in `merge_gauges` and nowhere else. Its
bytes hold JSON and histograms, never pickles: they may come from another host.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from sys import intern

from cpesim.measure.latency import Latency

_LENGTH = struct.Struct("<I")


@dataclass(slots=True)
class Snapshot:
    """Counters, gauges and encoded histograms of [since, at)."""

    since: float
    at: float
    counters: dict[str, int] = field(default_factory=dict)
    gauges: dict[str, float] = field(default_factory=dict)
    latency: dict[str, bytes] = field(default_factory=dict)

    @property
    def second(self) -> int:
        """
        The second of the run that this belongs to, by its middle.

        A snapshot that comes late (at 5.3 for [4, 5)) still counts for its own second.
        """
        return max(0, int((self.since + self.at) / 2))

    @property
    def span(self) -> int:
        """How many seconds it tells of, at least 1; more when its process hung."""
        return max(1, round(self.at - self.since))

    def to_bytes(self) -> bytes:
        """All of it as bytes, for Snapshot.from_bytes."""
        head = json.dumps(
            [
                self.since,
                self.at,
                self.counters,
                self.gauges,
                [[name, len(counts)] for name, counts in self.latency.items()],
            ],
            separators=(",", ":"),
        ).encode()
        return b"".join((_LENGTH.pack(len(head)), head, *self.latency.values()))

    @classmethod
    def from_bytes(cls, encoded: bytes) -> Snapshot:
        """The snapshot that to_bytes made these of; ValueError for other bytes."""
        try:
            (length,) = _LENGTH.unpack_from(encoded)
            start = _LENGTH.size + length
            since, at, counters, gauges, sizes = json.loads(
                encoded[_LENGTH.size : start]
            )
            # The names come each second, and rows keep them for days.
            counters = {intern(name): number for name, number in counters.items()}
            gauges = {intern(name): value for name, value in gauges.items()}
            latency = {}
            for name, size in sizes:
                latency[intern(name)] = encoded[start : start + size]
                start += size
        except (struct.error, AttributeError, TypeError, ValueError) as error:
            raise ValueError(f"not a snapshot: {error}") from error
        if start != len(encoded):
            raise ValueError("not a snapshot: its length is wrong")
        return cls(since, at, counters, gauges, latency)


def merge_gauges(of_processes: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """
    The gauges of several processes as one: the worst lag and CPU, the sum of others.

    Percentiles of lag do not add up; the worst process is the one that falsifies.
    """
    merged: dict[str, float] = {}
    for gauges in of_processes:
        for name, value in gauges.items():
            if name not in merged:
                merged[name] = value
            elif name == "cpu" or name.startswith("lag_"):
                merged[name] = max(merged[name], value)
            else:
                merged[name] += value
    return merged


def merge(snapshots: Iterable[Snapshot]) -> Snapshot:
    """One snapshot of the same time from those of several processes."""
    together = list(snapshots)
    counters: dict[str, int] = {}
    latency: dict[str, Latency] = {}
    for snapshot in together:
        for name, number in snapshot.counters.items():
            counters[name] = counters.get(name, 0) + number
        for name, encoded in snapshot.latency.items():
            latency.setdefault(name, Latency()).add_bytes(encoded)
    return Snapshot(
        min((snapshot.since for snapshot in together), default=0.0),
        max((snapshot.at for snapshot in together), default=0.0),
        counters,
        merge_gauges(snapshot.gauges for snapshot in together),
        {name: histogram.to_bytes() for name, histogram in latency.items()},
    )
