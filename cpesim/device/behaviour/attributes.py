"""
GetParameterAttributes and SetParameterAttributes (CHECKLIST P5, I7).

Rule: all entries are checked before one is kept; what is kept is a short list of
(path, notification, access list), for a partial path names thousands.
"""

from __future__ import annotations

from collections.abc import Iterable

from cpesim.cwmp import write
from cpesim.cwmp.fault import Fault, invalid_arguments
from cpesim.cwmp.names import NAMESPACES
from cpesim.cwmp.read import Call, boolean, items, number, strings, text
from cpesim.device.behaviour.parameters import expand
from cpesim.device.device import Device
from cpesim.device.model import Model
from cpesim.device.notices import noticing
from cpesim.device.paths.address import Aliases, one, shown
from cpesim.device.paths.attributes import SUBSCRIBER, Attribute, Lookup, merged
from cpesim.device.profile import Behaviour, Parameter

# V1: the lightweight ones came with 1-2.
MOST_NOTIFICATION = dict.fromkeys(NAMESPACES.values(), 2) | {NAMESPACES["1.2"]: 6}
# What an older version has of a lightweight one: passive beside it, or nothing.
HEAVY = {3: 0, 4: 1, 5: 0, 6: 1}


def get_parameter_attributes(device: Device, call: Call, now: float) -> bytes:
    """Notification and AccessList of each parameter named."""
    model = device.model
    aliases = Aliases(model, now)
    leaves: dict[str, Parameter] = {}
    for path in dict.fromkeys(strings(call.element, "ParameterNames")):
        leaves.update(_leaves(model, path, now, aliases))
    lookup, show = Lookup(model.attributes), shown(model, now)
    most = MOST_NOTIFICATION[device.namespace]
    entries = []
    for name, parameter in leaves.items():
        level, access = lookup.of(name, parameter)
        entries.append((show(name), level if level <= most else HEAVY[level], access))
    return write.attributes(entries)


def _leaves(
    model: Model, path: str, now: float, aliases: Aliases
) -> Iterable[tuple[str, Parameter]]:
    """The parameters that a path names, with their names; fault 9005 for none such."""
    if not path or (path[-1] == "." and model.has_object(path)):
        return model.leaves(path)
    named = ((n, model.parameter(n)) for n in expand(model, path, now, aliases))
    return [(name, parameter) for name, parameter in named if parameter is not None]


def set_parameter_attributes(device: Device, call: Call, now: float) -> bytes:
    """Keep what the entries change; nothing if one of them fails."""
    model = device.model
    wanted: list[Attribute] = []
    active: set[str] = set()
    aliases = Aliases(model, now)
    most = MOST_NOTIFICATION[device.namespace]
    for entry in items(call.element, "ParameterList"):
        path = text(entry, "Name")
        if "[" in path:
            path = one(model, path, now, aliases)
        elif path and path[-1] != ".":
            if model.parameter(path) is None:
                raise Fault(9005)
        elif path and not model.has_object(path):
            raise Fault(9005)
        notification: int | None = None
        access: tuple[str, ...] | None = None
        if boolean(entry, "NotificationChange"):
            notification = number(entry, "Notification")
            if notification > most:
                raise invalid_arguments(f"Notification is not 0 to {most}")
        if boolean(entry, "AccessListChange"):
            access = tuple(strings(entry, "AccessList"))
            if set(access) - {SUBSCRIBER}:
                raise invalid_arguments("AccessList knows Subscriber only")
        if notification == 2 and device.profile.deny_active:
            active.add(path)
        wanted.append((path, notification, access))
    for path in active:
        if any(p.deny for _, p in _leaves(model, path, now, aliases)):
            raise Fault(9009)
    model.attributes = merged(model.attributes, wanted)
    noticing.watch(device, now)
    return b"<cwmp:SetParameterAttributesResponse/>"


ATTRIBUTES = Behaviour(
    "attributes",
    rpcs={
        "GetParameterAttributes": get_parameter_attributes,
        "SetParameterAttributes": set_parameter_attributes,
    },
)
