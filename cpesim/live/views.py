"""
A Result as the lines of a screen, or as one line.

Rule: pure, and exact: `dashboard` gives *height* lines of *width* cells for every
size there is. Below 80x24 there are six lines of the most needed.
"""

from __future__ import annotations

from collections.abc import Mapping

from cpesim.live import panels
from cpesim.live.cells import clean, fit, joined, rule
from cpesim.live.looking import Looking
from cpesim.measure.health import Grade
from cpesim.measure.result import Result, State
from cpesim.quantity import (
    show_clock,
    show_count,
    show_duration,
    show_rate,
    show_share,
)

WIDTH, HEIGHT = 80, 24
MAIN = Looking()
# Whose turn it is to get one of the rows that are left over.
_TURNS = ("latency", "latency", "errors", "load", "latency", "events")
_LEAST = {"load": 4, "latency": 5, "errors": 2, "events": 1}


def dashboard(
    result: Result, width: int, height: int, looking: Looking = MAIN
) -> list[str]:
    """The screen: exactly *height* lines of exactly *width* cells."""
    if width < WIDTH or height < HEIGHT:
        lines = _small(result, width)
    else:
        lines = _large(result, width, height)
    lines = lines[:height]
    return lines + [" " * width] * (height - len(lines))


def plain_line(result: Result) -> str:
    """One line for logs and CI."""
    row = panels.last_row(result)
    counts = result.sessions()
    ended = counts["done"] + counts["failed"]
    recent = result.window("session")
    words = [
        show_clock(result.now),
        f"want {show_rate(row.rate('sessions.wanted'))}"
        f" got {show_rate(row.rate('sessions.started'))}",
        f"busy {result.gauges().get('busy', 0):.0f}",
        f"ok {show_count(counts['done'])} fail {show_count(counts['failed'])}"
        f" ({show_share(counts['failed'] / max(1, ended)).replace(' ', '')})",
        f"p95 {show_duration(recent.p95)} p99 {show_duration(recent.p99)}"
        if recent.count
        else "p95 - p99 -",
        f"late {show_share(result.share_late()).replace(' ', '')}",
        f"gen {result.health.grade.name}",
    ]
    if counts["dropped"]:
        words.insert(4, f"dropped {show_count(counts['dropped'])}")
    if result.state is State.DRAINING:
        words.append(panels.draining(result))
    elif result.state is not State.RUNNING:
        words.append(result.state.lower())
    return "  ".join(words)


def _large(result: Result, width: int, height: int) -> list[str]:
    top = panels.header(result, width)
    left = max(38, (width - 2) * 38 // 78)
    right = width - left - 1
    wanted = {
        "load": len(panels.CURVES),
        "latency": panels.latency_rows(result),
        "errors": max(1, len(result.errors)),
        "events": max(1, len(result.events)),
    }
    # Four rules, the head of the latency table and the keys.
    rows = _share(height - len(top) - 6, wanted)
    cells, per = panels.chart_seconds(left)
    load = panels.load(result, left, rows["load"])
    fleet = panels.fleet(result, right, rows["load"])
    title = rule(left, f"load, last {cells * per} s") + "┬" + rule(right, "fleet")
    lines = [*top, title]
    for n in range(rows["load"]):
        one = load[n] if n < len(load) else " " * left
        other = fleet[n] if n < len(fleet) else " " * right
        lines.append(f"{one}│{other}")
    lines.append(rule(width, _latency_title(result), "┴", left))
    lines += _padded(
        panels.latency(result, width, rows["latency"] + 1), rows, "latency", width
    )
    lines.append(rule(width, "errors, whole run"))
    lines += _padded(
        panels.errors(result, width, rows["errors"]), rows, "errors", width
    )
    lines.append(rule(width, "events"))
    lines += _padded(
        panels.events(result, width, rows["events"]), rows, "events", width
    )
    lines.append(panels.keys(result, width))
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


def _small(result: Result, width: int) -> list[str]:
    counts = result.sessions()
    recent, total = result.window("session"), result.total("session")
    row = panels.last_row(result)
    grade = result.health.grade
    if result.state is State.DRAINING:
        told = f" {panels.draining(result)}"
    elif grade is not Grade.OK:
        told = f" generator: {result.health.reasons[0]}"
    else:
        told = panels.errors(result, width, 1)[0]
    return [
        joined(
            [
                clean(result.facts.name),
                result.facts.run_id,
                result.state,
                f"{show_clock(result.now)} / {show_clock(result.facts.duration)}",
            ],
            width,
            (1,),
        ),
        joined(
            [
                f"want {show_rate(row.rate('sessions.wanted'))}",
                f"got {show_rate(row.rate('sessions.started'))}",
                f"busy {show_count(result.gauges().get('busy', 0))}",
                f"GEN {grade.name}",
            ],
            width,
            (1, 2),
        ),
        joined(
            [f"{name} {show_count(counts[name])}" for name in ("done", "failed")]
            + [f"dropped {show_count(counts['dropped'])}"],
            width,
            (2,),
        ),
        joined(
            [
                f"p50 {show_duration(recent.p50)}",
                f"p95 {show_duration(recent.p95)}",
                f"p99 {show_duration(recent.p99)}",
                f"run p99 {show_duration(total.p99)}",
            ],
            width,
            (0, 1),
        ),
        fit(told, width),
        panels.keys(result, width),
    ]
