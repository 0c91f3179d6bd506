"""
report.html: one file that tells a run to people; and what all such pages share.

Rule: it asks for nothing from anywhere and opens from file://. The chart library's
script comes from its installed package, once; figures are plain JSON. What the run
brought is escaped by the template, and by `_json` inside of scripts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpesim.measure.outline import outline
from cpesim.measure.recovery import shown
from cpesim.measure.result import FLEET_STATES, Result
from cpesim.quantity import (
    show_bytes,
    show_clock,
    show_count,
    show_duration,
    show_rate,
    show_share,
    spell_duration,
)
from cpesim.report import percentiles, seen
from cpesim.report.errors import errors
from cpesim.report.junit import described
from cpesim.report.page.charts import charts
from cpesim.report.page.marks import Chart

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent
# Rows of errors; the rest is a number.
MOST_ERRORS = 50


def page_text(result: Result) -> str:
    """The text of report.html."""
    failures = errors(result)
    return rendered(
        "page.html.jinja",
        charts(result),
        result.facts.version,
        result=result,
        facts=result.facts,
        verdict=seen.verdict(result),
        reason=result.cut_off or (result.exit.reason if result.exit else ""),
        code=result.exit.code if result.exit and not result.cut_off else None,
        counts=result.sessions(),
        limits=seen.limits(result),
        described=described,
        marks=seen.MARKS,
        recoveries=seen.reached(result),
        phases=seen.phases(result),
        latency=_latency(result),
        percentiles=percentiles,
        errors=failures[:MOST_ERRORS],
        more_errors=max(0, len(failures) - MOST_ERRORS),
        violations=result.violations(),
        fleet=_fleet(result),
        states=FLEET_STATES,
        others=_others(result),
        events=list(result.events),
        scenario=result.scenario,
    )


def rendered(
    template: str, drawn: Sequence[Chart], version: str, **values: object
) -> str:
    """A page of its template: with the charts, their script and what shows numbers."""
    from plotly.offline import get_plotlyjs

    return (
        _templates()
        .get_template(template)
        .render(
            **values,
            charts=drawn,
            version=version,
            figures=_json({chart.key: _plain(chart) for chart in drawn}),
            script=get_plotlyjs(),
            show=SHOW,
        )
    )


def ready() -> None:
    """Load what a page is made with, so that a run need not stop for it."""
    from plotly.offline import get_plotlyjs

    get_plotlyjs()
    _templates().get_template("page.html.jinja")


# What templates show numbers by.
SHOW = {
    "bytes": show_bytes,
    "clock": show_clock,
    "return": shown,
    "count": show_count,
    "duration": show_duration,
    "rate": show_rate,
    "share": show_share,
    "spell": spell_duration,
}


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _json(value: object) -> str:
    """JSON that cannot end the script that it stands in."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _plain(chart: Chart) -> dict[str, Any]:
    return {"data": chart.data, "layout": chart.layout}


def _latency(result: Result) -> list[tuple[str, Any, list[str]]]:
    """Each series' name, as in the other tables, its figures and its percentiles."""
    return [
        (
            line.branch + line.full,
            result.total(line.series),
            percentiles.cells(result, line.series),
        )
        for line in outline(result.series())
    ]


def _fleet(result: Result) -> list[tuple[str, dict[str, float]]]:
    return list(result.fleet().items())


def _others(result: Result) -> list[tuple[str, dict[str, int]]]:
    tables = [
        ("HTTP status", "status."),
        ("Started by", "started."),
        ("Late because of", "late."),
        ("Faults sent", "fault.sent."),
        ("Faults received", "fault.received."),
        ("Connection requests", "knocks."),
        ("Transfers", "transfers."),
        ("Uploads", "uploads."),
        ("Diagnostics", "diagnostics."),
        ("TLS handshakes", "tls.version."),
    ]
    return [(name, found) for name, key in tables if (found := result.by(key))]
