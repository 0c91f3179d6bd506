"""
The places where rules are broken: at least one for each rule.

Rule: one text file for each group of rules, in blocks between empty lines: the rule
and what is done to it, the file, the lines of it that go (-) and those that come (+).
`python tests/mutants.py` tries them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class Mutant(NamedTuple):
    """A rule, what is done to it, and where: *old* stands once in *file*."""

    rule: str
    what: str
    file: str
    old: str
    new: str


def mutants(text: str) -> Iterator[Mutant]:
    """The mutants of one text."""
    for block in text.strip("\n").split("\n\n"):
        head, file, *lines = block.split("\n")
        rule, _, what = head.partition(" ")
        if any(line[:1] not in ("-", "+") for line in lines):
            raise ValueError(f"{head}: a line that neither goes nor comes")
        old = "".join(f"{line[1:]}\n" for line in lines if line[0] == "-")
        new = "".join(f"{line[1:]}\n" for line in lines if line[0] == "+")
        if not old or not what or old == new:
            raise ValueError(f"{head}: nothing is broken")
        yield Mutant(rule, what, file, old, new)


MUTANTS: tuple[Mutant, ...] = tuple(
    mutant
    for path in sorted(HERE.glob("*.txt"))
    for mutant in mutants(path.read_text(encoding="utf-8"))
)
