"""
The percentiles that a run's tables tell: those of `report: {percentiles: [...]}`.

Rule: one place for their names and values, so that all tables have the same columns.
What only a summary tells of a stored run are the usual ones; another one is a dash.
"""

from __future__ import annotations

from collections.abc import Sequence

from cpesim.measure.latency import PERCENTILES, Figures
from cpesim.measure.result import Result
from cpesim.quantity import show_duration

# Percentiles that each series' figures hold -> the name of the field.
_FIELDS = dict(zip(PERCENTILES, ("p50", "p90", "p95", "p99", "p99_9"), strict=True))
# Those that a narrow screen has room for, and how many.
_NARROW, _ROOM = (50.0, 95.0, 99.0), 3


def wanted(result: Result, *, narrow: bool = False) -> Sequence[float]:
    """The percentiles of the tables, or those that fit a *narrow* one."""
    asked = result.facts.percentiles
    if not narrow or len(asked) <= _ROOM:
        return asked
    return ([p for p in asked if p in _NARROW] or asked)[:_ROOM]


def name(percentile: float) -> str:
    """As p99.9."""
    return f"p{percentile:.10g}"


def names(result: Result, *, narrow: bool = False) -> list[str]:
    """The heads of their columns."""
    return [name(each) for each in wanted(result, narrow=narrow)]


def values(
    result: Result, series: str, phase: str = "", *, narrow: bool = False
) -> list[float | None]:
    """A series' seconds at each, over the whole run or in a phase that keeps it."""
    asked = wanted(result, narrow=narrow)
    found = result.total(series, phase)
    rare = [each for each in asked if each not in _FIELDS]
    known = dict(zip(rare, _rare(result, series, phase, rare), strict=True))
    return [known[each] if each in known else _usual(found, each) for each in asked]


def cells(
    result: Result, series: str, phase: str = "", *, narrow: bool = False
) -> list[str]:
    """The same as people read it."""
    told = values(result, series, phase, narrow=narrow)
    return ["-" if value is None else show_duration(value) for value in told]


def besides(result: Result, series: str) -> dict[str, float]:
    """Those that no figures hold, as summary.json has them: ``p99_99``."""
    pairs = zip(wanted(result), values(result, series), strict=True)
    return {
        name(each).replace(".", "_"): value
        for each, value in pairs
        if each not in _FIELDS and value is not None
    }


def _usual(found: Figures, percentile: float) -> float:
    value: float = getattr(found, _FIELDS[percentile])
    return value


def _rare(
    result: Result, series: str, phase: str, rare: Sequence[float]
) -> Sequence[float | None]:
    if not rare:
        return []
    if phase:
        part = result.part(phase)
        histogram = part.histogram((series,)) if part else None
    else:
        histogram = result.histogram(series)
    if histogram is None or not histogram.total_count:
        return [None] * len(rare)
    return histogram.percentiles(rare)
