"""
CSV text -> rows of cells that know where they stand.

Rule: quoted cells may hold separators, quotes and line breaks (RFC 4180); the
separator is a comma, a semicolon or a tab, whichever the first line uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from cpesim.errors import ConfigError, Problem


class Cell(NamedTuple):
    """One cell's text and where it begins."""

    text: str
    line: int
    column: int


@lru_cache(maxsize=3)
def _cell(separator: str) -> re.Pattern[str]:
    s = re.escape(separator)
    return re.compile(
        rf'[ ]*"(?P<quoted>(?:[^"]|"")*)"[ ]*(?P<end>{s}|\r?\n|\r|\Z)'
        rf"|(?P<bare>[^{s}\r\n]*)(?P<bare_end>{s}|\r?\n|\r|\Z)"
    )


def rows(text: str, file: str) -> Iterator[list[Cell]]:
    """Each row that is not empty; raises ConfigError where a quote is not closed."""
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    pattern = _cell(separator)
    here, line, start = 0, 1, 0
    row: list[Cell] = []
    while here < len(text):
        found = pattern.match(text, here)
        assert found is not None  # the bare form matches the empty text too
        cell, end = found["quoted"], found["end"]
        if cell is None:
            cell, end = found["bare"], found["bare_end"]
            if cell.lstrip(" ").startswith('"'):
                raise ConfigError(
                    Problem(
                        file,
                        line,
                        here - start + 1,
                        'a quote that is not closed: expected " and then'
                        f" {separator!r} or the line's end",
                    )
                )
            row.append(Cell(cell, line, here - start + 1))
        else:
            row.append(Cell(cell.replace('""', '"'), line, here - start + 1))
            breaks = cell.count("\n")
            if breaks:
                line += breaks
                start = found.start("quoted") + cell.rfind("\n") + 1
        here = found.end()
        if end != separator:
            if len(row) > 1 or row[0].text.strip():
                yield row
            row = []
            line, start = line + 1, here
    if row:
        yield row
