"""
How a fleet begins: new CPEs boot over the ramp, known ones were there before.

Rule: a moment is a function of the CPE's number, so that each worker knows its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import trio

from cpesim.device.device import NEW, Device
from cpesim.device.moment import moment
from cpesim.engine.fleet import Fleet
from cpesim.engine.order import Order
from cpesim.engine.standing import OK
from cpesim.scenario.parts import Ramp, ramp_seconds, ramps

# CPEs that are woken before the loop turns: 5 ms of work.
TURN = 256


def know(order: Order, devices: Iterable[Device]) -> None:
    """
    Let known CPEs be up before the run begins: 80 µs each, which is not the run's.

    Those whose profile has a PeriodicInformTime wait for the run's epoch.
    """
    if not order.start.known:
        return
    for device in devices:
        profile = device.profile
        name = profile.root + "ManagementServer.PeriodicInformTime"
        if moment(device.model.find(name, 0.0), 0.0) is None:
            device.known(0.0)


async def begin(
    order: Order, fleet: Fleet, device: Callable[[int], Device | None]
) -> None:
    """Put the first moment of each CPE into the agenda; *device* gives that of n."""
    start, count = order.start, order.count
    ramp = Ramp(count, ramp_seconds(start, count, order.timer_scale))
    for _, group in order.groups:
        if not (start.known or ramps(start, order.loads, group)):
            continue  # they boot in their first session
        for turn, n in enumerate(order.shard.numbers(group.first, group.count)):
            found = device(n)
            if found is None:
                continue
            if not start.known:
                fleet.agenda.put(found, ramp(n))
                continue
            if found.life == NEW:
                found.known(0.0)
            fleet.standing.move(n, found.standing, OK)
            found.standing = OK
            fleet.schedule(found)
            if not turn % TURN:
                await trio.lowlevel.checkpoint()
