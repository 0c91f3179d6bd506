"""
A data model of the Broadband Forum (TR-106's XML) -> its objects and parameters.

Rule: facts only: names, types, limits, access, notification, defaults. The flattened
"-full.xml" files are read: what stands in other files is an error with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from cpesim.cwmp.names import XSD_TYPES
from cpesim.device.check import LIMITS
from cpesim.device.dumps.elements import Element, parse_elements
from cpesim.device.profile import Parameter
from cpesim.errors import ConfigError, Problem

ROOTS = ("Device.", "InternetGatewayDevice.")
SERVICES = "Device.Services."  # where a service's model belongs
_SKIPPED = frozenset(
    {"description", "bibliography", "profile", "uniqueKey", "reference", "glossary"}
)
# TR-106 A.2.2: what an ACS may be told of, and by whose will.
_NOTIFY = {"forceEnabled": "always", "forceDefaultEnabled": "active"}
_OLD = ("obsoleted", "deleted")
_LENGTHS = ("string", "base64", "hexBinary")
_MOST_NAMED_TYPES = 32
# writeOnceReadOnly is the Alias: an ACS may write it, as it always could.
WRITABLE = ("readWrite", "writeOnceReadOnly")


@dataclass(frozen=True, slots=True)
class Fact:
    """A parameter of the model, the names of the types that it goes back to."""

    parameter: Parameter
    types: frozenset[str] = frozenset()
    default: str | None = None


@dataclass(slots=True)
class Kind:
    """An object of the model: what it holds, and how often it may be there."""

    path: str  # a table's ends in {i}.
    writable: bool
    least: int
    most: int | None  # None: no bound
    entries: str  # the parameter beside it that counts it
    parameters: dict[str, Fact] = field(default_factory=dict)

    @property
    def table(self) -> bool:
        """Whether it is a table's instance."""
        return self.path.endswith(".{i}.")


@dataclass(slots=True)
class DataModel:
    """A whole model: its root, its version, its objects by their path."""

    root: str
    name: str
    kinds: dict[str, Kind] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)  # patterns that we cannot read


def parse_model(text: str, file: str) -> DataModel:
    """The data model of an XML; raises ConfigError."""
    top = parse_elements(text, file, _SKIPPED)
    return _Reader(top, file).model()


