"""
The table of a comparison, for a terminal or as Markdown.

Rule: text only; what is in it was judged by rule.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf

from cpesim.quantity import show_duration, show_rate
from cpesim.report.compare.comparison import Comparison
from cpesim.report.compare.rule import (
    BETTER,
    MISSING,
    NOISE,
    POINTS,
    SAME,
    WORSE,
    Compared,
)

_NAME = 36


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of both sides and its verdict, in words."""

    name: str
    base: str
    new: str
    change: str
    verdict: str
    why: str


def lines(found: Comparison) -> list[Line]:
    """A line for each gate."""
    return [
        Line(
            row.gate.name + (f" ({found.phase})" if found.phase else ""),
            _value(row, row.base),
            _value(row, row.new),
            _change(row),
            row.verdict,
            _why(row),
        )
        for row in found.rows
    ]


def compared_text(found: Comparison) -> str:
    """The table as a terminal shows it."""
    like = "same scenario ✓" if not found.unlike else "NOT COMPARABLE"
    told = [
        f"compare {found.name}   base {found.base.name}   new {found.new.name}"
        f"   {like}",
        *(f"  {why}" for why in found.unlike),
        f"{'':{_NAME}}{'base':>10}{'new':>11}{'change':>11}   verdict",
        *(
            f"{row.name:{_NAME}}{row.base:>10}{row.new:>11}{row.change:>11}"
            f"   {row.verdict:<19} {row.why}".rstrip()
            for row in lines(found)
        ),
        tally(found),
    ]
    return "\n".join(f" {line}" for line in told) + "\n"


def compared_markdown(found: Comparison) -> str:
    """The table for a pull request."""
    told = [
        f"### {found.name}: {found.new.name} against {found.base.name}",
        "",
        *(f"- **not comparable**: {why}" for why in found.unlike),
        *([""] if found.unlike else []),
        "| | base | new | change | verdict | |",
        "|---|--:|--:|--:|---|---|",
    ]
    for row in lines(found):
        mark = f"**{row.verdict}**" if row.verdict == WORSE else row.verdict
        cells = (row.name, row.base, row.new, row.change, mark, row.why)
        told.append(f"| {' | '.join(cells)} |")
    return "\n".join([*told, "", tally(found), ""])


def tally(found: Comparison) -> str:
    """How many were worse, better and the same."""
    of = [row.verdict for row in found.rows]
    same = of.count(SAME) + of.count(NOISE)
    told = f"{of.count(WORSE)} worse, {of.count(BETTER)} better, {same} same"
    return told + (f", {of.count(MISSING)} not in both" if MISSING in of else "")


def _value(row: Compared, value: float | None) -> str:
    if value is None:
        return "-"
    if row.gate.unit == POINTS:
        return f"{value * 100:.2f} %"
    if isinf(value):
        return "never"
    return show_rate(value) if row.gate.figure == "rate" else show_duration(value)


def _change(row: Compared) -> str:
    if row.verdict == MISSING or isinf(row.change):
        return ""
    if row.gate.unit == POINTS:
        return f"{row.change * 100:+.2f} pt"
    return f"{row.change * 100:+.0f} %"


def _why(row: Compared) -> str:
    p = "" if row.p is None else f"p = {row.p:.2g}{' of runs' * row.by_runs}"
    return ", ".join(part for part in (row.gate.bound, p) if part)
