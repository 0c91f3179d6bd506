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
from cpesim.device.model import Model, State, general
from cpesim.device.notices import noticing
from cpesim.device.paths.address import (
    Aliases,
    creates,
    renamed,
    resolved,
    shown,
    target,
    wrong_aliases,
)
from cpesim.device.profile import Behaviour, Parameter

# What ACSs call a type of the data models by its XML Schema name.
SAME_TYPE = {"base64Binary": "base64"}


def get_parameter_values(device: Device, call: Call, now: float) -> bytes:
    """Values by full and partial path, each with its true type (P1, X6)."""
    model = device.model
    asked = strings(call.element, "ParameterNames")
    if len(asked) == 1:
        names = expand(model, asked[0], now)
    else:
        # Each once: a small request must not ask for a tree two hundred times.
        aliases, whole = Aliases(model, now), dict.fromkeys(asked)
        found = (name for path in whole for name in expand(model, path, now, aliases))
        names = tuple(dict.fromkeys(found))
    structs = model.rendered(names, now)
    if model.by_alias():
        structs = renamed(model, names, structs, now)
    return b"".join(
        (
            b"<cwmp:GetParameterValuesResponse>",
            write.values(structs),
            b"</cwmp:GetParameterValuesResponse>",
        )
    )


def expand(
    model: Model, path: str, now: float, aliases: Aliases | None = None
) -> tuple[str, ...]:
    """The parameters that a path names; fault 9005 for none such."""
    if path and path[-1] != ".":
        if model.parameter(path) is not None:
            return (path,)
    elif not path or model.has_object(path):
        return tuple(model.under(path))
    found: dict[str, None] = {}
    for plain in resolved(model, path, now, aliases or Aliases(model, now)):
        found |= dict.fromkeys(model.under(plain) if plain[-1] == "." else (plain,))
    return tuple(found)


def get_parameter_names(device: Device, call: Call, now: float) -> bytes:
    """The tree below a path, or its next level only (P2)."""
    model = device.model
    asked = text(call.element, "ParameterPath", "")
    next_level = boolean(call.element, "NextLevel")
    if next_level and asked[-1:] not in ("", "."):
        expand(model, asked, now)  # there has to be one
        raise invalid_arguments("NextLevel 1 wants a partial path")
    paths = [asked]
    if asked and not (model.has_object(asked) or model.parameter(asked)):
        paths = resolved(model, asked, now, Aliases(model, now))
    entries: list[tuple[str, bool]] = []
    for path in paths:
        entries += _names(model, path, next_level)
    if len(paths) > 1:
        entries = list(dict.fromkeys(entries))
    if model.by_alias():
        show = shown(model, now)
        entries = [(show(name), writable) for name, writable in entries]
    return write.parameter_names(entries)


def _names(model: Model, path: str, next_level: bool) -> list[tuple[str, bool]]:
    """What one plain path names, with its writability, sorted."""
    parameter = model.parameter(path)
    if parameter is not None:
        return [(path, parameter.writable)]
    if not path and next_level:
        return [(model.profile.root, False)]
    found = model.objects(path)
    names = [(name, parameter.writable) for name, parameter in model.leaves(path)]
    if next_level:
        start = len(path)
        found = [o for o in found if o[0].find(".", start) == len(o[0]) - 1 >= start]
        names = [n for n in names if n[0].find(".", start) < 0]
    return sorted(found + names)


def set_parameter_values(device: Device, call: Call, now: float) -> bytes:
    """All values or none (P3); the ACS's own change never notifies (I4)."""
    model = device.model
    key = parameter_key(call)
    before: State | None = None
    if creates(model, now):
        before = model.state()
    try:
        wanted = _checked(device, call, now, before is not None)
    except Fault:
        if before is not None:
            model.restore(before)
        raise
    # An ACS that writes what is there already changes nothing, and sets nothing off.
    set_off = [
        (on_write, name, given)
        for name, given in wanted.items()
        for path in (general(name),)
        for pattern, on_write in device.profile.writes.items()
        if path.endswith(pattern[1:]) and model.get(name, now) != given
    ]
    for name, given in wanted.items():
        _keep(model, name, given)
    set_parameter_key(model, key)
    for on_write, name, given in set_off:
        on_write(device, name, given, now)
    for follow in device.profile.written:
        follow(device, wanted, now)
    if before is not None:
        noticing.settle(device, now)  # instances that it has made
    return (
        "<cwmp:SetParameterValuesResponse>"
        f"<Status>{device.profile.set_status}</Status>"
        "</cwmp:SetParameterValuesResponse>"
    ).encode()


def _checked(device: Device, call: Call, now: float, create: bool) -> dict[str, str]:
    """The values that are to be set, by plain path; one fault for all bad entries."""
    model = device.model
    wanted: dict[str, str] = {}
    seen: set[str] = set()
    wrong: list[tuple[str, int, str]] = []
    asked: dict[str, str] = {}  # plain -> as the ACS wrote it, where that differs
    aliases: Aliases | None = None
    named = False
    for entry in items(call.element, "ParameterList"):
        path, given, type = _entry(entry)
        name, parameter = path, model.parameter(path)
        if parameter is None and "[" in path:
            aliases = aliases or Aliases(model, now)
            name = target(model, path, now, aliases, create) or path
            parameter = model.parameter(name)
            asked[name] = path
        if name in seen:
            code = 9003
        elif parameter is None:
            code = 9005
        elif not parameter.writable:
            code = 9008
        elif type and SAME_TYPE.get(type, type) != parameter.type:
            code = 9006
        else:
            code = check(parameter, given) or _refused(device, name, given)
        seen.add(name)
        if code:
            wrong.append((path, code, FAULTS[code]))
            continue
        assert parameter is not None
        wanted[name] = given if parameter.type == "string" else given.strip()
        named = named or name.endswith(".Alias")
    if named:
        wrong += [
            (asked.get(name, name), 9007, FAULTS[9007])
            for name in wrong_aliases(model, wanted, now)
        ]
    if wrong:
        raise Fault(9003, details=wrong)
    return wanted


def _refused(device: Device, name: str, given: str) -> int:
    """What a behaviour has against a value of the right type: a fault code, or 0."""
    for pattern, refuse in device.profile.checks.items():
        if name.endswith(pattern[1:]):
            code = refuse(device, name, given)
            if code:
                return code
    return 0


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
