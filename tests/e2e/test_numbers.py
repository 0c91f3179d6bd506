"""The numbers are true: against ACSs whose slowness is known (issue's section 5)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import acs, ran
from tests.e2e.fleet import got


def measured(
    where: Path, acs_options: list[str], *options: str, timeout: float = 120.0
) -> tuple[dict[str, Any], str]:
    """The summary of a run against an ACS of these options, and what it printed."""
    with acs(where, *acs_options) as url:
        done = ran(
            *("quick", url, "--ui", "none", "--out", "out", *options),
            where=where,
            timeout=timeout,
        )
        assert got(url, "violations") == []
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = where.glob("out/*/summary.json")
    return json.loads(path.read_text(encoding="utf-8")), done.stdout


@pytest.mark.slow
def test_an_acs_that_delays_by_200_ms(tmp_path: Path) -> None:
    """Each exchange's p50, p95 and p99 are 200 ms within 10 ms."""
    kinds = ("Inform", "empty POST", "SetParameterValues")
    off: dict[str, float] = {}
    # The ACS shares this machine: what else runs on it makes the ACS itself late, so a
    # disturbed measurement is taken anew. One that is wrong is wrong each time.
    for turn in range(6):
        where = tmp_path / str(turn)
        where.mkdir()
        found, _ = measured(
            where,
            ["--delay", "200ms", "--script", "credentials"],
            *("-n", "1000", "-r", "50", "-d", "12s"),
        )
        assert found["sessions"]["failed"] == found["sessions"]["dropped"] == 0
        off = {
            f"{kind} {percentile}": found["latency"][kind][percentile]
            for kind in kinds
            for percentile in ("p50", "p95", "p99")
            if abs(found["latency"][kind][percentile] - 0.200) > 0.010
        }
        if not off:
            return
    assert off == {}


@pytest.mark.slow
def test_an_acs_that_stops_for_5_s(tmp_path: Path) -> None:
    """With places enough nothing is dropped, and the wait shows from intended start."""
    found, _ = measured(
        tmp_path,
        ["--stall", "20s,5s"],
        *("-n", "6000", "-r", "100", "-d", "60s", "--in-flight", "1000"),
    )
    assert found["sessions"]["dropped"] == 0
    assert found["sessions"]["done"] == pytest.approx(6000, abs=60)
    assert 4.0 <= found["latency"]["session"]["p99"] <= 5.5


@pytest.mark.slow
def test_an_acs_that_stops_with_too_few_places(tmp_path: Path) -> None:
    """About 350 are dropped, and the summary says that the percentiles omit them."""
    found, printed = measured(
        tmp_path,
        ["--stall", "20s,5s"],
        *("-n", "6000", "-r", "100", "-d", "60s", "--in-flight", "50"),
    )
    dropped = found["sessions"]["dropped"]
    assert dropped == pytest.approx(350, abs=30)
    (line,) = [x for x in printed.splitlines() if "percentiles leave out" in x]
    assert f"{dropped} dropped" in line
