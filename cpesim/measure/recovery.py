"""
How a named set of CPEs came back: the time until each had one good session.

Rule: pure functions of a Result. A set whose clock began several times is told of as
a whole: each beginning adds its CPEs, and who was not back by the next never was.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from cpesim.measure.latency import Latency
from cpesim.measure.result import Result
from cpesim.quantity import show_clock, show_duration

# The series holds hundredths of the seconds, which reach 100 hours.
PART = 100.0
SHARES = (0.5, 0.9, 0.95, 0.99, 1.0)
_BEGUN, _BACK, _TIMES = "recovering{set=", "recovered{set=", "recovery{set="


@dataclass(frozen=True, slots=True)
class Recovery:
    """
    A set: how many CPEs were waited for, and how many are *back*.

    *now_size* and *now_back* are those since its clock began last, at *since*.
    """

    name: str
    size: int = 0
    back: int = 0
    now_size: int = 0
    now_back: int = 0
    since: float | None = None
    times: Latency | None = None

    @property
    def never(self) -> int:
        """How many are not back."""
        return self.size - self.back

    def t(self, share: float) -> float | None:
        """
        The seconds until this share of the set (0 to 1) was back; None: it is not.

        The share is of the whole set, not of those that came back.
        """
        wanted = max(ceil(share * self.size - 1e-9), 1)
        times = self.times
        if times is None or not times.total_count or wanted > self.back:
            return None
        wanted = min(wanted, times.total_count)
        return times.percentiles([100.0 * wanted / times.total_count])[0] * PART


def shown(seconds: float | None) -> str:
    """A time of t() for people: ``800ms``, ``04:31``, or ``-`` for one that is not."""
    if seconds is None:
        return "-"
    return show_clock(seconds) if seconds >= 60 else show_duration(seconds)


def recovery(result: Result, name: str) -> Recovery:
    """What is known of the set of this name; of one that never began, a size of 0."""
    gauges = result.gauges()
    return Recovery(
        name,
        result.count(f"{_BEGUN}{name}}}"),
        result.count(f"{_BACK}{name}}}"),
        int(gauges.get(f"set.size{{set={name}}}", 0)),
        int(gauges.get(f"set.back{{set={name}}}", 0)),
        result.recovering.get(name),
        result.histogram(f"{_TIMES}{name}}}"),
    )


def recoveries(result: Result) -> list[Recovery]:
    """Each set whose clock began, in the order of their names."""
    names = sorted(
        name.removeprefix(_BEGUN).removesuffix("}")
        for name in result.counters
        if name.startswith(_BEGUN)
    )
    return [recovery(result, name) for name in names]
