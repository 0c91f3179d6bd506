"""
View 5: the generator itself: whether its figures can be believed, process by process.

Rule: pure and exact; the verdict is health.py's, and this only tells it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from cpesim.live.cells import READABLE, clean, fit, rule, sparkline
from cpesim.measure.kept.rows import Row
from cpesim.measure.result import Result
from cpesim.quantity import (
    show_bytes,
    show_count,
    show_duration,
    show_rate,
    show_share,
)

_LABEL, _VALUE = 14, 10
CURVES: tuple[
    tuple[str, Callable[[Row], float | None], Callable[[float], str]], ...
] = (
    ("lag p99", lambda row: row.gauges.get("lag_p99"), show_duration),
    ("lag max", lambda row: row.gauges.get("lag_max"), show_duration),
    ("cpu", lambda row: row.gauges.get("cpu"), show_share),
    ("late", lambda row: row.rate("late.generator"), show_rate),
    ("started", lambda row: row.rate("sessions.started"), show_rate),
    ("open files", lambda row: row.gauges.get("fds"), show_count),
    ("memory", lambda row: row.gauges.get("rss"), show_bytes),
)


def generator(result: Result, width: int, height: int) -> list[str]:
    """The verdict and its reasons, each process, and the last minutes."""
    health = result.health
    reasons = health.reasons or ["nothing that would falsify what is measured"]
    lines = [rule(width, f"GENERATOR {health.grade.name}")]
    lines += [fit(f" {clean(reason)}", width) for reason in reasons[:5]]
    lines.append(rule(width, "processes: the worst second, and the mean"))
    lines += _processes(result, width, max(3, height - len(lines) - 8))
    lines.append(rule(width, "starts"))
    lines += _starts(result, width)
    cells = width - _LABEL - _VALUE
    lines.append(rule(width, f"workers, last {cells} s"))
    lines += _curves(result, width, height - len(lines))
    return lines


def _processes(result: Result, width: int, height: int) -> list[str]:
    columns = ("cpu", "cpu max", "lag p99", "lag max", "memory", "files")
    room = min(width, READABLE) - 10 * len(columns)
    head = fit(" process", room) + "".join(f"{name:>10}" for name in columns)
    lines = [fit(head, width)]
    for who, strain in sorted(result.health.strains.items()):
        words = (
            show_share(strain.cpu),
            show_share(strain.cpu_max),
            show_duration(strain.lag_p99),
            show_duration(strain.lag_max),
            show_bytes(strain.rss),
            show_count(strain.fds),
        )
        cells = "".join(f"{word:>10}" for word in words)
        lines.append(fit(fit(f" {clean(who)}", room) + cells, width))
    if len(lines) > height:
        left = len(lines) - height + 1
        lines = [*lines[: height - 1], fit(f" +{left} more", width)]
    return lines


def _starts(result: Result, width: int) -> list[str]:
    """How many were late, by whose doing, and where the bounds are."""
    causes = "  ".join(
        f"{why} {show_count(n)}" for why, n in result.by("late.").items()
    )
    late = f"late {show_share(result.share_late())}" + (f": {causes}" if causes else "")
    counts = result.sessions()
    told = f" started {show_count(counts['started'])}"
    told += f"  dropped {show_count(counts['dropped'])}  {late}"
    bounds = "; ".join(
        f"{limit.words} {limit.show(limit.suspect)} / {limit.show(limit.saturated)}"
        for limit in result.health.limits
    )
    return [fit(told, width), fit(f" SUSPECT / SATURATED: {bounds}", width)]


def _curves(result: Result, width: int, height: int) -> list[str]:
    cells = width - _LABEL - _VALUE
    rows = list(islice(reversed(result.history.seconds), cells))
    newest = rows[0].second if rows else 0
    lines = []
    for label, figure, show in CURVES[: max(0, height)]:
        values: list[float | None] = [None] * cells
        for row in rows:
            at = cells - 1 - (newest - row.second)
            if at >= 0:
                values[at] = figure(row)
        top = max((value for value in values if value is not None), default=0.0)
        now = figure(rows[0]) if rows else None
        text = "-" if now is None else show(now)
        line = fit(f" {label}", _LABEL) + sparkline(values, top)
        lines.append(line + fit(text, width - _LABEL - cells, right=True))
    return lines
