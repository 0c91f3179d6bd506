"""Limits on the command line: what the program says and exits with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import acs, ran
from tests.cli.test_exit_codes import summary

# The program is run many times over: a minute and more.
pytestmark = pytest.mark.slow

SHORT = ("-n", "20", "--ramp", "500ms", "-d", "1500ms", "--ui", "none", "--grace", "1s")


def test_limits_that_hold_and_one_that_fails_are_99(
    tmp_path: Path, profile: str
) -> None:
    """Each is on the screen with its value, and in the summary."""
    with acs(tmp_path) as url:
        done = ran(
            *("quick", url, *SHORT, "--profile", profile),
            *("--threshold", "session.failed rate < 1%"),
            *("--threshold", "session.done count >= 21"),
            *("--threshold", "session.time max < 30s"),
            where=tmp_path,
        )
    assert done.returncode == 99, done.stderr
    assert " LIMITS   2 passed, 1 FAILED" in done.stdout
    assert "✗ session.done count >= 21" in done.stdout
    assert "exit 99: 1 limit failed: session.done count >= 21 (20)" in done.stdout
    found = summary(tmp_path)
    assert found["exit"]["code"] == 99
    assert [limit["state"] for limit in found["limits"]] == ["ok", "failed", "ok"]
    assert found["limits"][1]["value"] == 20
    assert found["sessions"]["done"] == 20


def test_a_limit_that_fails_ends_the_run_with_all_reports(
    tmp_path: Path, profile: str
) -> None:
    """--fail-fast: long before the planned end."""
    with acs(tmp_path, "--fail-503", "50%") as url:
        done = ran(
            *("quick", url, "-n", "50", "-r", "20/s", "-d", "50s", "--grace", "1s"),
            *("--ui", "plain", "--profile", profile, "--fail-fast"),
            *("--threshold", "session.failed rate over 1s < 5%"),
            where=tmp_path,
        )
    assert done.returncode == 99, done.stderr
    assert "which ended the run" in done.stdout
    found = summary(tmp_path)
    assert found["ran"] < 30
    assert found["limits"][0]["aborted"] is True
    assert found["sessions"]["done"] > 0
    (folder,) = tmp_path.glob("reports/*")
    names = {path.name for path in folder.iterdir()}
    assert {"summary.json", "timeline.ndjson", "latency.hlog"} <= names
    events = (folder / "events.ndjson").read_text()
    assert "the limit 'session.failed rate over 1s < 5%' failed" in events


def test_too_few_samples_change_the_code_only_if_strict(
    tmp_path: Path, profile: str
) -> None:
    """20 sessions have no p99: 0 with a word about it, or 97."""
    codes = []
    with acs(tmp_path) as url:
        for more in ((), ("--strict",)):
            done = ran(
                *("quick", url, *SHORT, "--profile", profile, *more),
                *("--threshold", "session.time p99 < 30s"),
                where=tmp_path,
            )
            codes.append(done.returncode)
            assert "1 too few samples" in done.stdout
            assert "too few samples for 1 limit" in done.stdout
    assert codes == [0, 97]


def test_limits_that_cannot_be_judged_are_2(tmp_path: Path, profile: str) -> None:
    """All of them, before anything is sent."""
    done = ran(
        *("quick", "http://127.0.0.1:9/", "--profile", profile),
        *("--threshold", "session.tme p99 < 5s"),
        *("--threshold", "session.time p99 < 5s in storm"),
        where=tmp_path,
    )
    assert done.returncode == 2
    assert "'session.tme p99 < 5s':1:1: unknown metric 'session.tme'" in done.stderr
    assert "1:26: unknown phase 'storm': the scenario has no phases" in done.stderr
    assert not (tmp_path / "reports").exists()


def test_a_scenarios_limits_can_be_left_out(tmp_path: Path, profile: str) -> None:
    """`run --no-thresholds` judges those of the command line alone."""
    scenario = tmp_path / "mine.yaml"
    with acs(tmp_path) as url:
        scenario.write_text(
            f"version: 1\nname: mine\nduration: 2s\nacs: {{url: '{url}'}}\n"
            f"fleet:\n  start: {{ramp: 1s}}\n"
            f"  groups: {{cpes: {{count: 5, profile: '{profile}'}}}}\n"
        )
        done = ran(
            *("run", str(scenario), "--no-thresholds", "--ui", "none", "--grace", "1s"),
            *("--threshold", "session.done count == 5"),
            where=tmp_path,
        )
    assert done.returncode == 0, done.stdout
    assert "exit 0: ran to its planned end, all limits held" in done.stdout
