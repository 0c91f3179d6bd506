"""
The value that a criterion speaks of, in a part of the run, and how it is shown.

Rule: pure; it measures and does not judge.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from cpesim.measure.part import Gauge, Part
from cpesim.measure.recovery import Recovery
from cpesim.quantity import show_bytes, show_count, show_duration, spell_duration
from cpesim.scenario.limits.check import unit_of
from cpesim.scenario.limits.criterion import Criterion
from cpesim.scenario.limits.metrics import METRICS, Kind
from cpesim.scenario.limits.sources import Sources


class Found(NamedTuple):
    """A value, and the samples that it is made of; None where there is none."""

    value: float | None
    samples: int


def value_in(criterion: Criterion, where: Sources, part: Part) -> Found:
    """What the criterion's aggregate is in a part of the run."""
    kind = METRICS[criterion.metric].kind
    if kind is Kind.TIMES:
        return _of_times(criterion, where, part)
    if kind is Kind.COUNTS:
        return _of_counts(criterion, where, part)
    gauge = part.gauges.get(where.gauges)
    if gauge is None:
        return Found(None, 0)
    value = _level(criterion.aggregate, gauge)
    if criterion.aggregate == "rate":
        # Steps add and remove CPEs; the plan counts only where nobody told.
        told = part.gauges.get(where.totals)
        value /= max(1, (told.last if told else 0) or where.cpes)
    return Found(value, gauge.looks)


def value_of(criterion: Criterion, reached: Recovery) -> Found:
    """What the criterion's aggregate is of CPEs that get somewhere; inf: not yet."""
    if criterion.aggregate == "count":
        return Found(float(reached.back), reached.size)
    if criterion.aggregate == "done":
        return Found(reached.done, reached.size)
    if not reached.size:
        return Found(None, 0)
    found = reached.t(criterion.share or 0.0)
    return Found(inf if found is None else found, reached.size)


def _of_times(criterion: Criterion, where: Sources, part: Part) -> Found:
    samples = part.samples(where.series)
    aggregate = criterion.aggregate
    if aggregate == "count":
        return Found(float(samples), samples)
    if aggregate == "rate":
        return _each_second(samples, part)
    found = part.histogram(where.series)
    if found is None or not found.total_count:
        return Found(None, 0)
    if criterion.percentile is not None:
        (value,) = found.percentiles([criterion.percentile])
    elif aggregate == "avg":
        value = found.sum / samples / 1e6
    elif aggregate == "min":
        value = found.get_min_value() / 1e6
    else:
        value = found.max_value / 1e6
    return Found(value, samples)


def _of_counts(criterion: Criterion, where: Sources, part: Part) -> Found:
    number = part.count(where.counters)
    if criterion.aggregate == "count":
        return Found(float(number), number)
    if unit_of(criterion) != "%":
        return _each_second(number, part)
    whole = part.count(where.of) + part.samples(where.of_series)
    # An exchange that had no answer is in no series.
    whole = max(whole, number)
    return Found(number / whole if whole else None, whole)


def _each_second(number: int, part: Part) -> Found:
    return Found(number / part.seconds if part.seconds else None, number)


def _level(aggregate: str, gauge: Gauge) -> float:
    if aggregate == "avg":
        return gauge.sum / gauge.looks
    if aggregate in ("min", "max"):
        return gauge.low if aggregate == "min" else gauge.high
    return gauge.last


def compared(criterion: Criterion, value: float) -> bool:
    """Whether the value is within the limit; a rate a second in the bound's own time"""
    return criterion.holds(value * (_per(criterion) or 1.0))


def _per(criterion: Criterion) -> float | None:
    return None if criterion.drift else criterion.bound.per


def show(criterion: Criterion, value: float) -> str:
    """The value as people read it."""
    if criterion.drift:
        relative = criterion.bound.unit == "%"
        text = _shown("%" if relative else unit_of(criterion), abs(value))
        sign = "-" if value < 0 else "+"
        return f"{sign}{text} in {spell_duration(criterion.bound.per or 1.0)}"
    per = _per(criterion)
    text = _shown(unit_of(criterion), value * (per or 1.0))
    if per is None:
        return text
    each = spell_duration(per)
    return f"{text}/{each.removeprefix('1') if each[1:].isalpha() else each}"


def _shown(unit: str, value: float) -> str:
    if value == inf:
        return "never"
    if unit == "s":
        return show_duration(value)
    if unit == "%":
        percent = value * 100
        return f"{percent:.3g} %" if percent < 1000 else f"{percent:,.0f} %"
    if unit == "B":
        return show_bytes(value)
    whole = value >= 100 or value == round(value)
    return show_count(value) if whole else f"{value:.3g}"
