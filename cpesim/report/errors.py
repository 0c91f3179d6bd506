"""
errors.ndjson: each kind of failure of a run, one JSON object a line.

Rule: written whole, again and again while the run goes on; of what an ACS sent it holds
nothing but the names of RPCs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cpesim.measure.result import Result
from cpesim.measure.tally import Kind, Times, Trace, kinds
from cpesim.quantity import show_clock, show_count
from cpesim.report import timeline

# Where a run has its traces, and how much of one reports show.
TRACES = "traces"
MOST_SHOWN = 20_000


@dataclass(frozen=True, slots=True)
class SeenError:
    """A kind of failure, as reports tell it; *trace* is of one of its sessions."""

    kind: Kind
    times: Times
    trace: Trace | None = None

    @property
    def when(self) -> str:
        """From its first second to the end of its last: ``10:04-10:51``."""
        return f"{show_clock(self.times.first)}-{show_clock(self.times.end)}"

    @property
    def got_in(self) -> str:
        """How many got in later, in words; empty for none."""
        number = self.times.got_in
        return f"{show_count(number)} got in on a retry" if number else ""


def errors(result: Result) -> list[SeenError]:
    """All kinds of failures, the most frequent first."""
    return [
        SeenError(kind, times, result.traces.of(kind))
        for kind, times in kinds(result.errors.values())
    ]


def errors_text(result: Result) -> str:
    """The text of errors.ndjson."""
    return "".join(
        timeline.dump(_values(result, error)) + "\n" for error in errors(result)
    )


def _values(result: Result, error: SeenError) -> dict[str, Any]:
    kind, groups = error.kind, result.facts.groups
    group = kind.group or (groups[0].name if len(groups) == 1 else None)
    return {"error": kind.label, **kind_values(error), "group": group}


def kind_values(error: SeenError) -> dict[str, Any]:
    """What is told of a kind beside its label; null for what is not known."""
    return {
        "on": error.kind.exchange or None,
        "group": error.kind.group or None,
        "count": error.times.count,
        "first": int(error.times.first),
        "last": int(error.times.last),
        "got_in": error.times.got_in,
        "trace": error.trace.path if error.trace else None,
    }


def take_trace(result: Result, folder: Path, told: Mapping[str, Any]) -> None:
    """Tell the result of the trace that a line of errors.ndjson names, if there is."""
    name = told["trace"]
    path = folder / TRACES / Path(str(name)).name
    if not name or not path.is_file() or path.is_symlink():
        return
    several = len(result.facts.groups) > 1
    group = str(told["group"] or "") if several else ""
    kind = Kind(str(told["error"]), str(told["on"] or ""), group)
    with path.open(encoding="utf-8", errors="replace") as file:
        result.traces.add(kind, Trace(f"{TRACES}/{path.name}", file.read(MOST_SHOWN)))
