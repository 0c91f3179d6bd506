"""
Sessions with a fault of the scenario's, as text and as plain values.

Rule: they stand in a block of their own, for no other figure holds them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cpesim.measure.injected import injected
from cpesim.measure.result import Result
from cpesim.quantity import show_count, show_duration

_NAME = 26


def faults_text(result: Result) -> Iterator[str]:
    """The block of the console; nothing where no session had a fault."""
    found = injected(result)
    if not found:
        return
    total = show_count(result.count("injected.started"))
    yield f"FAULTS INJECTED ({total} sessions, in no figure above)"
    for name, fault in found.items():
        counts, time = fault.counts, fault.time
        line = (
            f"  {name:{_NAME}}   started {show_count(counts['started'])}"
            f"   done {show_count(counts['done'])}"
            f"   failed {show_count(counts['failed'])}"
        )
        if counts["shown"] < counts["started"]:
            line += f"   shown {show_count(counts['shown'])}"
        if time.count:
            line += f"   p95 {show_duration(time.p95)}   p99 {show_duration(time.p99)}"
        yield line
        for label, number in fault.labels.items():
            yield f"{show_count(number):>10}  {label}"


def faults_values(result: Result) -> dict[str, dict[str, Any]]:
    """What summary.json tells of each fault; times are seconds."""
    return {
        name: {
            **fault.counts,
            "labels": dict(fault.labels),
            "statuses": dict(fault.statuses),
            "p50": fault.time.p50,
            "p95": fault.time.p95,
            "p99": fault.time.p99,
            "max": fault.time.max,
        }
        for name, fault in injected(result).items()
    }
