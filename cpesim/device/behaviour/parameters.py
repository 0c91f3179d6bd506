"""
GetParameterNames, GetParameterValues, SetParameterValues (CHECKLIST P1–P4, P10).

Rule: a SetParameterValues is checked whole before a single value changes.
"""

from __future__ import annotations

from cpesim.cwmp import write
from cpesim.cwmp.fault import FAULTS, Fault, invalid_arguments
from cpesim.cwmp.read import (
    Call,
    Element,
    boolean,
    child,
    items,
    strings,
    text,
    xsi_type,
)
from cpesim.device.behaviour.arguments import parameter_key
from cpesim.device.check import check
from cpesim.device.device import Device
from cpesim.device.model import Model
from cpesim.device.profile import Behaviour, Parameter

# What ACSs call a type of the data models by its XML Schema name.
SAME_TYPE = {"base64Binary": "base64"}


def get_parameter_values(device: Device, call: Call, now: float) -> bytes:
    """Values by full and partial path, each with its true type (P1, X6)."""
    model = device.model
    asked = strings(call.element, "ParameterNames")
    if len(asked) == 1:
        names = expand(model, asked[0])
    else:
        # Each once: a small request must not ask for a tree two hundred times.
        found = (name for path in asked for name in expand(model, path))
        names = list(dict.fromkeys(found))
    structs = model.rendered(names, now)
    return b"".join(
        (
            b"<cwmp:GetParameterValuesResponse>",
            write.values(structs),
            b"</cwmp:GetParameterValuesResponse>",
        )
    )


def expand(model: Model, path: str) -> list[str] | tuple[str, ...]:
    """The parameters that a full or partial path names; fault 9005 for none such."""
    if path and path[-1] != ".":
        if model.parameter(path) is None:
            raise Fault(9005)
        return (path,)
    if path and not model.has_object(path):
        raise Fault(9005)
    return tuple(model.under(path))


def get_parameter_names(device: Device, call: Call, now: float) -> bytes:
    """The tree below a path, or its next level only (P2)."""
    model = device.model
    path = text(call.element, "ParameterPath", "")
    next_level = boolean(call.element, "NextLevel")
    if path and path[-1] != ".":
        parameter = model.parameter(path)
        if parameter is None:
            raise Fault(9005)
        if next_level:
            raise invalid_arguments("NextLevel 1 wants a partial path")
        return write.parameter_names([(path, parameter.writable)])
    if path and not model.has_object(path):
        raise Fault(9005)
    if not path and next_level:
        return write.parameter_names([(model.profile.root, False)])
    found = model.objects(path)
    names = [(name, _writable(model, name)) for name in model.under(path)]
    if next_level:
        start = len(path)
        found = [o for o in found if o[0].find(".", start) == len(o[0]) - 1 >= start]
        names = [n for n in names if "." not in n[0][start:]]
    return write.parameter_names(sorted(found + names))


def _writable(model: Model, name: str) -> bool:
    parameter = model.parameter(name)
    return parameter is not None and parameter.writable


def set_parameter_values(device: Device, call: Call, now: float) -> bytes:
    """All values or none (P3); the ACS's own change never notifies (I4)."""
    model = device.model
    key = parameter_key(call)
    wanted: dict[str, str] = {}
    wrong: list[tuple[str, int, str]] = []
    for entry in items(call.element, "ParameterList"):
        name, given, type = _entry(entry)
        parameter = model.parameter(name)
        if name in wanted:
            code = 9003
        elif parameter is None:
            code = 9005
        elif not parameter.writable:
            code = 9008
        elif type and SAME_TYPE.get(type, type) != parameter.type:
            code = 9006
        else:
            code = check(parameter, given) or _refused(model, name, given)
        if code:
            wrong.append((name, code, FAULTS[code]))
            continue
        assert parameter is not None
        wanted[name] = given if parameter.type == "string" else given.strip()
    if wrong:
        raise Fault(9003, details=wrong)
    # An ACS that writes what is there already changes nothing, and sets nothing off.
    set_off = [
        (on_write, name, given)
        for name, given in wanted.items()
        for pattern, on_write in device.profile.writes.items()
        if name.endswith(pattern[1:]) and model.get(name, now) != given
    ]
    for name, given in wanted.items():
        _keep(model, name, given)
    set_parameter_key(model, key)
    for on_write, name, given in set_off:
        on_write(device, name, given, now)
    for follow in device.profile.written:
        follow(device, wanted, now)
    return (
        "<cwmp:SetParameterValuesResponse>"
        f"<Status>{device.profile.set_status}</Status>"
        "</cwmp:SetParameterValuesResponse>"
    ).encode()


def _refused(model: Model, name: str, given: str) -> int:
    """What a behaviour has against a value of the right type: 0 or a fault code."""
    found = (
        check_more(model, name, given)
        for pattern, check_more in model.profile.checks.items()
        if name.endswith(pattern[1:])
    )
    return next((code for code in found if code), 0)


def _entry(entry: Element) -> tuple[str, str, str]:
    """Name, value and xsi:type of one ParameterValueStruct."""
    value = child(entry, "Value")
    if value is None:
        raise invalid_arguments("Value is missing")
    return text(entry, "Name"), value.text or "", xsi_type(value)


def _keep(model: Model, name: str, given: str) -> None:
    """Own the value where it differs from the profile's."""
    parameter: Parameter | None = model.parameter(name)
    if parameter is not None and parameter.default == given:
        model.own.pop(name, None)
    else:
        model.set(name, given)


def set_parameter_key(model: Model, key: str) -> None:
    """Remember the key of the latest successful change (P10)."""
    name = model.profile.root + "ManagementServer.ParameterKey"
    if model.find(name, 0.0) != key:
        model.set(name, key)


PARAMETERS = Behaviour(
    "parameters",
    rpcs={
        "GetParameterNames": get_parameter_names,
        "GetParameterValues": get_parameter_values,
        "SetParameterValues": set_parameter_values,
    },
)