class _Reader:
    """One document."""

    def __init__(self, top: Element, file: str) -> None:
        self.top = top
        self.file = file
        self.types = {t.get("name"): t for t in top.all("dataType")}
        self.problems: list[Problem] = []
        self.dropped: list[str] = []

    def _wrong(self, element: Element, message: str) -> None:
        self.problems.append(Problem(self.file, element.line, element.column, message))

    def model(self) -> DataModel:
        models = list(self.top.all("model"))
        if self.top.name != "document" or not models:
            self._wrong(self.top, "no data model: expected <document> with a <model>")
            raise ConfigError(*self.problems)
        model = models[0]
        for element in (
            self.top.first("component"),
            model if model.get("base") else None,
        ):
            if element is not None:
                self._wrong(
                    element,
                    "a part that stands on other files: expected a flattened model,"
                    " as the Broadband Forum's …-full.xml",
                )
        names = [o.get("name") for o in model.all("object")]
        root = next((r for r in ROOTS for n in names if n.startswith(r)), "")
        prefix = "" if root else SERVICES
        found = DataModel(root or ROOTS[0], model.get("name"), dropped=self.dropped)
        top = Kind(prefix or found.root, False, 1, 1, "")
        for one in model.all("parameter"):
            self._parameter(one, top)
        if not prefix:
            found.kinds[found.root] = top
        for element in model.all("object"):
            kind = self._kind(element, prefix)
            if kind is not None:
                found.kinds[kind.path] = kind
        if self.problems:
            raise ConfigError(*sorted(set(self.problems)))
        return found

    def _kind(self, element: Element, prefix: str) -> Kind | None:
        name = element.get("name")
        if element.get("status") in _OLD:
            return None
        if not name.endswith(".") or element.get("base"):
            self._wrong(element, f"expected an object's whole path, not {name!r}")
            return None
        most = element.get("maxEntries") or "1"
        least = element.get("minEntries") or "0"
        kind = Kind(
            prefix + name,
            element.get("access") == "readWrite",
            int(least) if least.isdecimal() else 0,
            int(most) if most.isdecimal() else None,
            element.get("numEntriesParameter"),
        )
        for one in element.all("parameter"):
            self._parameter(one, kind)
        return kind

    def _parameter(self, one: Element, kind: Kind) -> None:
        if one.get("status") in _OLD:
            return
        name, syntax = one.get("name"), one.first("syntax")
        if not name or syntax is None:
            self._wrong(one, f"{name or 'a parameter'}: expected a name and a <syntax>")
            return
        types: set[str] = set()
        parameter = self._narrowed(syntax, Parameter(""), types)
        if parameter.type not in XSD_TYPES:
            self._wrong(one, f"{name}: expected a type ({', '.join(XSD_TYPES)})")
            return
        active = one.get("activeNotify")
        default = syntax.first("default")
        hidden = "true" in (syntax.get("hidden"), syntax.get("secured"))
        kind.parameters[name] = Fact(
            replace(
                self._fitting(parameter, kind.path + name),
                writable=one.get("access") in WRITABLE,
                hidden=hidden,
                inform=one.get("forcedInform") == "true",
                notify=_NOTIFY.get(active, ""),
                deny=active == "canDeny",
            ),
            frozenset(types),
            default.get("value") if default is not None else None,
        )

    def _narrowed(self, at: Element, now: Parameter, types: set[str]) -> Parameter:
        """*now* with all that a <syntax>, a type or a named type says of it."""
        base = at.get("base") or at.get("ref")
        if base:
            named = self.types.get(base)
            if named is None or len(types) > _MOST_NAMED_TYPES:
                self._wrong(at, f"there is no dataType {base!r} in this file")
                return replace(now, type="string")
            if base not in types:
                types.add(base)
                now = self._narrowed(named, now, types)
        now = _limited(at, now)
        outer = at.first("list")
        for child in at.children:
            if child.name in XSD_TYPES:
                now = _limited(child, replace(now, type=child.name))
            elif child.name == "dataType":
                now = self._narrowed(child, now, types)
        if outer is not None:
            # TR-106 3.2.3: a list is a string on the wire, whatever its items are.
            length = _length(outer)
            now = replace(now, list=True, type="string", length=length, ranges=())
        return now

    def _fitting(self, p: Parameter, path: str) -> Parameter:
        """Only the limits that a type can have, and patterns that we can read."""
        patterns = []
        for pattern in p.patterns if p.type == "string" else ():
            try:
                re.compile(pattern)
            except (re.error, OverflowError, RecursionError):
                self.dropped.append(f"{path}: {pattern}")
            else:
                patterns.append(pattern)
        return replace(
            p,
            length=p.length if p.type in _LENGTHS else None,
            choices=p.choices if p.type == "string" else (),
            ranges=p.ranges if p.type in LIMITS else (),
            patterns=tuple(patterns),
        )


def _limited(at: Element, now: Parameter) -> Parameter:
    length = _length(at)
    if length is not None:
        now = replace(now, length=length)
    choices = tuple(
        dict.fromkeys(e.get("value").strip() for e in _standing(at, "enumeration"))
    )
    if any(choices):
        now = replace(now, choices=choices)
    ranges = tuple(
        bounds
        for e in _standing(at, "range")
        if (bounds := (_whole(e, "minInclusive"), _whole(e, "maxInclusive")))
        != (None, None)
    )
    if ranges:
        now = replace(now, ranges=ranges)
    patterns = tuple(e.get("value") for e in _standing(at, "pattern"))
    return replace(now, patterns=patterns) if patterns else now


def _standing(at: Element, name: str) -> Iterator[Element]:
    return (e for e in at.all(name) if e.get("status") not in _OLD)


def _length(at: Element) -> int | None:
    told = [_whole(e, "maxLength") for e in _standing(at, "size")]
    return max((t for t in told if t), default=None)


def _whole(element: Element, name: str) -> int | None:
    text = element.get(name)
    return int(text) if re.fullmatch(r"-?[0-9]{1,20}", text) else None


def entries_of(model: DataModel) -> Mapping[str, str]:
    """The path of each parameter that counts a table -> that table's path."""
    found: dict[str, str] = {}
    for kind in model.kinds.values():
        if kind.table and kind.entries:
            above = kind.path.removesuffix("{i}.")[:-1].rpartition(".")[0] + "."
            found[above + kind.entries] = kind.path
    return found
