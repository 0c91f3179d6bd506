"""
A stored run, read back as a Result: `cpesim report`, `runs` and `compare` begin here.

Rule: timeline.ndjson and latency.hlog hold the figures, and summary.json only what
they cannot: the verdicts, and the examples. So a run that was killed can be told too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from pathlib import Path
from typing import Any

from cpesim.errors import ConfigError
from cpesim.measure.health import LATE_START, Grade
from cpesim.measure.kept.rows import Row
from cpesim.measure.latency import PERCENTILES as WHOLE
from cpesim.measure.latency import Figures
from cpesim.measure.restored import Restored, ToldHealth
from cpesim.measure.result import GroupFacts, RunFacts
from cpesim.report import hlog
from cpesim.report.errors import take_trace
from cpesim.report.kept.reading import Logged, logged, objects, wrong
from cpesim.report.kept.retold import ended, tell_begins, tell_end
from cpesim.report.kept.runs import MANIFEST, manifest

# Seconds that a stretch may come after its end.
SLACK = 10.0


@dataclass(frozen=True, slots=True)
class _Item:
    """A second or a stretch, at its place in the order of time."""

    order: tuple[float, int]
    who: int
    row: Row | None = None
    parent: Mapping[str, float] | None = None
    stretch: tuple[str, Logged] | None = None

    def __lt__(self, other: _Item) -> bool:
        return self.order < other.order


def stored(folders: Sequence[Path]) -> Restored:
    """
    The Result of a stored run; of several runs, their sum.

    Raises ConfigError for files that are no run's. A last line that was cut off by a
    kill is left out, and said.
    """
    if twice := [f for f in folders if list(folders).count(f) > 1]:
        raise ConfigError(f"{twice[0]}: the same run twice")
    manifests = [manifest(folder) for folder in folders]
    try:
        facts = [_facts(told) for told in manifests]
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{folders[0] / MANIFEST}: not whole: {error!r}") from error
    merged = len(folders) > 1
    result = Restored(_together(facts) if merged else facts[0], merged=merged)
    names = [each.run_id for each in facts]
    if not merged:
        tell_begins(result, folders[0])
    for item in merge(
        *(_items(folder, who) for who, folder in enumerate(folders)),
    ):
        if item.row is not None:
            result.pass_time(item.row.second - SLACK)
            result.take_row(names[item.who], item.row, item.parent or {})
        elif item.stretch is not None:
            series, found = item.stretch
            told = (found.text, found.greatest)
            try:
                result.take_stretch(
                    names[item.who], found.begin, found.length, series, told
                )
            except ValueError as error:
                path = folders[item.who] / "latency.hlog"
                raise wrong(path, found.line, str(error)) from error
    result.settle()
    if merged and all(ended(folder) for folder in folders):
        # Each of them judged its own generator, by its own bounds.
        result.health = ToldHealth(Grade.OK, [], result.health.strains)
    for who, folder in enumerate(folders):
        before = f"{names[who]}: " if merged else ""
        for at, text in _events(folder / "events.ndjson"):
            result.event(at, before + text)
        tell_end(result, folder, before)
        if not merged:
            _tell_traces(result, folder)
    result.manifest = dict(manifests[0]) if not merged else {"runs": names}
    result.folder = "" if merged else str(folders[0])
    result.scenario = "\n".join(_text(folder / "scenario.yaml") for folder in folders)
    return result


def _items(folder: Path, who: int) -> Iterator[_Item]:
    """The run's seconds and stretches in order; a stretch before what follows it."""
    series: dict[str, str] = {}
    rows = _rows(folder / "timeline.ndjson", who, series)
    yield from merge(rows, _stretches(folder / "latency.hlog", who, series))


