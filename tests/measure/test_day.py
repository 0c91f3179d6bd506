"""A day's run: what the parent holds of it does not grow with its length."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.measure.day import DAY, FINE

ROOT = Path(__file__).parent.parent.parent
MOST = 20.0  # MB, from the first tick to the end of a day


def grown(folder: Path, stride: int, timeout: float) -> None:
    """A day in a process of its own grows by less than MOST."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.measure.day", str(folder), str(stride)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    print(told)
    for sizes in (told["sizes"], told["raw"]):
        assert len(sizes) == 25
        assert max(sizes) - sizes[0] < MOST
    # As of a day whose every second was told of.
    assert told["rows"] == [7_200, 8_640, 1_440]
    (timeline,) = folder.glob("*/timeline.ndjson")
    rows = timeline.read_bytes().count(b"\n")
    assert rows == told["ticks"] == FINE + -(-(DAY - FINE) // stride)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_day_with_all_series(tmp_path: Path) -> None:
    """Each second until all windows are full, then each tenth."""
    grown(tmp_path, 10, 580)


@pytest.mark.bench
@pytest.mark.timeout(1800)
def test_a_day_with_all_series_each_second(tmp_path: Path) -> None:
    """86,400 ticks of all series each."""
    grown(tmp_path, 1, 1700)
