"""Stored runs, made by hand: an hour of figures in a moment."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from cpesim.measure.meter import Meter
from cpesim.measure.recovery import HUNDREDTHS
from cpesim.measure.result import Exit, GroupFacts, Result, RunFacts, State
from cpesim.report.folder import RunFolder, write_whole

SCENARIO = """\
version: 1
name: {name}
acs: {{url: http://{host}:7547/}}
seed: {seed}
"""


def stored(
    out: Path,
    run_id: str,
    *,
    seconds: int = 50,
    slower: float = 1.0,
    failing: float = 0.0,
    lag: float = 0.001,
    chance: int = 0,
    scenario: str = "",
    interrupted: bool = False,
    phases: Mapping[str, float] | None = None,
    back: Sequence[float] = (),
) -> Path:
    """
    A run of 20 sessions a second that take about 100 ms, times *slower*.

    *phases* begin at these seconds; of a set of 10 called dark, CPEs were *back* after
    these.
    """
    drawn = random.Random(f"{run_id}/{chance}")
    facts = RunFacts(
        "boot-storm",
        run_id,
        "http://acs.example/",
        100,
        (GroupFacts("homes", 100, "gw"),),
        duration=float(seconds),
        epoch=1_795_000_000.0,
        version="0.1",
    )
    result = Result(facts)
    path = out / f"20261120T1200-boot-storm-{run_id}"
    folder = RunFolder(path, result)
    result.enter(State.RUNNING, 0.0)
    for second in range(seconds):
        meter = Meter(float(second))
        for name, begins in (phases or {}).items():
            if begins == second:
                result.begin_phase(name, begins)
        if back and not second:
            result.begin_recovery("dark", 0.0)
            for after in back:
                meter.record("recovery{set=dark}", after / HUNDREDTHS)
        for _ in range(20):
            took = slower * 0.1 * drawn.lognormvariate(0.0, 0.3)
            meter.start("pace", 0.0)
            if drawn.random() < failing:
                meter.failure("http 503", "Inform")
                continue
            meter.exchange("Inform", took / 2, 200, 900, 400)
            meter.session("pace", 0.0, took)
        gauges = {"lag_p99": lag, "lag_max": lag, "cpu": 0.2}
        if back:
            gauges["set.size{set=dark}"] = 10.0
        result.feed("w0", meter.snapshot(second + 1.0, gauges))
        result.tick(second + 1.0)
        folder.append()
    code = 130 if interrupted else 0
    result.finish(float(seconds), Exit(code, "ran to its planned end"))
    folder.finish()
    text = scenario or SCENARIO.format(name=run_id, host=run_id, seed=1)
    write_whole(path / "scenario.yaml", text)
    return path
