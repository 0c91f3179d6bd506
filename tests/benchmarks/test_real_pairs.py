"""The same ACS twice, in reality: `compare` does not cry wolf."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.benchmarks.conftest import Bench

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

OPTIONS = ("-n", "500", "-r", "100", "-d", "60s", "--seed", "1")


@pytest.mark.parametrize("pair", range(10))
def test_a_real_pair(bench: Bench, pair: int) -> None:
    """Two runs of a minute against one sink."""
    before = set(bench.folder.glob("run-*/*/"))
    with bench.sink() as port:
        for _ in range(2):
            bench.quick(port, *OPTIONS)
    folders = sorted(set(bench.folder.glob("run-*/*/")) - before)
    command = [sys.executable, "-m", "cpesim", "compare", *map(str, folders)]
    found = subprocess.run(command, capture_output=True, text=True)
    print(found.stdout)
    # Another program that was in the way makes them no pair; any other reason fails.
    why = found.stderr.splitlines()[1:]
    if found.returncode == 2 and why and all("the generator was" in x for x in why):
        pytest.skip("; ".join(why))
    assert found.returncode == 0, found.stdout + found.stderr
