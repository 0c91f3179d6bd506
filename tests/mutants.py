"""
Breaks rules of the standard in the code, one at a time: does a test notice?

Rule: a mutant is a place of the code that stands there once, and what it is turned
into. It is killed when a test of its rule fails on it, in a copy of the project.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from queue import Queue
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

from tests.mutations import MUTANTS, Mutant  # noqa: E402
from tests.rules import RULES, marked  # noqa: E402

COPIED = ("cpesim", "tests", "profiles", "scenarios", "pyproject.toml", "README.md")
# Folders whose tests run whole programs: they are asked last.
PROGRAMS = ("acceptance", "acs", "conductor", "e2e", "hostile", "report")
TIMEOUT = 120.0
NO_END = -1  # the mutant hangs, and a test's own timeout has not ended it


class Fate(NamedTuple):
    """What became of a mutant; *words* are pytest's last line."""

    mutant: Mutant
    killed: bool
    words: str


def copy_to(home: Path) -> Path:
    """A copy of the project, without shared/: a rule is shown by its tests alone."""
    main = home / "main"
    main.mkdir(parents=True)
    for name in COPIED:
        source, target = ROOT / name, main / name
        if source.is_dir():
            skip = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, target, ignore=skip)
        else:
            shutil.copy2(source, target)
    return main


def compile(copy: Path, rules: Iterable[str]) -> None:
    """Compile what the tests of these rules take, once for all runs of them."""
    files = sorted({f for rule in rules for names in tests_of(rule) for f in names})
    words = ["-q", "--collect-only", "-p", "no:cacheprovider", *files]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=copy,
        env=environment(copy),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])


def environment(copy: Path) -> dict[str, str]:
    """What the tests of a copy run with."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTEST_ADDOPTS"}
    return {**kept, "PYTHONPATH": str(copy), "CI": ""}


@cache
def files_of() -> dict[str, list[str]]:
    """The test files of each rule, those with the most tests of it first."""
    found: dict[str, Counter[str]] = {}
    for path in sorted(HERE.rglob("test_*.py")):
        name = path.relative_to(ROOT).as_posix()
        for id, _ in marked(path):
            found.setdefault(id, Counter())[name] += 1
    return {id: [n for n, _ in names.most_common()] for id, names in found.items()}


def tests_of(rule: str) -> list[list[str]]:
    """The files with a test of that rule: likely ones, others, whole programs."""
    found = files_of().get(rule, [])
    slow = [name for name in found if name.split("/")[1] in PROGRAMS]
    quick = [name for name in found if name not in slow]
    return [names for names in (quick[:1], quick[1:], slow) if names]


class Copy:
    """A copy of the project that is broken and mended, and who runs its tests."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._runner = subprocess.Popen(
            [sys.executable, "tests/forks.py"],
            cwd=root,
            env=environment(root) | {"PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        """End the runner."""
        assert self._runner.stdin is not None
        self._runner.stdin.close()
        self._runner.wait()

    def sound(self, rule: str) -> str:
        """ "" where the tests of a rule pass as long as nothing is broken."""
        for files in tests_of(rule):
            code, words = self._run(rule, files)
            if code != 0:
                return f"unbroken, the tests of {rule} end with {code}: {words}"
        return ""

    def tried(self, mutant: Mutant) -> Fate:
        """Break the rule, run its tests, and mend it again."""
        path = self._root / mutant.file
        whole = path.read_text(encoding="utf-8")
        if whole.count(mutant.old) != 1:
            count = whole.count(mutant.old)
            return Fate(mutant, False, f"its place stands {count} times")
        was = path.stat()
        path.write_text(whole.replace(mutant.old, mutant.new), encoding="utf-8")
        # What was compiled of it is older, and the mended one as old as before.
        os.utime(path, (was.st_atime + 60, was.st_mtime + 60))
        said = []
        try:
            for files in tests_of(mutant.rule):
                code, words = self._run(mutant.rule, files)
                said.append(words)
                # 1: tests failed. Else (a syntax error, no tests) nothing is proven.
                if code == 1 or code == NO_END:
                    return Fate(mutant, True, words)
                if code != 0:
                    return Fate(mutant, False, words)
        finally:
            path.write_text(whole, encoding="utf-8")
            os.utime(path, (was.st_atime, was.st_mtime))
        return Fate(mutant, False, "; ".join(said) or "no test names the rule")

    def _run(self, rule: str, files: list[str]) -> tuple[int, str]:
        words = ["-x", "-q", "-p", "no:cacheprovider", "--rule", rule, *files]
        assert self._runner.stdin is not None
        assert self._runner.stdout is not None
        self._runner.stdin.write(json.dumps([words, TIMEOUT]) + "\n")
        self._runner.stdin.flush()
        code, last = json.loads(self._runner.stdout.readline())
        return code, last


def main() -> int:
    """Try the mutants, say what became of each, and count the killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rule", action="append", help="only the mutants of that rule; may be repeated"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    mutants = [m for m in MUTANTS if not chosen.rule or m.rule in chosen.rule]
    unknown = sorted({m.rule for m in mutants} - set(RULES))
    if unknown or not mutants:
        print(f"no such rules: {', '.join(unknown or chosen.rule or ())}")
        return 1
    with tempfile.TemporaryDirectory() as where:
        first = copy_to(Path(where) / "0")
        compile(first, {m.rule for m in mutants})
        free: Queue[Copy] = Queue()
        for n in range(max(1, min(chosen.jobs, len(mutants)))):
            home = Path(where) / str(n)
            if n:
                shutil.copytree(first.parent, home, symlinks=True)
            copy = Copy(home / "main")
            if problem := copy.sound(mutants[0].rule):
                raise SystemExit(problem)
            free.put(copy)

        def one(mutant: Mutant) -> Fate:
            copy = free.get()
            try:
                return copy.tried(mutant)
            finally:
                free.put(copy)

        killed = 0
        with ThreadPoolExecutor(free.qsize()) as pool:
            for fate in pool.map(one, mutants):
                killed += fate.killed
                word = "killed" if fate.killed else "ALIVE "
                print(f"{word} {fate.mutant.rule:4} {fate.mutant.what}", flush=True)
                if not fate.killed:
                    print(f"            {fate.words}", flush=True)
        while not free.empty():
            free.get().close()
    print(f"{killed} of {len(mutants)} killed")
    return 0 if killed == len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
