"""
What can be limited: every metric, and where its figures come from in a Result.

Rule: METRICS is the one table; the check, the judging and docs/thresholds.md follow
it. A tag is there only where something is really counted by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a metric is made of, and so which aggregates it has."""

    TIMES = "times"  # histograms of seconds
    COUNTS = "counts"  # counters, perhaps as a share of others
    GAUGE = "gauge"  # a level that is looked at each second
    STATES = "states"  # how many CPEs are in a state, looked at each second
    REACHED = "reached"  # CPEs of a set that got there, one after the other


PERCENTILES = "p50 to p99.99"
SHARES = "t1 to t100"
# A kind's aggregates; the two that stand for many are named as they are told.
AGGREGATES: Mapping[Kind, tuple[str, ...]] = {
    Kind.TIMES: (PERCENTILES, "avg", "min", "max", "count", "rate"),
    Kind.COUNTS: ("count", "rate"),
    Kind.GAUGE: ("value", "avg", "min", "max"),
    Kind.STATES: ("value", "rate", "avg", "min", "max"),
    Kind.REACHED: (SHARES, "done", "count"),
}


@dataclass(frozen=True, slots=True)
class Tagged:
    """Names that a tag leads to instead of the metric's own; {} is the tag's value."""

    series: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()
    of: tuple[str, ...] = ()  # empty: the metric's own
    of_series: tuple[str, ...] = ()  # whose samples are what the share is of
    gauges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metric:
    """
    One row of the table.

    *counters* and *of* may hold ``*`` for anything. A rate with a % is counters / of.
    *tags* are by CPEs (group, profile); *by* are the others.
    """

    kind: Kind
    words: str
    unit: str = ""  # of one: s, B, % or things
    series: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    share: str = ""  # what a rate with a % is a share of, in words
    gauges: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    by: Mapping[str, Tagged] = field(default_factory=dict)
    needs: str = ""  # a tag that has to be given
    takes: str = ""  # what stands in parentheses: set or version


RPCS = (
    "Inform",
    "empty POST",
    "GetRPCMethods",
    "GetParameterNames",
    "GetParameterValues",
    "SetParameterValues",
    "GetParameterAttributes",
    "SetParameterAttributes",
    "AddObject",
    "DeleteObject",
    "Download",
    "Upload",
    "Reboot",
    "FactoryReset",
    "ScheduleInform",
    "ScheduleDownload",
    "CancelTransfer",
    "GetQueuedTransfers",
    "GetAllQueuedTransfers",
    "ChangeDUState",
    "GetOptions",
    "SetVouchers",
    "TransferComplete",
    "AutonomousTransferComplete",
    "DUStateChangeComplete",
    "AutonomousDUStateChangeComplete",
    "RequestDownload",
    "Kicked",
)
_CPES = ("group", "profile")
_ENDED = ("sessions.done", "sessions.failed")
_INJECTED = ("injected.done{fault={}}", "injected.failed{fault={}}")
_BY_EVENT = ("sessions.done{event={}}", "sessions.failed{event={}}")
_KNOCKS = tuple(
    f"knocks.{what}"
    for what in ("answered", "refused", "missed", "unknown", "bad", "unauthorized")
)
_MOVED = ("transfers.done", "transfers.failed", "uploads.done", "uploads.failed")
_DOWNLOADS, _UPLOADS = _MOVED[:2], _MOVED[2:]


def _state(name: str, words: str) -> Metric:
    return Metric(
        Kind.STATES,
        f"CPEs that {words}",
        gauges=(f"fleet/{{}}/{name}",),
        share="all CPEs",
        tags=_CPES,
    )


def _process(words: str, unit: str, gauge: str) -> Metric:
    own = f"{gauge}{{worker={{}}}}"
    return Metric(
        Kind.GAUGE,
        words,
        unit,
        gauges=(gauge,),
        by={"worker": Tagged(gauges=(own,))},
    )


