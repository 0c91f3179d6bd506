"""
A shard's faults, and the fleet that has them.

Rule: a run without faults gets the plain Fleet, and an Injections without entries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from cpesim.device.device import Device
from cpesim.engine.deeds.sets import Sets, having
from cpesim.engine.fleet import Fleet
from cpesim.engine.injection.fleet import FaultyFleet
from cpesim.engine.injection.injections import Injections
from cpesim.engine.injection.members import Members
from cpesim.engine.injection.plot import Over
from cpesim.engine.order import Order
from cpesim.measure.meter import Meter
from cpesim.wire.wire import Wire


def injections_of(
    order: Order,
    sets: Sets,
    meter: Meter,
    wire: Wire,
    over: Over,
    device: Callable[[int], Device | None],
    clock: Callable[[], float],
) -> Injections:
    """The faults that the order has."""

    def look(n: int, values: Mapping[str, str]) -> bool:
        found = device(n)
        return found is not None and having(found, values, clock())

    return Injections(
        order.injections,
        Members(sets, look),
        slow=sets.slow,
        seed=order.seed,
        meter=meter,
        wire=wire,
        over=over,
    )


def fleet_with(faults: Injections) -> Callable[..., Fleet]:
    """What makes the fleet: the plain one, unless something is to go wrong."""
    return partial(FaultyFleet, injections=faults) if faults else Fleet
