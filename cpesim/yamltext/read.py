"""
YAML text -> a tree of nodes that know where they stand -> a pydantic model.

Rule: all problems of a text at once, each with file:line:column, what was expected,
and a suggestion for a mistyped key. The one file that knows PyYAML and pydantic's
errors. Only the safe subset: no tags, one document, bounded in size and depth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from cpesim.errors import ConfigError, Problem
from cpesim.yamltext.error import translated
from cpesim.yamltext.node import Node

M = TypeVar("M", bound=BaseModel)

MOST_BYTES = 16_000_000
MOST_DEPTH = 64
# An alias stands for a copy of its node; a few lines of them can stand for millions.
MOST_NODES = 1_000_000
_TAGS = {
    f"tag:yaml.org,2002:{name}": name
    for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value")
}


def parse(text: str, file: str) -> Node:
    """The tree of a YAML text; raises ConfigError."""
    if len(text) > MOST_BYTES:
        raise ConfigError(
            Problem(file, 1, 1, f"larger than the {MOST_BYTES:,} characters allowed")
        )
    try:
        return _Reader(text, file).read()
    except yaml.reader.ReaderError as error:
        before = text[: max(0, error.position)]
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        raise ConfigError(
            Problem(file, line, column, f"not a character of YAML: {error.reason}")
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise ConfigError(Problem(file, line, column, _explain(error))) from None


def _explain(error: yaml.MarkedYAMLError) -> str:
    told = error.problem or "not YAML"
    hint = ""
    if "mapping values are not allowed" in told:
        hint = ": a text with ': ' in it stands in quotes"
    elif "cannot start any token" in told:
        hint = ": indent with spaces; a text that begins with it stands in quotes"
    elif "did not find expected ',' or" in told:
        hint = ": a line with , or { in it inside {…} stands in quotes"
    elif "undefined alias" in told:
        hint = ": a text that begins with * stands in quotes"
    return f"{told}{hint}"


class _Reader:
    """Builds nodes of PyYAML's events, so that depth is bounded before recursion."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.file = file
        self.problems: list[Problem] = []
        self.anchors: dict[str, Node] = {}
        self.count = 0
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.resolver: Any = yaml.resolver.Resolver()  # types-PyYAML has no types here
        self.events: Iterator[Any] = yaml.parse(text, Loader=loader)

    def read(self) -> Node:
        root: Node | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self._problem(event, "a second document: expected one")
                    break
                root = self._node(next(self.events), 0)
        if root is None:
            self.problems.append(Problem(self.file, 1, 1, "empty: expected a mapping"))
        if self.problems or root is None:
            raise ConfigError(*sorted(self.problems))
        return root

    def _problem(self, event: Any, message: str) -> None:
        mark = event.start_mark
        self.problems.append(
            Problem(self.file, mark.line + 1, mark.column + 1, message)
        )

    def _stop(self, event: Any, message: str) -> ConfigError:
        self._problem(event, message)
        return ConfigError(*self.problems)

    def _node(self, event: Any, depth: int) -> Node:
        if depth > MOST_DEPTH:
            raise self._stop(event, f"deeper than the {MOST_DEPTH} levels allowed")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        mark = event.start_mark
        node = Node(self.file, mark.line + 1, mark.column + 1)
        before = self.count
        self._add(event, 1)
        if event.tag and not (isinstance(event, yaml.ScalarEvent) and event.tag == "!"):
            self._problem(event, f"tag {event.tag!r}: expected a value without a tag")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(node, event)
        elif isinstance(event, yaml.SequenceStartEvent):
            node.value = self._items(depth)
        else:
            node.value = self._members(node, depth)
        node.size = self.count - before
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def _add(self, event: Any, count: int) -> None:
        self.count += count
        if self.count > MOST_NODES:
            raise self._stop(event, f"more than the {MOST_NODES:,} values allowed")

    def _alias(self, event: Any) -> Node:
        node = self.anchors.get(event.anchor)
        if node is None:
            raise self._stop(event, f"no anchor &{event.anchor} above")
        self._add(event, node.size)
        return node

    def _scalar(self, node: Node, event: Any) -> None:
        node.value = event.value
        node.style = event.style or ""
        if not event.style and event.implicit[0]:
            tag = self.resolver.resolve(yaml.ScalarNode, event.value, (True, False))
            node.kind = _TAGS.get(tag, "str")
        end = event.end_mark
        rows = self.lines[event.start_mark.line : end.line + 1]
        if rows:
            rows[-1] = rows[-1][: end.column] if len(rows) > 1 else rows[-1]
            node.source = "\n".join(rows)[event.start_mark.column :]

    def _items(self, depth: int) -> list[Node]:
        items = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(event, depth + 1))
        return items

    def _members(self, node: Node, depth: int) -> dict[str, Node]:
        members: dict[str, Node] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._node(event, depth + 1)
            value = self._node(next(self.events), depth + 1)
            if not isinstance(key.value, str):
                self._problem(event, "a key that is no text")
            elif key.kind == "merge":
                self._problem(event, "'<<' is not understood: write the keys out")
            elif key.value in members:
                first = node.keys[key.value]
                self._problem(
                    event, f"{key.value!r} stands twice: first in line {first.line}"
                )
            else:
                members[key.value] = value
                node.keys[key.value] = key
        return members


def load(text: str, file: str, model: type[M]) -> M:
    """A YAML text as a pydantic model; raises ConfigError with all problems."""
    return build(parse(text, file), model)


def build(node: Node, model: type[M]) -> M:
    """A parsed tree as a pydantic model; raises ConfigError with all problems."""
    problems = list(_traps(node))
    try:
        made = model.model_validate(node.plain())
    except ValidationError as error:
        told = {(p.line, p.column) for p in problems}
        errors = error.errors(include_url=False)
        problems += [
            problem
            for problem in translated(errors, node, model)
            if (problem.line, problem.column) not in told
        ]
    else:
        if not problems:
            return made
    raise ConfigError(*sorted(set(problems)))


_OCTAL = re.compile(r"[-+]?0[0-9_]+\Z")


def _traps(node: Node) -> Iterator[Problem]:
    """Scalars that YAML 1.1 takes for another number than the one that is written."""
    if isinstance(node.value, str):
        if node.kind in ("int", "float") and not node.style:
            text = node.value
            if _OCTAL.match(text):
                yield node.problem(
                    f"{text} without quotes is an octal number to YAML:"
                    f' write "{text}", or leave out the leading 0'
                )
            elif ":" in text:
                yield node.problem(
                    f"{text} without quotes is a number in base 60 to YAML:"
                    f' write "{text}", or a time with its units, as 10m30s'
                )
        return
    below = node.value.values() if isinstance(node.value, dict) else node.value
    for child in below:
        yield from _traps(child)
