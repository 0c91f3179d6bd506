"""
Runs pytest again and again in one folder, a fork each time.

Rule: what stays the same from run to run (the libraries) is imported once, before the
first fork; the project and its tests are imported in the fork. A line of JSON comes
in (pytest's arguments and a timeout), a line goes out (exit code and last words).
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Never

LIBRARIES = (
    *("pytest", "trio", "trio.testing", "lxml.etree", "httptools", "h11", "trustme"),
    *("hypothesis", "hypothesis.strategies"),
    *("pydantic", "yaml", "hdrh.histogram", "typer", "rich.console"),
)

BROKEN = 99  # pytest itself came to nothing


def _last_words(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    failed = next((line for line in lines if line.startswith(("FAILED", "ERROR"))), "")
    return failed or (lines[-1] if lines else "not a word")


def _child(arguments: list[str], said: int) -> Never:
    os.setsid()
    os.dup2(said, 1)
    os.dup2(said, 2)
    code = BROKEN
    try:
        import pytest

        # Hypothesis has a plugin, which pytest would rather import itself.
        early = "ignore:Module already imported:pytest.PytestAssertRewriteWarning"
        code = int(pytest.main(["-W", early, *arguments]))
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    os._exit(code)


def run(arguments: list[str], timeout: float) -> tuple[int, str]:
    """Run pytest in a fork: its exit code (-1: no end) and its last words."""
    with tempfile.TemporaryFile("w+") as said:
        child = os.fork()
        if child == 0:
            _child(arguments, said.fileno())
        end = time.monotonic() + timeout
        code = None
        while code is None and time.monotonic() < end:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                code = os.waitstatus_to_exitcode(status)
            else:
                time.sleep(0.02)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # what a test has left running, too
        if code is None:
            os.waitpid(child, 0)
            return -1, f"no end within {timeout:g} s"
        said.seek(0)
        return code, _last_words(said.read())


def main() -> None:
    """Serve until the input ends."""
    here = Path(__file__).resolve().parent
    sys.path[:] = [str(here.parent), *(p for p in sys.path if p != str(here))]
    for library in LIBRARIES:
        importlib.import_module(library)
    sys.dont_write_bytecode = True
    for line in sys.stdin:
        arguments, timeout = json.loads(line)
        print(json.dumps(run(arguments, timeout)), flush=True)


if __name__ == "__main__":
    main()
