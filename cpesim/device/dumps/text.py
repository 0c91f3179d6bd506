"""
What an ACS wrote of a real device -> entries: genieacs-sim's CSV, GenieACS's JSON.

Rule: understands the two forms and nothing of what the values mean; every problem
has its line and column.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cpesim.device.dumps.csvtext import Cell, rows
from cpesim.device.language.template import suggest
from cpesim.errors import ConfigError, Problem

# The ACS's own and no parameters of the device.
_ACS_OWN = ("DeviceID", "Events", "Tags", "VirtualParameters", "Downloads", "Reboot")
_COLUMNS = ("Parameter", "Object", "Writable", "Value", "Value type")
_NAME = re.compile(r"[A-Za-z_0-9][^\s.<>&\"']*(?:\.[^\s.<>&\"']+)*\Z")
MOST_DEPTH = 64
_ID = {
    "Manufacturer": "manufacturer",
    "OUI": "oui",
    "ProductClass": "product_class",
    "SerialNumber": "serial",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a dump."""

    path: str  # without the final dot of an object
    object: bool
    writable: bool
    text: str = ""
    type: str = ""  # as the ACS spelt it
    line: int = 1
    column: int = 1
    notification: int | None = None  # None: nobody asked


@dataclass(slots=True)
class Dump:
    """
    A device's tree as an ACS knew it, and who it was.

    A *recorded* one is all that the device has: nothing is added to it. *forced* are
    the parameters of its Informs, none where those are not known.
    """

    file: str
    entries: list[Entry] = field(default_factory=list)
    identity: dict[str, str] = field(default_factory=dict)
    recorded: bool = False
    forced: tuple[str, ...] = ()
    cwmp: str = ""


def parse_csv(text: str, file: str) -> Dump:
    """A CSV with at least the columns Parameter and Value; raises ConfigError."""
    lines = rows(text, file)
    head = next(lines, None)
    if head is None:
        raise ConfigError(Problem(file, 1, 1, f"empty: expected {','.join(_COLUMNS)}"))
    at = {cell.text.strip().lower(): index for index, cell in enumerate(head)}
    problems = [
        Problem(
            file, head[0].line, head[0].column, f"no column {name!r}{_near(name, at)}"
        )
        for name in _COLUMNS
        if name.lower() not in at
    ]
    if problems:
        raise ConfigError(*problems)
    dump = Dump(file)
    seen: dict[str, int] = {}
    places = [at[name.lower()] for name in _COLUMNS]
    for row in lines:
        if len(row) > len(head):
            cell = row[len(head)]
            told = f"expected {len(head)} cells, not {len(row)}"
            problems.append(Problem(file, cell.line, cell.column, told))
            continue
        row += [Cell("", row[-1].line, row[-1].column)] * (len(head) - len(row))
        _entry([row[place] for place in places], dump, seen, problems)
    if problems:
        raise ConfigError(*problems)
    return dump


def _near(name: str, at: Mapping[str, int]) -> str:
    return suggest(name.lower(), list(at)).replace("did you mean", "is it") or (
        f": expected {', '.join(_COLUMNS)}"
    )


def _entry(
    cells: list[Cell], dump: Dump, seen: dict[str, int], problems: list[Problem]
) -> None:
    name, is_object, writable, value, type = cells
    path = name.text.strip().rstrip(".")
    first, _, rest = path.partition(".")
    if first == "DeviceID" and rest in _ID:
        dump.identity[_ID[rest]] = value.text
    if first in _ACS_OWN:
        return

    def wrong(cell: Cell, message: str) -> None:
        problems.append(Problem(dump.file, cell.line, cell.column, message))

    for cell in (is_object, writable):
        if cell.text.strip().lower() not in ("true", "false", "1", "0", ""):
            wrong(cell, f"expected true or false, not {cell.text[:40]!r}")
    if not _NAME.match(path):
        wrong(name, f"expected a parameter's path, not {path[:60]!r}")
    elif path in seen:
        wrong(name, f"{path} stands in line {seen[path]} already")
    seen.setdefault(path, name.line)
    dump.entries.append(
        Entry(
            path,
            _true(is_object.text),
            _true(writable.text),
            value.text,
            type.text.strip(),
            name.line,
            name.column,
        )
    )


def _true(text: str) -> bool:
    return text.strip().lower() in ("true", "1")


def parse_json(text: str, file: str) -> Dump:
    """A device as GenieACS exports it, or the first of a list; raises ConfigError."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        told = f"not JSON: {error.msg}"
        raise ConfigError(Problem(file, error.lineno, error.colno, told)) from None
    except RecursionError:
        raise ConfigError(Problem(file, 1, 1, "nested too deep")) from None
    if isinstance(found, list):
        if not found:
            raise ConfigError(Problem(file, 1, 1, "an empty list: expected a device"))
        found = found[0]
    if not isinstance(found, dict):
        raise ConfigError(Problem(file, 1, 1, "expected a device, an object {…}"))
    dump = Dump(file)
    who = found.get("_deviceId")
    if isinstance(who, dict):
        for key, name in _ID.items():
            if "_" + key in who:
                dump.identity[name] = _text(who["_" + key])
    problems: list[Problem] = []
    for key, member in found.items():
        if key[:1] != "_" and key not in _ACS_OWN:
            _walk((key,), member, text, dump, problems)
    if problems:
        raise ConfigError(*problems)
    return dump


def _walk(
    path: tuple[str, ...],
    member: Any,
    text: str,
    dump: Dump,
    problems: list[Problem],
) -> None:
    """The entry of a member and of those below it."""
    name = ".".join(path)
    wrong = ""
    if not _NAME.match(name):
        wrong = "expected a parameter's name"
    elif not isinstance(member, dict):
        wrong = "expected an object {…}"
    elif len(path) > MOST_DEPTH:
        wrong = f"deeper than the {MOST_DEPTH} levels allowed"
    if wrong:
        line, column = _place(path, text)
        problems.append(Problem(dump.file, line, column, f"{name[:200]}: {wrong}"))
        return
    below = {k: v for k, v in member.items() if k[:1] != "_"}
    dump.entries.append(
        Entry(
            name,
            bool(below) or bool(member.get("_object", False)),
            bool(member.get("_writable", False)),
            _text(member.get("_value", "")),
            str(member.get("_type", "")),
        )
    )
    for key, child in below.items():
        _walk((*path, key), child, text, dump, problems)


def _place(path: tuple[str, ...], text: str) -> tuple[int, int]:
    """Line and column of a member: json tells none, but the names stand in order."""
    here = -1
    for name in path:
        here = max(text.find(json.dumps(name), here + 1), here)
    return text.count("\n", 0, here) + 1, here - text.rfind("\n", 0, here)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
