"""
GetParameterAttributes and SetParameterAttributes (CHECKLIST P5, I7).

Rule: all entries are checked before one is kept; what is kept is a short list of
(path, notification, access list), for a partial path names thousands.
"""

from __future__ import annotations

from cpesim.cwmp import write
from cpesim.cwmp.fault import Fault, invalid_arguments
from cpesim.cwmp.names import NAMESPACES
from cpesim.cwmp.read import Call, boolean, items, number, strings, text
from cpesim.device import noticing
from cpesim.device.behaviour.parameters import expand
from cpesim.device.device import Device
from cpesim.device.model import SUBSCRIBER
from cpesim.device.profile import Behaviour

# V1: the lightweight ones came with 1-2.
MOST_NOTIFICATION = dict.fromkeys(NAMESPACES.values(), 2) | {NAMESPACES["1.2"]: 6}

Attribute = tuple[str, int | None, tuple[str, ...] | None]


def get_parameter_attributes(device: Device, call: Call, now: float) -> bytes:
    """Notification and AccessList of each parameter named."""
    model = device.model
    entries = []
    for path in strings(call.element, "ParameterNames"):
        for name in expand(model, path):
            parameter = model.parameter(name)
            assert parameter is not None
            notification = model.notification(name, parameter)
            entries.append((name, notification, model.access(name)))
    return write.attributes(entries)


def set_parameter_attributes(device: Device, call: Call, now: float) -> bytes:
    """Keep what the entries change; nothing if one of them fails."""
    model = device.model
    wanted: list[Attribute] = []
    most = MOST_NOTIFICATION[device.namespace]
    for entry in items(call.element, "ParameterList"):
        path = text(entry, "Name")
        names = expand(model, path)
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
            for name in names:
                parameter = model.parameter(name)
                if parameter is not None and parameter.deny:
                    raise Fault(9009)
        wanted.append((path, notification, access))
    for attribute in wanted:
        model.attributes = (*_left(model.attributes, attribute), attribute)
    noticing.watch(device, now)
    return b"<cwmp:SetParameterAttributesResponse/>"


def _left(old: tuple[Attribute, ...], new: Attribute) -> list[Attribute]:
    """What of the old entries the new one does not overrule."""
    path, notification, access = new
    kept: list[Attribute] = []
    for entry in old:
        if entry[0] == path or (
            (not path or path[-1] == ".") and entry[0].startswith(path)
        ):
            entry = (
                entry[0],
                None if notification is not None else entry[1],
                None if access is not None else entry[2],
            )
        if entry[1] is not None or entry[2] is not None:
            kept.append(entry)
    return kept


ATTRIBUTES = Behaviour(
    "attributes",
    rpcs={
        "GetParameterAttributes": get_parameter_attributes,
        "SetParameterAttributes": set_parameter_attributes,
    },
)
