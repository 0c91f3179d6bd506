"""
View 4: what went wrong: failed sessions, and what the ACS did against its standard.

Rule: pure and exact; what came from outside is cleaned before it is drawn.
"""

from __future__ import annotations

from cpesim.live import panels
from cpesim.live.cells import READABLE, clean, fit, rule
from cpesim.measure.result import Result
from cpesim.measure.tally import Tally, Trace, kinds
from cpesim.quantity import show_clock, show_count, show_share

# Lines of an exchange that are worth a panel of its own.
LEAST_SHOWN = 4


def failures(result: Result, width: int, height: int) -> list[str]:
    """Errors, violations, statuses and faults; what room is left has an exchange."""
    counts = result.sessions()
    ended = counts["done"] + counts["failed"]
    share = show_share(counts["failed"] / max(1, ended))
    told = _told(result, width)
    room = height - len(told) - 3
    wrong = len(result.violations())
    # An error is worth more than its violation.
    errors = _errors(result, width, max(1, room - min(wrong or 1, max(1, room // 3))))
    rows = max(1, min(wrong or 1, room - len(errors)))
    violations = _violations(result, width, rows)
    last = _exchange(result.traces.last, width, room - len(errors) - len(violations))
    return [
        rule(width, f"failed sessions: {show_count(counts['failed'])}, {share}"),
        *errors,
        rule(width, "what the ACS did against TR-069"),
        *violations,
        rule(width, "answers"),
        *told,
        *last,
    ]


def _errors(result: Result, width: int, height: int) -> list[str]:
    found = sorted(result.errors.values(), key=lambda tally: -tally.count)
    if not found:
        return [fit(" no errors", width)]
    wide = min(width, READABLE) - 40
    head = f"{'':>9}  {fit('', wide)}{'first':>9}{'last':>9}{'ago':>9}"
    room = height - 1 - len(found)
    if room < 0:
        return panels.errors(result, width, height)
    lines = [fit(head, width)]
    for tally in found:
        where = clean(tally.label)
        if tally.exchanges:
            places = sorted(tally.exchanges.items(), key=lambda item: -item[1])
            where += " on " + ", ".join(
                clean(f"{kind} {show_count(n)}" if len(places) > 1 else kind)
                for kind, n in places
            )
        ago = show_clock(max(0.0, result.now - tally.last))
        text = f"{show_count(tally.count):>9}  {fit(where, wide)}"
        text += f"{show_clock(tally.first):>9}{show_clock(tally.last):>9}{ago:>9}"
        lines.append(fit(text, width))
        below = _below(result, tally)
        if below and room:
            room -= 1
            lines.append(fit(f"{'':>11}{clean(below)}", width))
    return lines


def _below(result: Result, tally: Tally) -> str:
    """How many got in later, and where one of them is told."""
    told = []
    if tally.got_in:
        told.append(f"{show_count(tally.got_in)} got in on a retry")
    traces = (result.traces.of(kind) for kind, _ in kinds([tally]))
    told += [trace.path for trace in traces if trace is not None][:1]
    return "   ".join(told)


def _exchange(trace: Trace | None, width: int, height: int) -> list[str]:
    """The last exchange of a session that failed, as far as there is room."""
    if trace is None or height <= LEAST_SHOWN:
        return []
    lines = [rule(width, f"one that failed: {trace.path}")]
    shown = [line for line in trace.text.splitlines() if line.strip()]
    return [*lines, *(fit(f" {clean(line)}", width) for line in shown[: height - 1])]


def _violations(result: Result, width: int, height: int) -> list[str]:
    found = result.violations()
    if not found:
        return [fit(" nothing", width)]
    lines = []
    for kind, (number, example) in found.items():
        text = f"{show_count(number):>9}  {clean(kind)}"
        if example:
            text += f": {clean(example)}"
        lines.append(fit(text, width))
    if len(lines) > height:
        left = len(lines) - height + 1
        lines = [*lines[: height - 1], fit(f"           +{left} other kinds", width)]
    return lines


def _told(result: Result, width: int) -> list[str]:
    """Statuses and faults, as many of each as have room on a line."""
    lines = []
    for called, prefix in (
        ("http status", "status."),
        ("cwmp faults of the ACS", "fault.received."),
        ("cwmp faults of CPEs", "fault.sent."),
    ):
        counts = result.by(prefix)
        if counts:
            told = "  ".join(f"{name} {show_count(n)}" for name, n in counts.items())
            lines.append(fit(f" {called:<23} {clean(told)}", width))
    return lines or [fit(" none yet", width)]
