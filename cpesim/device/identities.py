"""
The user's own devices, from a CSV, and a fleet's identities as such a CSV.

Rule: pure text in and out; row k is device k of its group. A column is a piece of
the identity or the full path of a parameter.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator

from cpesim.device.dumps.csvtext import Cell, rows
from cpesim.device.identity import identity
from cpesim.device.language.sections import is_oui
from cpesim.device.language.template import IDENTITY, suggest
from cpesim.device.model import Model
from cpesim.device.profile import Identities, Profile
from cpesim.device.world import World
from cpesim.errors import ConfigError, Problem

COLUMNS = ("oui", "product_class", "serial", "manufacturer", "username", "password")


# What is wrong with a column (no text), or with a text in it; "" is nothing.
Judge = Callable[[str, str | None], str]


def _content(column: str, text: str | None) -> str:
    return ""


def parse_identities(
    text: str, file: str, *, first: int = 0, judge: Judge = _content
) -> Identities:
    """
    The rows of an identities file; raises ConfigError with all that is wrong.

    *judge* knows the parameters of the profile that they are for.
    """
    lines = rows(text, file)
    head = next(lines, None)
    if head is None:
        raise ConfigError(Problem(file, 1, 1, f"empty: expected {','.join(COLUMNS)}"))
    problems = _head_problems(head, file, judge)
    columns = tuple(cell.text.strip() for cell in head)
    at = {name: index for index, name in enumerate(columns)}
    found: list[tuple[str, ...]] = []
    seen: dict[tuple[str, str], int] = {}
    for row in lines:
        if len(row) > len(columns):
            place = row[len(columns)]
            problems.append(
                _problem(file, place, f"expected {len(columns)} cells, not {len(row)}")
            )
            continue
        problems += _row_problems(row, at, seen, file)
        for cell, column in zip(row, columns, strict=False):
            if "." in column and cell.text.strip():
                told = judge(column, cell.text.strip())
                problems += [_problem(file, cell, told)] if told else []
        cells = [cell.text.strip() for cell in row]
        found.append(tuple(cells + [""] * (len(columns) - len(cells))))
    if not found and not problems:
        problems.append(_problem(file, head[0], "no devices below the head line"))
    if problems:
        raise ConfigError(*sorted(problems))
    return Identities(columns, tuple(found), first)


def _problem(file: str, cell: Cell, message: str) -> Problem:
    return Problem(file, cell.line, cell.column, message)


def _head_problems(head: list[Cell], file: str, judge: Judge) -> list[Problem]:
    problems = []
    names: set[str] = set()
    for cell in head:
        name = cell.text.strip()
        if name in names:
            problems.append(_problem(file, cell, f"a second column {name!r}"))
        elif "." not in name and name not in IDENTITY:
            hint = suggest(name, COLUMNS) or f": expected {', '.join(COLUMNS)}"
            problems.append(
                _problem(file, cell, f"unknown column {name!r}{hint} or a full path")
            )
        elif "." in name and judge(name, None):
            problems.append(_problem(file, cell, judge(name, None)))
        names.add(name)
    if "serial" not in names:
        problems.append(_problem(file, head[0], "the column 'serial' is missing"))
    return problems


def _row_problems(
    row: list[Cell],
    at: dict[str, int],
    seen: dict[tuple[str, str], int],
    file: str,
) -> list[Problem]:
    def cell(name: str) -> Cell:
        index = at.get(name, len(row))
        return row[index] if index < len(row) else Cell("", row[0].line, row[0].column)

    problems = []
    serial, oui = cell("serial"), cell("oui")
    if "serial" in at and not serial.text.strip():
        problems.append(_problem(file, serial, "expected a serial number"))
    elif len(serial.text.strip()) > 64:
        problems.append(_problem(file, serial, "expected at most 64 characters"))
    if oui.text.strip() and not is_oui(oui.text.strip()):
        problems.append(
            _problem(
                file, oui, f"expected an OUI of six digits 0-9 A-F, not {oui.text!r}"
            )
        )
    who = (oui.text.strip(), serial.text.strip())
    if who[1] and who in seen:
        told = " ".join(filter(None, who))
        problems.append(
            _problem(file, serial, f"{told} stands in line {seen[who]} already")
        )
    seen.setdefault(who, row[0].line)
    return problems


def spell_identities(
    profile: Profile, world: World, count: int, first: int = 0
) -> Iterator[str]:
    """The identities of a fleet as lines of a CSV that `parse_identities` reads."""
    yield _line(COLUMNS)
    for n in range(first, first + count):
        who = identity(Model(profile, n, world))
        yield _line(tuple(getattr(who, name) for name in COLUMNS))


def _line(cells: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()
