"""
A real device's dump -> the Profile of a fleet of such devices.

Rule: every parameter is kept with its access; what told the one device from all
others is made unique (`unique.py`), what lives does so again, and what an ACS needs
and the dump lacks is added.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

from cpesim.cwmp.names import XSD_TYPES
from cpesim.device.check import LIMITS, check
from cpesim.device.dumps.needed import FORCED, LIVING, NEEDED, NOTIFY, RANGES
from cpesim.device.dumps.text import Dump, Entry, parse_csv, parse_json
from cpesim.device.dumps.unique import Unique, serial_of
from cpesim.device.language.compile import compile_tree
from cpesim.device.language.line import Line
from cpesim.device.language.sections import CREDENTIALS, is_oui
from cpesim.device.language.template import compile_template
from cpesim.device.language.tree import ANY, Growth, Leaf, Tree, generic
from cpesim.device.living import Counter, Entries, Uptime
from cpesim.device.profile import Parameter, Profile, Table, Value
from cpesim.device.values import Digits, Ref
from cpesim.errors import ConfigError, Problem
from cpesim.yamltext import Node

ROOTS = ("Device", "InternetGatewayDevice")
_TYPES = {name.lower(): name for name in XSD_TYPES} | {
    "integer": "int",
    "uint": "unsignedInt",
    "ulong": "unsignedLong",
    "bool": "boolean",
    "date": "dateTime",
    "base64binary": "base64",
}
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,9})\Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_COUNTER = re.compile(r"(?:Bytes|Packets)(?:Sent|Received)\Z")
_SECRET = re.compile(r"(?:Password|Passphrase|PreSharedKey|WEPKey)\Z")
_UPTIME = re.compile(r"\.(?:WAN\w+Connection|Interface)\.\d+\.(?:Uptime|UpTime)\Z")
# TR-098's NumberOfEntries that are not named as their tables.
_TABLES = {
    "LANEthernetInterface": "LANEthernetInterfaceConfig",
    "LANUSBInterface": "LANUSBInterfaceConfig",
    "LANWLANConfiguration": "WLANConfiguration",
    "WANConnection": "WANConnectionDevice",
}


def load_dump(text: str, file: str) -> Profile:
    """The profile of a dump's text, still without behaviours; raises ConfigError."""
    parse = parse_json if file.lower().endswith(".json") else parse_csv
    return compile_dump(parse(text, file))


def compile_dump(dump: Dump) -> Profile:
    """A fleet's profile of one device's tree."""
    root = next(
        (
            r
            for e in dump.entries
            for r in ROOTS
            if e.path == r or e.path.startswith(r + ".")
        ),
        "",
    )
    if not root:
        told = f"no parameters below {' or '.join(r + '.' for r in ROOTS)}"
        raise ConfigError(Problem(dump.file, 1, 1, told))
    entries = {
        e.path: e
        for e in dump.entries
        if e.path == root or e.path.startswith(root + ".")
    }
    if not dump.recorded:
        for name, type, writable, value in NEEDED:
            path = f"{root}.{name}"
            entries.setdefault(path, Entry(path, False, writable, value, type))
    return _Fleet(dump, root, entries).profile()


