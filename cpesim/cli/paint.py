"""
A trace in colours.

Rule: it only paints; what stands there is conductor/trace.py's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

_STYLES = {
    "ours": "bold cyan",
    "theirs": "bold green",
    "head": "bold",
    "tag": "blue",
    "bad": "bold red",
    "faint": "dim",
}
_MARKS = re.compile(
    r"(?P<ours>^>>)|(?P<theirs>^<<)"
    r"|(?P<bad></?[\w.:-]*Fault(?:Code|String|Struct)?\b[^>]*>|HTTP/\d\.\d [45]\d\d.*$)"
    r"|(?P<head>POST .*$|HTTP/\d\.\d .*$)"
    r"|(?P<faint>\bxmlns(?::[\w.-]+)?=\"[^\"]*\"|\bxsi:type=\"[^\"]*\"|\*\*\*)"
    r"|(?P<tag></?[\w.:-]+|/?>)",
    re.MULTILINE,
)


class Painter:
    """Shows lines on stdout, in colours where they can be seen."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour
        self._console = Console(highlight=False, markup=False, soft_wrap=True)

    def show(self, lines: Iterable[str]) -> None:
        """Show one message, and an empty line."""
        for line in lines:
            if self._colour:
                self._console.print(painted(line))
            else:
                print(line)
        print(flush=True)


def painted(line: str) -> Text:
    """The line as a Text with its styles."""
    text = Text(line)
    for mark in _MARKS.finditer(line):
        text.stylize(_STYLES[mark.lastgroup or "tag"], mark.start(), mark.end())
    return text
