"""
Which units an operation is about, and whether it may be done (CHECKLIST F 9022-9032).

Rule: the fault codes of deployment units are decided here and nowhere else; nothing
is changed.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit
from uuid import NAMESPACE_DNS, uuid5

from cpesim.device.model import Model
from cpesim.device.modules import tree
from cpesim.device.modules.operation import (
    INSTALL,
    NIL_UUID,
    UNINSTALL,
    Job,
    Operation,
)

INVALID_ARGUMENTS, UNSUPPORTED = 9003, 9013
INVALID_UUID, UNKNOWN_ENVIRONMENT, DISABLED_ENVIRONMENT = 9022, 9023, 9024
MISMATCH, DUPLICATE, RESOURCES, UNKNOWN_UNIT = 9025, 9026, 9027, 9028
INVALID_STATE, DOWNGRADE, NO_VERSION, VERSION_EXISTS = 9029, 9030, 9031, 9032

_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\Z")
_ENDING = re.compile(r"\.(?:tar\.)?[A-Za-z][A-Za-z0-9]{0,9}\Z")
_LAST_NUMBER = re.compile(r"(\d{1,18})(\D*)\Z")
_NUMBERS = re.compile(r"\d{1,18}")


def jobs_of(model: Model, operation: Operation, now: float) -> list[Job]:
    """A job for each unit; one that has failed already where there is none."""
    uuid = operation.uuid
    if uuid and not _UUID.match(uuid):
        return [Job(operation, uuid=NIL_UUID, code=INVALID_UUID)]
    if operation.kind == INSTALL:
        return [Job(operation, uuid=uuid)]
    if operation.kind == UNINSTALL:
        return _uninstalls(model, operation, now)
    return _updates(model, operation, now)


def _uninstalls(model: Model, operation: Operation, now: float) -> list[Job]:
    """Every unit of the UUID that the Version and the environment leave."""
    if not operation.uuid:
        return [Job(operation, uuid=NIL_UUID, code=INVALID_UUID)]
    environment = ""
    if operation.environment:
        environment = tree.environment_of(model, operation.environment)
        if not environment:
            return [Job(operation, uuid=operation.uuid, code=UNKNOWN_ENVIRONMENT)]
    found = tree.installed(model, now, operation.uuid, operation.version, environment)
    return _each(model, operation, found, now)


def _updates(model: Model, operation: Operation, now: float) -> list[Job]:
    """The unit of the UUID, else of the URL; all units where neither is said."""
    found = tree.installed(model, now, operation.uuid, operation.version)
    if operation.url and not operation.uuid:
        found = [u for u in found if model.find(u + "URL", now) == operation.url]
    if (operation.uuid or operation.url) and len(found) > 1:
        return [Job(operation, uuid=operation.uuid or NIL_UUID, code=NO_VERSION)]
    return _each(model, operation, found, now)


def _each(
    model: Model, operation: Operation, units: list[str], now: float
) -> list[Job]:
    if not units:
        # There is always a result, be it that there is no unit at all.
        return [Job(operation, uuid=operation.uuid or NIL_UUID, code=UNKNOWN_UNIT)]
    return [
        Job(operation, unit, uuid=model.find(unit + "UUID", now) or NIL_UUID)
        for unit in units
    ]


def judge(model: Model, job: Job, now: float) -> int:
    """
    0 if the job may begin, else its fault.

    What the job needs to know (UUID, version, environment) is filled in.
    """
    if job.code:
        return job.code
    if job.operation.kind == INSTALL:
        return _judge_install(model, job, now)
    if job.unit not in tree.rows(model, tree.UNIT):
        return UNKNOWN_UNIT
    job.version = model.find(job.unit + "Version", now)
    job.environment = tree.home(model, job.unit, now)
    job.parts = tree.parts_of(model, job.unit, now)
    if model.find(job.unit + "Status", now, "Installed") != "Installed":
        return INVALID_STATE
    if job.environment and not tree.is_enabled(model, job.environment, now):
        return DISABLED_ENVIRONMENT
    return 0 if job.operation.kind == UNINSTALL else _judge_update(model, job, now)


def _judge_install(model: Model, job: Job, now: float) -> int:
    operation, modules = job.operation, model.profile.modules
    code = judge_url(operation.url)
    if code:
        return code
    job.version = version_of(modules.version, operation.url) or "1.0"
    job.uuid = operation.uuid or uuid_of(operation.url)
    code = _place(model, job, now)
    if code:
        return code
    if tree.installed(model, now, job.uuid, job.version, job.environment):
        return DUPLICATE
    return RESOURCES if len(tree.rows(model, tree.UNIT)) >= modules.most else 0


def _place(model: Model, job: Job, now: float) -> int:
    """Find the environment of a new unit, or why there is none."""
    given, url = job.operation.environment, job.operation.url
    if given:
        job.environment = tree.environment_of(model, given)
        if not job.environment:
            return UNKNOWN_ENVIRONMENT
        if not tree.is_enabled(model, job.environment, now):
            return DISABLED_ENVIRONMENT
        return 0 if runs(model, job.environment, url) else MISMATCH
    places = tree.rows(model, tree.ENVIRONMENT)
    if not places:
        return UNKNOWN_ENVIRONMENT
    able = [place for place in places if runs(model, place, url)]
    if not able:
        return MISMATCH
    ready = [place for place in able if tree.is_enabled(model, place, now)]
    job.environment = ready[0] if ready else ""
    return 0 if ready else DISABLED_ENVIRONMENT


def _judge_update(model: Model, job: Job, now: float) -> int:
    operation, modules = job.operation, model.profile.modules
    old = job.version
    if operation.url:
        code = judge_url(operation.url)
        if code:
            return code
    # With a UUID the URL is that of the new file, else it only names the unit.
    said = version_of(modules.version, operation.url) if operation.uuid else ""
    new = said or following(old)
    if new == old or tree.installed(model, now, job.uuid, new, job.environment):
        return VERSION_EXISTS
    if not modules.downgrade and _numbers(new) < _numbers(old):
        return DOWNGRADE
    job.version = new
    return 0


def judge_url(url: str) -> int:
    """0 for a URL whose file can be fetched, else 9003 or 9013."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return INVALID_ARGUMENTS
    if parts.scheme.lower() not in ("http", "https"):
        return UNSUPPORTED if parts.scheme and "://" in url else INVALID_ARGUMENTS
    # TR-069 A6 A.4.1.10: credentials stand in their own arguments.
    return INVALID_ARGUMENTS if not parts.hostname or parts.username is not None else 0


