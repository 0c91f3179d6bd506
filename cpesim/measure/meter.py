"""
What the hot path writes to.

Rule: no object is made for a sample, and nothing is computed that a snapshot can
compute once a second. A series' histogram is made at its first sample (184 KiB) and
holds one interval only; the totals are the parent's (result.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from cpesim.measure.latency import Latency
from cpesim.measure.snapshot import Snapshot

# A start this much after its due time is late (issue 3, section 5).
LATE = 0.1


class _Recorders(dict[str, Callable[[float], None]]):
    """Each series' record method, bound; made when first asked for."""

    def __init__(self) -> None:
        self.histograms: dict[str, Latency] = {}

    def __missing__(self, series: str) -> Callable[[float], None]:
        histogram = self.histograms[series] = Latency()
        self[series] = histogram.record
        return histogram.record


class Meter:
    """
    Latencies and counters of one process; all times in seconds.

    *since* is where in the run the first interval begins.
    """

    __slots__ = (
        "_counters",
        "_received",
        "_records",
        "_sent",
        "_since",
        "_statuses",
    )

    def __init__(self, since: float = 0.0) -> None:
        self._since = since
        self._records = _Recorders()
        self._counters: defaultdict[str, int] = defaultdict(int)
        self._statuses: defaultdict[int, int] = defaultdict(int)
        self._sent = 0
        self._received = 0

    def exchange(
        self, kind: str, took: float, status: int, sent: int, received: int
    ) -> None:
        """Count one HTTP exchange: what was posted, and the bytes on the wire."""
        self._records[kind](took)
        self._statuses[status] += 1
        self._sent += sent
        self._received += received

    def connect(self, took: float) -> None:
        """Count one TCP connection."""
        self._records["connect"](took)

    def tls(self, took: float) -> None:
        """Count one TLS handshake."""
        self._records["tls"](took)

    def count(self, name: str, by: int = 1) -> None:
        """Raise a counter; below 0, take something of it back."""
        self._counters[name] += by

    def record(self, series: str, seconds: float) -> None:
        """Count one latency of any other series."""
        self._records[series](seconds)

    def start(self, cause: str, late: float, why: str = "") -> None:
        """
        Count a session that starts *late* seconds after it was due.

        *why*, of one more than 100 ms late, is in_flight, sockets or generator; an
        empty *why* is the generator's doing, since nothing else can be blamed.
        """
        counters = self._counters
        counters["sessions.started"] += 1
        counters["started." + cause] += 1
        if late > LATE:
            counters["sessions.late"] += 1
            counters["late." + (why or "generator")] += 1

    def session(
        self, cause: str, late: float, took: float, *, intended: bool = True
    ) -> None:
        """
        Count a good session: from its due time (late + took), and from its start.

        One that was not *intended* for any moment (a closed load's) has no due time.
        """
        counters = self._counters
        counters["sessions.done"] += 1
        counters["done." + cause] += 1
        records = self._records
        if intended:
            records["session"](late + took)
        records["session.service"](took)

    def failure(self, label: str, kind: str = "") -> None:
        """Count a failed session; *kind* is the exchange that it failed on."""
        counters = self._counters
        counters["sessions.failed"] += 1
        counters["failed." + label] += 1
        if kind:
            counters[f"failed_on.{label}@{kind}"] += 1

    def snapshot(self, at: float, gauges: Mapping[str, float]) -> Snapshot:
        """Take what came since the last snapshot, and begin anew."""
        counters = dict(self._counters)
        for status, number in self._statuses.items():
            counters[f"status.{status}"] = number
        if self._sent:
            counters["bytes.sent"] = counters.get("bytes.sent", 0) + self._sent
        if self._received:
            received = counters.get("bytes.received", 0) + self._received
            counters["bytes.received"] = received
        latency = {}
        for series, histogram in self._records.histograms.items():
            if histogram.total_count:
                latency[series] = histogram.to_bytes()
                histogram.reset()
        taken = Snapshot(self._since, at, counters, dict(gauges), latency)
        self._counters.clear()
        for name in [name for name, number in counters.items() if number < 0]:
            # What was taken back is taken from the next rise: no counter ever falls.
            self._counters[name] = counters.pop(name)
        self._statuses.clear()
        self._sent = self._received = 0
        self._since = at
        return taken
