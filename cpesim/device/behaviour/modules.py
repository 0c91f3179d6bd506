"""
ChangeDUState and what is told of its end (B4, B7), and what a device does by itself.

Rule: each ChangeDUState goes its own way, one unit after the other, and several go at
once; which fault a unit gets is device/modules/judge.py's.
"""

from __future__ import annotations

from cpesim.chance import chance
from cpesim.cwmp.fault import Fault, invalid_arguments
from cpesim.cwmp.read import Call, Element, local, text, xsi_type
from cpesim.device.behaviour.arguments import command_key
from cpesim.device.behaviour.units import ACTIVE, run
from cpesim.device.device import Device
from cpesim.device.modules import report, tree
from cpesim.device.modules.judge import RESOURCES, jobs_of, judge, name_of, vendor_of
from cpesim.device.modules.operation import (
    INSTALL,
    UNINSTALL,
    UPDATE,
    Change,
    Job,
    Operation,
    UnitFile,
)
from cpesim.device.profile import Behaviour
from cpesim.device.transfer import DONE, MOVING

MOST = 16  # changes that are under way or not yet told
MOST_OPERATIONS = 64  # the schema knows no limit; a device does
KINDS = {
    "InstallOpStruct": INSTALL,
    "UpdateOpStruct": UPDATE,
    "UninstallOpStruct": UNINSTALL,
}
# While it is under way, and what a result says of it afterwards.
_DURING = {INSTALL: "Installing", UPDATE: "Updating", UNINSTALL: "Uninstalling"}
# Fetching ends with codes that no result knows (9010): it was broken off.
_FETCHED = frozenset({0, 9012, 9015, 9016, 9017, 9018})
_BROKEN_OFF = 9017


def change_du_state(device: Device, call: Call, now: float) -> bytes:
    """Take the order; all of it is done after the session."""
    key = command_key(call)
    given = [e for e in call.element if local(e) == "Operations"]
    if not given:
        raise invalid_arguments("Operations is missing")
    if len(given) > MOST_OPERATIONS or _pending(device, report.COMPLETE) >= MOST:
        raise Fault(9004)
    change = Change(key, tuple(_operation(element) for element in given))
    _begin(device, change, now)
    return b"<cwmp:ChangeDUStateResponse/>"


def _pending(device: Device, method: str) -> int:
    told = sum(request.method == method for request in device.requests)
    return told + len(device.memory.get("modules", ()))


def _operation(element: Element) -> Operation:
    """One Operations entry, by its xsi:type (B7)."""
    kind = KINDS.get(xsi_type(element))
    if kind is None:
        raise invalid_arguments("Operations has no xsi:type of an operation")

    def said(name: str, most: int) -> str:
        value = text(element, name, "")
        if len(value) > most:
            raise invalid_arguments(f"{name} is longer than {most} characters")
        return value

    return Operation(
        kind,
        url=said("URL", 1024).strip(),
        uuid=said("UUID", 256).strip(),
        username=said("Username", 256),
        password=said("Password", 256),
        version=said("Version", 32) if kind != INSTALL else "",
        environment=said("ExecutionEnvRef", 256) if kind != UPDATE else "",
    )


def _begin(device: Device, change: Change, now: float) -> None:
    device.remember("modules", (*device.memory.get("modules", ()), change))
    device.alarm(now, "module", change)


# -- one unit after the other


def ring(device: Device, key: object, now: float) -> None:
    """Begin what is next in a change, or tell its end."""
    assert isinstance(key, Change)
    change, model = key, device.model
    if change not in device.memory.get("modules", ()):
        return
    while True:
        if not change.jobs:
            if not change.left:
                _end(device, change, now)
                return
            change.jobs = jobs_of(model, change.left[0], now)
            change.left = change.left[1:]
        job = change.jobs[0]
        job.started = model.world.time(now)
        job.code = judge(model, job, now)
        if not job.code and job.operation.kind == INSTALL:
            job.code = _create(device, job)
        if not job.code:
            break
        _settle(device, change, now)
    change.busy = True
    tree.put(model, job.unit, {"Status": _DURING[job.operation.kind]})
    _fetch_or_work(device, change, job, now)


def _create(device: Device, job: Job) -> int:
    """The unit that is being installed stands in the model from its start on."""
    operation = job.operation
    job.unit = tree.create(
        device.model,
        {
            "UUID": job.uuid,
            "Name": name_of(operation.url),
            "Status": _DURING[INSTALL],
            "URL": operation.url,
            "Vendor": vendor_of(operation.url),
            "Version": job.version,
            "ExecutionEnvRef": tree.reference(job.environment),
        },
    )
    return 0 if job.unit else RESOURCES


def _fetch_or_work(device: Device, change: Change, job: Job, now: float) -> None:
    """The file first, where there is one to fetch; then the work."""
    operation, modules = job.operation, device.profile.modules
    url = operation.url or device.model.find(job.unit + "URL", now)
    if operation.kind != UNINSTALL and modules.fetch and change.key is not None and url:
        change.file = UnitFile(change, operation, url)
        change.file.state = MOVING
        device.errands = (*device.errands, change.file)
    else:
        _work(device, change, job, now)


