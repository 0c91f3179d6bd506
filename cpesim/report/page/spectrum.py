"""
The percentile spectrum: how long the slowest share of a run's exchanges took.

Rule: as of charts.py. It is drawn from the histograms of the whole run, by what is left
above a percentile: each step of ten to the right is a tenth of the samples.
"""

from __future__ import annotations

from math import log10
from typing import Any

from cpesim.measure.latency import Latency
from cpesim.measure.outline import HEAD, TAIL, Line, outline
from cpesim.measure.result import Result
from cpesim.quantity import show_duration
from cpesim.report.page.marks import Chart

# Of exchanges; the session has two lines, from its due time and from its start.
MOST_EXCHANGES = 2
# Points to a tenfold; the slowest sample of all is a point besides.
POINTS = 12
COLOURS = ("$p99", "$p95", "$got", "$busy")


def spectrum(result: Result, ticks: list[float]) -> Chart | None:
    """The chart; *ticks* are the seconds that the upright axis names."""
    found = [
        (line.full, histogram)
        for line in _lines(result)
        if (histogram := result.histogram(line.series)) is not None
        and histogram.total_count
    ]
    if not found:
        return None
    data = []
    for (name, histogram), colour in zip(found, COLOURS, strict=False):
        dash = "dot" if name.startswith("service") else "solid"
        data.append(_line(name, histogram, {"color": colour, "dash": dash}))
    most = max(histogram.total_count for _, histogram in found)
    lowest = max(min(trace["y"][0] for trace in data), 1e-6)
    highest = max(trace["y"][-1] for trace in data)
    layout = {
        "showlegend": True,
        "xaxis": {
            "type": "log",
            "tickmode": "array",
            "tickvals": _marks(most),
            "ticktext": [_share(left) for left in _marks(most)],
            "range": [0, max(log10(most), 1.0) * 1.02],
        },
        "yaxis": {
            "type": "log",
            "tickmode": "array",
            "tickvals": ticks,
            "ticktext": [show_duration(tick) for tick in ticks],
            "range": [log10(lowest) - 0.1, log10(max(highest, lowest)) + 0.1],
        },
    }
    note = "How long the slowest took: right of 99 % is one of a hundred, and so on."
    return Chart("spectrum", "Percentile spectrum", note, data, layout, 340)


def _lines(result: Result) -> list[Line]:
    """The session's, Inform's, and that of the RPC that came most."""
    lines = outline(result.series())
    other = (*HEAD, *TAIL, "empty POST")
    exchanges = [line for line in lines if line.series not in other]
    return [
        *(line for line in lines if line.series in HEAD),
        *exchanges[:MOST_EXCHANGES],
    ]


def _line(name: str, histogram: Latency, line: dict[str, Any]) -> dict[str, Any]:
    """From the quickest to the slowest; the last point is the slowest of all."""
    count = histogram.total_count
    steps = int(POINTS * log10(count)) if count > 1 else 0
    lefts = [10 ** (step / POINTS) for step in range(steps + 1)]
    if lefts[-1] < count:
        lefts.append(float(count))
    percentiles = [100 * (1 - 1 / left) for left in lefts]
    percentiles[-1] = 100.0
    took = histogram.percentiles(percentiles)
    shares = [*(_share(left) for left in lefts[:-1]), "max"]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [round(left, 3) for left in lefts],
        "y": took,
        "line": {"width": 2, **line},
        "text": [
            f"{show_duration(t)} at {share}"
            for t, share in zip(took, shares, strict=True)
        ],
        "hovertemplate": "%{text}",
    }


def _marks(most: int) -> list[float]:
    """Where the axis is named: 0 %, 50 %, 90 %, 99 % and so on."""
    return [1.0, 2.0, *(10.0**n for n in range(1, max(2, int(log10(most)) + 1)))]


def _share(left: float) -> str:
    """The percentile above which one of *left* is: ``99.9 %``."""
    digits = max(1, int(log10(left) + 1e-9))
    return f"{100 * (1 - 1 / left):.{digits}f}".rstrip("0").rstrip(".") + " %"
