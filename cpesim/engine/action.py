"""
What the conductor can ask of a running shard.

Rule: one function a verb, one line in ACTIONS; it is applied when it returns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cpesim.engine.fleet import Fleet

Action = Callable[[Fleet, Mapping[str, Any], float], None]


def set_rate(fleet: Fleet, arguments: Mapping[str, Any], now: float) -> None:
    """
    Another rate from now on, in sessions a second of all workers together.

    Or `factor` times the plan's. `load` names one load; all, if it is missing.
    """
    load, factor = arguments.get("load"), arguments.get("factor")
    if factor is not None:
        fleet.loads.times(load, float(factor), now)
        fleet.look()
    else:
        fleet.set_rate(load, float(arguments["rate"]), now)


def pause(fleet: Fleet, arguments: Mapping[str, Any], now: float) -> None:
    """No arrival from now on; the devices' own timers go on."""
    fleet.pause(arguments.get("load"), now)


def resume(fleet: Fleet, arguments: Mapping[str, Any], now: float) -> None:
    """As before the pause, or at another `rate`."""
    fleet.resume(arguments.get("load"), now)
    if arguments.get("rate") is not None:
        set_rate(fleet, arguments, now)


def stop(fleet: Fleet, arguments: Mapping[str, Any], now: float) -> None:
    """Start nothing new; sessions in flight go on."""
    fleet.stop()


def cancel(fleet: Fleet, arguments: Mapping[str, Any], now: float) -> None:
    """Start nothing new, and break off what is in flight."""
    fleet.stop()
    fleet.cancel()


ACTIONS: Mapping[str, Action] = {
    "rate": set_rate,
    "pause": pause,
    "resume": resume,
    "stop": stop,
    "cancel": cancel,
}
