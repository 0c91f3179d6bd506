"""
A session as text -> what the CPE told in it: a trace of ours, or any log of envelopes.

Rule: only what the CPE said counts: its Inform and its answers. Of a message that was
cut off, what had come by then is taken; a broken one is an error with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from cpesim.cwmp.names import NAMESPACES
from cpesim.device.dumps.elements import Element, parse_envelope
from cpesim.device.dumps.needed import NEEDED
from cpesim.device.dumps.text import Dump, Entry
from cpesim.errors import ConfigError, Problem

# `cpesim device` and a run's trace: >> leaves the CPE, << comes from the ACS.
_ARROW = re.compile(r"^(>>|<<)(?: {0,3})", re.MULTILINE)
_START = re.compile(r"<((?:[A-Za-z_][\w.-]*:)?)Envelope[\s>]")
_VERSION = re.compile(r"urn:dslforum-org:cwmp-1-([0-9])\b")
_IDENTITY = {
    "Manufacturer": "manufacturer",
    "OUI": "oui",
    "ProductClass": "product_class",
    "SerialNumber": "serial",
}
_WRITABLE = {name for name, _, writable, _ in NEEDED if writable}


@dataclass(slots=True)
class Session:
    """What one CPE told, and what to say about it."""

    dump: Dump
    notes: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def parse_session(text: str, file: str) -> Session:
    """What the CPE of a session told; raises ConfigError."""
    return _Reader(text, file).session()


@dataclass(slots=True)
class _Message:
    """An envelope of the text: where it begins, and whether it has its end."""

    text: str
    start: int
    whole: bool


class _Reader:
    """One text with envelopes in it."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.arrows = bool(_ARROW.search(text))
        self.widths = [
            len(m[0]) if (m := _ARROW.match(line)) else 0 for line in text.split("\n")
        ]
        self.ours = [line.startswith(">>") for line in text.split("\n")]
        self.text = _ARROW.sub("", text)
        self.identity: dict[str, str] = {}
        self.forced: list[str] = []
        self.events: list[str] = []
        self.methods: list[str] = []
        self.names: dict[str, bool] = {}
        self.values: dict[str, tuple[str, str]] = {}
        self.places: dict[str, tuple[int, int]] = {}
        self.notifications: dict[str, int] = {}
        self.cwmp = ""
        self.cut = 0
        self.informs = 0
        self.deleting = ""

    def session(self) -> Session:
        for message in self._messages():
            line = self.text.count("\n", 0, message.start)
            # Of what the ACS said only this: what it deleted is not there any more.
            if not self.arrows or self.ours[line] or "DeleteObject>" in message.text:
                self._take(message, line)
        if not self.identity and not self.values:
            told = "no Inform and no answer of a CPE: expected SOAP envelopes"
            raise ConfigError(Problem(self.file, 1, 1, told))
        return self._session()

    def _messages(self) -> Iterator[_Message]:
        starts = list(_START.finditer(self.text))
        for number, found in enumerate(starts):
            behind = starts[number + 1].start() if number + 1 < len(starts) else None
            part = self.text[found.start() : behind]
            end = part.find(f"</{found[1]}Envelope>")
            if end < 0:
                yield _Message(part, found.start(), False)
            else:
                end += len(f"</{found[1]}Envelope>")
                yield _Message(part[:end], found.start(), True)

    def _take(self, message: _Message, line: int) -> None:
        self.cut += not message.whole
        try:
            root = parse_envelope(message.text, self.file, whole=message.whole)
        except ConfigError as error:
            raise ConfigError(
                *(
                    self._moved(p, message)
                    for p in error.problems
                    if isinstance(p, Problem)
                )
            ) from None
        body = root.first("Body")
        if body is None or not body.children:
            return
        element = body.children[0]
        read = {
            "Inform": self._inform,
            "GetParameterNamesResponse": self._names,
            "GetParameterValuesResponse": self._values,
            "GetParameterAttributesResponse": self._attributes,
            "GetRPCMethodsResponse": self._methods,
            "DeleteObject": self._delete,
            "DeleteObjectResponse": self._deleted,
        }.get(element.name)
        if read is not None:
            read(element, line)
            self._version(root, message.text)

    def _moved(self, problem: Problem, message: _Message) -> Problem:
        """A problem of one message, with its place in the whole text."""
        before = self.text[: message.start]
        line = before.count("\n") + problem.line
        column = problem.column + self.widths[min(line, len(self.widths)) - 1]
        if problem.line == 1:
            column += len(before) - before.rfind("\n") - 1
        return Problem(self.file, line, column, problem.message)

    def _version(self, root: Element, text: str) -> None:
        found = _VERSION.search(text)
        version = f"1.{min(int(found[1]), 4)}" if found else ""
        for header in root.all("Header"):
            for told in header.all("SupportedCWMPVersions"):
                both = {v.strip() for v in told.text.split(",")} & NAMESPACES.keys()
                version = max(both, default=version)
        self.cwmp = max(self.cwmp, version if version in NAMESPACES else "")

    # -- the messages

    def _inform(self, element: Element, line: int) -> None:
        told = element.first("DeviceId")
        who = {
            key: _text(told, name)
            for name, key in _IDENTITY.items()
            if told is not None
        }
        if self.identity and who and who != self.identity:
            raise ConfigError(
                Problem(
                    self.file,
                    line + 1,
                    1 + self.widths[line],
                    f"a second CPE, {who['serial'][:64]!r}: expected one",
                )
            )
        self.identity = who or self.identity
        codes = [_text(e, "EventCode") for e in _listed(element, "Event")]
        self.events += [c for c in codes if c and c not in self.events]
        listed = self._values(element, line)
        # What only changed is told as well: forced is what each Inform has.
        self.forced = (
            [n for n in self.forced if n in listed] if self.informs else listed
        ) or listed
        self.informs += 1

    def _names(self, element: Element, line: int) -> None:
        for struct in _listed(element, "ParameterList"):
            name = _text(struct, "Name")
            if name:
                self.names[name] = _text(struct, "Writable").strip() in ("1", "true")

    def _values(self, element: Element, line: int) -> list[str]:
        told = []
        for struct in _listed(element, "ParameterList"):
            name, value = _text(struct, "Name"), struct.first("Value")
            if not name or name.endswith(".") or value is None:
                continue
            kind = next((t for a, t in value.given.items() if a.endswith(":type")), "")
            self.values[name] = (value.text, kind)
            self.places.setdefault(name, (line + struct.line, struct.column))
            told.append(name)
        return told

    def _attributes(self, element: Element, line: int) -> None:
        for struct in _listed(element, "ParameterList"):
            text = _text(struct, "Notification").strip()
            if text in ("0", "1", "2", "3", "4", "5", "6"):
                self.notifications[_text(struct, "Name")] = int(text)

    def _methods(self, element: Element, line: int) -> None:
        methods = [e.text.strip() for e in _listed(element, "MethodList")]
        if "Inform" not in methods:  # then it is the ACS's own list
            self.methods = methods

    def _delete(self, element: Element, line: int) -> None:
        self.deleting = _text(element, "ObjectName")

    def _deleted(self, element: Element, line: int) -> None:
        gone, self.deleting = self.deleting, ""
        if gone.endswith("."):
            for told in (self.names, self.values, self.notifications):
                for name in [n for n in told if n.startswith(gone)]:
                    told.pop(name)

    # -- what comes of them

    def _session(self) -> Session:
        entries = [
            Entry(name.rstrip("."), True, writable)
            for name, writable in self.names.items()
            if name.endswith(".")
        ]
        for name, (text, kind) in self.values.items():
            if name + "." in self.names:
                continue
            line, column = self.places[name]
            short = name.partition(".")[2]
            entries.append(
                Entry(
                    name,
                    False,
                    self.names.get(name, short in _WRITABLE),
                    text,
                    kind,
                    line,
                    column,
                    self.notifications.get(name),
                )
            )
        whole = bool(self.names)
        dump = Dump(
            self.file,
            entries,
            self.identity,
            whole,
            tuple(self.forced),
            self.cwmp,
        )
        session = Session(dump)
        session.notes = [
            f"CWMP {self.cwmp or '1.0'}. Events: {', '.join(self.events) or 'none'}.",
            f"RPCs: {', '.join(self.methods) or 'not told'}.",
        ]
        if not whole:
            session.notes += [
                "No GetParameterNames was answered: what may be written is a guess,",
                "and what every ACS needs was added.",
            ]
        if self.cut:
            session.notes.append(
                f"{self.cut} messages break off in the text: there is more in this CPE."
            )
        session.unread = [
            f"{name}: no value in the session"
            for name in self.names
            if not name.endswith(".") and name not in self.values
        ]
        return session


def _listed(element: Element, name: str) -> Iterator[Element]:
    """The whole structs of a list in a message."""
    found = element.first(name)
    return (s for s in (found.children if found is not None else ()) if s.closed)


def _text(element: Element | None, name: str) -> str:
    child = element.first(name) if element is not None else None
    return child.text if child is not None else ""