METRICS: Mapping[str, Metric] = {
    "session.time": Metric(
        Kind.TIMES,
        "good sessions, from their intended start to their end",
        "s",
        series=("session",),
        tags=_CPES,
        by={
            "fault": Tagged(series=("session{fault={}}",)),
            "event": Tagged(series=("session{event={}}",)),
        },
    ),
    "session.service": Metric(
        Kind.TIMES,
        "good sessions, from their actual start to their end",
        "s",
        series=("session.service",),
        by={"event": Tagged(series=("session.service{event={}}",))},
    ),
    "session.failed": Metric(
        Kind.COUNTS,
        "sessions that failed",
        counters=("sessions.failed",),
        of=_ENDED,
        share="sessions that ended; by rpc: the exchanges of it",
        tags=_CPES,
        by={
            "fault": Tagged(counters=_INJECTED[1:], of=_INJECTED),
            "event": Tagged(counters=_BY_EVENT[1:], of=_BY_EVENT),
            "kind": Tagged(counters=("failed.{}",)),
            "code": Tagged(counters=("failed.http {}",)),
            "rpc": Tagged(counters=("failed_on.*@{}",), of_series=("{}",)),
        },
    ),
    "session.started": Metric(
        Kind.COUNTS,
        "sessions that began",
        counters=("sessions.started",),
        of=("sessions.wanted",),
        share="sessions that were wanted",
    ),
    "session.done": Metric(
        Kind.COUNTS,
        "good sessions",
        counters=("sessions.done",),
        of=_ENDED,
        share="sessions that ended",
        tags=_CPES,
        by={
            "fault": Tagged(counters=_INJECTED[:1], of=_INJECTED),
            "event": Tagged(counters=_BY_EVENT[:1], of=_BY_EVENT),
        },
    ),
    "session.dropped": Metric(
        Kind.COUNTS,
        "arrivals that found no place",
        counters=("sessions.dropped",),
        of=("sessions.wanted",),
        share="sessions that were wanted",
    ),
    "session.late": Metric(
        Kind.COUNTS,
        "sessions that began more than 100 ms late, whoever's doing",
        counters=("sessions.late",),
        of=("sessions.started",),
        share="sessions that began",
    ),
    "session.retry": Metric(
        Kind.COUNTS,
        "sessions that were tried again",
        counters=("sessions.retried",),
        of=("sessions.started",),
        share="sessions that began",
    ),
    "inform.time": Metric(
        Kind.TIMES, "exchanges of an Inform", "s", series=("Inform",)
    ),
    "rpc.time": Metric(
        Kind.TIMES,
        "exchanges of one kind: the CPE's message until the ACS's answer",
        "s",
        by={"rpc": Tagged(series=("{}",))},
        needs="rpc",
    ),
    "http.connect": Metric(Kind.TIMES, "TCP connections", "s", series=("connect",)),
    "http.tls": Metric(Kind.TIMES, "TLS handshakes", "s", series=("tls",)),
    "http.ttfb": Metric(
        Kind.TIMES,
        "whole exchanges, from the last byte of a message to the first of its answer",
        "s",
        series=("ttfb",),
    ),
    "bytes.in": Metric(
        Kind.COUNTS, "bytes of HTTP received", "B", counters=("bytes.received",)
    ),
    "bytes.out": Metric(
        Kind.COUNTS, "bytes of HTTP sent", "B", counters=("bytes.sent",)
    ),
    "transfer.time": Metric(
        Kind.TIMES,
        "files fetched or sent in whole",
        "s",
        series=("download", "upload"),
        by={"kind": Tagged(series=("{}",))},
    ),
    "transfer.failed": Metric(
        Kind.COUNTS,
        "files that were not moved",
        counters=("transfers.failed", "uploads.failed"),
        of=_MOVED,
        share="files that ended",
        by={"code": Tagged(counters=("transfers.failed.{}", "uploads.failed.{}"))},
    ),
    "conn_request.answered": Metric(
        Kind.COUNTS,
        "connection requests that a CPE answered by 200: it took them",
        counters=("knocks.answered",),
        of=_KNOCKS,
        share="connection requests, but for first challenges",
    ),
    "conn_request.to_inform": Metric(
        Kind.TIMES,
        "from a connection request to the start of the session that told of it",
        "s",
        series=("knock",),
    ),
    "conn_request.auth_failed": Metric(
        Kind.COUNTS,
        "connection requests with a wrong name or password",
        counters=("knocks.unauthorized",),
        of=_KNOCKS,
        share="connection requests, but for first challenges",
    ),
    "recovery": Metric(
        Kind.REACHED,
        "CPEs of a set (`as:` of a step) with a good session since power came back",
        "s",
        share="the set",
        takes="set",
    ),
    "campaign": Metric(
        Kind.REACHED,
        "CPEs that came to a version, since the first Download of it",
        "s",
        share="all CPEs",
        takes="version",
    ),
    "fleet.new": _state("new", "did not boot yet"),
    "fleet.ok": _state("ok", "rest after a good session"),
    "fleet.busy": _state("busy", "hold a session"),
    "fleet.waiting": _state("waiting", "wait for a place"),
    "fleet.retry": _state("retry", "wait for their retry"),
    "fleet.off": _state("off", "have no power, or boot"),
    "fleet.at_version": Metric(
        Kind.STATES,
        "CPEs that run a version of their software",
        gauges=("at_version{group={},version={of}}",),
        share="all CPEs",
        tags=_CPES,
        takes="version",
    ),
    "acs.status": Metric(
        Kind.COUNTS,
        "HTTP answers of a status (503, 5xx)",
        of=("status.*",),
        share="all HTTP answers",
        by={"code": Tagged(counters=("status.{}",))},
        needs="code",
    ),
    "acs.connections_refused": Metric(
        Kind.COUNTS,
        "sessions that failed because the ACS refused their connection",
        counters=("failed.connect refused",),
        of=("sessions.started",),
        share="sessions that began",
    ),
    "generator.lag": _process(
        "the worst process's lag, p99 of a second", "s", "lag_p99"
    ),
    "generator.cpu": _process("the worst process's share of a core", "%", "cpu"),
    "generator.rss": _process("memory of all processes", "B", "rss"),
    "generator.fds": _process("open files of all processes", "", "fds"),
    "generator.late": Metric(
        Kind.COUNTS,
        "sessions that began more than 100 ms late by the generator's doing",
        counters=("late.generator",),
        of=("sessions.started",),
        share="sessions that began",
        by={
            "worker": Tagged(
                counters=("generator.late{worker={}}",),
                of=("generator.started{worker={}}",),
            )
        },
    ),
}


def has(kind: Kind, aggregate: str) -> bool:
    """Whether metrics of a kind have this aggregate."""
    known = AGGREGATES[kind]
    if aggregate in known:
        return True
    word = {"p": PERCENTILES, "t": SHARES}.get(aggregate[:1])
    return word in known and aggregate[1:2].isdigit()
