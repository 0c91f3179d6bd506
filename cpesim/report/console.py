"""
The end of a run, as text for people.

Rule: every number is in summary.json too; a line whose numbers are all nothing is
left out, but for the sessions and the latencies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cpesim.measure.health import Grade
from cpesim.measure.outline import outline
from cpesim.measure.recovery import PERCENTS, SHARES, shown
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
from cpesim.report import percentiles
from cpesim.report.capacity import capacity_text
from cpesim.report.errors import SeenError, errors
from cpesim.report.faults import faults_text
from cpesim.report.limits import limit_lines, phase_line

_NAME = 34
# Rows of errors; the rest is a number.
MOST_ERRORS = 20
WIDE = 100
# Files that are in every run's folder, and that people seldom open.
_UNTOLD = {
    *("manifest.json", "scenario.yaml", "summary.txt", "summary.md", "metrics.txt"),
    *("timeline.ndjson", "events.ndjson", "errors.ndjson"),
}
# Between the parts of a line: where it may be folded.
_GAP = "   "


def console_text(result: Result, width: int = WIDE) -> str:
    """The summary, indented by one; on less than 100 columns a shorter one."""
    parts = [
        [*_header(result)],
        [*limit_lines(result)],
        [*capacity_text(result.capacity)],
        [*_recoveries(result)],
        [*_sessions(result)],
        [*_latencies(result, width)],
        [*_errors(result, width)],
        [*_violations(result)],
        [*faults_text(result)],
        [*_others(result)],
        [*_end(result)],
    ]
    blocks = [
        "\n".join(f" {row}".rstrip() for line in part for row in _folded(line, width))
        for part in parts
        if part
    ]
    return "\n\n".join(blocks) + "\n"


def _folded(line: str, width: int) -> Iterator[str]:
    """A line that is too wide for a narrow screen, in several."""
    pieces = line.split(_GAP)
    if width >= WIDE or len(line) < width or not line.strip():
        yield line
        return
    row = pieces[0]
    for piece in pieces[1:]:
        if row.strip() and len(row) + len(_GAP) + len(piece) >= width:
            yield row
            row = "    " + piece.strip()
        else:
            row += _GAP + piece
    yield row


def _header(result: Result) -> Iterator[str]:
    facts, health = result.facts, result.health
    strains = health.strains.values()
    started = max(1, result.count("sessions.started"))
    own = (
        f"lag p99 {show_duration(max((s.lag_p99 for s in strains), default=0.0))},"
        f" cpu {show_share(max((s.cpu for s in strains), default=0.0))},"
        f" late {show_share(result.count('late.generator') / started)}"
    )
    yield (
        f"{facts.name} {facts.run_id}   {show_clock(result.now)}"
        f"   {show_count(facts.devices)} devices   seed {facts.seed}"
        f"   GENERATOR {health.grade.name} ({own})"
    )
    load = [f"against {facts.acs}"]
    if facts.rate is not None:
        load.append(f"at {show_rate(facts.rate)}")
    if facts.ramp is not None:
        load.append(f"ramp {spell_duration(facts.ramp)}")
    if facts.in_flight:
        load.append(f"at most {show_count(facts.in_flight)} in flight")
    yield "   ".join([*load, ", ".join(facts.profiles)])
    if health.grade is not Grade.OK:
        yield (
            "These figures are not the ACS's alone: this machine was the limit."
            if health.grade is Grade.SATURATED
            else "Take these figures with care: this machine was near its limit."
        )
        for reason in health.reasons:
            yield f"  {reason}"


def _sessions(result: Result) -> Iterator[str]:
    counts = result.sessions()
    rate, second = result.peak
    yield (
        f"SESSIONS   wanted {show_count(counts['wanted'])}"
        f"   done {show_count(counts['done'])}"
        f"   failed {show_count(counts['failed'])}"
        f"   dropped {show_count(counts['dropped'])}"
        f"   retries {show_count(counts['retried'])}"
        f"   peak {show_rate(rate)} at {show_clock(second)}"
    )
    rest = [
        f"{words} {show_count(counts[name])}"
        for name, words in (("not_started", "not started"), ("interrupted",) * 2)
        if counts[name]
    ]
    if counts["late"]:
        why = _listed(result.by("late."))
        rest.append(f"late {show_count(counts['late'])} ({why})")
    if rest:
        yield "           " + "   ".join(rest)


def _recoveries(result: Result) -> Iterator[str]:
    for name, found in result.recovered().items():
        told = zip(PERCENTS, found.ts(SHARES), strict=True)
        times = [f"t{share} {shown(at)}" for share, at in told]
        title = f"RECOVERY of '{name}' ({show_count(found.size)})"
        yield _GAP.join([title, *times, f"never {show_count(found.never)}"])


def _latencies(result: Result, width: int) -> Iterator[str]:
    narrow = width < WIDE
    names = [*percentiles.names(result, narrow=narrow), "max"]
    heads = "".join(f"{name:>8}" for name in names)
    yield f"{'TIME from intended start':{_NAME}}{'count':>11}{heads}"
    for line in outline(result.series()):
        found = result.total(line.series)
        indent = "  " + ("  " if line.series == "session.service" else line.branch)
        told = percentiles.cells(result, line.series, narrow=narrow)
        cells = "".join(f"{cell:>8}" for cell in (*told, show_duration(found.max)))
        clamped = (
            f"   {show_count(found.clamped)} out of range" if found.clamped else ""
        )
        yield (
            f"{indent + line.full:{_NAME}}{show_count(found.count):>11}{cells}{clamped}"
        )
    if left_out := result.left_out():
        yield f"  percentiles leave out sessions: {left_out}"
    yield from phase_line(result)


def _errors(result: Result, width: int) -> Iterator[str]:
    found = errors(result)
    if not found:
        return
    failed = show_count(result.count("sessions.failed"))
    yield f"ERRORS ({failed} sessions failed)"
    groups = any(error.kind.group for error in found)
    for error in found[:MOST_ERRORS]:
        yield from _error(error, width, groups=groups)
    if len(found) > MOST_ERRORS:
        rest = found[MOST_ERRORS:]
        number = show_count(sum(error.times.count for error in rest))
        yield f"{number:>8}  of {len(rest)} more kinds: errors.ndjson has all"


def _error(error: SeenError, width: int, *, groups: bool) -> Iterator[str]:
    """A row for a kind; what has no room stands below."""
    group = f" {error.kind.group:12}" if groups else ""
    row = f"{show_count(error.times.count):>8}  {error.kind!s:43}{group} {error.when}"
    more = [error.got_in, error.trace.path if error.trace else ""]
    for piece in filter(None, more):
        if len(row) + len(_GAP) + len(piece) >= width:
            yield row
            row = f"{'':10}{piece}"
        else:
            row += _GAP + piece
    yield row


def _violations(result: Result) -> Iterator[str]:
    found = result.violations()
    if not found:
        return
    total = show_count(sum(number for number, _ in found.values()))
    yield f"ACS VIOLATIONS ({total}, by rule of the standard)"
    for kind, (number, example) in found.items():
        yield f"{show_count(number):>8}  {kind:44}"
        if example:
            yield f"{'':10}{example}"


def _others(result: Result) -> Iterator[str]:
    sent, received = result.count("bytes.sent"), result.count("bytes.received")
    fleet = result.fleet()["all"]
    tables: list[tuple[str, Mapping[str, int]]] = [
        ("FLEET", {s: int(fleet[s]) for s in FLEET_STATES if fleet.get(s)}),
        ("HTTP STATUS", result.by("status.")),
        ("FAULTS SENT", result.by("fault.sent.")),
        ("FAULTS RECEIVED", result.by("fault.received.")),
        ("CONNECTION REQUESTS", result.by("knocks.")),
        ("TRANSFERS", result.by("transfers.")),
        ("UPLOADS", result.by("uploads.")),
        ("DIAGNOSTICS", result.by("diagnostics.")),
        ("STEPS", result.by("steps.") | result.by("deeds.")),
    ]
    for title, found in tables:
        if found:
            yield f"{title:21}{_listed(found)}"
    if versions := result.by("tls.version."):
        yield f"{'TLS HANDSHAKES':21}{_handshakes(result, versions)}"
    if sent or received:
        yield f"{'BYTES':21}sent {show_bytes(sent)}   received {show_bytes(received)}"


def _handshakes(result: Result, versions: Mapping[str, int]) -> str:
    """How many of each version, and how often resumption took."""
    made = [_listed(versions)]
    if result.facts.tls_resume:
        resumed = result.count("tls.resumed")
        share = show_share(resumed / sum(versions.values()))
        made.append(f"resumption on: {show_count(resumed)} ({share}) resumed")
        if forgotten := result.count("tls.forgotten"):
            made.append(f"{show_count(forgotten)} tickets forgotten, over the limit")
    else:
        made.append("resumption off")
    return _GAP.join(made)


def _listed(found: Mapping[str, int]) -> str:
    return "   ".join(
        f"{name.replace('_', ' ')} {show_count(number)}"
        for name, number in found.items()
    )


def _end(result: Result) -> Iterator[str]:
    if result.folder:
        told = [name for name in result.files if name not in _UNTOLD]
        yield _GAP.join([f"{result.folder.rstrip('/')}/", *told])
    if result.cut_off:
        yield f"CUT OFF: {result.cut_off}"
    elif result.exit:
        yield f"exit {result.exit.code}: {result.exit.reason}"
