"""
What `do` can be asked for: `power_cut group=homes pick=10% as=dark`.

Rule: pure; one line an action in ACTIONS, and each key of it has its reader. The
arguments are those that the same step of a timeline has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from cpesim.quantity import parse_count, parse_duration, parse_share
from cpesim.scenario.shape import Shape
from cpesim.scenario.step import DeviceSet, Step

_SHAPES: Mapping[str, tuple[int, str]] = {
    "fixed": (1, "fixed:5s"),
    "uniform": (2, "uniform:0s:90s"),
    "exponential": (1, "exponential:25s"),
    "lognormal": (2, "lognormal:20s:0.5"),
}

Words = Sequence[str]
Reader = Callable[[str], object]


def deed(words: Words) -> Step:
    """The Step of the words behind `do`; ValueError says what was expected."""
    if not words:
        raise ValueError(f"do: expected {one_of(ACTIONS)}")
    action, *rest = words
    keys = ACTIONS.get(action)
    if keys is None:
        if action in ("hook", "check"):
            raise ValueError(f"do {action}: it belongs into a scenario's timeline")
        raise ValueError(
            f"do {action}: expected {one_of(ACTIONS)}{near(action, ACTIONS)}"
        )
    found = _sorted_out(action, rest, keys)
    arguments = {**keys.defaults, **found["argument"]}
    for key in keys.needed:
        if key not in found["argument"]:
            raise ValueError(f"do {action}: expected {key}=")
    if keys.sets:
        arguments["set"] = found["set"]
        if keys.sets == "needed" and not found["set"]:
            raise ValueError(f"do {action}: expected set PATH=VALUE")
    if "arrive" in arguments:
        arguments["arrive"] = _within(arguments.pop("within", None), arguments)
    devices = None
    if keys.chooses:
        devices = _devices(action, found["chosen"], found["where"])
    name = str(found["chosen"].get("as", ""))
    if action == "watch" and not (name or (devices and devices.name)):
        raise ValueError("do watch: expected as=, or devices= of a named set")
    return Step(action, devices=devices, name=name, arguments=arguments)


def _sorted_out(action: str, words: Words, keys: Keys) -> dict[str, dict[str, Any]]:
    """The words by what they are about: whom, where, what is set, and how."""
    found: dict[str, dict[str, Any]] = {
        "chosen": {},
        "where": {},
        "set": {},
        "argument": {},
    }
    known: dict[str, Reader] = {**(_CHOICES if keys.chooses else {}), **keys.readers}
    read: Reader
    section = ""
    for word in words:
        if word in ("where", "set"):
            section = word
            continue
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise ValueError(f"do {action}: expected KEY=VALUE, not {word!r}")
        if "." in key:
            if not section:
                raise ValueError(
                    f"do {action}: {key}: expected the word where or set before it"
                )
            if section == "set" and not keys.sets:
                raise ValueError(f"do {action}: it sets nothing")
            if section == "where" and not keys.chooses:
                raise ValueError(f"do {action}: it chooses nobody")
            part, read = section, str
        elif key in known:
            part = "argument" if key in keys.readers else "chosen"
            read = known[key]
        else:
            raise ValueError(
                f"do {action}: {key}=: expected {one_of(known)}{near(key, known)}"
            )
        if key in found[part]:
            raise ValueError(f"do {action}: {key}= stands there twice")
        try:
            found[part][key] = read(value)
        except ValueError as error:
            raise ValueError(f"do {action}: {key}=: {error}") from None
    return found


def _devices(
    action: str, chosen: Mapping[str, Any], where: Mapping[str, str]
) -> DeviceSet:
    pick = chosen.get("pick")
    if chosen.get("devices") and chosen.get("group"):
        raise ValueError(f"do {action}: expected devices= or group=, not both")
    return DeviceSet(
        name=str(chosen.get("devices", "")),
        group=str(chosen.get("group", "")),
        share=pick if isinstance(pick, float) else None,
        count=pick if isinstance(pick, int) else None,
        where=dict(where),
    )


def _name(text: str) -> str:
    if not re.fullmatch(r"[\w.-]+", text):
        raise ValueError(f"expected a name, not {text!r}")
    return text


def _pick(text: str) -> float | int:
    if text.endswith("%"):
        share = parse_share(text)
        if share <= 0:
            raise ValueError("expected more than 0%")
        return share
    count = parse_count(text)
    if count < 1:
        raise ValueError("expected at least 1")
    return count


def _events(text: str) -> tuple[str, ...]:
    events = tuple(part.strip() for part in text.split(","))
    if "" in events:
        raise ValueError("expected events, as '1 BOOT,4 VALUE CHANGE'")
    return events


def _shape(text: str) -> Shape:
    kind, *numbers = text.split(":")
    if kind not in _SHAPES or len(numbers) != _SHAPES[kind][0]:
        examples = ", ".join(example for _, example in _SHAPES.values())
        raise ValueError(f"expected a shape, as {examples}; not {text!r}")
    a = parse_duration(numbers[0])
    b = 0.0
    if kind == "lognormal":
        b = float(numbers[1])
        if not 0 <= b <= 10:
            raise ValueError(f"expected a sigma of 0 to 10, not {numbers[1]}")
    elif kind == "uniform":
        b = parse_duration(numbers[1])
        if b < a:
            raise ValueError("expected the smaller of both first")
    if kind in ("exponential", "lognormal") and a <= 0:
        raise ValueError("expected more than 0")
    return Shape(kind, a, b)


def _within(within: float | None, arguments: Mapping[str, Any]) -> Shape | None:
    shape: Shape | None = arguments["arrive"]
    if within is None:
        return shape
    if shape is None:
        return Shape("uniform", 0.0, within)
    if shape.kind == "uniform" and within <= shape.a:
        raise ValueError("within=: nobody would arrive so early")
    if within <= 0:
        raise ValueError("within=: expected more than 0")
    return Shape(shape.kind, shape.a, shape.b, within)


def _count(text: str) -> int:
    count = parse_count(text)
    if count < 1:
        raise ValueError("expected at least 1")
    return count


class Keys:
    """What an action of `do` takes: its keys, whether it sets, whether it chooses."""

    __slots__ = ("chooses", "defaults", "needed", "readers", "sets")

    def __init__(
        self,
        readers: Mapping[str, Reader] | None = None,
        *,
        sets: str = "",
        needed: Words = (),
        chooses: bool = True,
        **defaults: object,
    ) -> None:
        self.readers = readers or {}
        self.sets = sets
        self.needed = needed
        self.chooses = chooses
        self.defaults = defaults


_CHOICES: Mapping[str, Reader] = {
    "devices": _name,
    "group": _name,
    "pick": _pick,
    "as": _name,
}
_ARRIVE: Mapping[str, Reader] = {"arrive": _shape, "within": parse_duration}

ACTIONS: Mapping[str, Keys] = {
    "power_cut": Keys({"restore_after": parse_duration}, restore_after=None),
    "power_restore": Keys(
        {**_ARRIVE, "inform": _events}, sets="may", arrive=None, inform=()
    ),
    "reboot": Keys(),
    "factory_reset": Keys(),
    "inform": Keys(
        {**_ARRIVE, "events": _events, "params": _events},
        arrive=None,
        events=(),
        params=(),
    ),
    "value_change": Keys(sets="needed"),
    "set": Keys(sets="needed"),
    "connection_request": Keys(),
    "add": Keys(
        {"group": _name, "count": _count, "ramp": parse_duration},
        needed=("group", "count"),
        chooses=False,
        ramp=0.0,
    ),
    "remove": Keys(),
    "watch": Keys(),
}


def one_of(names: Mapping[str, object]) -> str:
    """The names as an error tells them."""
    *most, last = names
    return f"{', '.join(most)} or {last}"


def near(word: str, names: Mapping[str, object]) -> str:
    """A hint at the name that was perhaps meant."""
    close = get_close_matches(word, names, 1)
    return f" (did you mean {close[0]}?)" if close else ""
