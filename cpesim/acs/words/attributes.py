"""
Words about notifications, aliases and wildcards.

Rule: attributes are put back as they were found.
"""

from __future__ import annotations

import re
from collections.abc import Generator

from cpesim.acs import calls
from cpesim.acs.answers import Element
from cpesim.acs.calls import Request
from cpesim.acs.words.scene import (
    ALIASES,
    WILDCARDS,
    Answer,
    Scene,
    Script,
    known,
    newest,
)

_TRUE = ("1", "true")
_LEVELS = frozenset("0123456")
# Only the ACS changes this one, and what the ACS sets never notifies (I4).
QUIET = "ManagementServer.PeriodicInformInterval"
Told = dict[str, tuple[str, list[str]]]  # name: notification, access list


def notify(scene: Scene) -> Script:
    """One passive notification, and whether it reads as it was set."""
    name = scene.cpe.root + QUIET
    yield from _attribute(scene, name, 1, None)


def notifications(scene: Scene) -> Script:
    """Every notification that the version has, access lists, partial paths."""
    root = scene.cpe.root
    name = root + QUIET
    before = yield from _read(scene, [name])
    # Lightweight ones (3 to 6) are of the namespace of 1.2, and CWMP 1.4's schema.
    most = 6 if newest(scene) and scene.version >= "1.4" else 2
    for notification in range(most, -1, -1):
        yield from _attribute(scene, name, notification, ["Subscriber"])
    yield from _attribute(scene, name, 0, [])
    # P5: what is not to be changed stays.
    answer = yield calls.set_parameter_attributes([(name, 2)], change=False)
    if not answer.fault:
        told = yield from _read(scene, [name])
        if told and told.get(name, ("", []))[0] != "0":
            scene.found.append(("P5 NotificationChange 0 changed it", f"{told}"))
    yield from _partial(scene, root + "ManagementServer.")
    yield from _restore(scene, before)


def _attribute(
    scene: Scene, name: str, notification: int, access: list[str] | None
) -> Script:
    answer = yield calls.set_parameter_attributes([(name, notification)], access)
    if answer.fault:
        return
    told = yield from _read(scene, [name])
    if not told:
        return
    right = told.get(name, ("", []))
    if right[0] != str(notification) or (access is not None and right[1] != access):
        scene.found.append(("P5 reads not as it was set", f"{name}: {told.get(name)}"))


def _partial(scene: Scene, path: str) -> Script:
    """All beneath a partial path at once."""
    before = yield from _read(scene, [path])
    answer = yield calls.set_parameter_attributes([(path, 1)])
    if answer.fault or not before:
        return
    after = yield from _read(scene, [path])
    if after.keys() != before.keys():
        scene.found.append(("P5 a partial path tells other names", path))
    wrong = [name for name, (told, _) in after.items() if told not in ("1", "2")]
    if wrong:
        scene.found.append(("P5 a partial path was not set", wrong[0]))
    yield from _restore(scene, before)


def _restore(scene: Scene, before: Told) -> Script:
    entries = [
        (name, int(told)) for name, (told, _) in before.items() if told in _LEVELS
    ]
    if entries:
        yield calls.set_parameter_attributes(entries)


def _read(scene: Scene, paths: list[str]) -> Generator[Request, Answer, Told]:
    answer = yield calls.get_parameter_attributes(paths)
    listed = None if answer.fault else answer.element.find("ParameterList")
    told: Told = {}
    for struct in () if listed is None else listed:
        name = struct.findtext("Name") or ""
        if name in told:
            scene.found.append(("P5 a name twice", name))
        told[name] = (struct.findtext("Notification") or "", _access(struct))
    return told


def _access(struct: Element) -> list[str]:
    listed = struct.find("AccessList")
    return [] if listed is None else [entry.text or "" for entry in listed]


def aliases(scene: Scene) -> Script:
    """Values, names, attributes by *, values by [alias], where the CPE can."""
    kind, root = (yield from known(scene)), scene.cpe.root
    can = [root + name for name in (WILDCARDS, ALIASES) if name in kind.has]
    if not can or not kind.alias:
        return
    answer = yield calls.get_parameter_values([*can, kind.alias])
    if answer.fault:
        return
    values = answer.values()
    alias = values.get(kind.alias, "")
    if not re.match("[A-Za-z]", alias):
        scene.found.append(("P11 Alias", f"{kind.alias}: {alias!r}"))
        return
    path, _, name = kind.alias.rpartition(".")
    table = path.rpartition(".")[0]
    if values.get(root + WILDCARDS) in _TRUE:
        answer = yield calls.get_parameter_values([f"{table}.*.{name}"])
        found = {} if answer.fault else answer.values()
        one = re.compile(rf"{re.escape(table)}\.(\d+|\[[^\]]+\])\.{name}")
        if answer.fault or not all(map(one.fullmatch, found)):
            scene.found.append(("P12 a wildcard", f"{table}.*: {answer.fault}"))
        elif alias not in found.values():
            scene.found.append(("P12 an instance is not in the answer", kind.alias))
        path = f"{table}.*.{name}"
        for request in (
            calls.get_parameter_names(path, False),
            calls.get_parameter_attributes([path]),
        ):
            answer = yield request
            listed = None if answer.fault else answer.element.find("ParameterList")
            names = [] if listed is None else [s.findtext("Name") or "" for s in listed]
            if len(names) != len(found) or not all(map(one.fullmatch, names)):
                text = f"{request.method}: {answer.fault}, {len(names)} names"
                scene.found.append(("P12 a wildcard", text))
    if values.get(root + ALIASES) in _TRUE:
        answer = yield calls.get_parameter_values([f"{table}.[{alias}].{name}"])
        found = {} if answer.fault else answer.values()
        # P11: InstanceMode decides which of the two paths is told.
        one = re.compile(rf"{re.escape(table)}\.(\d+|\[{re.escape(alias)}\])\.{name}")
        if list(found.values()) != [alias] or not one.fullmatch(next(iter(found))):
            text = f"{table}.[{alias}]: {answer.fault}, {list(found.items())[:2]}"
            scene.found.append(("P8 an alias", text))