def _rows(path: Path, who: int, series: dict[str, str]) -> Iterator[_Item]:
    for line, told in objects(path) if path.exists() else ():
        try:
            latency = {}
            for name, found in told["latency"].items():
                series.setdefault(hlog.tag(name), name)
                latency[name] = Figures(
                    count=int(found["n"]),
                    p50=float(found["p50"]),
                    p95=float(found["p95"]),
                    p99=float(found["p99"]),
                    max=float(found["max"]),
                    mean=float(found.get("mean", found["p50"])),
                    clamped=int(found.get("clamped", 0)),
                )
            row = Row(
                int(told["at"]),
                int(told["span"]),
                {str(name): int(n) for name, n in told["counters"].items()},
                {str(name): float(value) for name, value in told["gauges"].items()},
                latency,
            )
            parent = dict(told.get("parent", {}))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise wrong(path, line, f"not a line of a timeline: {error!r}") from error
        yield _Item((row.second, 1), who, row=row, parent=parent)


def _stretches(path: Path, who: int, series: Mapping[str, str]) -> Iterator[_Item]:
    if path.exists():
        for found in logged(path):
            # Rows come before their stretch, and their names are the series'.
            name = series.get(found.tag, found.tag)
            end = found.begin + found.length
            yield _Item((end, 0), who, stretch=(name, found))


def _events(path: Path) -> Iterator[tuple[float, str]]:
    for line, told in objects(path) if path.exists() else ():
        try:
            yield float(told["at"]), str(told["event"])
        except (KeyError, TypeError, ValueError) as error:
            raise wrong(path, line, f"not an event: {error!r}") from error


def _tell_traces(result: Restored, folder: Path) -> None:
    path = folder / "errors.ndjson"
    if not path.is_file():
        return  # of a run before there was one
    for line, told in objects(path):
        try:
            take_trace(result, folder, told)
        except (KeyError, TypeError) as error:
            raise wrong(path, line, f"not an error: {error!r}") from error


def _text(path: Path) -> str:
    if not path.is_file():
        return ""
    return path.read_text(encoding="utf-8", errors="replace")


def _facts(told: Mapping[str, Any]) -> RunFacts:
    plan = told["plan"]
    return RunFacts(
        name=told["name"],
        run_id=told["run_id"],
        acs=plan["acs"],
        devices=plan["devices"],
        groups=tuple(GroupFacts(**group) for group in plan["groups"]),
        seed=plan["seed"],
        duration=plan["duration"],
        ramp=plan["ramp"],
        rate=plan["rate"],
        in_flight=plan["in_flight"],
        grace=plan["grace"],
        tls_resume=plan.get("tls_resume", False),
        workers=plan["workers"],
        late_start=plan.get("late_start", LATE_START),
        phases=tuple(plan.get("phases", ())),
        percentiles=tuple(plan.get("percentiles", WHOLE)),
        epoch=datetime.fromisoformat(told["started"]).timestamp(),
        version=told["version"],
    )


def _together(facts: Sequence[RunFacts]) -> RunFacts:
    """The plans of several runs as one, as if they had run at the same time."""
    groups: dict[str, GroupFacts] = {}
    for group in (group for each in facts for group in each.groups):
        count = groups[group.name].count if group.name in groups else 0
        groups[group.name] = GroupFacts(group.name, count + group.count, group.profile)
    rates = [each.rate for each in facts if each.rate is not None]
    first = facts[0]
    return RunFacts(
        name=" + ".join(dict.fromkeys(each.name for each in facts)),
        run_id="+".join(each.run_id for each in facts),
        acs=", ".join(dict.fromkeys(each.acs for each in facts)),
        devices=sum(each.devices for each in facts),
        groups=tuple(groups.values()),
        seed=first.seed,
        duration=max(each.duration for each in facts),
        ramp=first.ramp,
        rate=sum(rates) if rates else None,
        in_flight=sum(each.in_flight for each in facts),
        grace=first.grace,
        tls_resume=any(each.tls_resume for each in facts),
        workers=sum(each.workers for each in facts),
        late_start=first.late_start,
        percentiles=first.percentiles,
        epoch=min(each.epoch for each in facts),
        version=first.version,
    )
