"""
The dashboard's panels: each a function of the Result, a width and a height.

Rule: a panel gives at most the lines it is asked for, each exactly as wide as asked;
views.py puts them together. Nothing here looks at a clock or a terminal.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from cpesim.live.cells import READABLE, clean, fit, joined, progress, sparkline
from cpesim.live.seams import phase
from cpesim.measure.health import Grade
from cpesim.measure.kept.rows import Row
from cpesim.measure.outline import outline
from cpesim.measure.result import FLEET_STATES, Result, State
from cpesim.quantity import (
    show_clock,
    show_count,
    show_duration,
    show_rate,
    show_share,
)

CHART_SECONDS = 60
_LABEL, _VALUE = 8, 7


def header(result: Result, width: int) -> list[str]:
    """What runs, where it is, and whether the generator can be believed."""
    facts, grade = result.facts, result.health.grade
    clock = show_clock(result.now)
    bar = ""
    if facts.duration:
        clock += f" / {show_clock(facts.duration)}"
        bar = progress(result.now / facts.duration, 18)
    where = phase(result)
    first = joined(
        [
            *(clean(facts.name), facts.run_id, result.state, clock, bar),
            *([f"phase {clean(where)}"] if where else []),
            clean(facts.acs),
        ],
        width,
        (6, 4, 1) if where else (5, 4, 1),
    )
    row = last_row(result)
    busy = show_count(result.gauges().get("busy", 0))
    if facts.in_flight:
        busy += f"/{show_count(facts.in_flight)}"
    second = joined(
        [
            f"want {show_rate(row.rate('sessions.wanted'))}",
            f"got {show_rate(row.rate('sessions.started'))}",
            f"busy {busy}",
            f"failed {show_count(result.count('sessions.failed'))}",
            f"dropped {show_count(result.count('sessions.dropped'))}",
            f"late {show_share(result.share_late()).replace(' ', '')}",
            f"GENERATOR {grade.name}",
        ],
        width,
        (3, 5, 1, 4, 2),
    )
    lines = [first, second]
    if result.state is State.PAUSED:
        held = result.now <= 0.0
        text = "held before its begin" if held else "arrivals rest, timers go on"
        lines.append(fit(f" paused: {text}", width))
    elif result.state is State.DRAINING:
        lines.append(fit(f" {draining(result)}", width))
    if grade is not Grade.OK:
        lines.append(fit(f" generator: {clean(result.health.reasons[0])}", width))
    return lines


def draining(result: Result) -> str:
    """How many sessions are still in flight, and how long they may be."""
    text = f"draining: {show_count(result.gauges().get('busy', 0))} in flight"
    if result.until is not None:
        text += f", {max(0.0, result.until - result.now):.0f} s left"
    return text


def last_row(result: Result) -> Row:
    """The last closed second; an empty one before there is any."""
    seconds = result.history.seconds
    return seconds[-1] if seconds else Row(0, 1)


def p95(row: Row) -> float | None:
    """The 95th percentile of the sessions that ended in this row."""
    found = row.latency.get("session")
    return found.p95 if found else None


def p50(row: Row) -> float | None:
    """The median of the sessions that ended in this row."""
    found = row.latency.get("session")
    return found.p50 if found else None


def _rate(name: str) -> Callable[[Row], float | None]:
    return lambda row: row.rate(name)


# Label, figure of a row, the scale it shares with others, and how it is shown.
CURVES: tuple[
    tuple[str, Callable[[Row], float | None], str, Callable[[float], str]], ...
] = (
    ("want/s", _rate("sessions.wanted"), "rate", show_count),
    ("done/s", _rate("sessions.done"), "rate", show_count),
    ("fail/s", _rate("sessions.failed"), "fail", show_count),
    ("p95", p95, "time", show_duration),
    ("busy", lambda row: row.gauges.get("busy"), "busy", show_count),
    ("p50", p50, "time", show_duration),
    ("drop/s", _rate("sessions.dropped"), "drop", show_count),
    ("lag", lambda row: row.gauges.get("lag_p99"), "lag", show_duration),
)


def chart_seconds(width: int) -> tuple[int, int]:
    """How many cells a curve has in a panel so wide, and seconds a cell."""
    cells = max(1, width - _LABEL - _VALUE)
    return cells, -(-CHART_SECONDS // cells)


def load(result: Result, width: int, height: int) -> list[str]:
    """Curves of the last minute or more, one line each."""
    cells, per = chart_seconds(width)
    rows = list(islice(reversed(result.history.seconds), cells * per))
    # Cells begin at multiples of *per*, so that a curve moves by whole cells.
    newest = rows[0].second // per if rows else 0
    drawn = []
    for label, figure, scale, show in CURVES[:height]:
        values: list[float | None] = [None] * cells
        for row in rows:
            at = cells - 1 - (newest - row.second // per)
            value = figure(row)
            if at >= 0 and value is not None:
                values[at] = max(values[at] or 0.0, value)
        now = figure(rows[0]) if rows else None
        drawn.append((label, values, scale, "-" if now is None else show(now)))
    tops: dict[str, float] = {}
    for _, values, scale, _ in drawn:
        top = max((value for value in values if value is not None), default=0.0)
        tops[scale] = max(tops.get(scale, 0.0), top)
    return [
        fit(f" {label}", _LABEL)
        + sparkline(values, tops[scale])
        + fit(text, width - _LABEL - cells, right=True)
        for label, values, scale, text in drawn
    ]


def fleet(result: Result, width: int, height: int) -> list[str]:
    """CPEs by group and state; where columns or rows lack room the least told go."""
    groups = result.fleet()
    everything = groups.pop("all")
    names = sorted(groups, key=lambda name: -groups[name].get("total", 0))
    table = {name: groups[name] for name in names}
    if len(names) > height - 2:
        shown = names[: max(0, height - 3)]
        table = {name: groups[name] for name in shown}
        rest = f"+{len(names) - len(shown)} more"
        table[rest] = {}
    if len(names) != 1:
        table["all"] = everything
    columns = ("total", *FLEET_STATES)
    wide = {
        column: 2
        + max(
            len(column),
            *(len(show_count(states.get(column, 0))) for states in table.values()),
        )
        for column in columns
    }
    # A name gets what is left, six cells at least.
    kept: list[str] = []
    room = width - 8
    for column in ("total", "ok", "busy", "retry", "off", "new", "waiting"):
        if wide[column] - 1 <= room:
            kept.append(column)
            room -= wide[column]
    shown_columns = [column for column in columns if column in kept]
    name_width = width - sum(wide[column] for column in shown_columns)
    lines = [
        fit(" group", name_width)
        + "".join(fit(c, wide[c], right=True) for c in shown_columns)
    ]
    for name, states in table.items():
        cells = "".join(
            fit(show_count(states[c]) if c in states else "", wide[c], right=True)
            for c in shown_columns
        )
        lines.append(fit(f" {clean(name)}", name_width) + cells)
    return [fit(line, width) for line in lines[:height]]


def latency_rows(result: Result) -> int:
    """How many rows the latency table would fill."""
    return max(1, len(outline(plain_series(result))))


def plain_series(result: Result) -> list[str]:
    """The series of all sessions: none of one group, set or fault alone."""
    return [name for name in result.series() if "{" not in name]


def latency(result: Result, width: int, height: int) -> list[str]:
    """The last ten seconds and the whole run, from the intended start."""
    more = width >= 106  # 24 + 7 + 4·8 + 2 + 3·9 + 12, and a space
    name_width = 24 if more else 18
    head = f"{'':{name_width}}{'/s':>7}"
    head += "".join(f"{name:>8}" for name in ("p50", "p95", "p99", "max"))
    head += " │" + "".join(
        f"{name:>9}"
        for name in ("run p99", "run max", *(("run p50", "count") if more else ()))
    )
    lines = [fit(head, width)]
    for line in outline(plain_series(result), height - 1):
        recent, total = result.window(line.series), result.total(line.series)
        seconds = min(10, max(1, len(result.history.seconds)))
        name = f" {line.branch}{clean(line.full if more else line.short)}"
        text = fit(name, name_width) + f"{show_count(recent.count / seconds):>7}"
        for value in (recent.p50, recent.p95, recent.p99, recent.max):
            text += f"{show_duration(value) if recent.count else '-':>8}"
        text += f" │{show_duration(total.p99):>9}{show_duration(total.max):>9}"
        if more:
            text += f"{show_duration(total.p50):>9}{show_count(total.count):>12}"
        lines.append(fit(text, width))
    return lines[:height]


def errors(result: Result, width: int, height: int) -> list[str]:
    """Failures by label, the most frequent first."""
    found = sorted(result.errors.values(), key=lambda tally: -tally.count)
    if not found:
        return [fit(" no errors", width)][:height]
    lines = []
    room = max(20, min(width, READABLE) - 44)
    all_told = len(found) <= height or height == 1
    for tally in found[: height if all_told else height - 1]:
        where = f"{tally.label} on {tally.exchange}" if tally.exchange else tally.label
        last = show_clock(max(0.0, result.now - tally.last))
        text = f"{show_count(tally.count):>8}  {fit(clean(where), room)}"
        lines.append(fit(f"{text}  last one {last} ago", width))
    if not all_told:
        rest = sum(tally.count for tally in found[height - 1 :])
        kinds = len(found) - height + 1
        lines.append(fit(f"{show_count(rest):>8}  of {kinds} other kinds", width))
    return lines


def events(result: Result, width: int, height: int) -> list[str]:
    """What happened, the newest first."""
    return [
        fit(f" {show_clock(at)} {clean(text)}", width)
        for at, text in islice(reversed(result.events), height)
    ]


def keys(result: Result, width: int, *, away: bool = False) -> str:
    """The keys that do something now; *away* is another terminal than the run's."""
    leave = ["Ctrl-C leave"] if away else []
    if result.state is State.ENDED:
        outcome = result.exit
        text = f"exit {outcome.code}: {outcome.reason}" if outcome else "ended"
        return fit(f" {clean(text)}", width)
    if result.state is State.DRAINING:
        return joined(["q stop now", "1-5 view", "? help", *leave], width)
    parts = ["p resume" if result.state is State.PAUSED else "p pause"]
    if result.facts.rate is not None:
        parts += ["+ - rate", "* / x10", "= plan"]
    if result.faults:
        parts.append("f fault")
    parts += ["m mark", "1-5 view", "? help", "q stop", *leave]
    least = [n for n, part in enumerate(parts) if part in ("* / x10", "= plan")]
    least += [n for n, part in enumerate(parts) if part in ("m mark", "f fault")]
    return joined(parts, width, least)
