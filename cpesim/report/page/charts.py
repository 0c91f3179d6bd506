"""
The charts of report.html, as plain values for the chart library's script.

Rule: nothing is imported for it, and nothing here knows colours: they are names like
``$done`` that the page looks up, in light and in dark. At most 40 series are drawn,
whatever the run; the tables have the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log10
from typing import Any

from cpesim.measure.capacity import Capacity
from cpesim.measure.kept.rows import Row
from cpesim.measure.latency import step_begins
from cpesim.measure.result import Result
from cpesim.quantity import show_duration
from cpesim.report import seen
from cpesim.report.page.marks import Chart, marks, moment, time_axis
from cpesim.report.page.spectrum import spectrum
from cpesim.report.page.strips import errors, generator, in_flight

# What the bounds of all charts add up to, at the most.
MOST_SERIES = 40
# Points of one line; a longer run has the mean, or the worst, of several rows.
MOST_POINTS = 1_500
MOST_SETS = 8
# Charts that have no time of the run on their axis.
UNTIMED = ("recovery", "capacity", "spectrum")
# A latency axis has a name at these, in seconds.
_TICKS = [10.0**decade * step for decade in range(-6, 4) for step in (1, 2, 5)]


def charts(result: Result) -> list[Chart]:
    """The charts that have something to show, in the order of the page."""
    rows = result.history.chart()
    every = [
        _capacity(result.capacity),
        _load(rows),
        _bands(rows),
        _heat(result),
        spectrum(result, _TICKS),
        _recovery(result),
        errors(result),
        in_flight(result),
        generator(result),
    ]
    found = [chart for chart in every if chart is not None]
    axis, lines = time_axis(rows), marks(result)
    for chart in found:
        if chart.key not in UNTIMED:
            own = chart.layout.get("xaxis", {})
            chart.layout.update(lines, xaxis={**axis, **own})
    return found


def _capacity(found: Capacity | None) -> Chart | None:
    """Latency over rate, of the steps of a search."""
    if found is None or not found.steps:
        return None
    steps = sorted(found.steps, key=lambda step: step.rate)
    rates = [step.rate for step in steps]
    data: list[dict[str, Any]] = []
    for name, colour in (("p50", "$p50"), ("p95", "$p95"), ("p99", "$p99")):
        times = [max(getattr(step, name), 1e-6) for step in steps]
        came = [step.came for step in steps]
        told = [f"{show_duration(t)} {c}" for t, c in zip(times, came, strict=True)]
        data.append(
            {
                "name": name,
                "x": rates,
                "y": times,
                "mode": "lines+markers",
                "line": {"color": colour},
                "text": told,
                "hovertemplate": "%{text}",
            }
        )
    layout = {
        "yaxis": long_axis(),
        "xaxis": {"title": {"text": "sessions/s that were wanted"}},
    }
    note = "Session time at each rate that was tried."
    return Chart("capacity", "Latency over rate", note, data, layout, 320)


def _load(rows: Sequence[Row]) -> Chart | None:
    if not rows:
        return None
    groups, each = grouped(rows)
    lines = [
        ("wanted", "sessions.wanted", {"color": "$want", "dash": "dot", "width": 2}),
        ("got", "sessions.started", {"color": "$got", "width": 1.5}),
        ("done", "sessions.done", {"color": "$done", "width": 2}),
        ("failed", "sessions.failed", {"color": "$failed", "width": 2}),
    ]
    data = [
        drawn(groups, name, [mean_rate(group, counter) for group in groups], line)
        for name, counter, line in lines
    ]
    note = "Sessions a second." + (f" Means of {each} rows." if each > 1 else "")
    layout = {"yaxis": {"title": {"text": "sessions/s"}, "rangemode": "tozero"}}
    return Chart("load", "Load", note, data, layout)


def _bands(rows: Sequence[Row]) -> Chart | None:
    told = [row for row in rows if "session" in row.latency]
    if not told:
        return None
    groups, each = grouped(told)

    def worst(name: str) -> list[float]:
        return [
            max(float(getattr(row.latency["session"], name)) for row in group)
            for group in groups
        ]

    data = []
    # From below: each band is filled down to the line before it.
    for name, colour, fill in (
        ("p50", "$p50", ""),
        ("p95", "$p95", "$band1"),
        ("p99", "$p99", "$band2"),
        ("max", "$max", ""),
    ):
        width = 1 if name == "max" else 1.5
        line = {"color": colour, "width": width}
        if name == "max":
            line["dash"] = "dot"
        values = worst(name)
        trace = drawn(groups, name, values, line)
        trace["text"] = [show_duration(value) for value in values]
        trace["hovertemplate"] = "%{text}"
        if fill:
            trace |= {"fill": "tonexty", "fillcolor": fill}
        data.append(trace)
    note = "From the intended start of each session, by second."
    if each > 1:
        note = f"From the intended start of each session; the worst of {each} rows."
    highest = [row.latency["session"].max for row in told]
    lowest = [row.latency["session"].p50 for row in told]
    axis = long_axis(min(lowest), max(*highest, 1e-5))
    return Chart("bands", "Session time", note, data, {"yaxis": axis}, 320)


def _heat(result: Result) -> Chart | None:
    columns = result.history.heat.columns
    steps = sorted({int(step) for column in columns for step in column.sums})
    if not columns or not steps:
        return None
    first, last = steps[0], steps[-1]
    width = result.history.heat.width
    table = [
        [column.sums.get(str(step), 0) for column in columns]
        for step in range(first, last + 1)
    ]
    # A cell for each stretch; where there was none, the page shows through.
    edges = [moment(column.begin) for column in columns]
    edges.append(moment(columns[-1].begin + width))
    sizes = [log10(step_begins(step)) for step in range(first, last + 2)]
    names = [show_duration(step_begins(step)) for step in range(first, last + 2)]
    most = max(max(row) for row in table)
    counts = [n for n in (1, 10, 100, 1_000, 10_000, 100_000) if n <= most]
    data: list[dict[str, Any]] = [
        {
            "type": "heatmap",
            "x": edges,
            "y": [round(size, 4) for size in sizes],
            "z": [[round(log10(n), 2) if n else None for n in row] for row in table],
            "text": [
                [f"{below}-{above}: {n:,} sessions" if n else "" for n in row]
                for row, below, above in zip(table, names, names[1:], strict=False)
            ],
            "hovertemplate": "%{text}<extra></extra>",
            "hoverongaps": False,
            "zmin": 0,
            "zmax": max(log10(most), 1.0),
            "colorscale": [[0, "$heat0"], [0.5, "$heat1"], [1, "$heat2"]],
            "colorbar": {
                "thickness": 10,
                "outlinewidth": 0,
                "tickvals": [log10(n) for n in counts],
                "ticktext": [f"{n:,}" for n in counts],
            },
        }
    ]
    ticks = [tick for tick in _TICKS if sizes[0] <= log10(tick) <= sizes[-1]]
    layout = {
        "yaxis": {
            "tickmode": "array",
            "tickvals": [log10(tick) for tick in ticks],
            "ticktext": [show_duration(tick) for tick in ticks],
            "showgrid": False,
        },
    }
    note = f"How many sessions took how long, by {width} s; counts are logarithmic."
    return Chart("heat", "Session time, heat map", note, data, layout, 320)


def _recovery(result: Result) -> Chart | None:
    sets = [each for each in seen.reached(result) if each.curve][:MOST_SETS]
    if not sets:
        return None
    data = [curve(each, each.name, {"width": 2}) for each in sets]
    last = max(each.curve[-1][0] for each in sets)
    note = "The share that was back, or had the version, by the time since it began."
    return Chart("recovery", "Recovery", note, data, since_layout(last))


def curve(of: seen.Reached, name: str, line: dict[str, Any]) -> dict[str, Any]:
    """How a set came back, as a line of steps."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [moment(at) for at, _ in of.curve],
        "y": [round(back / max(1, of.size), 4) for _, back in of.curve],
        "line": {"shape": "hv", **line},
    }


