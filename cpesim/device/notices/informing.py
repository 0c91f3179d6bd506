"""
Which parameters an Inform has, where an ACS has a say in it (CHECKLIST I2, I8).

Rule: read from the model when a session begins; a device of which nothing was changed
is not even asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from cpesim.cwmp import names
from cpesim.device.events import Event
from cpesim.device.model import Model

# Instances and parameters beyond these are left out: an Inform is one message.
MOST_INSTANCES, MOST = 64, 256
_PATTERN = re.compile(
    r"(?:[A-Za-z_][\w-]*\.(?:(?:\*|[1-9][0-9]{0,9})\.)?)+[A-Za-z_][\w-]*\Z"
)


_ADDRESS = ".ExternalIPAddress"


def at_the_default(model: Model, forced: tuple[str, ...]) -> tuple[str, ...]:
    """The forced parameters, with the address of the connection that is the default."""
    service = model.own[model.profile.service].rstrip(".")
    address = service + _ADDRESS
    if model.parameter(address) is None:
        return forced
    return tuple(address if n.endswith(_ADDRESS) else n for n in forced)


def table(model: Model) -> str:
    """The path of the instances."""
    return model.profile.root + "ManagementServer.InformParameter."


def named(model: Model, told: Iterable[Event], now: float) -> list[str]:
    """The parameters that go with an Inform of these events, forced ones too."""
    path, found = table(model), list[str]()
    codes = {code for code, _ in told} - {names.VALUE_CHANGE}
    for number in model.instances(path)[:MOST_INSTANCES]:
        row = f"{path}{number}."
        if model.find(row + "Enable", now) not in ("1", "true"):
            continue
        events = listed(model.find(row + "EventList", now))
        if not (codes.intersection(events) if events else codes):
            continue
        for name in matching(model, model.find(row + "ParameterName", now)):
            if len(found) >= MOST:
                return found
            found.append(name)
    return found


def listed(text: str) -> list[str]:
    """The items of an EventList."""
    return [item.strip() for item in text.split(",")] if text.strip() else []


def is_pattern(text: str) -> bool:
    """Whether it is a parameter's full path, ``*`` for instance numbers at most."""
    return _PATTERN.match(text) is not None


def matching(model: Model, pattern: str) -> Iterator[str]:
    """The parameters of a device that a pattern names."""
    if "*" not in pattern:
        if model.parameter(pattern):
            yield pattern
        return
    fits = fitting(pattern)
    for name in model.under(pattern[: pattern.index("*")]):
        if fits.fullmatch(name):
            yield name


@lru_cache(maxsize=256)
def fitting(pattern: str) -> re.Pattern[str]:
    """What full names have to look like for a pattern."""
    return re.compile(re.escape(pattern).replace(r"\*", "[0-9]+"))
