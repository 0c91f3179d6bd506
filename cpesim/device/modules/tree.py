"""
The tables below SoftwareModules: what is installed where, and how it is changed.

Rule: functions of a Model; a parameter that the profile does not declare is left out,
and every reference is a full path without its final dot (P13).
"""

from __future__ import annotations

from collections.abc import Mapping

from cpesim.cwmp.fault import Fault
from cpesim.device.model import Model

UNIT = "SoftwareModules.DeploymentUnit."
PART = "SoftwareModules.ExecutionUnit."
ENVIRONMENT = "SoftwareModules.ExecEnv."


def rows(model: Model, table: str) -> list[str]:
    """The instances of a table below the root, as paths that end in a dot."""
    path = model.profile.root + table
    return [f"{path}{number}." for number in model.instances(path)]


def reference(path: str) -> str:
    """How a value names an instance."""
    return path.rstrip(".")


def references(value: str) -> list[str]:
    """The instances that a list of references names, as paths."""
    return [f"{ref.strip()}." for ref in value.split(",") if ref.strip()]


def environment_of(model: Model, given: str) -> str:
    """The environment that an ExecutionEnvRef names; "" where there is none."""
    # Written as ".SoftwareModules.ExecEnv.1." as well (the schema's own example).
    path = reference(given.strip()) + "."
    if path.startswith("."):
        path = reference(model.profile.root) + path
    return path if path in rows(model, ENVIRONMENT) else ""


def is_enabled(model: Model, environment: str, now: float) -> bool:
    """Whether an environment runs."""
    return model.find(environment + "Enable", now, "1") in ("1", "true")


def put(model: Model, path: str, values: Mapping[str, str]) -> None:
    """Set what an instance has of these parameters."""
    for name, text in values.items():
        parameter = model.parameter(path + name)
        if parameter is not None:
            model.set(path + name, text[: parameter.length or len(text)])


def installed(
    model: Model, now: float, uuid: str = "", version: str = "", environment: str = ""
) -> list[str]:
    """The units that are on the device; those of a UUID, a version, a place only."""
    found = []
    for unit in rows(model, UNIT):
        if uuid and model.find(unit + "UUID", now).lower() != uuid.lower():
            continue
        if version and model.find(unit + "Version", now) != version:
            continue
        if environment and home(model, unit, now) != environment:
            continue
        found.append(unit)
    return found


def home(model: Model, unit: str, now: float) -> str:
    """The environment that a unit, or a part of one, belongs to."""
    return next(iter(references(model.find(unit + "ExecutionEnvRef", now))), "")


def parts_of(model: Model, unit: str, now: float) -> tuple[str, ...]:
    """The execution units of a unit."""
    present = rows(model, PART)
    return tuple(
        part
        for part in references(model.find(unit + "ExecutionUnitList", now))
        if part in present
    )


def create(model: Model, values: Mapping[str, str]) -> str:
    """A new unit; "" where the table is full."""
    path = model.profile.root + UNIT
    try:
        unit = f"{path}{model.grow(path)}."
    except Fault:
        return ""
    number = unit[len(path) : -1]
    put(model, unit, {"DUID": number, "Resolved": "1", **values})
    return unit


def create_part(model: Model, unit: str, now: float) -> str:
    """The execution unit that a new unit brings; "" where the table is full."""
    path = model.profile.root + PART
    try:
        part = f"{path}{model.grow(path)}."
    except Fault:
        return ""
    told = ("Name", "Vendor", "Version", "Description", "ExecutionEnvRef")
    values = {name: model.find(unit + name, now) for name in told}
    number = part[len(path) : -1]
    label = model.find(home(model, unit, now) + "Name", now)
    put(model, part, values | {"EUID": f"{label}-{number}", "ExecEnvLabel": number})
    put(model, part, {"Status": "Idle", "ExecutionFaultCode": "NoFault"})
    put(model, part, {"AutoStart": "1"})
    put(model, unit, {"ExecutionUnitList": reference(part)})
    _follow(model, home(model, unit, now), now)
    return part


def remove(model: Model, unit: str, now: float) -> None:
    """A unit and its parts go."""
    environment = home(model, unit, now)
    for part in parts_of(model, unit, now):
        model.prune(part)
    model.prune(unit)
    _follow(model, environment, now)


def run(model: Model, part: str, status: str, now: float) -> bool:
    """A part gets another Status; False where it has it already."""
    if model.find(part + "Status", now) == status:
        return False
    put(model, part, {"Status": status})
    _follow(model, home(model, part, now), now)
    return True


def _follow(model: Model, environment: str, now: float) -> None:
    """Keep ActiveExecutionUnits of an environment right."""
    if not environment:
        return
    active = [
        reference(part)
        for part in rows(model, PART)
        if home(model, part, now) == environment
        and model.find(part + "Status", now) == "Active"
    ]
    put(model, environment, {"ActiveExecutionUnits": ",".join(active)})
