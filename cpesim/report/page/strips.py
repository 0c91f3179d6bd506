"""
The charts that are drawn from a run's strip: errors, sessions in flight, generator.

Rule: as of charts.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from cpesim.measure.kept.strip import Column
from cpesim.measure.result import Result
from cpesim.report.page.marks import Chart, moment

MOST_ERRORS = 9


def errors(result: Result) -> Chart | None:
    """What failed, by error."""
    strip = result.history.strip
    totals: Counter[str] = Counter()
    for column in strip.columns:
        totals.update({k: n for k, n in column.sums.items() if k.startswith("failed.")})
    if not totals:
        return None
    named = [name for name, _ in totals.most_common(MOST_ERRORS)]
    rest = [name for name in totals if name not in named]
    columns = strip.columns
    parts = [(name.removeprefix("failed."), [name]) for name in named]
    if rest:
        parts.append((f"{len(rest)} other kinds", rest))
    data: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": name,
            "x": [moment(column.begin) for column in columns],
            "y": [
                round(sum(column.sums.get(key, 0) for key in keys) / strip.width, 3)
                for column in columns
            ],
            "width": strip.width * 1e3,
            "offset": 0,
            "marker": {"line": {"width": 0}},
        }
        for name, keys in parts
    ]
    layout = {
        "barmode": "stack",
        "bargap": 0,
        "showlegend": True,
        "yaxis": {"title": {"text": "failed/s"}, "rangemode": "tozero"},
    }
    note = f"Failed sessions a second by error, by {strip.width} s."
    return Chart("errors", "Errors", note, data, layout)


def in_flight(result: Result) -> Chart | None:
    """How many sessions were open."""
    columns = [c for c in result.history.strip.columns if "busy" in c.peaks]
    if not columns:
        return None
    trace = _peaks(columns, "open", lambda c: c.peaks["busy"], "$busy")
    layout = {"yaxis": {"rangemode": "tozero"}}
    note = f"At most {result.facts.in_flight:,} are allowed."
    return Chart("open", "Sessions in flight", note, [trace], layout, 200)


def generator(result: Result) -> Chart | None:
    """This machine's own figures."""
    columns = result.history.strip.columns
    lines: list[tuple[str, Callable[[Column], float | None], str, str]] = [
        ("CPU, busiest worker", lambda c: c.peaks.get("cpu"), "$got", "y"),
        ("CPU, parent", lambda c: c.peaks.get("parent cpu"), "$want", "y"),
        ("late by its own doing", _late, "$failed", "y"),
        ("lag p99, worst worker", lambda c: c.peaks.get("lag_p99"), "$got", "y2"),
        ("lag p99, parent", lambda c: c.peaks.get("parent lag_p99"), "$want", "y2"),
    ]
    data = []
    for name, figure, colour, axis in lines:
        told = [column for column in columns if figure(column) is not None]
        if told:
            trace = _peaks(told, name, figure, colour)
            trace["yaxis"] = axis
            if axis == "y2":
                trace["line"]["dash"] = "dot"
            data.append(trace)
    if not data:
        return None
    layout: dict[str, Any] = {
        "showlegend": True,
        "xaxis": {"anchor": "y2"},
        "yaxis": {"domain": [0.56, 1], "tickformat": ".0%", "rangemode": "tozero"},
        "yaxis2": {
            "domain": [0, 0.44],
            "rangemode": "tozero",
            "ticksuffix": "s",
        },
    }
    note = "This machine: where it is at its limit, the ACS is not what is measured."
    return Chart("generator", "Generator", note, data, layout, 340)


def _late(column: Column) -> float | None:
    late = column.sums.get("late.generator", 0)
    started = column.sums.get("sessions.started", 0)
    return late / max(started, late) if started or late else None


def _peaks(
    columns: Iterable[Column],
    name: str,
    figure: Callable[[Column], float | None],
    colour: str,
) -> dict[str, Any]:
    told = list(columns)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [moment(column.begin) for column in told],
        "y": [round(figure(column) or 0.0, 5) for column in told],
        "line": {"color": colour, "width": 1.5},
    }
