"""
The charts of a comparison: both sides' runs laid over each other.

Rule: the colour says which side, and the line's dashes which figure. All runs begin at
the same place of the time axis, whenever they were; rows are those that are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from cpesim.measure.kept.rows import Row
from cpesim.measure.result import Result
from cpesim.report import seen
from cpesim.report.page.charts import (
    MOST_SERIES,
    curve,
    drawn,
    grouped,
    mean_rate,
    since_layout,
)
from cpesim.report.page.charts import long_axis as times
from cpesim.report.page.marks import Chart, marks, time_axis

BASE, NEW = "base", "new"
# Seconds of a row: one second's percentiles of two runs are a tangle.
SPAN = 10
# Runs of one side that are drawn; of more the table tells.
MOST_RUNS = 3
# Lines of each run, and of each side, beside those of its sets' recovery.
OF_RUN, OF_SIDE = 5, 1
# Times that differ by more than so many times are drawn on a logarithmic axis.
WIDE = 10.0
DASHES = ("solid", "dot", "dash", "dashdot")
PERCENTILES = ("p50", "p95", "p99")


@dataclass(frozen=True, slots=True)
class _Run:
    """A run, whose it is, and its rows without one that its end cut off."""

    side: str
    result: Result
    rows: Sequence[Row]

    def line(self, dash: str, width: float = 2) -> dict[str, Any]:
        return {"color": f"${self.side}", "dash": dash, "width": width}


def overlay(base: Sequence[Result], new: Sequence[Result]) -> list[Chart]:
    """The charts that have something to show, in the order of the page."""
    runs = [
        _Run(side, result, _whole(result))
        for side, results in ((BASE, base), (NEW, new))
        for result in results[:MOST_RUNS]
    ]
    every = [
        _load(runs),
        *(_times(runs, name) for name in PERCENTILES),
        _failed(runs),
        _recovery(runs),
    ]
    found = [chart for chart in every if chart is not None]
    longest = max((run.rows for run in runs), key=_end)
    axis, lines = time_axis(longest), marks(runs[-1].result, events=False)
    for chart in found:
        if chart.key != "recovery":
            chart.layout.update(lines, xaxis=axis)
    return found


def _whole(result: Result) -> list[Row]:
    rows = result.history.chart(SPAN)
    whole = [row for row in rows if row.second + row.span <= result.now]
    return whole or rows


def _end(rows: Sequence[Row]) -> float:
    return rows[-1].second + rows[-1].span if rows else 0.0


def _load(runs: Sequence[_Run]) -> Chart | None:
    # What was wanted is the same for all runs of a side.
    firsts = [next(run for run in runs if run.side == side) for side in (BASE, NEW)]
    data = [
        *_lines(
            firsts, "wanted", partial(mean_rate, counter="sessions.wanted"), "dot", 1.5
        ),
        *_lines(runs, "done", partial(mean_rate, counter="sessions.done"), "solid"),
    ]
    layout = {"yaxis": {"title": {"text": "sessions/s"}, "rangemode": "tozero"}}
    return _chart("load", "Load", "Sessions a second, wanted and done.", data, layout)


def _failed(runs: Sequence[_Run]) -> Chart | None:
    if not any(run.result.count("sessions.failed") for run in runs):
        return None
    data = _lines(
        runs, "failed", partial(mean_rate, counter="sessions.failed"), "solid"
    )
    layout = {"yaxis": {"title": {"text": "failed/s"}, "rangemode": "tozero"}}
    return _chart("errors", "Errors", "Failed sessions a second.", data, layout)


def _times(runs: Sequence[_Run], name: str) -> Chart | None:
    """One percentile of the session's time."""

    def worst(group: Sequence[Row]) -> float | None:
        told = [row.latency["session"] for row in group if "session" in row.latency]
        return max((float(getattr(each, name)) for each in told), default=None)

    data = _lines(runs, name, worst, "solid")
    values = [y for trace in data for y in trace["y"] if y is not None]
    if not values:
        return None
    note = "From the intended start of each session."
    axis: dict[str, Any] = {"rangemode": "tozero", "ticksuffix": " s"}
    if max(values) > WIDE * min(values):
        axis = times(min(values), max(values))
    layout = {"yaxis": axis}
    return _chart(name, f"Session time, {name}", note, data, layout)


def _recovery(runs: Sequence[_Run]) -> Chart | None:
    reached = [(run, seen.reached(run.result)) for run in runs]
    names = list(dict.fromkeys(each.name for _, sets in reached for each in sets))
    room = (MOST_SERIES - 2 * OF_SIDE - OF_RUN * len(runs)) // len(runs)
    data = []
    for run, sets in reached:
        for each in sets:
            at = names.index(each.name)
            if each.curve and at < room:
                line = run.line(DASHES[at % len(DASHES)])
                data.append(curve(each, f"{run.side}, {each.name}", line))
    if not data:
        return None
    last = max(each.curve[-1][0] for _, sets in reached for each in sets if each.curve)
    note = "The share that was back, or had the version, by the time since it began."
    return Chart("recovery", "Recovery", note, _legends(data), since_layout(last), 320)


def _lines(
    runs: Iterable[_Run],
    name: str,
    figure: Callable[[Sequence[Row]], float | None],
    dash: str,
    width: float = 2,
) -> list[dict[str, Any]]:
    data = []
    for run in runs:
        groups, _ = grouped(run.rows)
        values = [figure(group) for group in groups]
        data.append(drawn(groups, f"{run.side} {name}", values, run.line(dash, width)))
    return data


def _chart(
    key: str, title: str, note: str, data: list[dict[str, Any]], layout: dict[str, Any]
) -> Chart | None:
    if not any(trace["x"] for trace in data):
        return None
    note += f" By {SPAN} s, from the beginning of each run."
    return Chart(key, title, note, _legends(data), {**layout, "showlegend": True})


def _legends(data: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Runs of one side have one name, and one place in the legend."""
    seen_names: set[str] = set()
    for trace in data:
        name = trace["name"]
        trace |= {"legendgroup": name, "showlegend": name not in seen_names}
        seen_names.add(name)
    return data