class _Fleet:
    """One dump on its way to a profile."""

    def __init__(self, dump: Dump, root: str, entries: dict[str, Entry]) -> None:
        self.dump = dump
        self.root = root
        self.entries = entries
        leaves = [(e.path, e.text) for e in entries.values() if not e.object]
        self.serial = self._told("serial", "SerialNumber")
        self.unique = Unique(self.serial, leaves)
        self.up = float(self._number("DeviceInfo.UpTime") or 86_400)
        self.counts: dict[str, int] = {}
        self.tree = Tree(root + ".")

    def _told(self, piece: str, name: str) -> str:
        entry = self.entries.get(f"{self.root}.DeviceInfo.{name}")
        return self.dump.identity.get(piece) or (entry.text if entry else "")

    def _number(self, name: str) -> int:
        entry = self.entries.get(f"{self.root}.{name}")
        text = entry.text if entry else ""
        return int(text) if text.isdecimal() else 0

    def profile(self) -> Profile:
        flags = self._objects()
        wan = self._wan()
        forced = self.dump.forced or tuple(
            f"{self.root}.{name}" for name in FORCED[self.root]
        )
        for entry in self.entries.values():
            if not entry.object:
                self._leaf(entry, wan)
        compiled = compile_tree(self.tree)
        listed = forced if self.dump.forced else (*forced, wan)
        informed = [n for n in listed if n in compiled.parameters]
        oui = self._told("oui", "ManufacturerOUI").upper()
        interval = self._number("ManagementServer.PeriodicInformInterval")
        return Profile(
            name=PurePath(self.dump.file).stem,
            root=self.root + ".",
            manufacturer=self._told("manufacturer", "Manufacturer")[:64] or "Unknown",
            oui=oui if is_oui(oui) else "000000",
            product_class=self._told("product_class", "ProductClass")[:64],
            serial=serial_of(self.serial),
            username=self._username(),
            password=self._text("ManagementServer.Password")
            or compile_template(CREDENTIALS["password"]),
            names=compiled.names,
            parameters=compiled.parameters,
            objects={p: flags.get(p, False) for p in compiled.objects},
            tables=compiled.tables,
            rendered=compiled.rendered,
            inform=tuple(dict.fromkeys(informed)),
            cwmp=self.dump.cwmp
            or ("1.0" if self.root == "InternetGatewayDevice" else "1.2"),
            interval=float(interval or 300),
        )

    def _text(self, name: str) -> str:
        entry = self.entries.get(f"{self.root}.{name}")
        return entry.text if entry is not None else ""

    def _username(self) -> str | Value:
        told = self._text("ManagementServer.Username")
        if not told:
            return compile_template(CREDENTIALS["username"])
        return self.unique.value("", told)

    def _objects(self) -> dict[str, bool]:
        """Put objects and tables into the tree: whether each may be added to."""
        flags: dict[str, bool] = {}
        below: dict[str, bool] = {}  # object -> whether its children are instances
        for entry in self.entries.values():
            path = entry.path
            if entry.object:
                flags[path + "."] = entry.writable
            elif path + "." in flags:
                continue
            while "." in path:
                path, _, last = path.rpartition(".")
                seen = path + "." in self.tree.objects and path + "." in below
                below[path + "."] = below.get(path + ".", True) and last.isdigit()
                self.tree.objects[path + "."] = None
                if seen:
                    break
            if entry.object:
                self.tree.objects[entry.path + "."] = None
        # A new instance is made like the first, and ACSs sort 10 before 2.
        self.tree.objects = dict.fromkeys(sorted(self.tree.objects, key=_numbered))
        for path in self.tree.objects:
            above, _, last = path[:-1].rpartition(".")
            if last.isdigit():
                self.counts[above + "."] = self.counts.get(above + ".", 0) + 1
        for path in self.tree.objects:
            # Without children it is an empty table where AddObject is allowed, unless
            # it is an instance itself.
            empty = path not in below and not path[:-1].rpartition(".")[2].isdigit()
            if path in self.counts or (empty and flags.get(path, False)):
                self._table(path, flags.get(path, False))
        return flags

    def _table(self, path: str, writable: bool) -> None:
        growth = self.tree.tables.setdefault(
            generic(path) + ANY + ".", Growth(Node(self.dump.file, 1, 1))
        )
        growth.writable = growth.writable or writable
        growth.most = max(Table().most, growth.most, 2 * self.counts.get(path, 0))

    def _leaf(self, entry: Entry, wan: str) -> None:
        short = entry.path.removeprefix(self.root + ".")
        kind = _type(entry)
        default = self._default(entry, short, kind)
        parameter = Parameter(
            kind,
            writable=entry.writable,
            default=default,
            notify=self._notify(entry, short, wan),
            ranges=RANGES.get(short, ()),
            hidden=short == "ManagementServer.Password"
            or (_SECRET.search(short) is not None and not entry.text),
        )
        node = Node(self.dump.file, entry.line, entry.column)
        self.tree.leaves[entry.path] = Leaf(Line(parameter), node)

    @staticmethod
    def _notify(entry: Entry, short: str, wan: str) -> str:
        """What a recording saw; else what the data models say (I7)."""
        usual = NOTIFY.get(short, "active" if entry.path == wan else "")
        if entry.notification is None:
            return usual
        return (usual or "active") if entry.notification == 2 else ""

    def _default(self, entry: Entry, short: str, kind: str) -> str | Value:
        living = LIVING.get(short)
        if living is not None:
            return living
        text, path = entry.text, entry.path
        if short == "ManagementServer.ConnectionRequestPassword" and not text:
            return Digits(16)
        if short == "ManagementServer.ConnectionRequestUsername" and not text:
            return Ref("username")
        if short == "ManagementServer.PeriodicInformInterval":
            return text if self._number(short) >= 1 else "300"
        if kind in LIMITS:
            return self._living_number(path, text, kind)
        return self.unique.value(path, text)

    def _living_number(self, path: str, text: str, kind: str) -> str | Value:
        if path.endswith("NumberOfEntries"):
            stem = path.removesuffix("NumberOfEntries")
            above, _, name = stem.rpartition(".")
            for table in (name, _TABLES.get(name, name)):
                key = f"{above}.{table}."
                known = generic(key) + ANY + "." in self.tree.tables
                if table and known and text == str(self.counts.get(key, 0)):
                    return Entries(table)
        if text.isdecimal() and int(text) > 0:
            if _COUNTER.search(path):
                return Counter(int(text) / self.up)
            if _UPTIME.search(path):
                return Uptime()
        # An empty number would be no number.
        return text if text and not check(Parameter(kind), text) else text or "0"

    def _wan(self) -> str:
        """The address of the default WAN connection, which every Inform tells (I2)."""
        if self.root == "Device":
            return ""
        default = self.entries.get(
            f"{self.root}.Layer3Forwarding.DefaultConnectionService"
        )
        if default is not None and default.text:
            path = default.text.rstrip(".") + ".ExternalIPAddress"
            if path in self.entries:
                return path
        return _best(e for e in self.entries.values() if _is_wan(e))


def _numbered(path: str) -> list[tuple[int, str]]:
    """A path for sorting: instances by their numbers."""
    return [(int(n) if n.isdecimal() else -1, n) for n in path.split(".")]


def _is_wan(entry: Entry) -> bool:
    return entry.path.endswith(".ExternalIPAddress") and ".WANDevice." in entry.path


def _best(entries: Iterable[Entry]) -> str:
    """The first that has an address, else the first."""
    found = sorted(entries, key=lambda e: e.text in ("", "0.0.0.0"))
    return found[0].path if found else ""


def _type(entry: Entry) -> str:
    """The XSD type: as ACSs spell it, or guessed where they left it out."""
    told = entry.type.rpartition(":")[2].lower()
    if told:
        return _TYPES.get(told, "string")
    text = entry.text
    if text in ("true", "false"):
        return "boolean"
    if _WHOLE.match(text):
        kind = "int" if text.startswith("-") else "unsignedInt"
        return kind if not check(Parameter(kind), text) else "string"
    return "dateTime" if _TIME.match(text) else "string"
