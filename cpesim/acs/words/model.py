"""
Words about the data model: audit, provision, credentials.

Rule: what is set is read again, and what was added is deleted.
"""

from __future__ import annotations

from collections.abc import Mapping

from cpesim.acs import calls
from cpesim.acs.answers import read_names
from cpesim.acs.findings import Found
from cpesim.acs.judge import judge_device_id, judge_methods
from cpesim.acs.words.scene import Scene, Script, kind_of, known


def audit(scene: Scene) -> Script:
    """Everything that the CPE has, and whether its three tellings agree."""
    root = scene.cpe.root
    answer = yield calls.get_rpc_methods()
    if not answer.fault:
        listed = answer.element.find("MethodList")
        methods = [] if listed is None else [e.text or "" for e in listed]
        judge_methods(scene.namespace, methods, scene.found)
    answer = yield calls.get_parameter_names(root, False)
    if answer.fault:
        return
    entries = read_names(answer.element)
    scene.register.learn(scene.inform, kind_of(root, entries))
    parameters = {name for name, _ in entries if not name.endswith(".")}
    objects = {name for name, _ in entries if name.endswith(".")}
    found = scene.found
    if len(parameters) + len(objects) != len(entries):
        found.append(("P2 a name twice", root))
    if root not in objects:
        found.append(("P2 the named object is not in the answer", root))
    found += [
        ("P2 Writable", f"{name}: {writable!r}")
        for name, writable in entries
        if writable not in ("0", "1", "true", "false")
    ]
    answer = yield calls.get_parameter_values([root])
    if answer.fault:
        return
    values = answer.values()
    for name in sorted(values.keys() ^ parameters)[:5]:
        found.append(("P1 values and names differ", name))
    judge_device_id(scene.inform, root, values, found)
    _judge_tables(values, objects, found)


def _judge_tables(values: Mapping[str, str], objects: set[str], found: Found) -> None:
    """P6: NumberOfEntries follow the instances, where the table bears that name."""
    counts: dict[str, int] = {}
    for name in objects:
        table, _, number = name[:-1].rpartition(".")
        if number.isdigit():
            counts[table + "."] = counts.get(table + ".", 0) + 1
    for name, text in values.items():
        table = name.removesuffix("NumberOfEntries") + "."
        if name.endswith("NumberOfEntries") and table in objects:
            there = counts.get(table, 0)
            if text != str(there):
                found.append(("P6 NumberOfEntries", f"{name}: {text}, {there} there"))


def provision(scene: Scene) -> Script:
    """Settings that every ACS makes, and a round of all that changes a model."""
    yield from _set(scene, interval=True)
    yield from _notify(scene)
    yield from _add_and_delete(scene)


def credentials(scene: Scene) -> Script:
    """The name and the password for connection requests to this CPE."""
    yield from _set(scene, interval=False)


def _set(scene: Scene, *, interval: bool) -> Script:
    cpe, path = scene.cpe, scene.cpe.root + "ManagementServer."
    username, password = "acs-" + cpe.key[-59:], scene.register.password_for(cpe.key)
    entries = [
        (path + "ConnectionRequestUsername", "string", username),
        (path + "ConnectionRequestPassword", "string", password),
    ]
    if interval:
        seconds = str(scene.settings.interval)
        entries += [
            (path + "PeriodicInformEnable", "boolean", "1"),
            (path + "PeriodicInformInterval", "unsignedInt", seconds),
        ]
    answer = yield calls.set_parameter_values(entries, scene.key())
    if answer.fault:
        return
    cpe.username, cpe.password = username, password
    if interval:
        cpe.interval, cpe.periodic_at = scene.settings.interval, scene.touched
    if answer.text("Status") not in ("0", "1"):
        scene.found.append(("P3 Status", answer.text("Status")))
    # Status 1: not yet in force, so there is nothing to compare.
    if not interval or answer.text("Status") != "0":
        return
    answer = yield calls.get_parameter_values([name for name, _, _ in entries])
    if answer.fault:
        return
    values = answer.values()
    for name, kind, text in entries:
        told = values.get(name, "nothing")
        # P1: passwords read as empty.
        right = "" if name.endswith("Password") else text
        if told != right and not (kind == "boolean" and told == "true"):
            scene.found.append(("P3 reads not as it was set", f"{name}: {told!r}"))


def _notify(scene: Scene) -> Script:
    # Only the ACS changes this one, and what the ACS sets never notifies (I4).
    name = scene.cpe.root + "ManagementServer.PeriodicInformInterval"
    answer = yield calls.set_parameter_attributes([(name, 1)])
    if answer.fault:
        return
    answer = yield calls.get_parameter_attributes([name])
    if answer.fault:
        return
    struct = answer.element.find("ParameterList/ParameterAttributeStruct")
    told = (
        ("", "")
        if struct is None
        else (
            struct.findtext("Name") or "",
            struct.findtext("Notification") or "",
        )
    )
    if told != (name, "1"):
        scene.found.append(("P5 reads not as it was set", f"{name}: {told}"))


def _add_and_delete(scene: Scene) -> Script:
    tables = (yield from known(scene)).tables
    # A table may be full (9004) or belong to an instance that others lack (9005).
    for table in tables[:3]:
        answer = yield calls.add_object(table, scene.key())
        if answer.fault:
            continue
        number = answer.text("InstanceNumber")
        if not number.isdigit() or number == "0":
            scene.found.append(("P6 InstanceNumber", f"{table}: {number!r}"))
            return
        instance = f"{table}{number}."
        answer = yield calls.get_parameter_names(instance, False)
        if not answer.fault and instance not in dict(read_names(answer.element)):
            scene.found.append(("P6 the new instance is not there", instance))
        answer = yield calls.delete_object(instance, scene.key())
        return
