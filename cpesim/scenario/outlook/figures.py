"""
How many sessions a scenario begins, and when.

Rule: what CPEs do by the plan, not what the ACS makes of it: no retries, no sessions
that transfers or connection requests bring.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cpesim.scenario.parts import about, ramp_seconds, ramps, timed
from cpesim.scenario.scenario import DEFAULT_IN_FLIGHT, Load, Scenario
from cpesim.scenario.shape import Shape
from cpesim.scenario.step import DeviceSet, Step

# As measured (tests/benchmarks/test_memory.py): parent and one worker with their
# profiles, and each CPE that is at rest.
BASE_BYTES = 75_000_000
CPE_BYTES = 1_229
MOST = 90_000  # stretches that a run is cut into
SLICES = 20  # of what arrives by a shape


@dataclass(frozen=True, slots=True)
class Outlook:
    """The plan in figures; *curve* is sessions a second in each part of the run."""

    curve: tuple[float, ...]
    sessions: float
    peak: float
    peak_at: float
    sockets: int
    memory: int


def outlook(
    scenario: Scenario, intervals: Mapping[str, float], parts: int = 64
) -> Outlook:
    """The plan's figures; *intervals* are the periods of each group's Informs."""
    # By seconds, or what makes a long run MOST of; a part shows its highest.
    width = max(1.0, scenario.duration / MOST)
    curve = [0.0] * max(1, math.ceil(scenario.duration / width))
    for at, length, count in _begun(scenario, intervals):
        _spread(curve, width, at, length, count)
    rates = [count / width for count in curve]
    peak = max(rates)
    ends = [(index + 1) * len(rates) // parts for index in range(parts)]
    most = DEFAULT_IN_FLIGHT if scenario.in_flight is None else scenario.in_flight
    sockets = min(most, scenario.count)
    return Outlook(
        curve=tuple(
            max(rates[min(begin, len(rates) - 1) : max(end, begin + 1)])
            for begin, end in zip([0, *ends], ends, strict=False)
        ),
        sessions=sum(curve),
        peak=peak,
        peak_at=rates.index(peak) * width,
        sockets=sockets,
        memory=BASE_BYTES + CPE_BYTES * scenario.count,
    )


def _spread(
    curve: list[float], width: float, at: float, length: float, count: float
) -> None:
    """Add *count* sessions, evenly over *length* seconds from *at* on."""
    if length <= 0:
        index = int(at / width)
        if 0 <= index < len(curve):
            curve[index] += count
        return
    first = max(0, int(at / width))
    last = min(len(curve) - 1, int((at + length) / width))
    for index in range(first, last + 1):
        begin = max(at, index * width)
        end = min(at + length, (index + 1) * width)
        curve[index] += count * max(0.0, end - begin) / length


Begun = tuple[float, float, float]  # from when, over how long, how many


def _begun(scenario: Scenario, intervals: Mapping[str, float]) -> Iterator[Begun]:
    """All that begins sessions."""
    start, loads = scenario.start, scenario.loads
    ramp = ramp_seconds(start, scenario.count, scenario.timer_scale)
    for group in scenario.groups:
        if not start.known and ramps(start, loads, group):
            yield 0.0, ramp, float(group.count)
        if (start.known or ramp != math.inf) and timed(loads, group):
            interval = max(intervals.get(group.name, 300.0), 1.0)
            begin = 0.0 if start.known or group.spread else min(ramp, interval)
            left = scenario.duration - begin
            if left > 0:
                yield begin, left, group.count * left / interval
    for load in scenario.loads:
        yield from _load(load, scenario)
    for step in scenario.steps:
        yield from _step(step, scenario)


def _load(load: Load, scenario: Scenario) -> Iterator[Begun]:
    count = sum(group.count for group in scenario.groups if about(load, group))
    if load.executor == "at-once":
        yield load.at, 0.0, float(min(load.number or count, count))
        return
    if load.executor != "arrival-rate" or load.rate is None:
        return  # how fast an in-flight load is, its ACS says
    at, rate = 0.0, load.rate
    for stage in load.stages:
        # A straight line, as steps of a few even pieces.
        for piece in range(SLICES):
            middle = rate + (stage.to - rate) * (piece + 0.5) / SLICES
            length = stage.length / SLICES
            yield at + piece * length, length, middle * length
        at, rate = at + stage.length, stage.to
    if at < scenario.duration:
        left = scenario.duration - at
        yield at, left, rate * left


_BOOTS = ("reboot", "factory_reset")
_SESSIONS = ("power_restore", "inform", "connection_request", "value_change", "add")


def _step(step: Step, scenario: Scenario) -> Iterator[Begun]:
    after = step.arguments.get("restore_after")
    if step.do not in (*_BOOTS, *_SESSIONS) and after is None:
        return
    if step.do == "add":
        count = float(step.arguments["count"])
    else:
        count = size(step.devices, scenario)
    for at, times in _moments(step, scenario.duration):
        if times > 1:
            yield at, times * (step.every or 0.0), count * times
        elif step.do == "add":
            yield at, step.arguments["ramp"], count
        elif after is not None:
            yield at + after, 0.0, count
        else:
            yield from _arriving(at, step.arguments.get("arrive"), count)


def _moments(step: Step, end: float) -> Iterator[tuple[float, int]]:
    """When it is due, and how often: many at once where a drawing shows no single."""
    if step.every is None:
        yield step.at, 1
        return
    due = int(end / step.every)
    most = math.ceil(due / MOST)
    for index in range(1, due + 1, most or 1):
        yield index * step.every, min(most, due + 1 - index)


def _arriving(at: float, arrive: Shape | None, count: float) -> Iterator[Begun]:
    if arrive is None:
        yield at, 0.0, count
        return
    for index in range(SLICES):
        begin = arrive.at(index / SLICES)
        end = arrive.at((index + 0.95) / SLICES)
        yield at + begin, end - begin, count / SLICES


def size(
    devices: DeviceSet | None, scenario: Scenario, above: frozenset[str] = frozenset()
) -> float:
    """
    About how many CPEs a set has; what `where:` keeps of it is not known yet.

    A set that is of those *above* it, which are made of it, has none.
    """
    if devices is None:
        return float(scenario.count)
    if devices.name:
        made = next((s for s in scenario.steps if s.name == devices.name), None)
        below = DeviceSet() if made is None or made.devices is None else made.devices
        above |= {devices.name}
        whole = 0.0 if below.name in above else size(below, scenario, above)
    else:
        groups = [g for g in scenario.groups if devices.group in ("", g.name)]
        whole = float(sum(group.count for group in groups))
    if devices.count is not None:
        return min(float(devices.count), whole)
    return whole if devices.share is None else math.ceil(whole * devices.share)
