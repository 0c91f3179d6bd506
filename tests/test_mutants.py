"""tests/mutants.py as a program: a dozen broken rules, and one that nobody misses."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants import COPIED, ROOT
from tests.mutations import MUTANTS, Mutant

SAMPLE = ("B1", "E4", "E7", "F", "I5", "P3", "P7", "R1", "S5", "S12", "T7", "X8")
UNNOTICED = Mutant(
    "S5",
    "a sentence says something else",
    "cpesim/cwmp/session.py",
    '        """The Inform."""\n',
    '        """The Inform, or something else."""\n',
)


def written(mutant: Mutant) -> str:
    """A mutant as a block of tests/mutations."""
    gone = [f"-{line}" for line in mutant.old.splitlines()]
    come = [f"+{line}" for line in mutant.new.splitlines()]
    head = f"{mutant.rule} {mutant.what}"
    return "\n".join([head, mutant.file, *gone, *come, ""])


def tried(home: Path, *mutants: Mutant) -> tuple[int, list[str]]:
    """The program in a copy of the project with these mutants: its code and lines."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            skip = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, home / name, ignore=skip)
        else:
            shutil.copy2(ROOT / name, home / name)
    folder = home / "tests" / "mutations"
    for path in folder.glob("*.txt"):
        path.unlink()
    text = "\n".join(map(written, mutants))
    (folder / "sample.txt").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "tests/mutants.py", "--jobs", "2"],
        cwd=home,
        capture_output=True,
        text=True,
        timeout=550,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


@pytest.mark.slow
def test_a_sample_is_killed(tmp_path: Path) -> None:
    """A line for each, their number in the last one, and exit code 0."""
    sample = [next(m for m in MUTANTS if m.rule == rule) for rule in SAMPLE]
    code, lines = tried(tmp_path, *sample)
    assert lines[-1] == "12 of 12 killed"
    assert [line.split()[:2] for line in lines[:-1]] == [
        ["killed", rule] for rule in SAMPLE
    ]
    assert code == 0


@pytest.mark.slow
def test_one_that_no_test_notices(tmp_path: Path) -> None:
    """It is alive, what its tests said stands below it, and the exit code is 1."""
    known = next(m for m in MUTANTS if m.rule == "S5")
    gone = known._replace(what="its place is gone", old="no such line\n")
    code, lines = tried(tmp_path, known, UNNOTICED, gone)
    assert lines[-1] == "1 of 3 killed"
    assert code == 1
    assert lines[0].startswith("killed S5")
    assert lines[1].split(maxsplit=2) == ["ALIVE", "S5", UNNOTICED.what]
    assert " passed" in lines[2]
    assert "stands 0 times" in lines[4]
