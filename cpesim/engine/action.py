"""
What the conductor can ask of a running shard.

Rule: one function a verb, one line in ACTIONS; it is applied when it returns.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cpesim.engine.shard import Running

Action = Callable[["Running", Mapping[str, Any], float], Awaitable[None]]


async def do(running: Running, arguments: Mapping[str, Any], now: float) -> None:
    """A step of the timeline, or of a person: engine/deeds/table.py has them all."""
    if not running.fleet.stopping:
        running.tell(("deed", await running.deeds.do(arguments)))
        if name := arguments.get("name"):
            await running.injections.renewed(str(name))


async def fault(running: Running, arguments: Mapping[str, Any], now: float) -> None:
    """An injection of this name is active from now on, or is not."""
    name, active = str(arguments["name"]), bool(arguments["active"])
    await running.injections.turn(name, active)


async def limit(running: Running, arguments: Mapping[str, Any], now: float) -> None:
    """Another number of sessions at once, of all shards together."""
    most = max(int(arguments["in_flight"]) // running.order.shard.of, 1)
    running.fleet.places.most = most
    running.fleet.look()


async def set_rate(running: Running, arguments: Mapping[str, Any], now: float) -> None:
    """
    Another rate from now on, in sessions a second of all workers together.

    Or `factor` times the plan's. `load` names one load; all, if it is missing.
    """
    fleet, load = running.fleet, arguments.get("load")
    factor = arguments.get("factor")
    if factor is not None:
        fleet.loads.times(load, float(factor), now)
    else:
        fleet.loads.set_rate(load, float(arguments["rate"]), now)
    fleet.look()


async def pause(running: Running, arguments: Mapping[str, Any], now: float) -> None:
    """No arrival from now on; the devices' own timers go on."""
    running.fleet.loads.pause(arguments.get("load"), now)


async def resume(running: Running, arguments: Mapping[str, Any], now: float) -> None:
    """As before the pause, or at another `rate`."""
    running.fleet.loads.resume(arguments.get("load"), now)
    running.fleet.look()
    if arguments.get("rate") is not None:
        await set_rate(running, arguments, now)


async def stop(running: Running, arguments: Mapping[str, Any], now: float) -> None:
    """Start nothing new; sessions in flight go on."""
    running.fleet.stop()
    running.ending.set()


async def cancel(running: Running, arguments: Mapping[str, Any], now: float) -> None:
    """Start nothing new, and break off what is in flight."""
    running.fleet.stop()
    running.fleet.talks.cancel()
    running.ending.set()


ACTIONS: Mapping[str, Action] = {
    "do": do,
    "fault": fault,
    "limit": limit,
    "rate": set_rate,
    "pause": pause,
    "resume": resume,
    "stop": stop,
    "cancel": cancel,
}
