"""
View 1: load, fleet, latencies, recovery, errors and events on one screen.

Rule: pure and exact, as every view: so many lines of such a width. What the screen
has more than the least goes to the panels in turns.
"""

from __future__ import annotations

from collections.abc import Mapping

from cpesim.live import panels
from cpesim.live.cells import rule
from cpesim.live.goals import limits_title, recovery
from cpesim.live.seams import limit_states, recoveries
from cpesim.measure.result import Result

# Whose turn it is to get one of the rows that are left over.
_TURNS = ("latency", "latency", "errors", "load", "latency", "events")
# From so many lines on, more than one recovery is told.
ROOMY = 40
_LEAST = {"load": 4, "latency": 5, "errors": 2, "events": 1}


def main(result: Result, width: int, height: int) -> list[str]:
    """Everything that matters, in *height* lines."""
    left = max(38, (width - 2) * 38 // 78)
    right = width - left - 1
    wanted = {
        "load": len(panels.CURVES),
        "latency": panels.latency_rows(result),
        "errors": max(1, len(result.errors)),
        "events": max(1, len(result.events)),
    }
    back: list[str] = []
    for told in recoveries(result)[-1 if height < ROOMY else -3 :]:
        back += recovery(told, result.now, width)
    # Four rules and the head of the latency table.
    rows = _share(height - len(back) - 5, wanted)
    cells, per = panels.chart_seconds(left)
    load = panels.load(result, left, rows["load"])
    fleet = panels.fleet(result, right, rows["load"])
    lines = [rule(left, f"load, last {cells * per} s") + "┬" + rule(right, "fleet")]
    for n in range(rows["load"]):
        one = load[n] if n < len(load) else " " * left
        other = fleet[n] if n < len(fleet) else " " * right
        lines.append(f"{one}│{other}")
    lines.append(rule(width, _latency_title(result), "┴", left))
    lines += _padded(
        panels.latency(result, width, rows["latency"] + 1), rows, "latency", width
    )
    lines += back
    lines.append(rule(width, "errors, whole run"))
    lines += _padded(
        panels.errors(result, width, rows["errors"]), rows, "errors", width
    )
    lines.append(rule(width, limits_title(limit_states(result)) or "events"))
    lines += _padded(
        panels.events(result, width, rows["events"]), rows, "events", width
    )
    return lines


def _padded(
    lines: list[str], rows: Mapping[str, int], panel: str, width: int
) -> list[str]:
    """A panel's lines filled up to its rows; the latency table has its head besides."""
    missing = rows[panel] + (panel == "latency") - len(lines)
    return lines + [" " * width] * missing


def _latency_title(result: Result) -> str:
    left_out = result.left_out()
    without = f", without {left_out}" if left_out else ""
    return f"from intended start, last 10 s{without}"


def _share(rows: int, wanted: Mapping[str, int]) -> dict[str, int]:
    """Rows for each panel: the least of each, then in turns what it wants."""
    given = {name: min(least, wanted[name]) for name, least in _LEAST.items()}
    given["load"] = _LEAST["load"]
    left = rows - sum(given.values())
    for name in ("latency", "errors"):
        # A screen of 24 lines that has to tell of everything at once.
        taken = min(max(0, -left), max(0, given[name] - 1))
        given[name] -= taken
        left += taken
    while left > 0:
        before = left
        for name in _TURNS:
            if left > 0 and given[name] < wanted[name]:
                given[name] += 1
                left -= 1
        if left == before:
            # Nobody wants more: the events, last on the screen, get what is left.
            given["events"] += left
            break
    return given
