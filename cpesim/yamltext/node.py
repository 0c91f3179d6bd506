"""
A node of a YAML text: its value, and where it and each sign of it stand.

Rule: positions count from 1; nothing here knows PyYAML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from cpesim.errors import Problem

_FOLD = re.compile(r"[ \t]*\n[ \t\n]*")
_ESCAPE = re.compile(r"\\(?:x..|u.{4}|U.{8}|\n[ \t]*|.)", re.DOTALL)
_TRUE = ("yes", "true", "on")


@dataclass(slots=True)
class Node:
    """A scalar (str), a mapping or a list, with the place where it begins."""

    file: str
    line: int
    column: int
    value: str | dict[str, Node] | list[Node] = ""
    kind: str = "str"  # what YAML takes a plain scalar for: str int float bool null …
    style: str = ""  # "" plain, ' " | >
    source: str = ""  # a scalar as it is written, from its first sign on
    keys: dict[str, Node] = field(default_factory=dict)
    size: int = 1

    @property
    def text(self) -> str:
        """A scalar's text; "" for a mapping or a list."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def members(self) -> dict[str, Node]:
        """A mapping's values by key; none for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list[Node]:
        """A list's nodes; none for anything else."""
        return self.value if isinstance(self.value, list) else []

    def plain(self) -> Any:
        """The value in Python's own types; dates stay text."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return _scalar(self.kind, self.value)

    def problem(self, message: str, offset: int | None = None) -> Problem:
        """What is wrong with the node, or with the sign at *offset* of its text."""
        line, column = self.place(offset)
        return Problem(self.file, line, column, message)

    def place(self, offset: int | None = None) -> tuple[int, int]:
        """Line and column of the node, or of the sign at *offset* of its text."""
        if offset is None or not isinstance(self.value, str):
            return self.line, self.column
        at = self._source_offset(offset)
        before = self.source[:at]
        row = before.count("\n")
        if row == 0:
            return self.line, self.column + at
        return self.line + row, at - before.rfind("\n")

    def _source_offset(self, offset: int) -> int:
        """Where in the source the sign at *offset* of the value is written."""
        if self.style in ("|", ">"):
            return self._block_offset(offset)
        source = self.source
        at = 1 if self.style else 0
        passed = 0
        while passed < offset and at < len(source):
            found = _FOLD.match(source, at)
            if found is not None:
                breaks = found[0].count("\n")
                passed += 1 if breaks == 1 else breaks - 1
                at = found.end()
            elif self.style == '"' and source[at] == "\\":
                escape = _ESCAPE.match(source, at)
                at = escape.end() if escape else at + 1
                # A backslash at the line's end joins the lines: no sign at all.
                passed += 0 if escape and escape[0][1:2] == "\n" else 1
            elif self.style == "'" and source.startswith("''", at):
                at, passed = at + 2, passed + 1
            else:
                at, passed = at + 1, passed + 1
        return min(at, len(source))

    def _block_offset(self, offset: int) -> int:
        """In a block the head's line and each line's indentation are no value."""
        text = self.text[:offset]
        row = text.count("\n") + 1
        rows = self.source.split("\n")
        if row >= len(rows):
            return 0
        filled = [len(r) - len(r.lstrip(" ")) for r in rows[1:] if r.strip()]
        indent = min(filled, default=0)
        column = indent + len(text) - (text.rfind("\n") + 1)
        return sum(len(r) + 1 for r in rows[:row]) + min(column, len(rows[row]))


def _scalar(kind: str, text: str) -> Any:
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in _TRUE
    bare = text.replace("_", "")
    try:
        if kind == "int":
            return int(bare, 0)
        if kind == "float":
            return float(bare.lower().replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        return text  # octal and base 60: told as problems, never guessed
    return text
