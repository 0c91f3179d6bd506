"""A Result as after a minute and a half of a busy run, for tests of what shows it."""

from __future__ import annotations

from cpesim.chance import chance
from cpesim.measure.meter import Meter
from cpesim.measure.result import GroupFacts, Result, RunFacts, State

KINDS = ("Inform", "empty POST", "GetParameterValues", "SetParameterValues")


def populated(seconds: int = 90, groups: int = 2, workers: int = 2) -> Result:
    """A run of *seconds* whose load rises and falls; the same each time."""
    facts = RunFacts(
        "boot-storm",
        "7f3a",
        "http://acs:secret@acs.example:7547/cwmp",
        20_000,
        tuple(GroupFacts(f"homes{n}", 20_000 // groups, "gw") for n in range(groups)),
        seed=42,
        duration=1500.0,
        ramp=60.0,
        rate=300.0,
        in_flight=4_000,
        workers=workers,
        epoch=1_795_000_000.0,
    )
    result = Result(facts)
    result.enter(State.RUNNING, 0.0)
    result.event(0.0, "started")
    for second in range(seconds):
        for worker in range(workers):
            meter = Meter(float(second))
            for n in range(10 + second % 20):
                _session(meter, second, worker, n)
            if second > 20:
                meter.failure("http 503", "Inform")
            if second % 30 == 29:
                meter.failure("response timeout", "GetParameterValues")
            gauges = {"busy": 602.0, "cpu": 0.41, "lag_p99": 0.0013, "rate": 150.0}
            for group in range(groups):
                for state, number in (("ok", 6_000), ("busy", 300), ("retry", 90)):
                    gauges[f"fleet/homes{group}/{state}"] = number / workers
            result.feed(f"w{worker}", meter.snapshot(second + 1.0, gauges))
        result.tick(second + 1.0)
    result.event(60.0, "rate +10 (key)")
    return result


def _session(meter: Meter, second: int, worker: int, n: int) -> None:
    took = 0.02 + 2 * chance(worker, n, f"took {second}") ** 4
    meter.count("sessions.wanted")
    meter.start("pace", 0.0)
    meter.connect(took / 20)
    for kind in KINDS:
        meter.exchange(kind, took / 4, 204 if kind == "empty POST" else 200, 900, 400)
    meter.session("pace", 0.001, took)
