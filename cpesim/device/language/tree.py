"""
The `parameters:` of a profile, expanded: ranges of instances become paths.

Rule: knows names, instances and lines; what a parameter's value means is
`compile.py`'s. ``{i}`` in a path stands for the instances that AddObject makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cpesim.device.language.line import Line, merged, parse_line
from cpesim.device.language.template import suggest
from cpesim.device.profile import Table
from cpesim.errors import ConfigError, Problem
from cpesim.yamltext import Node

ANY = "{i}"
MOST = 200_000  # parameters and objects of one profile
MOST_INSTANCE = 4_294_967_295
DEFAULT_GROWTH = Table().most
_SEGMENT = re.compile(
    # 802-1pMark is a name of the field's; digits alone are an instance.
    r"(?P<name>(?:[A-Za-z_]|[0-9]+[A-Za-z_-])[A-Za-z0-9_-]*)(?P<odd>!)?"
    r"(?P<table>\[(?P<range>[^\[\]]*)\](?P<grows>\+(?P<most>[0-9]{0,6}))?)?"
)
_SPAN = re.compile(r"\s*([0-9]{1,10})\s*(?:-\s*([0-9]{1,10})\s*)?\Z")
_NUMBER = re.compile(r"(?<=\.)[0-9]+(?=\.)")


def generic(path: str) -> str:
    """A path with each of its instance numbers as {i}."""
    return _NUMBER.sub(ANY, path)


def is_name(name: str) -> bool:
    """Whether a key can spell a name of a path, or the number of an instance."""
    if name.isascii() and name.isdigit():
        return name[0] != "0" and int(name) <= MOST_INSTANCE
    found = _SEGMENT.fullmatch(name)
    return found is not None and found["name"] == name


@dataclass(frozen=True, slots=True)
class Leaf:
    """A parameter as a profile declares it, and where its value is written."""

    line: Line
    node: Node

    def problem(self, message: str) -> Problem:
        """What is wrong with its value."""
        return self.node.problem(message, self.line.at)


@dataclass(slots=True)
class Growth:
    """What the keys said of a table: may it grow, and how far."""

    node: Node
    writable: bool = False
    most: int = DEFAULT_GROWTH


@dataclass(frozen=True, slots=True)
class Segment:
    """One name of a key, with the instances it stands for (None: no table)."""

    name: str
    numbers: tuple[str, ...] | None
    grows: bool
    most: int | None
    odd: bool = False  # says that it is writable, though it is no table


class Tree:
    """All parameters and objects that a profile, and those it extends, declare."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.leaves: dict[str, Leaf] = {}
        self.objects: dict[str, Node | None] = {root: None}
        self.tables: dict[str, Growth] = {}
        self.odd: set[str] = set()  # objects that say they are writable: no tables
        self.problems: list[Problem] = []

    def merge(self, mapping: Node) -> None:
        """Put the parameters of a profile's mapping over what is there."""
        self._mapping(mapping, [self.root])

    def _mapping(self, node: Node, above: Sequence[str]) -> None:
        if not isinstance(node.value, dict):
            self.problems.append(
                node.problem("expected a mapping of names to parameters")
            )
            return
        for key, child in node.value.items():
            place = node.keys[key]
            try:
                segments = parse_key(place)
                self._member(segments, place, child, above)
            except ConfigError as error:
                self.problems += [p for p in error.problems if isinstance(p, Problem)]

    def _member(
        self, segments: list[Segment], key: Node, child: Node, above: Sequence[str]
    ) -> None:
        last = segments[-1]
        empty = child.kind == "null" and last.numbers is not None
        if isinstance(child.value, str) and not empty:
            paths = self._paths(segments[:-1], key, above)
            if last.numbers is not None:
                raise ConfigError(
                    key.problem(f"{last.name}[…] is an object: expected a mapping")
                )
            if last.odd:
                raise ConfigError(key.problem("! is for objects, not for parameters"))
            self._leaf([path + last.name for path in paths], key, child)
            return
        paths = self._paths(segments, key, above)
        if not empty:
            self._mapping(child, paths)

    def _paths(
        self, segments: list[Segment], key: Node, above: Sequence[str]
    ) -> Sequence[str]:
        """The objects that a key stands for, below each of *above*."""
        for segment in segments:
            below = [f"{path}{segment.name}." for path in above]
            if segment.numbers is not None:
                self._grow(below, segment, key)
                self._objects(below, key)
                if len(below) * len(segment.numbers) + len(self.objects) > MOST:
                    raise ConfigError(key.problem(f"more than {MOST:,} objects"))
                below = [f"{b}{i}." for b in below for i in segment.numbers]
            self._objects(below, key)
            if segment.odd:
                self.odd.update(below)
            above = below
        return above

    def _objects(self, paths: Sequence[str], key: Node) -> None:
        for path in paths:
            if path not in self.objects:
                if path[:-1] in self.leaves:
                    raise ConfigError(
                        key.problem(f"{path[:-1]} is a parameter already")
                    )
                self.objects[path] = key

    def _grow(self, paths: Sequence[str], segment: Segment, key: Node) -> None:
        for path in paths:
            table = self.tables.setdefault(generic(path) + ANY + ".", Growth(key))
            if segment.grows:
                table.writable, table.node = True, key
            if segment.most is not None:
                table.most = segment.most

    def _leaf(self, paths: Sequence[str], key: Node, node: Node) -> None:
        line = parse_line(node.text, node.problem)
        if len(paths) + len(self.leaves) > MOST:
            raise ConfigError(key.problem(f"more than {MOST:,} parameters"))
        for path in paths:
            whole = merged(
                self.leaves[path].line if path in self.leaves else None, line
            )
            if whole is None:
                raise ConfigError(
                    node.problem(f"{path} has no type yet: expected TYPE {line.source}")
                )
            if path + "." in self.objects:
                raise ConfigError(key.problem(f"{path} is an object already"))
            self.leaves[path] = Leaf(whole, node)

    def remove(self, node: Node) -> None:
        """Take away the objects and parameters that a path of `remove:` names."""
        try:
            for path in self._named(node):
                self._remove(path, node)
        except ConfigError as error:
            self.problems += [p for p in error.problems if isinstance(p, Problem)]

    def _named(self, node: Node) -> Iterator[str]:
        text = node.text.removeprefix(self.root)
        whole = text.endswith(".")
        key = Node(node.file, node.line, node.column, text.rstrip("."))
        paths = [self.root]
        for segment in parse_key(key):
            names = [f"{path}{segment.name}" for path in paths]
            if segment.numbers is not None:
                names = [f"{n}.{i}" for n in names for i in segment.numbers]
            paths = [name + "." for name in names]
        for path in paths:
            yield path if whole or path in self.objects else path[:-1]

    def _remove(self, path: str, node: Node) -> None:
        if path in self.leaves:
            del self.leaves[path]
            return
        if path not in self.objects or not path.endswith("."):
            known = suggest(path, [*self.leaves, *self.objects])
            raise ConfigError(node.problem(f"there is no {path}{known} to remove"))
        for name in [n for n in self.leaves if n.startswith(path)]:
            del self.leaves[name]
        for name in [n for n in self.objects if n.startswith(path)]:
            del self.objects[name]
        left = {generic(p) for p in self.objects}
        for table in [t for t in self.tables if t[: -len(ANY) - 1] not in left]:
            del self.tables[table]


