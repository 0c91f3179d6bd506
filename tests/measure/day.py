"""
A day's ticks through what the parent keeps, and how large the process was meanwhile.

Run as a program (`python -m tests.measure.day FOLDER STRIDE`) for a heap of its own;
prints, as JSON, the resident MB after the first tick and at the end of each hour (also
as they were before what was freed is given back), the rows that were kept, and what a
tick took. With a STRIDE of 10 only each tenth second is told of once all windows are
full: by the end as many rows are kept, of each span, as of a day of all seconds.
"""

from __future__ import annotations

import ctypes
import gc
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import process_time

import trio
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from cpesim.chance import chance
from cpesim.conductor.conductor import Run
from cpesim.conductor.metrics import families
from cpesim.live.looking import VIEWS, Looking
from cpesim.live.views import dashboard
from cpesim.measure.meter import Meter
from cpesim.measure.result import GroupFacts, Result, State
from cpesim.measure.snapshot import Snapshot
from cpesim.scenario.scenario import Group
from cpesim.scenario.threshold import Threshold
from tests.conductor.stage import planned

HOURS, HOUR = 24, 3_600
DAY = HOURS * HOUR
# With these the windows and the rows that are kept whole are full.
FINE = 1_200
EACH = 20  # samples a second of each series
GROUPS = ("homes", "shops")
# Where a series' values begin and end; they are spread evenly by their logarithm.
SERIES = {
    "session": (0.02, 30.0),
    "session.service": (0.02, 25.0),
    **{f"session{{group={group}}}": (0.02, 30.0) for group in GROUPS},
    "connect": (0.0002, 3.0),
    "tls": (0.001, 1.0),
    "knock": (0.01, 9.0),
    "download": (0.1, 300.0),
    **dict.fromkeys(("Inform", "empty POST", "GetParameterValues"), (0.001, 10.0)),
    **dict.fromkeys(("SetParameterValues", "GetParameterNames"), (0.002, 20.0)),
    "Reboot": (0.001, 1.0),
}
COUNTERS = (
    *("sessions.started", "sessions.done", "sessions.wanted", "sessions.failed"),
    *("started.periodic", "done.periodic", "failed.http 503", "status.200"),
    *("failed_on.http 503@Inform", "knocks.answered", "download.done"),
    *(f"sessions.{what}{{group={g}}}" for g in GROUPS for what in ("done", "failed")),
)
STATES = ("new", "ok", "busy", "waiting", "retry", "off")
GAUGES = {
    **{f"fleet/{group}/{s}": 9.0 for group in GROUPS for s in ("total", *STATES)},
    "fleet.total": 108.0,
    "set.size{set=dark}": 50.0,
    "busy": 9.0,
    "rate": 50.0,
    "cpu": 0.2,
    "rss": 1e8,
    "fds": 40.0,
    "lag_p50": 1e-4,
    "lag_p99": 1e-3,
    "lag_max": 2e-3,
}
LIMITS = (
    "session.failed rate < 90%",
    "session.time p95 < 60s",
    "session.time p99 < 60s in day",
    "session.time{group=homes} p99 < 60s",
    "inform.time p95 < 30s in night",
    "session.time p95 over 30s < 60s",
    "session.failed rate over 10m < 90%",
    "session.time p50 drift < 90%/12h",
    "recovery(dark) t95 < 3h",
    "generator.cpu avg over 30s < 90%",
)


def measured(turn: int) -> Snapshot:
    """A second's worth of a worker's work, one of several kinds."""
    meter = Meter()
    for series, (least, most) in SERIES.items():
        for n in range(EACH):
            spread = chance(1, turn * EACH + n, series)
            meter.record(series, least * (most / least) ** spread)
    for number, name in enumerate(COUNTERS):
        meter.count(name, 1 + (turn + number) % 50)
    return meter.snapshot(1.0, GAUGES)


def back(second: int) -> dict[str, bytes]:
    """In each minute of the first hours one CPE of the set is back."""
    if second % 60 or not 60 <= second < 50 * 60:
        return {}
    meter = Meter()
    meter.record("recovery{set=dark}", (second - 60) / 100)
    return meter.snapshot(1.0, {}).latency


def settle() -> None:
    """Give back what was freed."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def resident() -> float:
    """MB of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


class _Told(Collector):
    """What Prometheus is told."""

    def __init__(self, result: Result) -> None:
        self._result = result

    def collect(self) -> Iterator[Metric]:
        return families(self._result)


def shown(result: Result, registry: CollectorRegistry) -> None:
    """Every view of the dashboard, and what Prometheus gets."""
    for view in range(len(VIEWS)):
        assert len(dashboard(result, 120, 40, Looking(view))) == 40
    assert len(generate_latest(registry)) > 1_000


def made(folder: Path) -> Run:
    """A run that has begun, but for its workers: seconds are told by hand."""
    plan = planned("http://acs/", duration=float(DAY))
    groups = tuple(Group(name, 54, first=n * 54) for n, name in enumerate(GROUPS))
    limits = tuple(Threshold(text) for text in LIMITS)
    scenario = replace(plan.scenario, groups=groups, thresholds=limits)
    told = tuple(GroupFacts(name, 54, "gw") for name in GROUPS)
    facts = replace(plan.facts, groups=told, devices=108)
    run = Run(replace(plan, scenario=scenario, facts=facts), folder)
    run.records.open()
    run.result.enter(State.RUNNING, 0.0)
    return run


async def day(folder: Path, stride: int = 1) -> dict[str, object]:
    """What it held after the first tick and after each hour, and what it took."""
    run = made(folder)
    result = run.result
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told(result))
    kinds = [measured(turn) for turn in range(16)]
    sizes: list[float] = []
    raw: list[float] = []
    ticks, used = 0, 0.0
    for second in range(DAY):
        if second in (0, FINE):
            result.begin_phase("night" if second else "day", float(second))
        if second == 60:
            result.begin_recovery("dark", 60.0)
        if second < FINE or second % stride == 0:
            kind = kinds[ticks % len(kinds)]
            # What an ACS makes up is bounded where it is counted, not here.
            counters = {**kind.counters, f"fault.received.{8800 + second % 100}": 1}
            latency = {**kind.latency, **back(second)}
            told = Snapshot(float(second), second + 1.0, counters, GAUGES, latency)
            encoded = told.to_bytes()
            if second % 10 == 0:
                result.event(float(second), f"something happened at {second}")
            began = process_time()
            run.workers.hear("worker-0", "snapshot", encoded)
            run.second(float(second), second + 1.0, {"cpu": 0.1, "lag_p99": 1e-3})
            used += process_time() - began
            ticks += 1
        if second % 600 == 0:
            shown(result, registry)
        if second == 0 or second % HOUR == HOUR - 1:
            raw.append(resident())
            settle()
            sizes.append(resident())
            print(f"{sizes[-1]:.1f}", file=sys.stderr, flush=True)
    run.finish()
    assert result.total("session").count == EACH * ticks
    assert [limit.state for limit in result.limits] == ["ok"] * len(LIMITS)
    return {
        "sizes": [round(size, 1) for size in sizes],
        "raw": [round(size, 1) for size in raw],
        "rows": [len(level.rows) for level in result.history.levels],
        "ticks": ticks,
        "ms a tick": round(used / ticks * 1e3, 2),
    }


if __name__ == "__main__":
    print(json.dumps(trio.run(day, Path(sys.argv[1]), int(sys.argv[2]))))
