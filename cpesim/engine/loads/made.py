"""
From the plan's loads to what this worker does of them.

Rule: one line in MAKERS for each executor; what CPEs do by themselves is no load here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cpesim.device.device import Device
from cpesim.engine.loads.arrivals import Arrivals
from cpesim.engine.loads.closed import ClosedLoad
from cpesim.engine.loads.once import OnceLoad
from cpesim.engine.loads.rate import RateLoad
from cpesim.engine.loads.source import Count, Source
from cpesim.engine.order import Order
from cpesim.engine.start import PERIODIC, Tells
from cpesim.scenario.moments import Even, Poisson
from cpesim.scenario.pace import Pace
from cpesim.scenario.parts import Part, part_of
from cpesim.scenario.scenario import Load

Maker = Callable[[Load, Order, Part, list[Device], Count], Source]


def _rate(
    load: Load, order: Order, part: Part, devices: list[Device], count: Count
) -> Source:
    pace = Pace.staged(load.rate or 0.0, load.stages, load.at)
    moments = Poisson(order.seed, load.name) if load.poisson else Even()
    arrivals = Arrivals(pace, moments, part.turns, part.count)
    return RateLoad(arrivals, devices, count, name=load.name, tells=tells_of(load))


def _closed(
    load: Load, order: Order, part: Part, devices: list[Device], count: Count
) -> Source:
    return ClosedLoad(
        part.share(load.number or 1),
        devices,
        count,
        name=load.name,
        at=load.at,
        tells=tells_of(load),
    )


def _once(
    load: Load, order: Order, part: Part, devices: list[Device], count: Count
) -> Source:
    if load.number is not None:
        devices = devices[: part.share(load.number)]
    return OnceLoad(devices, count, name=load.name, at=load.at, tells=tells_of(load))


MAKERS: Mapping[str, Maker] = {
    "arrival-rate": _rate,
    "in-flight": _closed,
    "at-once": _once,
}


def tells_of(load: Load) -> Tells:
    """What a load's sessions tell: `2 PERIODIC` if nobody said; params are changes."""
    if load.params and not load.events:
        return Tells((), load.params)
    return Tells(load.events or PERIODIC.events, load.params)


def make_loads(
    order: Order, device: Callable[[int], Device | None], count: Count
) -> Sequence[Source]:
    """This worker's part of every load; *device* gives the CPE of a number."""
    groups = [group for _, group in order.groups]
    found: list[Source] = []
    for load in order.loads:
        if load.executor not in MAKERS:
            continue
        part = part_of(load, groups, order.shard)
        devices = [d for n in part.numbers if (d := device(n)) is not None]
        if devices:
            found.append(MAKERS[load.executor](load, order, part, devices, count))
    return found
