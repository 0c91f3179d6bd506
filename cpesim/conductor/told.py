"""
Which metric tells what of a run: docs/metrics.md has the same table.

Rule: plain text in, plain text out; Prometheus itself is in metrics.py. A label is one
of few: never a serial number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cpesim.measure.result import SESSION_COUNTS

LONG = "cpesim_long_seconds"
_TAGGED = re.compile(r"([^{]*)\{(.*)\}\Z")


@dataclass(frozen=True, slots=True)
class Told:
    """One metric: its name as Prometheus has it, its labels, what it says."""

    name: str
    kind: str  # counter, gauge or histogram
    labels: tuple[str, ...]
    words: str


METRICS = (
    Told("cpesim_run_info", "gauge", ("run", "id", "version"), "1, of this run."),
    Told(
        "cpesim_run_state", "gauge", ("state",), "1 for the state that the run is in."
    ),
    Told("cpesim_run_seconds", "gauge", (), "Seconds since the run began."),
    Told(
        "cpesim_sessions_total",
        "counter",
        ("state",),
        "Sessions wanted, started, done, failed, dropped and so on.",
    ),
    Told(
        "cpesim_group_sessions_total",
        "counter",
        ("group", "state"),
        "The same by group, where there are several.",
    ),
    Told(
        "cpesim_injected_sessions_total",
        "counter",
        ("fault", "state"),
        "Sessions that the run itself spoiled, by injected fault; in no other figure.",
    ),
    Told(
        "cpesim_session_causes_total",
        "counter",
        ("cause", "state"),
        "Sessions started and done by their cause: boot, periodic, knock, …",
    ),
    Told(
        "cpesim_late_starts_total",
        "counter",
        ("why",),
        "Starts more than 100 ms late, by whose doing.",
    ),
    Told(
        "cpesim_failures_total",
        "counter",
        ("label",),
        "Failed sessions by the label of their error.",
    ),
    Told(
        "cpesim_failed_exchanges_total",
        "counter",
        ("label", "rpc"),
        "The same by label and the exchange that failed.",
    ),
    Told(
        "cpesim_http_responses_total",
        "counter",
        ("status",),
        "HTTP answers of the ACS by status.",
    ),
    Told(
        "cpesim_http_bytes_total",
        "counter",
        ("direction",),
        "Bytes of HTTP sent and received.",
    ),
    Told(
        "cpesim_cwmp_faults_total",
        "counter",
        ("direction", "code"),
        "CWMP faults sent and received by code.",
    ),
    Told(
        "cpesim_acs_violations_total",
        "counter",
        ("kind",),
        "What the ACS did against the standard, by rule and kind.",
    ),
    Told(
        "cpesim_other_total",
        "counter",
        ("name",),
        "All other counters: knocks, downloads, reconnects, TLS, …",
    ),
    Told("cpesim_devices", "gauge", ("state",), "CPEs by state; total is all of them."),
    Told(
        "cpesim_group_devices",
        "gauge",
        ("group", "state"),
        "CPEs by group and state.",
    ),
    Told(
        "cpesim_devices_at_version",
        "gauge",
        ("group", "version"),
        "CPEs by the firmware that they run.",
    ),
    Told("cpesim_sessions_in_flight", "gauge", (), "Sessions under way."),
    Told("cpesim_rate_wanted", "gauge", (), "Arrivals a second that are wanted."),
    Told(
        "cpesim_generator_cpu_cores",
        "gauge",
        (),
        "Processor time of the busiest worker, in cores.",
    ),
    Told("cpesim_generator_memory_bytes", "gauge", (), "Memory of all workers."),
    Told("cpesim_generator_open_files", "gauge", (), "Open files of all workers."),
    Told(
        "cpesim_generator_lag_seconds",
        "gauge",
        ("at",),
        "How late the busiest worker's own clock rings: at p50, p99, max.",
    ),
    Told("cpesim_gauge", "gauge", ("name",), "All other gauges, as the size of a set."),
    Told(
        "cpesim_latency_seconds",
        "histogram",
        ("series",),
        "session (from when it was due), session.service, connect, tls, knock, …",
    ),
    Told(
        "cpesim_exchange_seconds",
        "histogram",
        ("rpc",),
        "HTTP exchanges by what was posted: Inform, empty POST, the answer to an RPC.",
    ),
    Told(
        "cpesim_tagged_latency_seconds",
        "histogram",
        ("series", "tag", "value"),
        "A series by group, injected fault or event: tag is group, fault or event.",
    ),
    Told(
        "cpesim_long_seconds",
        "histogram",
        ("series", "tag", "value"),
        "recovery by set and campaign by version: minutes to hours.",
    ),
)
# A counter's beginning -> the metric, and the labels before the rest of its name.
_BEGINS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("started.", "cpesim_session_causes_total", ("started",)),
    ("done.", "cpesim_session_causes_total", ("done",)),
    ("late.", "cpesim_late_starts_total", ()),
    ("failed.", "cpesim_failures_total", ()),
    ("status.", "cpesim_http_responses_total", ()),
    ("bytes.", "cpesim_http_bytes_total", ()),
    ("fault.sent.", "cpesim_cwmp_faults_total", ("sent",)),
    ("fault.received.", "cpesim_cwmp_faults_total", ("received",)),
    ("acs.violation.", "cpesim_acs_violations_total", ()),
)
_CAUSES = ("started.", "done.")
_SESSIONS = frozenset(f"sessions.{name}" for name in SESSION_COUNTS)
_PLAIN: dict[str, tuple[str, tuple[str, ...]]] = {
    "busy": ("cpesim_sessions_in_flight", ()),
    "rate": ("cpesim_rate_wanted", ()),
    "cpu": ("cpesim_generator_cpu_cores", ()),
    "rss": ("cpesim_generator_memory_bytes", ()),
    "fds": ("cpesim_generator_open_files", ()),
    "lag_p50": ("cpesim_generator_lag_seconds", ("p50",)),
    "lag_p99": ("cpesim_generator_lag_seconds", ("p99",)),
    "lag_max": ("cpesim_generator_lag_seconds", ("max",)),
}
_LONG = frozenset(("recovery", "campaign"))
# Exchanges that are no RPC; an RPC begins with a capital, no other series does.
_POSTS = frozenset(("empty POST", "unknown RPC"))

Labels = tuple[str, ...]


def untagged(name: str) -> tuple[str, dict[str, str]]:
    """A series' or counter's base name and its tags."""
    found = _TAGGED.match(name)
    if found is None:
        return name, {}
    pairs = (pair.partition("=") for pair in found[2].split(","))
    return found[1], {key: value for key, _, value in pairs}


def counted(name: str) -> tuple[str, Labels]:
    """The metric that a counter is told in, and its labels."""
    base, tags = untagged(name)
    kind, _, rest = base.partition(".")
    if kind == "sessions" and tags.keys() == {"group"}:
        return "cpesim_group_sessions_total", (tags["group"], rest)
    if kind == "injected" and tags.keys() == {"fault"}:
        return "cpesim_injected_sessions_total", (tags["fault"], rest)
    if tags:
        return "cpesim_other_total", (name,)
    if base in _SESSIONS:
        return "cpesim_sessions_total", (rest,)
    if kind == "failed_on":
        label, _, rpc = rest.rpartition("@")
        return "cpesim_failed_exchanges_total", (label, rpc)
    for begin, metric, before in _BEGINS:
        if base.startswith(begin):
            rest = base.removeprefix(begin)
            labels = (rest, *before) if begin in _CAUSES else (*before, rest)
            return metric, labels
    return "cpesim_other_total", (base,)


def gauged(name: str) -> tuple[str, Labels]:
    """The metric that a gauge is told in, and its labels."""
    base, tags = untagged(name)
    if base == "at_version" and tags.keys() == {"group", "version"}:
        return "cpesim_devices_at_version", (tags["group"], tags["version"])
    if not tags:
        if base in _PLAIN:
            return _PLAIN[base]
        if base.startswith("fleet."):
            return "cpesim_devices", (base.removeprefix("fleet."),)
        if base.startswith("fleet/"):
            group, _, state = base.removeprefix("fleet/").rpartition("/")
            return "cpesim_group_devices", (group, state)
    return "cpesim_gauge", (name,)


def timed(series: str) -> tuple[str, Labels]:
    """The metric that a series is told in, and its labels."""
    base, tags = untagged(series)
    if len(tags) == 1:
        ((tag, value),) = tags.items()
        name = LONG if base in _LONG else "cpesim_tagged_latency_seconds"
        return name, (base, tag, value)
    if tags:
        return "cpesim_latency_seconds", (series,)
    if base[:1].isupper() or base in _POSTS:
        return "cpesim_exchange_seconds", (base,)
    return "cpesim_latency_seconds", (base,)
