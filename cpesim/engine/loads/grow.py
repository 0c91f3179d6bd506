"""
How a fleet grows: more CPEs of a group boot over a ramp of their own.

Rule: whoever knows CPEs by their numbers is told of them here, before the first boots.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from cpesim.device.device import Device
from cpesim.engine.fleet import Fleet
from cpesim.scenario.pace import boot_due


def grow(
    fleet: Fleet,
    group: str,
    numbers: Sequence[int],
    ramp: float,
    *,
    device: Callable[[int], Device],
    loads: Collection[str],
) -> None:
    """
    Let more CPEs of a group boot over the ramp, and take part in its *loads*.

    *device* makes that of a number; *numbers* are above those of all others.
    """
    if not numbers:
        return
    fleet.standing.add(group, numbers[0], len(numbers))
    fleet.figures.add(group, numbers[0])
    more = [device(n) for n in numbers]
    fleet.devices.extend(more)
    now = fleet.clock()
    for place, one in enumerate(more):
        fleet.agenda.put(one, now + boot_due(place, len(more), ramp))
    fleet.loads.join(loads, more)
    fleet.look()
