"""
metrics.txt: the end of a run in the OpenMetrics text format, as GitLab compares it.

Rule: names and units are a promise, as those of summary.json are. Only totals of the
whole run: nothing here grows with its length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cpesim.measure.health import Grade
from cpesim.measure.result import SESSION_COUNTS, Result
from cpesim.report import seen
from cpesim.report.seen import FAILED, OK, WARN

QUANTILES = (
    ("0.5", "p50"),
    ("0.9", "p90"),
    ("0.95", "p95"),
    ("0.99", "p99"),
    ("0.999", "p99_9"),
)
Sample = tuple[str, dict[str, str], float]


def openmetrics_text(result: Result) -> str:
    """The text of metrics.txt; ends with ``# EOF``."""
    return "".join(f"{line}\n" for line in (*_lines(result), "# EOF"))


def _lines(result: Result) -> Iterator[str]:
    facts, counts = result.facts, result.sessions()
    yield from _family(
        "cpesim_run",
        "info",
        "What ran.",
        [("_info", {"scenario": facts.name, "run": facts.run_id}, 1)],
    )
    yield from _family(
        "cpesim_sessions",
        "counter",
        "Sessions by what became of them.",
        [("_total", {"outcome": name}, counts[name]) for name in SESSION_COUNTS],
    )
    yield from _family(
        "cpesim_failures",
        "counter",
        "Failed sessions by error.",
        [("_total", {"error": x.label}, x.count) for x in result.errors.values()],
    )
    yield from _family(
        "cpesim_latency_seconds",
        "summary",
        "Seconds of each series over the whole run.",
        [*_latency(result)],
        unit="seconds",
    )
    yield from _family(
        "cpesim_latency_max_seconds",
        "gauge",
        "The longest of each series.",
        [("", {"series": x}, result.total(x).max) for x in result.series()],
        unit="seconds",
    )
    yield from _family(
        "cpesim_peak_sessions_per_second",
        "gauge",
        "The most sessions done in a second.",
        [("", {}, result.peak[0])],
    )
    yield from _family(
        "cpesim_limit_ok",
        "gauge",
        "1 for a limit that held, 0 for one that did not.",
        [
            ("", {"limit": x.title}, float(x.state in (OK, WARN)))
            for x in {x.title: x for x in seen.limits(result)}.values()
            if x.state in (OK, WARN, FAILED)
        ],
    )
    yield from _family(
        "cpesim_recovery_seconds",
        "gauge",
        "Seconds until a share of a set of CPEs was back.",
        [
            ("", {"set": each.name, "share": share}, at)
            for each in seen.recoveries(result)
            for share, at in each.times.items()
            if at is not None
        ],
        unit="seconds",
    )
    yield from _family(
        "cpesim_generator",
        "stateset",
        "How far the figures can be trusted.",
        [
            ("", {"cpesim_generator": grade.name}, float(grade is result.health.grade))
            for grade in Grade
        ],
    )
    if result.exit is not None:
        yield from _family(
            "cpesim_exit_code", "gauge", "As of cpesim.", [("", {}, result.exit.code)]
        )


def _latency(result: Result) -> Iterator[Sample]:
    for series in result.series():
        found, label = result.total(series), {"series": series}
        for quantile, name in QUANTILES:
            yield "", {**label, "quantile": quantile}, getattr(found, name)
        yield "_count", label, found.count
        yield "_sum", label, found.mean * found.count


def _family(
    name: str, kind: str, words: str, samples: Iterable[Sample], unit: str = ""
) -> Iterator[str]:
    """One family; nothing when it has no sample."""
    told = [*samples]
    if not told:
        return
    yield f"# TYPE {name} {kind}"
    if unit:
        yield f"# UNIT {name} {unit}"
    yield f"# HELP {name} {words}"
    for suffix, labels, value in told:
        written = ",".join(f'{key}="{_quoted(text)}"' for key, text in labels.items())
        yield f"{name}{suffix}{{{written}}} {_number(value)}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(round(value, 9))
