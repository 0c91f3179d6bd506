"""
A day's ticks through what the parent keeps, and how large the process was meanwhile.

Run as a program (`python -m tests.measure.day FOLDER EVERY`) for a heap of its own;
prints the resident MB at the begin and at the end of each hour as JSON.
"""

from __future__ import annotations

import ctypes
import gc
import json
import sys
from pathlib import Path

from cpesim.chance import chance
from cpesim.live.views import dashboard
from cpesim.measure.meter import Meter
from cpesim.measure.result import Exit, Result, RunFacts, State
from cpesim.measure.snapshot import Snapshot
from cpesim.report.folder import RunFolder

HOURS, HOUR = 24, 3_600
SERIES = (
    *("session", "session.service", "connect", "tls", "knock", "download"),
    *("Inform", "empty POST", "GetParameterValues", "SetParameterValues"),
    *("GetParameterNames", "Reboot"),
)
COUNTERS = (
    *("sessions.started", "sessions.done", "sessions.wanted", "sessions.failed"),
    *("started.periodic", "done.periodic", "failed.http 503", "status.200"),
    *("failed_on.http 503@Inform", "knocks.answered", "download.done"),
)
GAUGES = {
    **{f"fleet.{s}": 9.0 for s in ("new", "ok", "busy", "waiting", "retry", "off")},
    **{f"fleet/homes/{s}": 9.0 for s in ("total", "new", "ok", "busy", "off")},
    "busy": 9.0,
    "rate": 50.0,
    "cpu": 0.2,
    "rss": 1e8,
    "fds": 40.0,
    "lag_p99": 1e-3,
}


def measured(turn: int) -> Snapshot:
    """A second's worth of a worker's work, one of several kinds."""
    meter = Meter()
    for series in SERIES:
        for n in range(20):
            meter.record(series, 0.0002 + 0.004 * chance(1, turn * 20 + n, series))
    for number, name in enumerate(COUNTERS):
        meter.count(name, 1 + (turn + number) % 50)
    return meter.snapshot(1.0, GAUGES)


def resident() -> float:
    """MB of this process, what was freed given back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


def day(folder: Path, every: int = 1) -> list[float]:
    """
    The size at the begin and after each hour.

    All series have samples each *every* seconds, `session` each second.
    """
    facts = RunFacts("day", "7f3a", "http://acs/", 100, epoch=1e9)
    result = Result(facts)
    stored = RunFolder(folder, result)
    result.enter(State.RUNNING, 0.0)
    kinds = [measured(turn) for turn in range(16)]
    slight = measured(0)
    slight.latency = {"session": slight.latency["session"]}
    sizes = [resident()]
    for second in range(HOURS * HOUR):
        kind = kinds[second % len(kinds)]
        # What an ACS makes up is bounded where it is counted, not here.
        counters = {**kind.counters, f"fault.received.{8800 + second % 100}": 1}
        told = Snapshot(float(second), second + 1.0, counters, dict(GAUGES))
        told.latency = kind.latency if second % every == 0 else slight.latency
        result.feed("worker-0", Snapshot.from_bytes(told.to_bytes()))
        result.feed_parent(Snapshot(float(second), second + 1.0, gauges={"cpu": 0.1}))
        result.tick(second + 1.0)
        if second % 10 == 0:
            result.event(float(second), f"something happened at {second}")
            stored.append()
        if second % 600 == 0:
            dashboard(result, 120, 40)
        if second % HOUR == HOUR - 1:
            sizes.append(resident())
            print(f"{sizes[-1]:.1f}", file=sys.stderr, flush=True)
    result.finish(HOURS * HOUR, Exit(0, "ran to its planned end"))
    stored.finish()
    assert result.count("sessions.done") >= HOURS * HOUR
    assert result.total("session").count == 20 * HOURS * HOUR
    return sizes


if __name__ == "__main__":
    print(json.dumps(day(Path(sys.argv[1]), int(sys.argv[2]))))