def since_layout(last: float) -> dict[str, Any]:
    """The layout of such lines, of which the longest ends at *last*."""
    # A return that took a moment is told by parts of a second.
    form = "%H:%M:%S" if last >= 10 else "%M:%S.%1f"
    return {
        "yaxis": {"range": [0, 1.03], "tickformat": ".0%"},
        "xaxis": {"type": "date", "tickformat": form},
        "showlegend": True,
    }


def long_axis(least: float = 0.0, most: float = 0.0) -> dict[str, Any]:
    """A logarithmic axis of times, from *least* to *most* if they are told."""
    axis: dict[str, Any] = {
        "type": "log",
        "tickmode": "array",
        "tickvals": _TICKS,
        "ticktext": [show_duration(tick) for tick in _TICKS],
    }
    if most:
        axis["range"] = [log10(max(least, 1e-6)) - 0.1, log10(most) + 0.1]
    return axis


def grouped(rows: Sequence[Row]) -> tuple[list[Sequence[Row]], int]:
    """The rows in groups, so that there are not too many; and how many in each."""
    each = max(1, ceil(len(rows) / MOST_POINTS))
    return [rows[at : at + each] for at in range(0, len(rows), each)], each


def mean_rate(group: Sequence[Row], counter: str) -> float:
    """A counter's rise a second, over some rows."""
    count = sum(row.counters.get(counter, 0) for row in group)
    return round(count / sum(row.span for row in group), 3)


def drawn(
    groups: Sequence[Sequence[Row]],
    name: str,
    values: Sequence[float | None],
    line: dict[str, Any],
) -> dict[str, Any]:
    """A line over the time of a run, of a value for each group of rows."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [moment(group[0].second) for group in groups],
        "y": values,
        "line": line,
    }
