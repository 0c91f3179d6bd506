"""
Limits and phases, for the console and for summary.json.

Rule: nothing is said of them where the run had none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isinf
from typing import Any

from cpesim.measure.latency import Figures
from cpesim.measure.limit import Limit, LimitState
from cpesim.measure.result import Result
from cpesim.quantity import show_duration
from cpesim.report import seen

_TITLE = 46
_GAP = "   "


def limit_lines(result: Result) -> Iterator[str]:
    """The block LIMITS: each limit, its value, and where it is written if it failed."""
    limits = result.limits
    if not limits:
        return
    counts = [f"{_number(result, LimitState.OK)} passed"]
    for state, words in (
        (LimitState.FAILED, "FAILED"),
        (LimitState.WARN, "warned"),
        (LimitState.TOO_FEW, "too few samples"),
        (LimitState.PENDING, "pending"),
    ):
        if number := _number(result, state):
            counts.append(f"{number} {words}")
    yield f"LIMITS   {', '.join(counts)}"
    for limit in limits:
        parts = [f"  {seen.MARKS[limit.state]} {limit.title:{_TITLE}}", limit.text]
        if limit.state is LimitState.TOO_FEW:
            parts.append("too few samples")
        if limit.state is not LimitState.OK and limit.where:
            parts.append(limit.where)
        if limit.aborted:
            parts.append("ended the run")
        yield _GAP.join(parts)


def _number(result: Result, state: LimitState) -> int:
    return sum(limit.state is state for limit in result.limits)


def phase_line(result: Result) -> Iterator[str]:
    """The line BY PHASE: the session's p99 in each."""
    parts = result.phases.parts
    if not parts:
        return
    told = []
    for name in parts:
        found = result.total("session", name)
        told.append(f"{name} {show_duration(found.p99) if found.count else '-'}")
    yield f"BY PHASE session p99{_GAP}{f'{_GAP}│ '.join(told)}"


def limits_as_values(result: Result) -> list[dict[str, Any]]:
    """Each limit as it is told to programs."""
    return [_limit(limit) for limit in result.limits]


def _limit(limit: Limit) -> dict[str, Any]:
    place = limit.threshold.place
    return {
        "name": limit.title,
        "threshold": limit.threshold.text,
        "state": limit.state.value,
        "value": _finite(limit.value),
        "text": limit.text,
        "at": None if limit.at is None else round(limit.at, 3),
        "worst": _finite(limit.worst),
        "samples": limit.samples,
        "phase": limit.phase,
        "severity": limit.threshold.severity,
        "aborted": limit.aborted,
        "place": {"file": place.file, "line": place.line, "column": place.column},
    }


def _finite(value: float | None) -> float | None:
    """A time that never came is no number."""
    return None if value is None or isinf(value) else value


def phases_as_values(
    result: Result, figures: Callable[[Figures], dict[str, float]]
) -> dict[str, dict[str, Any]]:
    """Each phase: when it was, its sessions and what is kept of its latencies."""
    told = {}
    for name, part in result.phases.parts.items():
        begin, end = seen.moments(result, name)
        told[name] = {
            "begin": begin,
            "end": end,
            "seconds": part.seconds,
            "sessions": seen.sessions(part),
            "latency": {
                series: figures(result.total(series, name)) for series in part.latency
            },
        }
    return told
