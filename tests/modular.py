"""A test box with software modules: two environments, one unit that is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cpesim.cwmp.write import value
from cpesim.device.device import Device
from cpesim.device.fitting import with_behaviours
from cpesim.device.living import Entries
from cpesim.device.modules.kind import Modules
from cpesim.device.modules.operation import UnitFile
from cpesim.device.profile import Parameter, Profile, Table
from cpesim.device.world import World
from tests.factory import ROOT, hold, make_profile
from tests.play import EMPTY, OVER, Play, reply

SOFT = ROOT + "SoftwareModules."
UNIT, PART, PLACE = SOFT + "DeploymentUnit.", SOFT + "ExecutionUnit.", SOFT + "ExecEnv."
POLICY = ROOT + "ManagementServer.DUStateChangeComplPolicy."
OLD = "11111111-2222-5333-8444-555555555555"
NEW = "AAAAAAAA-bbbb-5ccc-8ddd-eeeeeeeeeeee"
NIL = "00000000-0000-0000-0000-000000000000"
URL = "http://modules.example/apps/meter-1.4.ipk"

STRING = Parameter("string")
UNIT_PARAMETERS = {
    "UUID": STRING,
    "DUID": STRING,
    "Name": Parameter("string", length=64),
    "Status": Parameter("string", default="Installed"),
    "Resolved": Parameter("boolean", default="1"),
    "URL": STRING,
    "Vendor": STRING,
    "Version": STRING,
    "ExecutionUnitList": STRING,
    "ExecutionEnvRef": STRING,
}
PART_PARAMETERS = {
    "EUID": STRING,
    "Name": STRING,
    "ExecEnvLabel": STRING,
    "Status": Parameter("string", default="Idle", notify="active"),
    "RequestedState": Parameter("string", True, choices=("Idle", "Active")),
    "ExecutionFaultCode": Parameter("string", default="NoFault"),
    "AutoStart": Parameter("boolean", True, "1"),
    "Vendor": STRING,
    "Version": STRING,
    "ExecutionEnvRef": STRING,
}
PLACE_PARAMETERS = {
    "Enable": Parameter("boolean", True, "1"),
    "Status": Parameter("string", default="Up"),
    "Name": STRING,
    "ActiveExecutionUnits": Parameter("string", list=True),
}
FACTORY = {
    UNIT + "1.": {
        "UUID": OLD,
        "DUID": "1",
        "Name": "guard",
        "URL": "http://modules.example/apps/guard-2.0.1.ipk",
        "Vendor": "Acme",
        "Version": "2.0.1",
        "ExecutionUnitList": PART + "1",
        "ExecutionEnvRef": PLACE + "1",
    },
    PART + "1.": {
        "EUID": "linux-1",
        "Name": "guard",
        "Status": "Active",
        "Version": "2.0.1",
        "ExecutionEnvRef": PLACE + "1",
    },
    PLACE + "1.": {"Name": "linux", "ActiveExecutionUnits": PART + "1"},
    PLACE + "2.": {"Name": "osgi"},
}
TEMPLATES = {UNIT: UNIT_PARAMETERS, PART: PART_PARAMETERS, PLACE: PLACE_PARAMETERS}


def modular_profile(**changes: Any) -> Profile:
    """The test box's profile with software modules."""
    plain = make_profile()
    added: dict[str, Parameter] = {
        SOFT + f"{name}NumberOfEntries": Parameter("unsignedInt", default=Entries(name))
        for name in ("DeploymentUnit", "ExecutionUnit", "ExecEnv")
    }
    for path, values in FACTORY.items():
        template = TEMPLATES[path[:-2]]
        for name, parameter in template.items():
            default = values.get(name, parameter.default)
            added[path + name] = replace(parameter, default=default)
    for name in ("Enable", "OperationTypeFilter", "ResultTypeFilter"):
        added[POLICY + name] = Parameter("string", True)
    added[POLICY + "FaultCodeFilter"] = Parameter("string", True, list=True)
    parameters = {**plain.parameters, **added}
    objects = dict(plain.objects) | dict.fromkeys(
        (SOFT, UNIT, PART, PLACE, POLICY, *FACTORY), False
    )
    fields: dict[str, Any] = {
        "parameters": parameters,
        "names": tuple(sorted(parameters)),
        "objects": objects,
        "rendered": {
            name: value(name, p.type, "" if p.hidden else p.default).encode()
            for name, p in parameters.items()
            if isinstance(p.default, str)
        },
        "tables": {
            **plain.tables,
            **{p + "{i}.": Table(False, 64, t) for p, t in TEMPLATES.items()},
        },
        "cwmp": "1.2",
        "modules": Modules(environments={"1": r"\.ipk$", "2": r"\.jar$"}),
    }
    return with_behaviours(replace(plain, **(fields | changes)))


def modular_device(**modules: Any) -> Device:
    """A box that has booted and told so; *modules* are the keys of its Modules."""
    known: dict[str, Any] = {"environments": {"1": r"\.ipk$", "2": r"\.jar$"}}
    profile = modular_profile(modules=Modules(**(known | modules)))
    device = Device(profile, 0, World(1, epoch=1_767_225_600.0))
    device.boot(0.0)
    hold(device, 0.0)
    device.silence("periodic")
    return device


def ask(device: Device, now: float, *operations: Any, key: str = "k") -> Play:
    """A session in which the ACS asks for these operations."""
    play = Play(device.begin(now), now) << reply("InformResponse", version="1.2")
    while play.body:
        play = play << reply(f"{play.method}Response", version="1.2")
    play = play << reply("ChangeDUState", key, *operations, version="1.2")
    play = play >> "ChangeDUStateResponse" << EMPTY >> OVER
    device.end(play.session, now)
    device.wake(now)
    return play


def fetched(device: Device, now: float, code: int = 0) -> UnitFile:
    """The engine has fetched the one file that the device wants."""
    errands, device.errands = device.errands, ()
    (errand,) = errands
    assert isinstance(errand, UnitFile)
    device.returned(errand, code, now)
    device.wake(now)
    return errand


def told(device: Device, now: float) -> tuple[list[tuple[str, str]], list[Any]]:
    """The next session: its events, and each request that the device made in it."""
    play = Play(device.begin(now), now) >> "Inform"
    events, requests = play.events(), []
    play = play << reply("InformResponse", version="1.2")
    while play.body:
        requests.append(play.sent)
        play = play >> play.method
        play = play << reply(f"{play.method}Response", id=play.id, version="1.2")
    play = play << EMPTY >> OVER
    device.end(play.session, now)
    device.wake(now)
    return events, requests


def results(request: Any) -> list[dict[str, str]]:
    """The Results of a DUStateChangeComplete, as dictionaries."""
    return [
        {e.tag: e.text or "" for e in entry.iter() if len(e) == 0}
        for entry in request.iter("Results")
    ]


def outcome(device: Device, now: float, *operations: Any) -> list[dict[str, str]]:
    """What comes of operations on a box that fetches no files."""
    ask(device, now, *operations)
    while device.memory.get("modules"):
        now = device.alarms[0][0]
        device.wake(now)
    _, requests = told(device, now)
    (request,) = requests
    return results(request)