def parse_key(node: Node) -> list[Segment]:
    """A key as ``WANDevice[1].WANIPConnection[1-2]+8``; raises ConfigError."""
    text, here = node.text, 0
    segments = []
    while True:
        found = _SEGMENT.match(text, here)
        if found is None:
            raise ConfigError(node.problem(_expected(text, here), here))
        segments.append(_segment(found, node))
        here = found.end()
        if here == len(text):
            return segments
        if text[here] != "." or here == len(text) - 1:
            raise ConfigError(node.problem(_expected(text, here), here))
        here += 1


def _expected(text: str, here: int) -> str:
    rest = text[here:]
    if rest[:1].isdigit():
        return f"instances stand in brackets: expected Name[{rest.split('.')[0]}]"
    if rest == ".":
        return "a key ends without a dot"
    if rest[:1] == "+":
        return "only a table can grow: expected Name[…]+"
    return f"expected Name, Name[1], Name[1-4], Name[1,3], Name[] or …+16, not {rest!r}"


def _segment(found: re.Match[str], node: Node) -> Segment:
    if found["table"] is None:
        return Segment(found["name"], None, False, None, found["odd"] is not None)
    if found["odd"] is not None:
        raise ConfigError(
            node.problem(f"! is for what is no table: {found[0]}", found.start("odd"))
        )
    most = int(found["most"]) if found["most"] else None
    numbers: list[str] = []
    offset = found.start("range")
    if not found["range"].strip():
        numbers.append(ANY)
    else:
        for part in found["range"].split(","):
            span = _SPAN.match(part)
            low = int(span[1]) if span else 0
            high = int(span[2] or low) if span else 0
            if not 1 <= low <= high <= MOST_INSTANCE or high - low >= MOST:
                raise ConfigError(
                    node.problem(
                        f"expected instances, as 1, 1-4 or 1,3, not {part!r}", offset
                    )
                )
            numbers += map(str, range(low, high + 1))
            offset += len(part) + 1
    unique = tuple(dict.fromkeys(numbers))
    return Segment(found["name"], unique, found["grows"] is not None, most)
