"""
Text measured in terminal cells.

Rule: whatever comes from outside (names, labels, events) goes through `clean` before
it is drawn, and every line through `fit`: nothing else may assume one cell a letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from unicodedata import category, east_asian_width

# A table wider than this is no longer read across; what is left stays empty.
READABLE = 116
BLOCKS = "▁▂▃▄▅▆▇█"
_EIGHTHS = " ▏▎▍▌▋▊▉█"


@lru_cache(maxsize=4_096)
def _cells(letter: str) -> int:
    return 2 if east_asian_width(letter) in "WF" else 1


def width_of(text: str) -> int:
    """How many cells a cleaned text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


@lru_cache(maxsize=1_024)
def clean(text: str) -> str:
    """
    The text as a terminal may get it: one line, no escapes, nothing of zero width.

    Combining marks and joiners go: terminals do not agree on their width.
    """
    if text.isascii() and text.isprintable():
        return text
    letters = []
    for letter in text:
        kind = category(letter)
        if kind in ("Mn", "Me", "Cf"):
            continue
        # Odd spaces are not printable either; the ordinary one is.
        odd = " " if kind == "Zs" else "·"
        letters.append(letter if letter.isprintable() else odd)
    return "".join(letters)


def fit(text: str, width: int, right: bool = False) -> str:
    """The text in exactly *width* cells: padded, or cut with an ellipsis."""
    cells = width_of(text)
    if cells > width:
        text = _cut(text, width)
        cells = width_of(text)
    space = " " * (width - cells)
    return space + text if right else text + space


def _cut(text: str, width: int) -> str:
    room = width - 1
    kept = []
    for letter in text:
        room -= _cells(letter)
        if room < 0:
            break
        kept.append(letter)
    return "".join(kept) + "…" if width > 0 else ""


def filled(lines: Sequence[str], width: int, height: int) -> list[str]:
    """The lines, cut or filled up to *height*."""
    return [*lines[:height], *[" " * width] * (height - len(lines))]


def side_by_side(one: Sequence[str], other: Sequence[str], left: int) -> list[str]:
    """Two panels with a line between; the first is *left* cells wide."""
    right = width_of(other[0]) if other else 0
    height = max(len(one), len(other))
    pairs = zip(filled(one, left, height), filled(other, right, height), strict=True)
    return [f"{a}│{b}" for a, b in pairs]


def rule(width: int, title: str = "", mark: str = "", at: int = 0) -> str:
    """A line across with its title, and a joint *mark* at a column."""
    line = f"─ {title} " if title else ""
    line = fit(line, width) if width_of(line) > width else line
    line += "─" * (width - width_of(line))
    if mark and width_of(line[:at]) == at and line[at : at + 1] == "─":
        line = line[:at] + mark + line[at + 1 :]
    return line


def sparkline(values: Sequence[float | None], top: float) -> str:
    """One block for each value, from 0 to *top*; a gap where nothing is known."""
    last = len(BLOCKS) - 1
    return "".join(
        " "
        if value is None
        else BLOCKS[min(last, int(value / top * last + 0.5))]
        if top > 0
        else BLOCKS[0]
        for value in values
    )


def progress(share: float, width: int) -> str:
    """A bar of *width* cells, exact to an eighth of a cell."""
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    whole, part = divmod(eighths, 8)
    bar = "█" * whole + (_EIGHTHS[part] if part else "")
    return bar + "·" * (width - len(bar))


def joined(parts: Sequence[str], width: int, droppable: Sequence[int] = ()) -> str:
    """The parts two cells apart; where they do not fit, first those *droppable* go."""
    kept = dict(enumerate(parts))
    for index in (*droppable, None):
        text = " " + "  ".join(kept.values())
        if width_of(text) <= width or index is None:
            break
        kept.pop(index, None)
    return fit(text, width)
