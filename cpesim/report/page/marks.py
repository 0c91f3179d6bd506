"""
What all charts over time have in common: the axis, and the lines of phases and events.

Rule: every change that people or the timeline made is a line in every chart; with too
many of them the last ones are left to the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cpesim.measure.kept.rows import Row
from cpesim.measure.result import Result
from cpesim.quantity import show_clock
from cpesim.report import seen

MOST_EVENTS = 60
# A run's clock begins at this date's 00:00:00: the chart library takes small numbers
# for years, and the day of the year is to be 001.
BEGIN = 365 * 86_400_000
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart; *height* is in pixels."""

    key: str
    title: str
    note: str
    data: list[dict[str, Any]]
    layout: dict[str, Any]
    height: int = 280


def moment(second: float) -> int:
    """A moment of the run on the time axis."""
    return BEGIN + round(second * 1e3)


def time_axis(rows: Sequence[Row]) -> dict[str, Any]:
    """An axis of the run's clock, from its beginning to its last row."""
    end = max(rows[-1].second + rows[-1].span, 1) if rows else 1
    # More than a day is told by days, of which the first is 001.
    form = "%H:%M:%S" if end <= DAY else "day %j %H:%M"
    return {
        "type": "date",
        "range": [moment(0), moment(end)],
        "tickformat": form,
        "hoverformat": form,
    }


def marks(result: Result, *, events: bool = True) -> dict[str, Any]:
    """The phases, and the events, for the layout of a chart."""
    shapes: list[dict[str, Any]] = []
    words: list[dict[str, Any]] = []
    for phase in seen.phases(result):
        shapes.append(_upright(phase.begin, {"color": "$phase", "width": 1}))
        words.append(
            {
                **_at(phase.begin),
                "y": 1,
                "yanchor": "bottom",
                "xanchor": "left",
                "text": phase.name.replace("<", "&lt;"),
                "showarrow": False,
                "font": {"size": 11, "color": "$phase"},
            }
        )
    for at, text in list(result.events)[: MOST_EVENTS if events else 0]:
        line = {"color": "$event", "width": 1, "dash": "dot"}
        shapes.append(_upright(at, line))
        words.append(
            {
                **_at(at),
                "y": 0,
                "yanchor": "bottom",
                "text": "▴",
                "showarrow": False,
                "font": {"size": 11, "color": "$event"},
                "hovertext": f"{show_clock(at)} {text}".replace("<", "&lt;"),
            }
        )
    return {"shapes": shapes, "annotations": words}


def _at(second: float) -> dict[str, Any]:
    return {"x": moment(second), "xref": "x", "yref": "paper"}


def _upright(second: float, line: dict[str, Any]) -> dict[str, Any]:
    at = moment(second)
    return {
        "type": "line",
        "x0": at,
        "x1": at,
        "xref": "x",
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": line,
        "layer": "below",
    }
