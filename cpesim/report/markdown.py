"""
summary.md: the end of a run for a pull request or a CI's summary page.

Rule: GitHub's Markdown; a cell holds nothing that ends it, and no HTML of others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cpesim.measure.outline import outline
from cpesim.measure.recovery import shown
from cpesim.measure.result import Result
from cpesim.quantity import show_clock, show_count, show_duration, show_rate
from cpesim.report import percentiles, seen
from cpesim.report.errors import errors

# Errors told; the rest is a number.
MOST_ERRORS = 10


def markdown_text(result: Result) -> str:
    """The text of summary.md."""
    parts = (
        _head(result),
        _limits(result),
        _recoveries(result),
        _latency(result),
        _phases(result),
        _errors(result),
    )
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _head(result: Result) -> list[str]:
    facts, counts = result.facts, result.sessions()
    rate, second = result.peak
    lines = [f"## {_safe(facts.name)} {facts.run_id}: {seen.verdict(result)}"]
    if result.cut_off:
        lines += ["", _safe(result.cut_off)]
    elif result.exit is not None:
        lines += ["", f"exit {result.exit.code}: {_safe(result.exit.reason)}"]
    lines += [
        "",
        f"{show_count(facts.devices)} devices against {_safe(facts.acs)} for"
        f" {show_clock(result.now)}, seed {facts.seed}."
        f" Generator {result.health.grade.name}.",
        *(f"- {_safe(reason)}" for reason in result.health.reasons),
        "",
        f"Sessions: wanted {show_count(counts['wanted'])},"
        f" done {show_count(counts['done'])}, failed {show_count(counts['failed'])},"
        f" dropped {show_count(counts['dropped'])}; peak {show_rate(rate)} at"
        f" {show_clock(second)}.",
    ]
    return lines


def _limits(result: Result) -> list[str]:
    limits = seen.limits(result)
    if not limits:
        return []
    return _table(
        ("", "limit", "got", "where"),
        (
            (
                seen.MARKS[limit.state],
                _code(limit.text) + (f" {_safe(limit.name)}" if limit.name else ""),
                f"{limit.shown} ({limit.state})"
                if limit.state != "ok"
                else limit.shown,
                limit.place,
            )
            for limit in limits
        ),
    )


def _recoveries(result: Result) -> list[str]:
    return [
        f"Recovery of {_code(each.name)} ({show_count(each.size)}): "
        + ", ".join(
            f"{share} {'never' if at is None else shown(at)}"
            for share, at in each.times.items()
        )
        + f"; not back {show_count(each.size - each.back)}."
        for each in seen.recoveries(result)
    ]


def _latency(result: Result) -> list[str]:
    rows = []
    for line in outline(result.series()):
        found = result.total(line.series)
        told = percentiles.cells(result, line.series)
        count, most = show_count(found.count), show_duration(found.max)
        rows.append((line.full, count, *told, most))
    if not rows:
        return []
    heads = ("time", "count", *percentiles.names(result), "max")
    table = _table(heads, rows)
    if left_out := result.left_out():
        table += ["", f"Percentiles leave out sessions: {left_out}."]
    return table


def _phases(result: Result) -> list[str]:
    rows = [
        (
            phase.name,
            show_count(phase.sessions.get("done", 0)),
            show_count(phase.sessions.get("failed", 0)),
            *percentiles.cells(result, "session", phase.name),
        )
        for phase in seen.phases(result)
        if "session" in phase.latency
    ]
    heads = ("phase", "done", "failed", *percentiles.names(result))
    return _table(heads, rows) if rows else []


def _errors(result: Result) -> list[str]:
    found = errors(result)
    if not found:
        return []
    rows = [
        (
            show_count(error.times.count),
            error.kind.label,
            error.kind.exchange,
            error.kind.group,
            error.when,
            show_count(error.times.got_in),
            _code(error.trace.path) if error.trace else "",
        )
        for error in found[:MOST_ERRORS]
    ]
    heads = ("sessions", "error", "on", "group", "when", "got in later", "trace")
    table = _table(heads, rows)
    if len(found) > MOST_ERRORS:
        table += ["", f"{len(found) - MOST_ERRORS} more kinds of error."]
    return table


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [
        "| " + " | ".join(heads) + " |",
        "|" + " --- |" * len(heads),
        *(_row(row) for row in rows),
    ]


def _row(row: tuple[str, ...]) -> str:
    # What is code has been made safe already.
    cells = (cell if cell.startswith("`") else _safe(cell) for cell in row)
    return "| " + " | ".join(cells) + " |"


def _code(text: str) -> str:
    # A bar ends a cell even in code.
    quiet = " ".join(text.replace("`", "'").replace("|", "\\|").split())
    return f"`{quiet}`"


def _safe(text: str) -> str:
    return "".join(_letters(" ".join(text.split())))


def _letters(text: str) -> Iterator[str]:
    for letter in text:
        if letter in "<>&":
            yield {"<": "&lt;", ">": "&gt;", "&": "&amp;"}[letter]
        elif letter in "\\`*_[]|#":
            yield "\\" + letter
        else:
            yield letter
