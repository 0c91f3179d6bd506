"""
View 3: the fleet: states and figures of each group, and what CPEs do besides sessions.

Rule: pure and exact. A run of one group has no figures of its own for it: those of
all sessions are the group's.
"""

from __future__ import annotations

from cpesim.live import panels
from cpesim.live.cells import READABLE, clean, fit, rule
from cpesim.live.goals import recovery
from cpesim.live.seams import recoveries
from cpesim.measure.result import Result
from cpesim.quantity import show_count, show_duration, show_share

# What CPEs do besides sessions: the counters' beginning, and how it is called.
WORK = (
    ("knocks.", "connection requests", "knock"),
    ("transfers.", "downloads", "download"),
    ("uploads.", "uploads", "upload"),
    ("diagnostics.", "diagnostics", ""),
    ("notifications.", "notifications", ""),
    ("campaign.", "campaigns", ""),
)
_COLUMNS = (
    *(("done", 10), ("failed", 9), ("share", 8)),
    *(("p50", 8), ("p95", 8), ("p99", 8), ("max", 8)),
)


def groups(result: Result, width: int, height: int) -> list[str]:
    """States, figures by group, the sets that come back, and other work."""
    work = _work(result, width)
    count = len(result.facts.groups)
    back: list[str] = []
    if height >= 30 or count < 3:
        for told in recoveries(result)[-2:]:
            back += recovery(told, result.now, width)
    room = height - len(work) - len(back) - 3
    # Both tables have a head; the first has all CPEs besides.
    rows = max(3, min(count + 2, (room + 1) // 2))
    states = panels.fleet(result, min(width, READABLE), rows)
    states = [fit(line, width) for line in states]
    figures = _figures(result, width, max(2, room - len(states)))
    return [
        rule(width, f"fleet: {show_count(result.facts.devices)} CPEs"),
        *states,
        rule(width, "sessions by group, whole run"),
        *figures,
        *back,
        rule(width, "besides sessions, whole run"),
        *work,
    ]


def _figures(result: Result, width: int, height: int) -> list[str]:
    room = min(width, READABLE) - sum(wide for _, wide in _COLUMNS)
    head = fit(" group", room) + "".join(f"{name:>{wide}}" for name, wide in _COLUMNS)
    lines = [fit(head, width)]
    names = [group.name for group in result.facts.groups]
    for name in names:
        tag = f"{{group={name}}}" if len(names) > 1 else ""
        done = result.count(f"sessions.done{tag}")
        failed = result.count(f"sessions.failed{tag}")
        found = result.total(f"session{tag}")
        words = [
            show_count(done),
            show_count(failed),
            show_share(failed / max(1, done + failed)),
        ]
        words += [
            show_duration(seconds) if found.count else "-"
            for seconds in (found.p50, found.p95, found.p99, found.max)
        ]
        cells = "".join(
            f"{word:>{wide}}" for word, (_, wide) in zip(words, _COLUMNS, strict=True)
        )
        lines.append(fit(fit(f" {clean(name)}", room) + cells, width))
    if len(lines) > height:
        left = len(lines) - height + 1
        lines = [*lines[: height - 1], fit(f" +{left} more", width)]
    return lines


def _work(result: Result, width: int) -> list[str]:
    lines = []
    for prefix, called, series in WORK:
        counts = result.by(prefix)
        if not counts:
            continue
        told = "  ".join(f"{name} {show_count(n)}" for name, n in counts.items())
        found = result.total(series)
        if found.count:
            told += f"  p50 {show_duration(found.p50)} p95 {show_duration(found.p95)}"
        lines.append(fit(f" {called:<20} {clean(told)}", width))
    return lines or [fit(" nothing", width)]