def _work(device: Device, change: Change, job: Job, now: float) -> None:
    modules = device.profile.modules
    seconds = {
        INSTALL: modules.install,
        UPDATE: modules.update,
        UNINSTALL: modules.uninstall,
    }
    device.alarm(now + seconds[job.operation.kind], "module done", change)


def ring_fetched(device: Device, key: object, now: float) -> None:
    """The file of the unit in hand is there, or is not coming."""
    assert isinstance(key, tuple)
    unit_file, code = key
    change = unit_file.change
    if change.file is not unit_file or unit_file.state != MOVING:
        return  # a reboot or a reset broke it off
    change.file = None
    unit_file.state = DONE
    job = change.jobs[0]
    if code == 0:
        _work(device, change, job, now)
        return
    job.code = code if code in _FETCHED else _BROKEN_OFF
    _finish(device, change, now)


def ring_done(device: Device, key: object, now: float) -> None:
    """The work on the unit in hand is over."""
    assert isinstance(key, Change)
    if key in device.memory.get("modules", ()):
        job, modules = key.jobs[0], device.profile.modules
        if modules.failures:
            salt = f"module/{job.uuid}/{now:.3f}"
            lot = chance(device.model.world.seed, device.n, salt)
            job.code = modules.code if lot < modules.failures else 0
        _finish(device, key, now)


def _finish(device: Device, change: Change, now: float) -> None:
    """The unit in hand is what it is now; the next one follows."""
    model, job = device.model, change.jobs[0]
    change.busy = False
    if job.unit in tree.rows(model, tree.UNIT):
        if job.code == 0:
            _apply(device, job, now)
        elif job.operation.kind == INSTALL:
            tree.remove(model, job.unit, now)
        else:
            tree.put(model, job.unit, {"Status": "Installed"})
    _settle(device, change, now)
    device.alarm(now, "module", change)


def _apply(device: Device, job: Job, now: float) -> None:
    model, time = device.model, device.model.world.time(now)
    if job.operation.kind == UNINSTALL:
        tree.remove(model, job.unit, now)
        return
    told = {"Status": "Installed", "Version": job.version, "LastUpdate": time}
    if job.operation.kind == INSTALL:
        told |= {"Installed": time}
    elif job.operation.url:
        told |= {"URL": job.operation.url}
    tree.put(model, job.unit, told)
    if job.operation.kind == INSTALL:
        part = tree.create_part(model, job.unit, now)
        job.parts = (part,) if part else ()
        for made in job.parts:
            run(device, made, ACTIVE, now)
    else:
        for part in job.parts:
            tree.put(model, part, {"Version": job.version})


def _settle(device: Device, change: Change, now: float) -> None:
    """The first job has its result (B7)."""
    job = change.jobs.pop(0)
    change.outcomes.append(
        (job.operation.kind, job.code, report.result(device.model, job, now))
    )


def _end(device: Device, change: Change, now: float) -> None:
    """Tell it; it is kept until its response (E5, E7)."""
    left = tuple(c for c in device.memory["modules"] if c is not change)
    device.remember("modules", left or None)
    if change.key is None:
        request = report.autonomous(device.model, change, now)
        if _pending(device, report.AUTONOMOUS) >= MOST:
            request = None  # nobody hears them: the next ones are lost
    else:
        request = report.asked_for(change.key, change)
    if request is not None:
        device.requests = (*device.requests, request)
        device.want(now, "module")


# -- by itself


def ring_autonomous(device: Device, key: object, now: float) -> None:
    """The device changes a module by itself, and will again."""
    autonomous = device.profile.modules.autonomous
    assert autonomous is not None
    device.alarm(now + autonomous.every, "module autonomous")
    if any(c.key is None for c in device.memory.get("modules", ())):
        return
    units = tree.rows(device.model, tree.UNIT)
    if autonomous.operation == INSTALL:
        operation = Operation(INSTALL, url=autonomous.url)
    elif units:
        unit = units[-1]
        operation = Operation(
            autonomous.operation,
            uuid=device.model.find(unit + "UUID", now),
            version=device.model.find(unit + "Version", now),
        )
    else:
        return
    _begin(device, Change(None, (operation,)), now)


# -- the power


def interrupt(device: Device, now: float) -> None:
    """The power goes: a file on its way is broken off, work is not done."""
    for change in device.memory.get("modules", ()):
        if change.file is not None:
            change.file.state = DONE
            change.file = None
    device.silence("module done")


def start(device: Device, now: float) -> None:
    """The power is back: what was in hand is done from its beginning (E7)."""
    for change in device.memory.get("modules", ()):
        if change.busy:
            _fetch_or_work(device, change, change.jobs[0], now)
    autonomous = device.profile.modules.autonomous
    if autonomous is None or device.profile.cwmp in ("1.0", "1.1"):
        return
    if not any(a[1] == "module autonomous" for a in device.alarms):
        seed = device.model.world.seed
        wait = chance(seed, device.n, "module autonomous") * autonomous.every
        device.alarm(now + wait, "module autonomous")


MODULES = Behaviour(
    "modules",
    rpcs={"ChangeDUState": change_du_state},
    alarms={
        "module": ring,
        "module fetched": ring_fetched,
        "module done": ring_done,
        "module autonomous": ring_autonomous,
    },
    starts=(start,),
    stops=(interrupt,),
    needs="SoftwareModules.DeploymentUnit.{i}.",
)
