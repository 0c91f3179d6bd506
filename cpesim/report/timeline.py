"""
timeline.ndjson and events.ndjson: what came when, one JSON object a line.

Rule: appended during the run, so that whatever ends it only the last lines are lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from cpesim.measure.kept.rows import Row


def rows(
    closed: Iterable[Row], parents: Mapping[int, Mapping[str, float]] | None = None
) -> str:
    """One line for each second; *parents* are the parent's own gauges, by second."""
    own = parents or {}
    return "".join(_line(row, own.get(row.second, {})) for row in closed)


def events(noted: Iterable[tuple[float, str]]) -> str:
    """One line for each event."""
    return "".join(
        dump({"at": round(at, 3), "event": text}) + "\n" for at, text in noted
    )


def _line(row: Row, parent: Mapping[str, float]) -> str:
    counters = row.counters
    told: dict[str, Any] = {"at": row.second, "span": row.span}
    for key, name in (
        ("want", "wanted"),
        ("got", "started"),
        ("done", "done"),
        ("fail", "failed"),
        ("dropped", "dropped"),
    ):
        told[key] = counters.get(f"sessions.{name}", 0)
    told["busy"] = int(row.gauges.get("busy", 0))
    told["latency"] = {
        series: {
            "n": found.count,
            "p50": found.p50,
            "p95": found.p95,
            "p99": found.p99,
            "max": found.max,
            "mean": found.mean,
            **({"clamped": found.clamped} if found.clamped else {}),
        }
        for series, found in row.latency.items()
    }
    told["gauges"] = {name: round(value, 6) for name, value in row.gauges.items()}
    told["parent"] = {name: round(value, 6) for name, value in parent.items()}
    told["counters"] = counters
    return dump(told) + "\n"


def dump(value: object) -> str:
    """A line's JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
