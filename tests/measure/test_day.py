"""A day's run: what the parent holds of it does not grow with its length."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
MOST = 20.0  # MB, by the end of a day


def grown(folder: Path, every: int, timeout: float) -> None:
    """A day in a process of its own grows by less than MOST."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.measure.day", str(folder), str(every)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    sizes = json.loads(done.stdout)
    print(f"MB at the begin and after each hour: {[round(s, 1) for s in sizes]}")
    assert len(sizes) == 25
    assert max(sizes) - sizes[1] < MOST
    rows = (folder / "timeline.ndjson").read_bytes().count(b"\n")
    assert rows == 24 * 3_600


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_day_with_all_series_at_times(tmp_path: Path) -> None:
    """86,400 ticks; twelve series in each sixtieth."""
    grown(tmp_path, 60, 280)


@pytest.mark.bench
@pytest.mark.timeout(1800)
def test_a_day_with_all_series_always(tmp_path: Path) -> None:
    """86,400 ticks of twelve series each."""
    grown(tmp_path, 1, 1700)
