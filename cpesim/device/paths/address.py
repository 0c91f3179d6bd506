"""
Paths with ``[alias]`` and ``*`` in them, as an ACS may write and read them (P8–P12).

Rule: plain paths (instance numbers) are all that the rest of the device knows. Who
finds no object by a path asks here whether it was meant otherwise, so that a path
without brackets and stars costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from cpesim.cwmp.fault import Fault
from cpesim.cwmp.write import escape
from cpesim.device.paths.grown import MOST_PATH

if TYPE_CHECKING:
    from cpesim.device.model import Model

ALIAS = "Alias"
MOST_ALIAS = 64
_ALIAS = re.compile(r"[A-Za-z].{0,63}\Z", re.DOTALL)
_PART = re.compile(r"(?<=\.)(\[.*?\]|\*)(?=\.)", re.DOTALL)
_NUMBER = re.compile(r"[1-9][0-9]{0,9}\Z")
ANY = "*"


def sound(alias: str) -> bool:
    """Whether a text may be an Alias: it starts with a letter, and fits."""
    # A path ends an alias at the first "].".
    return bool(_ALIAS.match(alias)) and "]." not in alias


def _split(path: str) -> list[str]:
    """Plain text and what stands for an instance, in turn, the text first."""
    # No parameter has such a path, and an ACS may write one of a megabyte.
    return _PART.split(path) if len(path) <= MOST_PATH else [path]


class Aliases:
    """The instances of a device by their aliases; each table is read once."""

    __slots__ = ("_model", "_now", "_tables")

    def __init__(self, model: Model, now: float) -> None:
        self._model = model
        self._now = now
        self._tables: dict[str, dict[str, int]] = {}

    def number(self, table: str, alias: str) -> int | None:
        """The instance of that alias in a table (ending in a dot)."""
        known = self._tables.get(table)
        if known is None:
            known = self._tables[table] = {
                self._model.find(f"{table}{i}.{ALIAS}", self._now): i
                for i in self._model.instances(table)
            }
            known.pop("", None)  # an instance without one
        return known.get(alias)

    def learn(self, table: str, alias: str, number: int) -> None:
        """A new instance has that alias."""
        self._tables.setdefault(table, {})[alias] = number


def resolved(model: Model, path: str, now: float, aliases: Aliases) -> list[str]:
    """
    The plain paths that one with aliases or wildcards means; 9005 for none such.

    None are meant, without a fault, by a wildcard in a table without instances.
    """
    text, *parts = _split(path)
    paths, empty = [text], False
    for part, rest in zip(parts[::2], parts[1::2], strict=True):
        tables = [p for p in paths if model.has_object(p)]
        if part == ANY:
            tables = [t for t in tables if model.table(t) is not None]
            numbers = [(t, model.instances(t)) for t in tables]
            empty = empty or any(
                not found and _has(model, table, rest[1:]) for table, found in numbers
            )
            if not model.profile.wildcards:
                raise Fault(9005)
        elif model.profile.aliases:
            ones = ((t, aliases.number(t, part[1:-1])) for t in tables)
            numbers = [(t, [i]) for t, i in ones if i is not None]
        else:
            raise Fault(9005)
        paths = [f"{t}{i}{rest}" for t, found in numbers for i in found]
    found = [p for p in paths if _exists(model, p)]
    if not found and (paths or not empty):
        raise Fault(9005)
    return found


def _has(model: Model, table: str, inner: str) -> bool:
    """Whether an instance of a table that has none would have such a path in it."""
    growth = model.table(table)
    if growth is None or not growth.template or ANY in inner or "[" in inner:
        return growth is not None
    return not inner or inner in growth.template or inner in growth.objects


def _exists(model: Model, path: str) -> bool:
    if path[-1:] == ".":
        return model.has_object(path)
    return model.parameter(path) is not None


def one(model: Model, path: str, now: float, aliases: Aliases | None = None) -> str:
    """The plain path of one object or parameter; fault 9005 for any other."""
    if ANY in _split(path)[1::2]:
        raise Fault(9005)
    (found,) = resolved(model, path, now, aliases or Aliases(model, now))
    return found


def add(model: Model, path: str, now: float) -> int:
    """A new instance by ``Table.`` or ``Table.[alias].``, with aliases above it."""
    table, alias = _new(path)
    if "[" in table:
        table = one(model, table, now)
    if alias is None:
        return model.add(table)
    if Aliases(model, now).number(table, alias) is not None:
        raise Fault(9005)
    return _named(model, table, alias)


def _new(path: str) -> tuple[str, str | None]:
    """Table and alias of ``Table.[alias].``; of any other path itself and None."""
    *parts, last, rest = ("", *_split(path))
    if rest != "." or not last.startswith("["):
        return path, None
    return "".join(parts), last[1:-1]


def _named(model: Model, table: str, alias: str) -> int:
    """A new instance of that alias; fault 9005 where it cannot have one."""
    growth = model.table(table)
    able = model.profile.aliases and growth is not None and ALIAS in growth.template
    if not able or not sound(alias):
        raise Fault(9005)
    number = model.add(table)
    model.set(f"{table}{number}.{ALIAS}", alias)
    return number


def target(
    model: Model, path: str, now: float, aliases: Aliases, create: bool
) -> str | None:
    """
    The plain path of a parameter to be set, or None where there is none.

    With *create*, instances that are missing are made on the way.
    """
    text, *parts = _split(path)
    if not model.profile.aliases or not parts:
        return None
    plain = text
    for part, rest in zip(parts[::2], parts[1::2], strict=True):
        alias = part[1:-1]
        if part == ANY or not model.has_object(plain):
            return None
        number = aliases.number(plain, alias)
        if number is None:
            if not create:
                return None
            try:
                number = _named(model, plain, alias)
            except Fault as fault:
                if fault.code != 9005:
                    raise
                return None
            aliases.learn(plain, alias, number)
        plain = f"{plain}{number}{rest}"
    return plain


def creates(model: Model, now: float) -> bool:
    """Whether SetParameterValues makes the instances that it finds missing."""
    if not model.profile.aliases:
        return False
    name = model.profile.root + "ManagementServer.AutoCreateInstances"
    return model.find(name, now) in ("1", "true")


def wrong_aliases(model: Model, wanted: Mapping[str, str], now: float) -> list[str]:
    """Of the parameters to be set those that would be no alias, or not the only one."""
    wrong: list[str] = []
    tables: dict[str, list[str]] = {}
    for name in wanted:
        table = _table_of(name)
        if table and model.table(table) is not None:
            tables.setdefault(table, []).append(name)
    for table, names in tables.items():
        # What counts is how they stand afterwards: two may change places.
        counts: dict[str, int] = {}
        for i in model.instances(table):
            name = f"{table}{i}.{ALIAS}"
            alias = wanted[name] if name in wanted else model.find(name, now)
            counts[alias] = counts.get(alias, 0) + 1
        wrong += [n for n in names if counts[wanted[n]] > 1 or not sound(wanted[n])]
    return wrong


def _table_of(name: str) -> str:
    """The table of the instance whose Alias a parameter is; "" for any other."""
    above, _, last = name.rpartition(".")
    table, _, number = above.rpartition(".")
    return f"{table}." if last == ALIAS and _NUMBER.match(number) else ""


def settle(model: Model, table: str, number: int) -> None:
    """The CPE's own alias for a new instance: with its prefix, and the only one."""
    name = f"{table}{number}.{ALIAS}"
    alias = model.find(name, 0.0)
    others = {
        model.find(f"{table}{i}.{ALIAS}", 0.0)
        for i in model.instances(table)
        if i != number
    }
    free, turn = alias if alias else f"cpe-{number}", 1
    while free in others:
        turn += 1
        free = f"cpe-{number}-{turn}"
    if free != alias:
        model.set(name, free)


