"""
Breaks rules of the standard in the code, one at a time: does a test notice?

Rule: a mutant is a place of the code that stands there once, and what it is turned
into. It is killed when a test of its rule fails on it, in a copy of the project.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

from tests.mutations import MUTANTS, Mutant  # noqa: E402
from tests.rules import RULES, marked  # noqa: E402

COPIED = ("cpesim", "tests", "profiles", "scenarios", "pyproject.toml", "README.md")
TIMEOUT = 300.0


class Fate(NamedTuple):
    """What became of a mutant; *words* are pytest's last line."""

    mutant: Mutant
    killed: bool
    words: str


def copies(where: Path, number: int) -> Iterator[Path]:
    """Copies of the project, with shared/ beside each as it stands beside us."""
    for n in range(number):
        home = where / str(n)
        (home / "main").mkdir(parents=True)
        for name in COPIED:
            source, target = ROOT / name, home / "main" / name
            if source.is_dir():
                skip = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, target, ignore=skip)
            else:
                shutil.copy(source, target)
        shared = ROOT.parent / "shared"
        if shared.is_dir():
            (home / "shared").symlink_to(shared)
        yield home / "main"


def tests_of(rule: str) -> list[str]:
    """The files with a test of that rule, those of whole programs last."""
    found = [
        path.relative_to(ROOT).as_posix()
        for path in sorted(HERE.rglob("test_*.py"))
        if any(id == rule for id, _ in marked(path))
    ]
    return sorted(found, key=lambda name: "e2e" in name or "acceptance" in name)


def run(copy: Path, rule: str) -> tuple[int, str]:
    """Run the tests of a rule in a copy: pytest's exit code and its last line."""
    words = ["-x", "-q", "-p", "no:cacheprovider", "--rule", rule, *tests_of(rule)]
    environment = {**os.environ, "PYTHONPATH": str(copy), "CI": ""}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *words],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        return 1, f"no end within {TIMEOUT:g} s"
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    failed = next((line for line in lines if line.startswith("FAILED")), "")
    return done.returncode, failed or (lines[-1] if lines else done.stderr[-200:])


def tried(copy: Path, mutant: Mutant) -> Fate:
    """Break the rule in a copy, run its tests, and mend it again."""
    path = copy / mutant.file
    whole = path.read_text(encoding="utf-8")
    if whole.count(mutant.old) != 1:
        count = whole.count(mutant.old)
        return Fate(mutant, False, f"its place stands {count} times in {mutant.file}")
    path.write_text(whole.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        code, words = run(copy, mutant.rule)
    finally:
        path.write_text(whole, encoding="utf-8")
    # 1: tests failed. Anything else (a syntax error, no tests) proves nothing.
    return Fate(mutant, code == 1, words)


def main() -> int:
    """Try the mutants, say what became of each, and count the killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rule", help="only the mutants of that rule")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    mutants = [m for m in MUTANTS if chosen.rule in (None, m.rule)]
    unknown = sorted({m.rule for m in mutants} - set(RULES))
    if unknown or not mutants:
        print(f"no such rules: {', '.join(unknown) or chosen.rule}")
        return 1
    with tempfile.TemporaryDirectory() as where:
        free: Queue[Path] = Queue()
        for copy in copies(Path(where), max(1, chosen.jobs)):
            free.put(copy)

        def one(mutant: Mutant) -> Fate:
            copy = free.get()
            try:
                return tried(copy, mutant)
            finally:
                free.put(copy)

        killed = 0
        with ThreadPoolExecutor(max(1, chosen.jobs)) as pool:
            for fate in pool.map(one, mutants):
                killed += fate.killed
                word = "killed" if fate.killed else "ALIVE "
                print(f"{word} {fate.mutant.rule:4} {fate.mutant.what}", flush=True)
                if not fate.killed:
                    print(f"            {fate.words}", flush=True)
    print(f"{killed} of {len(mutants)} killed")
    return 0 if killed == len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
