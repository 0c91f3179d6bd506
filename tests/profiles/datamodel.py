"""
The Broadband Forum's data models, as their XML tells them.

Rule: facts only (names, types, access, sizes, enumerations, notifications); the
flattened ``*-full.xml`` files are read, so there are no imports to follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lxml import etree

_BASES = (
    "string",
    "boolean",
    "int",
    "unsignedInt",
    "long",
    "unsignedLong",
    "decimal",
    "dateTime",
    "base64",
    "hexBinary",
)
# What a parameter's activeNotify is called in a profile.
_NOTIFY = {"forceEnabled": "always", "forceDefaultEnabled": "active"}
_INSTANCE = re.compile(r"(?<=\.)[0-9]+(?=\.)")


@dataclass(frozen=True, slots=True)
class Syntax:
    """A type with what narrows it; of a named type or of a parameter."""

    type: str = ""
    length: int | None = None
    choices: tuple[str, ...] = ()
    unwritable: frozenset[str] = frozenset()  # choices that only the device may set
    ranges: tuple[tuple[int | None, int | None], ...] = ()
    patterns: tuple[str, ...] = ()
    list: bool = False
    of: str = ""  # the parameter beside it whose values are the choices
    null: str = ""  # and what it is without a choice


@dataclass(frozen=True, slots=True)
class Leaf:
    """A parameter of the standard."""

    name: str
    syntax: Syntax
    writable: bool
    hidden: bool
    inform: bool
    notify: str  # "always", "active" or ""
    deny: bool
    types: frozenset[str]  # the named types that it goes back to
    status: str
    default: str | None  # of a new instance


@dataclass(frozen=True, slots=True)
class Branch:
    """An object of the standard, by its path with ``{i}``."""

    name: str
    writable: bool
    entries: str  # the NumberOfEntries parameter that counts it


@dataclass(frozen=True, slots=True)
class DataModel:
    """Parameters and objects by path, every instance number as ``{i}``."""

    parameters: Mapping[str, Leaf]
    objects: Mapping[str, Branch]


def general(path: str) -> str:
    """A path with each instance number as ``{i}``."""
    return _INSTANCE.sub("{i}", path)


def read(file: Path, prefix: str = "") -> DataModel:
    """A data model's XML; *prefix* is put before the paths of a service's model."""
    root = etree.parse(file).getroot()
    named = {str(e.get("name")): e for e in _children(root, "dataType")}
    parameters: dict[str, Leaf] = {}
    objects: dict[str, Branch] = {}
    for model in _children(root, "model"):
        for one in _children(model, "parameter"):
            leaf = _leaf(one, prefix, named)
            parameters[leaf.name] = leaf
        for branch in _children(model, "object"):
            path = prefix + str(branch.get("name"))
            if branch.get("status") == "deleted":
                continue
            objects[path] = Branch(
                path,
                branch.get("access") == "readWrite",
                branch.get("numEntriesParameter", ""),
            )
            for one in _children(branch, "parameter"):
                if one.get("status") != "deleted":
                    leaf = _leaf(one, path, named)
                    parameters[leaf.name] = leaf
    return DataModel(parameters, objects)


def joined(*models: DataModel) -> DataModel:
    """A root model with the services in it."""
    parameters: dict[str, Leaf] = {}
    objects: dict[str, Branch] = {}
    for model in models:
        parameters |= model.parameters
        objects |= model.objects
    return DataModel(parameters, objects)


def _leaf(one: etree._Element, path: str, named: Mapping[str, etree._Element]) -> Leaf:
    syntax = next(_children(one, "syntax"))
    types: set[str] = set()
    default = next(_children(syntax, "default"), None)
    active = one.get("activeNotify", "")
    return Leaf(
        path + str(one.get("name")),
        _narrowed(syntax, Syntax(), named, types),
        # writeOnceReadOnly is the Alias: an ACS may write it, as it always could.
        one.get("access") in ("readWrite", "writeOnceReadOnly"),
        "true" in (syntax.get("hidden"), syntax.get("secured")),
        one.get("forcedInform") == "true",
        _NOTIFY.get(active, ""),
        active == "canDeny",
        frozenset(types),
        one.get("status", "current"),
        default.get("value") if default is not None else None,
    )


def _narrowed(
    element: etree._Element,
    syntax: Syntax,
    named: Mapping[str, etree._Element],
    types: set[str],
) -> Syntax:
    """*syntax* with all that stands in *element*, a <syntax> or a <dataType>."""
    base = element.get("base") or element.get("ref")
    if base:
        types.add(base)
        syntax = _narrowed(named[base], syntax, named, types)
    syntax = _facets(element, syntax)
    outer: int | None = None
    for child in _children(element, "list"):
        outer = _length(child)
        # TR-106 3.2.3: a list is a string on the wire, whatever its items are.
        syntax = replace(syntax, list=True)
    for child in element.iterchildren():
        name = _name(child)
        if name in _BASES:
            syntax = _facets(child, replace(syntax, type=name))
        elif name == "dataType":
            syntax = _narrowed(child, syntax, named, types)
    if syntax.list:
        syntax = replace(syntax, type="string", length=outer)
    return syntax


def _facets(element: etree._Element, syntax: Syntax) -> Syntax:
    length = _length(element)
    if length is not None:
        syntax = replace(syntax, length=length)
    items = [e for e in _children(element, "enumeration") if _stands(e)]
    if items:
        choices = [str(e.get("value")) for e in items]
        own = {str(e.get("value")) for e in items if e.get("access") == "readOnly"}
        syntax = replace(syntax, choices=tuple(choices), unwritable=frozenset(own))
    for e in _children(element, "enumerationRef"):
        syntax = replace(
            syntax, of=str(e.get("targetParam")), null=e.get("nullValue", "")
        )
    spans = [
        (_whole(e.get("minInclusive")), _whole(e.get("maxInclusive")))
        for e in _children(element, "range")
        if _stands(e)
    ]
    if spans:
        syntax = replace(syntax, ranges=tuple(spans))
    patterns = [
        str(e.get("value")) for e in _children(element, "pattern") if _stands(e)
    ]
    if patterns:
        syntax = replace(syntax, patterns=tuple(patterns))
    return syntax


def _length(element: etree._Element) -> int | None:
    most = [
        int(str(e.get("maxLength")))
        for e in _children(element, "size")
        if e.get("maxLength") and _stands(e)
    ]
    return max(most, default=None)


def _whole(text: str | None) -> int | None:
    return None if text is None else int(text)


def _stands(element: etree._Element) -> bool:
    return element.get("status") != "deleted"


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return (e for e in element.iterchildren() if _name(e) == name)
