"""
The timeline and the faults of a scenario, as YAML.

Rule: as of write.py; each action's arguments are written by its own table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from math import inf
from typing import Any

from cpesim.scenario.shape import Shape
from cpesim.scenario.spelling.spell import (
    Bare,
    bandwidth,
    duration,
    factor,
    offset,
    rate,
    share,
    size,
)
from cpesim.scenario.step import EVERYONE, DeviceSet, Injection, Phase, Step

Document = dict[str, Any]


def kept(**keys: Any) -> Document:
    """The keys that say something."""
    return {key: value for key, value in keys.items() if value}


def shape(told: Shape, spell: Callable[[float], str] = duration) -> Any:
    """A shape; what is fixed is the value alone."""
    within = {} if told.within == inf else {"within": Bare(spell(told.within))}
    if told.kind == "fixed":
        return Bare(spell(told.a))
    if told.kind == "uniform":
        pair = {"min": Bare(spell(told.a)), "max": Bare(spell(told.b))}
        return {"shape": "uniform", **pair, **within}
    if told.kind == "exponential":
        return {"shape": "exponential", "mean": Bare(spell(told.a)), **within}
    pair = {"median": Bare(spell(told.a)), "sigma": Bare(factor(told.b))}
    return {"shape": "lognormal", **pair, **within}


def devices(told: DeviceSet) -> Any:
    """A set of devices; the name of one is a text alone."""
    if told == DeviceSet(name=told.name):
        return told.name if told.name else {}
    found: Document = {}
    if told.name:
        found["set"] = told.name
    if told.group:
        found["group"] = told.group
    if told.share is not None:
        # A share without its % would be a count.
        text = share(told.share)
        found["pick"] = Bare(text if text.endswith("%") else _percent(told.share))
    if told.count is not None:
        found["pick"] = told.count
    if told.where:
        found["where"] = dict(told.where)
    return found


def _percent(value: float) -> str:
    """A share as a percentage: all digits, shifted, so that it reads back exactly."""
    return f"{Decimal(repr(value)) * 100:f}%"


def timeline(phases: Iterable[Phase], steps: Iterable[Step]) -> list[Document]:
    """The entries, each phase before the steps of its moment."""
    waiting = list(phases)
    found: list[Document] = []
    for step in steps:
        while waiting and step.every is None and waiting[0].at <= step.at:
            found.append(_phase(waiting.pop(0)))
        found.append(_step(step))
    return found + [_phase(phase) for phase in waiting]


def _phase(phase: Phase) -> Document:
    return {"at": Bare(duration(phase.at)), "phase": phase.name}


def _step(step: Step) -> Document:
    if step.every is None:
        found: Document = {"at": Bare(duration(step.at))}
    else:
        found = {"every": Bare(duration(step.every))}
    if step.jitter:
        found["jitter"] = Bare(duration(step.jitter))
    found["do"] = step.do
    if step.devices is not None:
        found["devices"] = devices(step.devices)
    if step.name:
        found["as"] = step.name
    for key, value in step.arguments.items():
        told = ARGUMENTS.get((step.do, key), ARGUMENTS.get(("", key), _same))(value)
        if told is not None and told != "" and told != {} and told != []:
            found[_KEYS.get(key, key)] = told
    return found


def _same(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _spelled(spell: Callable[[float], str]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else Bare(spell(value))


def _http(asked: Mapping[str, Any]) -> Document:
    found = {"method": asked.get("method", "GET"), "url": asked["url"]}
    for key in ("json", "body"):
        if asked.get(key) is not None:
            found[key] = asked[key]
    if asked.get("headers"):
        found["headers"] = dict(asked["headers"])
    if "timeout" in asked:
        found["timeout"] = Bare(duration(asked["timeout"]))
    return found


ARGUMENTS: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("", "restore_after"): _spelled(duration),
    ("", "ramp"): _spelled(duration),
    ("", "arrive"): lambda value: None if value is None else shape(value),
    ("", "set"): dict,
    ("rate", "to"): _spelled(rate),
    ("rate", "factor"): _spelled(factor),
    ("fault", "active"): lambda value: "active" if value else "inactive",
    ("hook", "http"): _http,
    ("hook", "expect"): dict,
}
_KEYS = {"active": "state"}


def injection(told: Injection) -> Document:
    """An entry of `faults:`."""
    found: Document = {"name": told.name}
    if told.devices != EVERYONE:
        found["devices"] = devices(told.devices)
    if told.phase:
        found["during"] = told.phase
    if not told.active:
        found["state"] = "inactive"
    for kind, arguments in told.kinds.items():
        found[kind] = {
            key: _FAULTS[kind, key](value)
            if (kind, key) in _FAULTS
            else Bare(share(value))
            if key == "p"
            else value
            for key, value in arguments.items()
            if value != ""
        }
    return found


_FAULTS: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("delay_response", "by"): shape,
    ("slow_read", "rate"): _spelled(bandwidth),
    ("oversize", "size"): _spelled(lambda value: size(round(value))),
    ("clock_skew", "by"): _spelled(offset),
}
