"""
A scenario made smaller, or quicker, by `--scale` and `--time-scale`.

Rule: pure. Scale multiplies counts (at least 1) and rates. Time scale multiplies
moments and spans of the scenario, the CPEs' timers, and the times in a threshold's
window, drift and t1 to t100; never timeouts of sockets, faults of the network,
bandwidths, rates a second, or what latencies are held against. `limits.in_flight`
and `grace` stay, too: they are about sessions, which are as long as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import inf
from typing import Any

from cpesim.scenario.limits.scale import scaled as limit_scaled
from cpesim.scenario.limits.scale import text_in
from cpesim.scenario.scenario import Behaviour, Group, Load, Scenario, Stage
from cpesim.scenario.shape import Shape
from cpesim.scenario.step import DeviceSet, Injection, Step


def scaled(scenario: Scenario, scale: float = 1.0, time: float = 1.0) -> Scenario:
    """The scenario with counts and rates times *scale*, and times times *time*."""
    if scale == 1.0 and time == 1.0:
        return scenario
    return replace(
        scenario,
        groups=_groups(scenario.groups, scale, time),
        start=replace(scenario.start, ramp=_maybe(scenario.start.ramp, time)),
        duration=scenario.duration * time,
        loads=tuple(_load(load, scale, time) for load in scenario.loads),
        phases=tuple(replace(p, at=p.at * time) for p in scenario.phases),
        steps=tuple(_step(step, scale, time) for step in scenario.steps),
        injections=tuple(_injection(each, scale) for each in scenario.injections),
        thresholds=tuple(limit_scaled(each, time) for each in scenario.thresholds),
        timer_scale=scenario.timer_scale * time,
        trace_device=_traced(scenario, scale),
    )


def _count(count: int, scale: float) -> int:
    return max(1, round(count * scale))


def _maybe(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _groups(groups: tuple[Group, ...], scale: float, time: float) -> tuple[Group, ...]:
    found: list[Group] = []
    first = 0
    for group in groups:
        count = _count(group.count, scale)
        found.append(
            replace(
                group,
                count=count,
                first=first,
                interval=_maybe(group.interval, time),
                answer_after=_shape(group.answer_after, time),
                behaviour=_behaviour(group.behaviour, time),
            )
        )
        first += count
    return tuple(found)


def _traced(scenario: Scenario, scale: float) -> int | None:
    if scenario.trace_device is None:
        return None
    count = sum(_count(group.count, scale) for group in scenario.groups)
    return min(scenario.trace_device, count - 1)


def _shape(shape: Shape | None, time: float) -> Shape | None:
    if shape is None:
        return None
    b = shape.b * time if shape.kind == "uniform" else shape.b
    within = inf if shape.within == inf else shape.within * time
    return replace(shape, a=shape.a * time, b=b, within=within)


def _behaviour(behaviour: Behaviour | None, time: float) -> Behaviour | None:
    if behaviour is None:
        return None
    return replace(
        behaviour,
        flash=_shape(behaviour.flash, time),
        reboot=_shape(behaviour.reboot, time),
    )


def _load(load: Load, scale: float, time: float) -> Load:
    return replace(
        load,
        rate=_maybe(load.rate, scale),
        stages=tuple(Stage(s.length * time, s.to * scale) for s in load.stages),
        number=None if load.number is None else _count(load.number, scale),
        at=load.at * time,
    )


def _devices(devices: DeviceSet, scale: float) -> DeviceSet:
    if devices.count is None:
        return devices
    return replace(devices, count=_count(devices.count, scale))


# What of a step's arguments is a time, a count, a rate, a shape of times, a threshold.
_ARGUMENTS: Mapping[str, Callable[[Any, float, float], Any]] = {
    "restore_after": lambda value, scale, time: _maybe(value, time),
    "arrive": lambda value, scale, time: _shape(value, time),
    "ramp": lambda value, scale, time: value * time,
    "count": lambda value, scale, time: _count(value, scale),
    "to": lambda value, scale, time: value * scale,
    "that": lambda value, scale, time: text_in(value, time),
}


def _step(step: Step, scale: float, time: float) -> Step:
    arguments = {
        key: _ARGUMENTS[key](value, scale, time) if key in _ARGUMENTS else value
        for key, value in step.arguments.items()
    }
    return replace(
        step,
        at=step.at * time,
        every=_maybe(step.every, time),
        jitter=step.jitter * time,
        devices=None if step.devices is None else _devices(step.devices, scale),
        arguments=arguments,
    )


def _injection(injection: Injection, scale: float) -> Injection:
    return replace(injection, devices=_devices(injection.devices, scale))