def runs(model: Model, environment: str, url: str) -> bool:
    """Whether an environment takes the file of a URL; without a pattern, any."""
    number = environment[:-1].rpartition(".")[2]
    pattern = model.profile.modules.environments.get(number, "")
    return not pattern or re.search(pattern, _file(url)) is not None


def _file(url: str) -> str:
    return unquote(urlsplit(url).path).rpartition("/")[2]


def name_of(url: str) -> str:
    """What a unit is called: its file's name without ending and version."""
    name = _ENDING.sub("", _file(url))
    return re.split(r"[-_]v?(?=\d)", name, maxsplit=1)[0] or "module"


def vendor_of(url: str) -> str:
    """Whose unit it is, as far as its URL tells."""
    return urlsplit(url).hostname or ""


def uuid_of(url: str) -> str:
    """The UUID of a unit whose ACS gave none: Version 5, of vendor and name."""
    return str(uuid5(uuid5(NAMESPACE_DNS, vendor_of(url)), name_of(url)))


def version_of(pattern: str, url: str) -> str:
    """The version in a file's name; "" where there is none."""
    found = re.search(pattern, _ENDING.sub("", _file(url))) if url else None
    if found is None:
        return ""
    return (found[1] if found.re.groups else found[0]).rstrip(".")[:32]


def following(version: str) -> str:
    """The version after one, where nobody says what comes."""
    last = _LAST_NUMBER.search(version)
    if last is None:
        return version[:30] + ".1"
    return f"{version[: last.start()]}{int(last[1]) + 1}{last[2]}"[:32]


def _numbers(version: str) -> list[int]:
    return [int(number) for number in _NUMBERS.findall(version)]
