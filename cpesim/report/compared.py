"""
The table of two runs compared, for a terminal or as Markdown.

Rule: text only; what is in it was judged by compare.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from cpesim.quantity import show_duration, show_rate
from cpesim.report.blocks import Side
from cpesim.report.compare import (
    BETTER,
    MISSING,
    NOISE,
    POINTS,
    SAME,
    WORSE,
    Compared,
)

_NAME = 36


def compared_text(
    base: Side, new: Side, found: Sequence[Compared], phase: str, unlike: Sequence[str]
) -> str:
    """The table as a terminal shows it."""
    like = "same scenario ✓" if not unlike else "NOT COMPARABLE"
    lines = [
        f"compare {new.summary['name']}   base {base.name}   new {new.name}   {like}",
        *(f"  {why}" for why in unlike),
        f"{'':{_NAME}}{'base':>10}{'new':>11}{'change':>11}   verdict",
    ]
    for row in found:
        name = row.gate.name + (f" ({phase})" if phase else "")
        lines.append(
            f"{name:{_NAME}}{_value(row, row.base):>10}{_value(row, row.new):>11}"
            f"{_change(row):>11}   {row.verdict:<19} {_why(row)}".rstrip()
        )
    lines.append(tally(found))
    return "\n".join(f" {line}" for line in lines) + "\n"


def compared_markdown(
    base: Side, new: Side, found: Sequence[Compared], phase: str, unlike: Sequence[str]
) -> str:
    """The table for a pull request."""
    of = f", phase {phase}" if phase else ""
    lines = [
        f"### {new.summary['name']}: {new.name} against {base.name}{of}",
        "",
        *(f"- **not comparable**: {why}" for why in unlike),
        *([""] if unlike else []),
        "| | base | new | change | verdict | |",
        "|---|--:|--:|--:|---|---|",
    ]
    for row in found:
        mark = f"**{row.verdict}**" if row.verdict == WORSE else row.verdict
        cells = (_value(row, row.base), _value(row, row.new), _change(row))
        lines.append(
            f"| {row.gate.name} | {' | '.join(cells)} | {mark} | {_why(row)} |"
        )
    return "\n".join([*lines, "", tally(found), ""])


def tally(found: Sequence[Compared]) -> str:
    """How many were worse, better and the same."""
    of = [row.verdict for row in found]
    same = of.count(SAME) + of.count(NOISE)
    told = f"{of.count(WORSE)} worse, {of.count(BETTER)} better, {same} same"
    return told + (f", {of.count(MISSING)} not in both" if MISSING in of else "")


def _value(row: Compared, value: float | None) -> str:
    if value is None:
        return "-"
    if row.gate.unit == POINTS:
        return f"{value * 100:.2f} %"
    return show_rate(value) if row.gate.figure == "rate" else show_duration(value)


def _change(row: Compared) -> str:
    if row.verdict == MISSING:
        return ""
    if row.gate.unit == POINTS:
        return f"{row.change * 100:+.2f} pt"
    return f"{row.change * 100:+.0f} %"


def _why(row: Compared) -> str:
    p = "" if row.p is None else f"p = {row.p:.2g}"
    return ", ".join(part for part in (row.gate.bound, p) if part)
