"""
A Result as the lines of a screen, or as one line.

Rule: pure, and exact: `dashboard` gives *height* lines of *width* cells for every
size there is. Below 80x24 there are six lines of the most needed. Each view is a
function of its own file, and a line in VIEWS.
"""

from __future__ import annotations

from collections.abc import Callable

from cpesim.live import panels
from cpesim.live.cells import clean, filled, fit, joined
from cpesim.live.failures import failures
from cpesim.live.generator import generator
from cpesim.live.groups import groups
from cpesim.live.looking import Looking
from cpesim.live.main import main
from cpesim.live.overlay import over
from cpesim.live.seams import phase, recoveries
from cpesim.live.spectrum import spectrum
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

VIEWS: tuple[Callable[[Result, int, int], list[str]], ...] = (
    main,
    spectrum,
    groups,
    failures,
    generator,
)


def dashboard(
    result: Result, width: int, height: int, looking: Looking = MAIN
) -> list[str]:
    """The screen: exactly *height* lines of exactly *width* cells."""
    if looking.over:
        return over(result, width, height, looking)
    if width < WIDTH or height < HEIGHT:
        return filled(_small(result, width, looking), width, height)
    top = panels.header(result, width)
    rows = height - len(top) - 1
    lines = filled(VIEWS[looking.view](result, width, rows), width, rows)
    return [*top, *lines, panels.keys(result, width, away=looking.away)]


def plain_line(result: Result) -> str:
    """One line for logs and CI."""
    row = panels.last_row(result)
    counts = result.sessions()
    ended = counts["done"] + counts["failed"]
    recent = result.window("session")
    words = [
        f"{show_clock(result.now)} {phase(result)}".rstrip(),
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
    if told := recoveries(result):
        share = told[-1].back / max(1, told[-1].size)
        words.insert(-2, f"recovered {show_share(share).replace(' ', '')}")
    if counts["dropped"]:
        words.insert(4, f"dropped {show_count(counts['dropped'])}")
    if result.state is State.DRAINING:
        words.append(panels.draining(result))
    elif result.state is not State.RUNNING:
        words.append(result.state.lower())
    return "  ".join(words)


def _small(result: Result, width: int, looking: Looking) -> list[str]:
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
        panels.keys(result, width, away=looking.away),
    ]
