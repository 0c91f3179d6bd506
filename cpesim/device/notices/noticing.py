"""
What changes by itself, and when the ACS hears of it (CHECKLIST I4, I6, I7).

Rule: a device remembers what a value was only while an attribute of its, or a default
of its profile, asks for the changes of a living one; all others pay nothing.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from cpesim.device.living import ALWAYS
from cpesim.device.paths.attributes import UNSET
from cpesim.device.profile import Living, Parameter

if TYPE_CHECKING:
    from cpesim.device.device import Device

# What stands in Device.memory under these names.
WATCH, THROTTLE, LIGHTWEIGHT = "watch", "throttle", "lightweight"
# The notifications (TR-069 A5 A.3.2.4): which go into the next Inform, which into the
# next lightweight message, and which of them do not wait for it.
INFORMED, LIGHT = (1, 2, 4, 6), (3, 4, 5, 6)
ACTIVE, ACTIVE_LIGHT = 2, (5, 6)
# Living values that one device is watched for: an ACS may ask for the whole tree.
MOST = 200
# How often a counter and its like are looked at: real CPEs poll them as well.
POLL = 60.0
# No value is looked at twice within this time.
LEAST = 1.0


class Watch:
    """What living values were when they were looked at; *calling* do not wait."""

    __slots__ = ("calling", "values")

    def __init__(self, values: dict[str, str], calling: tuple[str, ...]) -> None:
        self.values = values
        self.calling = calling


def note(device: Device, name: str, notification: int, now: float) -> None:
    """A parameter has changed that notifies in this way: who hears of it, and when."""
    if notification in INFORMED and name not in device.changes:
        device.changes = (*device.changes, name)
    if notification == ACTIVE:
        device.call(max(now, _rests(device)))
    if notification in LIGHT:
        noted = device.memory.get(LIGHTWEIGHT, ())
        if name not in noted:
            device.remember(LIGHTWEIGHT, (*noted, name))
        if notification in ACTIVE_LIGHT:
            device.silence(LIGHTWEIGHT)
            device.alarm(max(now, _rests(device, light=True)), LIGHTWEIGHT)


def watch(device: Device, now: float) -> None:
    """Watch what the attributes and the profile ask for from now on."""
    levels = _levels(device)
    if not levels:
        if WATCH in device.memory:
            forget(device)
        return
    model = device.model
    known = device.memory.get(WATCH)
    before = known.values if known is not None else {}
    values = {n: before[n] if n in before else model.get(n, now) for n in levels}
    calling = tuple(n for n, level in levels.items() if level in (2, 5, 6))
    device.remember(WATCH, Watch(values, calling))
    arm(device, now)


def forget(device: Device) -> None:
    """Nothing is watched any more, and nothing waits to be told."""
    device.silence(WATCH)
    device.silence(LIGHTWEIGHT)
    for name in (WATCH, LIGHTWEIGHT):
        device.remember(name, None)


def look(device: Device, now: float) -> None:
    """Note each watched value that is not what it was."""
    model, watched = device.model, device.memory[WATCH].values
    for name, old in watched.items():
        parameter = model.parameter(name)
        if parameter is None:
            continue  # its instance was deleted
        new = model.get(name, now)
        if new == old:
            continue
        watched[name] = new
        if name not in model.own:  # else somebody has set it, and told who had to know
            note(device, name, model.notification(name, parameter), now)


def settle(device: Device, now: float) -> None:
    """What the ACS has just done to the tree is no news to it."""
    known = device.memory.get(WATCH)
    if known is not None:
        for name in known.values:
            parameter = device.model.parameter(name)
            if parameter is not None and _of_the_tree(parameter, name, now, device):
                known.values[name] = device.model.get(name, now)


def arm(device: Device, now: float) -> None:
    """Look again when the first of the values that do not wait may have changed."""
    device.silence(WATCH)
    model = device.model
    when = inf
    for name in device.memory[WATCH].calling:
        parameter = model.parameter(name)
        if parameter is None or name in model.own:
            continue
        if isinstance(parameter.default, Living):
            next_one = parameter.default.changes(model, name, now)
            when = min(when, now + POLL if next_one == ALWAYS else next_one)
    if when != inf:
        device.alarm(max(when, now + LEAST), WATCH)


def rested(device: Device, now: float) -> None:
    """A good session is over: active notifications alone wait from here (I6)."""
    kept = device.memory.get(THROTTLE)
    if kept is None:
        return
    device.remember(THROTTLE, (kept[0], now, kept[2]))
    if device.cause == "value change" and not (device.events or device.requests):
        # A change that this session did not tell, and nothing beside it.
        device.wanted = max(device.wanted, now + kept[0])


def _rests(device: Device, *, light: bool = False) -> float:
    """Until when the throttle holds active notifications back."""
    kept = device.memory.get(THROTTLE)
    return -inf if kept is None else kept[0] + kept[2 if light else 1]


def _levels(device: Device) -> dict[str, int]:
    """The living parameters that notify, and how; what never rests stands last."""
    model, profile = device.model, device.profile
    found = dict.fromkeys(profile.restless_notified, ACTIVE)
    for path, level, _ in model.attributes:
        if level is None:
            continue
        for name in _restless(device, path):
            parameter = model.parameter(name)
            if parameter is None or parameter.notify == "always":
                continue
            default = ACTIVE if parameter.notify == "active" else 0
            found[name] = default if level == UNSET else level
    asked = [n for n, level in found.items() if level and model.parameter(n)]
    asked.sort(key=lambda name: _restless_always(device, name))
    return {name: found[name] for name in asked[:MOST]}


def _restless(device: Device, path: str) -> list[str]:
    """The living parameters that a full or partial path names."""
    model = device.model
    if path and path[-1] != ".":
        names = [path]
    elif model.grown is None:
        return [n for n in device.profile.restless if n.startswith(path)]
    else:
        names = list(model.under(path))
    return [
        n
        for n in names
        if (p := model.parameter(n)) and not p.hidden and isinstance(p.default, Living)
    ]


def _restless_always(device: Device, name: str) -> bool:
    parameter = device.model.parameter(name)
    default = parameter.default if parameter is not None else ""
    return (
        isinstance(default, Living)
        and default.changes(device.model, name, 0.0) == ALWAYS
    )


def _of_the_tree(parameter: Parameter, name: str, now: float, device: Device) -> bool:
    """Whether a value follows the instances that are there, and not the time."""
    return (
        isinstance(parameter.default, Living)
        and parameter.default.changes(device.model, name, now) == inf
    )
