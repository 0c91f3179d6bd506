"""
What to ask of a CPE: the words of a script.

Rule: a word is a generator that yields requests and gets answers; it opens nothing
and waits for nothing. A new word is one function and one line in SCRIPTS (and its
sentence in settings.WORDS).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from typing import NamedTuple, Protocol

from cpesim.acs import calls
from cpesim.acs.answers import Element, Inform, Message, read_names, read_values
from cpesim.acs.calls import Request
from cpesim.acs.cpe import Cpe, Register
from cpesim.acs.judge import Found, judge_device_id
from cpesim.acs.record import walk
from cpesim.acs.settings import AcsSettings
from cpesim.cwmp import names


class Answer(NamedTuple):
    """What came back: a response, or a fault's code (-1: nothing at all)."""

    message: Message
    fault: int = 0

    @property
    def element(self) -> Element:
        """The response's element."""
        return self.message.element

    def text(self, name: str) -> str:
        """Text of a child of the response."""
        return self.element.findtext(name) or ""


Script = Generator[Request, Answer, None]


class Scene(Protocol):
    """Whom a script talks to, and with what."""

    cpe: Cpe
    inform: Inform
    settings: AcsSettings
    register: Register
    namespace: str
    versions: str  # SupportedCWMPVersions, if it told them
    found: Found  # what is wrong with the answers goes here
    files: str  # URL of our files, as this CPE reaches them

    def key(self) -> str:
        """A CommandKey or ParameterKey that was never used before."""


def audit(scene: Scene) -> Script:
    """Everything that the CPE has, and whether its three tellings agree."""
    root = scene.cpe.root
    yield calls.get_rpc_methods()
    answer = yield calls.get_parameter_names(root, False)
    if answer.fault:
        return
    listed = read_names(answer.element)
    parameters = {name for name, _ in listed if not name.endswith(".")}
    objects = {name for name, _ in listed if name.endswith(".")}
    found = scene.found
    if len(parameters) + len(objects) != len(listed):
        found.append(("P2 a name twice", root))
    if root not in objects:
        found.append(("P2 the named object is not in the answer", root))
    found += [
        ("P2 Writable", f"{name}: {writable!r}")
        for name, writable in listed
        if writable not in ("0", "1", "true", "false")
    ]
    answer = yield calls.get_parameter_values([root])
    if answer.fault:
        return
    values = _values(answer)
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
    if answer.text("Status") not in ("0", "1"):
        scene.found.append(("P3 Status", answer.text("Status")))
    # Status 1: not yet in force, so there is nothing to compare.
    if not interval or answer.text("Status") != "0":
        return
    answer = yield calls.get_parameter_values([name for name, _, _ in entries])
    if answer.fault:
        return
    values = _values(answer)
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
    tables = scene.register.tables(scene.inform)
    if tables is None:
        answer = yield calls.get_parameter_names(scene.cpe.root, False)
        if answer.fault:
            return
        tables = addable(read_names(answer.element))
        scene.register.learn_tables(scene.inform, tables)
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


def addable(listed: list[tuple[str, str]]) -> tuple[str, ...]:
    """The tables among GetParameterNames' entries that take AddObject."""
    return tuple(
        name
        for name, writable in listed
        if writable in ("1", "true") and re.search(r"[^\d.][^.]*\.$", name)
    )[:10]


def upgrade(scene: Scene) -> Script:
    """A firmware image; its end is told in a later session."""
    settings, key = scene.settings, scene.key()
    version = settings.firmware_version or later(scene.cpe.software)
    kind = re.sub(r"[^A-Za-z0-9_.-]", "_", scene.inform.product_class) or "firmware"
    name = f"{kind}-v{version}.bin"
    guarded = settings.files_auth != "none"
    answer = yield calls.download(
        key,
        f"{scene.files}/files/{name}",
        settings.files_username if guarded else "",
        settings.files_password if guarded else "",
        settings.firmware_size,
        name,
    )
    if answer.fault:
        return
    status = answer.text("Status")
    times = {answer.text("StartTime"), answer.text("CompleteTime")}
    if status == "1":
        scene.cpe.expect(names.M_DOWNLOAD, key)
        if times != {names.UNKNOWN_TIME}:
            scene.found.append(("T1 times of a transfer to come", str(sorted(times))))
    elif status != "0":
        scene.found.append(("T1 Status", status))


def later(version: str) -> str:
    """The version after *version*: its last number, one more."""
    last = re.search(r"\d+(?=\D*$)", version)
    if last is None:
        grown = version + "1"
    else:
        number = f"{int(last[0]) + 1:0{len(last[0])}}"
        grown = version[: last.start()] + number + version[last.end() :]
    return re.sub(r"[^A-Za-z0-9_.-]", "_", grown)


def reboot(scene: Scene) -> Script:
    """A reboot; 1 BOOT and M Reboot come after it."""
    key = scene.key()
    answer = yield calls.reboot(key)
    if not answer.fault:
        scene.cpe.expect(names.M_REBOOT, key)


def factory_reset(scene: Scene) -> Script:
    """A reset; 0 BOOTSTRAP comes after it."""
    answer = yield calls.factory_reset()
    if not answer.fault:
        scene.cpe.fresh = True


def schedule_inform(scene: Scene) -> Script:
    """An Inform at a later time; 3 SCHEDULED and M ScheduleInform come with it."""
    key = scene.key()
    answer = yield calls.schedule_inform(scene.settings.schedule, key)
    if not answer.fault:
        scene.cpe.expect(names.M_SCHEDULE_INFORM, key)


def _values(answer: Answer) -> dict[str, str]:
    listed = read_values(answer.element.find("ParameterList"))
    return {name: text for name, text, _ in listed}


SCRIPTS: Mapping[str, Callable[[Scene], Script]] = {
    "audit": audit,
    "provision": provision,
    "credentials": credentials,
    "upgrade": upgrade,
    "reboot": reboot,
    "factory-reset": factory_reset,
    "schedule-inform": schedule_inform,
    "record": walk,  # a word of --record's, not of --script's
}
# After these a CPE goes away: the next word has to wait for its next session.
LEAVING = frozenset({"upgrade", "reboot", "factory-reset"})
