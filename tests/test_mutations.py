"""The broken rules: one for each at least, each in a place that is there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.mutations import MUTANTS, Mutant, mutants
from tests.rules import RULES

ROOT = Path(__file__).parent.parent
BLOCK = "S5 it is not obeyed\na.py\n-    one\n-    two\n+    three\n"


def test_every_rule_is_broken() -> None:
    """Each rule has a mutant, and each mutant a rule."""
    assert {mutant.rule for mutant in MUTANTS} == set(RULES)
    assert len({mutant[:2] for mutant in MUTANTS}) == len(MUTANTS)


def test_every_place_is_there_once() -> None:
    """What is broken stands in its file, and is Python afterwards."""
    wrong = []
    for mutant in MUTANTS:
        whole = (ROOT / mutant.file).read_text(encoding="utf-8")
        if whole.count(mutant.old) != 1:
            wrong.append(f"{mutant.rule} {mutant.what}: not once in {mutant.file}")
        elif mutant.file.endswith(".py"):
            ast.parse(whole.replace(mutant.old, mutant.new))
    assert wrong == []


def test_a_block() -> None:
    """Lines that go and lines that come, whole."""
    two = BLOCK + "\nS6 it is gone\nb.py\n-x\n"
    assert list(mutants(two)) == [
        Mutant("S5", "it is not obeyed", "a.py", "    one\n    two\n", "    three\n"),
        Mutant("S6", "it is gone", "b.py", "x\n", ""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "S5 x\na.py\n one\n",
        "S5 x\na.py\n+one\n",
        "S5 x\na.py\n-one\n+one\n",
        "S5\na.py\n-b",
    ],
)
def test_what_is_no_block(text: str) -> None:
    """A line of neither kind, nothing that goes, nothing that changes, no words."""
    with pytest.raises(ValueError, match=r"neither goes|nothing is broken"):
        list(mutants(text))
