"""
summary.json: the whole result for programs.

Rule: the keys are a promise to those who read them in CI; what changes their meaning
changes SCHEMA. Times are seconds.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from cpesim.measure.latency import Figures
from cpesim.measure.recovery import PERCENTS, SHARES, Recovery
from cpesim.measure.result import Result, RunFacts
from cpesim.report import percentiles, seen
from cpesim.report.capacity import capacity_values
from cpesim.report.errors import SeenError, errors, kind_values
from cpesim.report.faults import faults_values
from cpesim.report.limits import limits_as_values, phases_as_values

SCHEMA = "cpesim/summary/1"
# Counters that have their own place; all others are told under "other".
_PLACED = (
    "sessions.",
    "started.",
    "done.",
    "failed.",
    "failed_on.",
    "got_in.",
    "injected.",
    "late.",
    "starts.",
    "bytes.",
    "status.",
    "fault.",
    "mended.",
    "acs.violation.",
    "knocks.",
    "transfers.",
    "uploads.",
    "diagnostics.",
    "tls.",
    "steps.",
    "deeds.",
)


def summary_text(result: Result) -> str:
    """The text of summary.json."""
    return json.dumps(summary(result), indent=2, ensure_ascii=False) + "\n"


def summary(result: Result) -> dict[str, Any]:
    """The result as plain values."""
    outcome, came_back, failures = result.exit, result.recovered(), errors(result)
    return {
        "schema": SCHEMA,
        **plan(result.facts),
        "ran": round(result.now, 3),
        "state": result.state.value,
        "exit": {
            "code": outcome.code if outcome else None,
            "reason": outcome.reason if outcome else result.cut_off,
        },
        "generator": generator(result),
        "limits": limits_as_values(result),
        "phases": phases_as_values(result, figures),
        "sessions": result.sessions(),
        "started_by": result.by("started."),
        "done_by": result.by("done."),
        "peak": {"done_per_second": result.peak[0], "at": result.peak[1]},
        "failures": {
            tally.label: {
                "count": tally.count,
                "first": round(tally.first, 3),
                "last": round(tally.last, 3),
                "exchanges": tally.exchanges,
                "got_in": tally.got_in,
                "kinds": _kinds(failures, tally.label),
            }
            for tally in sorted(result.errors.values(), key=lambda t: -t.count)
        },
        "latency": {
            name: figures(result.total(name)) | percentiles.besides(result, name)
            for name in result.series()
        },
        "recovery": {name: recovered(found) for name, found in came_back.items()},
        "campaign": {each.name: _campaign(each) for each in seen.campaigns(result)},
        "recovery_began": {name: found.began for name, found in came_back.items()},
        "left_out": result.left_out(),
        "bytes": {
            "sent": result.count("bytes.sent"),
            "received": result.count("bytes.received"),
        },
        "status": result.by("status."),
        "capacity": capacity_values(result.capacity),
        "faults": {
            "sent": result.by("fault.sent."),
            "received": result.by("fault.received."),
            "injected": faults_values(result),
        },
        "acs": {
            "violations": {
                kind: {"rule": kind.partition(" ")[0], "count": number, "example": one}
                for kind, (number, one) in result.violations().items()
            },
        },
        "fleet": {
            group: {state: int(number) for state, number in states.items()}
            for group, states in result.fleet().items()
        },
        "knocks": result.by("knocks."),
        "transfers": result.by("transfers."),
        "uploads": result.by("uploads."),
        "diagnostics": result.by("diagnostics."),
        "tls": {
            "handshakes": handshakes(result),
            "resumption": result.facts.tls_resume,
            "resumed": result.count("tls.resumed"),
            "forgotten": result.count("tls.forgotten"),
            "versions": result.by("tls.version."),
        },
        "steps": result.by("steps.") | result.by("deeds."),
        "other": {
            name: number
            for name, number in sorted(result.counters.items())
            if not name.startswith(_PLACED) and "{" not in name
        },
        # Counters of a group, a fault, a version: ``sessions.done{group=homes}``.
        "tagged": {
            name: number
            for name, number in sorted(result.counters.items())
            if "{" in name
        },
    }


def _kinds(failures: list[SeenError], label: str) -> list[dict[str, Any]]:
    """The kinds of failures under a label, the most frequent first."""
    return [kind_values(error) for error in failures if error.kind.label == label]


def recovered(found: Recovery) -> dict[str, float | None]:
    """How a set came back: seconds, null for a share that never did."""
    told = zip(PERCENTS, found.ts(SHARES), strict=True)
    times = {f"t{share}": None if at is None else round(at, 4) for share, at in told}
    return {"size": found.size, "back": found.back, **times, "never": found.never}


def _campaign(found: seen.Reached) -> dict[str, float | None]:
    """How far the CPEs have come to a version."""
    times = {k: None if at is None else round(at, 4) for k, at in found.times.items()}
    return {"size": found.size, "back": found.back, "began": found.begin, **times}


def handshakes(result: Result) -> int:
    """The TLS handshakes that succeeded."""
    return sum(result.by("tls.version.").values())


def plan(facts: RunFacts) -> dict[str, Any]:
    """What was planned; the ACS's URL without credentials."""
    return {
        "name": facts.name,
        "run_id": facts.run_id,
        "version": facts.version,
        "started": when(facts.epoch),
        "plan": {
            "acs": facts.acs,
            "devices": facts.devices,
            "groups": [asdict(group) for group in facts.groups],
            "profiles": list(facts.profiles),
            "seed": facts.seed,
            "duration": facts.duration,
            "ramp": facts.ramp,
            "rate": facts.rate,
            "in_flight": facts.in_flight,
            "grace": facts.grace,
            "tls_resume": facts.tls_resume,
            "workers": facts.workers,
            "late_start": facts.late_start,
            "phases": list(facts.phases),
            "percentiles": list(facts.percentiles),
        },
    }


def generator(result: Result) -> dict[str, Any]:
    """The generator's verdict and the figures behind it."""
    strains = result.health.strains
    return {
        "verdict": result.health.grade.name,
        "reasons": result.health.reasons,
        "lag_p99": max((s.lag_p99 for s in strains.values()), default=0.0),
        "lag_max": max((s.lag_max for s in strains.values()), default=0.0),
        "cpu": max((s.cpu for s in strains.values()), default=0.0),
        "cpu_max": max((s.cpu_max for s in strains.values()), default=0.0),
        "late": result.by("late."),
        "starts_refused": result.count("starts.refused"),
        "processes": {
            who: {
                "lag_p99": strain.lag_p99,
                "lag_max": strain.lag_max,
                "cpu": strain.cpu,
                "cpu_max": strain.cpu_max,
                "rss": int(strain.rss),
                "fds": int(strain.fds),
            }
            for who, strain in strains.items()
        },
    }


def figures(found: Figures) -> dict[str, float]:
    """A series' figures; `clamped` only where there were any."""
    told = asdict(found)
    told["mean"] = round(found.mean, 7)
    if not found.clamped:
        del told["clamped"]
    return told


def when(epoch: float) -> str:
    """A unix time as ISO 8601 in UTC."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds")
