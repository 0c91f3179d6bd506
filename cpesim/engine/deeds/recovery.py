"""
How long CPEs take to come back: from the power, or an outage's end, to a good session.

Rule: only the CPEs that are waited for cost anything, and each is told of once. What
is recorded are hundredths of the seconds, so that the series reaches 100 hours.
"""

from __future__ import annotations

from collections.abc import Iterable

from cpesim.measure.meter import Meter
from cpesim.measure.recovery import HUNDREDTHS, of_set


class Recovery:
    """
    The CPEs of a shard that are waited for, by the sets that they are in.

    *waiting* maps a CPE to (set, when its clock began); empty for a run without.
    """

    def __init__(self, meter: Meter) -> None:
        self.waiting: dict[int, tuple[tuple[str, float], ...]] = {}
        self._meter = meter
        self._sizes: dict[str, int] = {}

    def begin(self, name: str) -> None:
        """The clock of a set begins: who was waited for by *name* is no more."""
        for n in [n for n, clocks in self.waiting.items() if _has(clocks, name)]:
            self._drop(n, name)
        self._sizes[name] = 0

    def wait(self, name: str, numbers: Iterable[int], since: float) -> None:
        """Wait for these CPEs as well, from *since* on."""
        size = 0
        for n in numbers:
            self.waiting[n] = (*self.waiting.get(n, ()), (name, since))
            size += 1
        self._sizes[name] += size
        self._meter.count(f"recovering{{set={name}}}", size)

    def back(self, n: int, began: float, now: float) -> None:
        """CPE *n* had a good session, which *began* then."""
        for name, since in self.waiting.get(n, ()):
            if began < since:
                continue  # it was under way before
            self._drop(n, name)
            self._meter.count(f"recovered{{set={name}}}")
            self._meter.record(of_set(name), (now - since) / HUNDREDTHS)

    def forget(self, n: int) -> None:
        """CPE *n* will never be back: nobody waits for it."""
        for name, _ in self.waiting.get(n, ()):
            self._drop(n, name)
            self._sizes[name] -= 1
            self._meter.count(f"recovering{{set={name}}}", -1)

    def gauges(self) -> dict[str, float]:
        """How many CPEs each set had when its clock began last."""
        return {f"set.size{{set={name}}}": size for name, size in self._sizes.items()}

    def _drop(self, n: int, name: str) -> None:
        left = tuple(clock for clock in self.waiting[n] if clock[0] != name)
        if left:
            self.waiting[n] = left
        else:
            del self.waiting[n]


def _has(clocks: Iterable[tuple[str, float]], name: str) -> bool:
    return any(clock[0] == name for clock in clocks)
