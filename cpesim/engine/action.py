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
    """Another rate from now on, in sessions a second."""
    if fleet.arrivals is not None:
        pace = fleet.arrivals.pace
        fleet.arrivals.pace = pace.changed(now, float(arguments["rate"]))
        fleet.look()


def pause(fleet: Fleet, arguments: Mapping[str, Any], now: float) -> None:
    """No arrival from now on; the devices' own timers go on."""
    set_rate(fleet, {"rate": 0.0}, now)


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
    "resume": set_rate,
    "stop": stop,
    "cancel": cancel,
}