class Shown:
    """Plain paths as an ACS wants to read them: with aliases, as XML text."""

    __slots__ = ("_known", "_model", "_now")

    def __init__(self, model: Model, now: float) -> None:
        self._model = model
        self._now = now
        self._known: dict[str, str] = {"": ""}

    def __call__(self, path: str) -> str:
        """A parameter's or object's path with the aliases of its instances."""
        at = path.rfind(".") + 1
        return self._object(path[:at]) + path[at:]

    def _object(self, path: str) -> str:
        shown = self._known.get(path)
        if shown is None:
            above, _, last = path[:-1].rpartition(".")
            if _NUMBER.match(last):
                alias = self._model.find(f"{path}{ALIAS}", self._now)
                last = f"[{escape(alias)}]" if alias else last
            shown = f"{self._object(above + '.' if above else '')}{last}."
            self._known[path] = shown
        return shown


def plain(path: str) -> str:
    """A path as it is."""
    return path


def shown(model: Model, now: float) -> Callable[[str], str]:
    """How the ACS wants to read paths (InstanceMode)."""
    return Shown(model, now) if model.by_alias() else plain


def renamed(
    model: Model, names: Sequence[str], structs: Sequence[bytes], now: float
) -> list[bytes]:
    """Finished ParameterValueStructs with their names as the ACS wants to read them."""
    show = Shown(model, now)
    return [
        struct.replace(f"<Name>{n}<".encode(), f"<Name>{show(n)}<".encode(), 1)
        for n, struct in zip(names, structs, strict=True)
    ]
