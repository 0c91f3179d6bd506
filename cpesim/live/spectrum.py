"""
View 2: the percentiles of sessions and exchanges, and their heat over time.

Rule: pure and exact. Seconds are drawn on a logarithmic scale, for a tail is many
times its median.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, log

from cpesim.live.cells import READABLE, clean, fit, progress, rule, side_by_side
from cpesim.live.panels import plain_series
from cpesim.measure.latency import Figures
from cpesim.measure.outline import outline
from cpesim.measure.result import Result
from cpesim.quantity import show_clock, show_count, show_duration

PERCENTILES = (
    ("p50", "p50"),
    ("p90", "p90"),
    ("p95", "p95"),
    ("p99", "p99"),
    ("p99.9", "p99_9"),
    ("max", "max"),
)
# How a cell of the heat strip is shaded by the highest percentile that reaches it.
SHADES = (("p50", "█"), ("p95", "▓"), ("p99", "▒"), ("max", "░"))
_LABEL = 8
# The strip tells of an hour at the most: older seconds are in the reports.
MOST_SECONDS = 3_600
LEAST_STRIP, MOST_STRIP = 5, 16


def spectrum(result: Result, width: int, height: int) -> list[str]:
    """Percentiles on top, the table of exchanges, the strip over time."""
    left = (width - 1) // 2
    right = width - left - 1
    run, recent = result.total("session"), result.window("session")
    top = max(run.max, recent.max)
    lines = [rule(left, "sessions, whole run") + "┬" + rule(right, "last 10 s")]
    lines += side_by_side(_bars(run, top, left), _bars(recent, top, right), left)
    lines.append(rule(width, "whole run, from intended start", "┴", left))
    room = height - len(lines)
    strip = max(LEAST_STRIP, min(MOST_STRIP, room // 2))
    lines += _table(result, width, room - strip - 1)
    lines += _strip(result, width, min(height - len(lines), MOST_STRIP + 4))
    return lines


def _bars(found: Figures, top: float, width: int) -> list[str]:
    """One bar a percentile; the longest is *top*."""
    lines = []
    room = max(1, width - 16)
    for name, field in PERCENTILES:
        seconds = getattr(found, field) if found.count else 0.0
        share = _scaled(seconds, found.p50 / 2, top)
        bar = progress(share, room).replace("·", " ")
        text = show_duration(seconds) if found.count else "-"
        lines.append(fit(f" {name:<5}{text:>7}  {bar}", width))
    return lines


def _scaled(seconds: float, bottom: float, top: float) -> float:
    """Where the seconds are between both, 0 to 1, by their logarithm."""
    if seconds <= 0 or bottom <= 0 or top <= bottom:
        return 0.0
    return max(0.0, log(seconds / bottom) / log(top / bottom))


def _table(result: Result, width: int, height: int) -> list[str]:
    """All percentiles of every exchange; as many as there is room for."""
    room = max(20, min(width, READABLE) - 56)
    head = fit("", room)
    head += "".join(f"{name:>8}" for name, _ in PERCENTILES) + f"{'count':>8}"
    lines = [fit(head, width)]
    for line in outline(plain_series(result), max(0, height - 1)):
        found = result.total(line.series)
        text = fit(f" {line.branch}{clean(line.full)}", room)
        for _, field in PERCENTILES:
            text += f"{show_duration(getattr(found, field)):>8}"
        lines.append(fit(text + f"{show_count(found.count):>8}", width))
    return lines[: max(0, height)]


def _strip(result: Result, width: int, height: int) -> list[str]:
    """Time from left to right, seconds from the bottom up."""
    if height < 3:
        return [rule(width)] * max(0, height)
    cells = width - _LABEL - 1
    known = min(len(result.history.seconds), MOST_SECONDS)
    per = max(1, -(-known // cells))
    seconds = result.history.seconds
    newest = seconds[-1].second // per if seconds else 0
    columns: list[Figures | None] = [None] * cells
    for number, found in seconds.hardest(cells * per, per).items():
        at = cells - 1 - (newest - number)
        if at >= 0:
            columns[at] = found
    title = "time of sessions: " + " ".join(f"{mark} {name}" for name, mark in SHADES)
    title += f", last {show_clock(cells * per)}"
    return [rule(width, title), *_shaded(columns, width, height - 1)]


def _shaded(columns: Sequence[Figures | None], width: int, height: int) -> list[str]:
    told = [found for found in columns if found is not None]
    if not told:
        return [fit(" no session has ended yet", width)]
    bottom = max(min(found.p50 for found in told), 1e-6)
    top = max(max(found.max for found in told), bottom * 1.001)
    step = (top / bottom) ** (1 / height)
    lines = []
    for n in range(height - 1, -1, -1):
        lower = bottom * step**n if n else 0.0
        upper = bottom * step ** (n + 1)
        end = upper if n < height - 1 else inf
        cells = "".join(_shade(found, lower, end) for found in columns)
        label = show_duration(upper)
        lines.append(fit(f"{label:>{_LABEL - 1}} {cells}", width))
    return lines


def _shade(found: Figures | None, lower: float, upper: float) -> str:
    """What a cell of these seconds, *lower* to *upper*, holds of the sessions."""
    # The half that is quicker than the median is not drawn.
    if found is None or found.p50 >= upper:
        return " "
    for name, mark in SHADES:
        if getattr(found, name) >= lower:
            return mark
    return " "
