"""`cpesim report` and `cpesim runs`, and where a run's reports go."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cpesim.cli.app import app
from cpesim.errors import ConfigError, MachineError
from cpesim.report.folder import RunFolder
from cpesim.report.hlog import tag
from cpesim.report.kept.stored import stored
from tests.cli.program import acs, ran, started
from tests.measure.populated import populated
from tests.report.judged import judged, over
from tests.report.test_stored import kept

SHORT = ("-n", "10", "-r", "10/s", "-d", "1s", "--grace", "1s", "--ui", "none")


def said(*words: str) -> Result:
    """What the program does with these words, in this process."""
    return CliRunner().invoke(app, words)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Two stored runs: one that failed its limits, and a younger one without end."""
    old, young = judged(12), populated(seconds=6)
    old.facts = replace(old.facts, epoch=1.5e9)
    kept(tmp_path / "20261118T110640-boot-storm-7f3a", old)
    young.facts = replace(young.facts, name="other", run_id="81c0", epoch=1.6e9)
    kept(tmp_path / "20270115T080000-other-81c0", young, end=False)
    return tmp_path


def test_reports_are_made_again_in_the_run_s_folder(out: Path) -> None:
    """All of them, as they were; the manifest keeps what only the run knew."""
    (folder,) = out.glob("*7f3a")
    names = ("summary.json", "junit.xml", "metrics.txt", "summary.md")
    before = {name: (folder / name).read_text() for name in names}
    manifest = (folder / "manifest.json").read_text()
    # summary.json stays: the verdict is nowhere else.
    for name in (*names[1:], "report.html"):
        (folder / name).unlink()
    done = said("report", "7f3a", "--out", str(out))
    assert done.exit_code == 0
    assert "exit 99: 1 limit failed" in done.stdout
    assert {name: (folder / name).read_text() for name in names} == before
    assert (folder / "manifest.json").read_text() == manifest
    assert (folder / "report.html").stat().st_size > 1_000_000


def test_no_figure_is_lost_by_making_reports_again(tmp_path: Path) -> None:
    """Neither of a run without its log, nor those of the moment of a killed one."""
    whole, killed = tmp_path / "20260101T000000-a-1", tmp_path / "20260101T000000-b-2"
    folder = RunFolder(whole, result := judged(12), ("json",))
    over(result)
    folder.finish()
    folder = RunFolder(killed, judged(12))
    folder.append()
    folder.snapshot()
    folder.close()
    for path in (whole, killed):
        before = (path / "summary.json").read_text()
        assert '"session.service": {' in before
        done = said("report", str(path))
        assert done.exit_code == 0
        assert (path / "summary.json").read_text() == before
        assert (path / "summary.md").is_file()
        assert ("summary.json stays" in done.stderr) is (path == killed)


def test_reports_go_where_they_are_wanted(out: Path, tmp_path: Path) -> None:
    """To files, or to the terminal and nothing else there."""
    (folder,) = out.glob("*81c0")
    files = {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    page = tmp_path / "page.html"
    said("report", str(folder), "--html", str(page), "--markdown", str(tmp_path / "m"))
    assert ">CUT OFF<" in page.read_text("utf-8")
    assert (tmp_path / "m").read_text().startswith("## other 81c0: CUT OFF")
    done = said("report", str(folder), "--json", "-")
    assert json.loads(done.stdout)["run_id"] == "81c0"
    assert {file: file.stat().st_mtime_ns for file in folder.iterdir()} == files


def test_several_runs_in_one_report(out: Path) -> None:
    """Only when that is wanted: one file for several runs is an error."""
    both = ("report", "7f3a", "81c0", "--out", str(out))
    done = said(*both, "--merge", "--json", "-")
    told = json.loads(done.stdout)
    assert told["run_id"] == "7f3a+81c0"
    assert told["sessions"]["done"] == sum(
        2 * (10 + s) for s in (*range(12), *range(6))
    )
    assert isinstance(said(*both, "--json", "-").exception, ConfigError)
    assert said(*both, "--merge").stdout.count("CUT OFF") == 1


def test_a_report_that_cannot_be_written_is_an_error(out: Path) -> None:
    """With the path and the reason."""
    done = said("report", "7f3a", "--out", str(out), "--html", str(out / "no" / "x"))
    assert isinstance(done.exception, MachineError)
    assert "no/x: No such file" in str(done.exception)


def test_runs_are_listed_and_tidied_up(out: Path) -> None:
    """The newest first; the old ones go when somebody says yes."""
    lines = said("runs", "--out", str(out)).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["run", "81c0", "7f3a"]
    age = f"{int(time.time() - 1_550_000_000)}s"
    for words in (("--prune", age), ("--prune", "old", "--yes")):
        done = said("runs", "--out", str(out), *words)
        assert isinstance(done.exception, ConfigError)
        assert len(list(out.iterdir())) == 2
    assert (
        "is older than 9000d"
        in said(*("runs", "--out", str(out), "--prune", "9000d", "--yes")).stdout
    )
    done = said("runs", "--out", str(out), "--prune", age, "--yes")
    assert done.exit_code == 0
    assert [path.name for path in out.iterdir()] == ["20270115T080000-other-81c0"]
    assert said("runs", "--out", str(out / "none")).stdout.startswith(
        "no run is stored"
    )


@pytest.mark.slow
def test_a_run_s_reports_are_delivered(
    tmp_path: Path, profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy where it was asked for, none of what is off, and the CI's summary."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "step.md"))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    with acs(tmp_path, "--fail-503", "100%") as url:
        done = ran(
            *("quick", url, *SHORT, "--profile", profile),
            *("--json", "mine.json", "--junit", "no", "--html", "mine.html"),
            where=tmp_path,
        )
    assert done.returncode == 4, done.stderr
    (folder,) = tmp_path.glob("reports/*")
    assert not (folder / "junit.xml").exists()
    for copy, made in (("mine.json", "summary.json"), ("mine.html", "report.html")):
        assert (tmp_path / copy).read_text() == (folder / made).read_text()
    assert "TESTED NOTHING" in (tmp_path / "step.md").read_text()
    assert "\n::error title=cpesim::exit 4: tested nothing" in done.stdout
    assert "--json mine.json" not in done.stderr


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("--html", "no/such/x.html"), "--html no/such/x.html: there is no folder"),
        (("--json", "."), "--json .: expected a file"),
        (("--ci", "jenkins"), "--ci jenkins: expected auto, github, gitlab, none"),
    ],
)
def test_what_cannot_be_is_said_before_the_run(
    words: tuple[str, ...], wrong: str
) -> None:
    """Before anything is sent."""
    done = said("quick", "http://127.0.0.1:9/", *SHORT, *words)
    assert isinstance(done.exception, ConfigError)
    assert wrong in str(done.exception)


@pytest.mark.slow
def test_gitlab_gets_a_section_and_a_quality_report(
    tmp_path: Path, profile: str
) -> None:
    """The summary can be folded in the log; limits go to the merge request."""
    with acs(tmp_path) as url:
        done = ran(
            *("quick", url, *SHORT, "--profile", profile, "--ci", "gitlab"),
            where=tmp_path,
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("\x1b[0Ksection_start:")
    (quality,) = tmp_path.glob("reports/*/gl-code-quality-report.json")
    assert json.loads(quality.read_text()) == []


@pytest.mark.slow
def test_a_killed_run_loses_ten_seconds_at_most(tmp_path: Path, profile: str) -> None:
    """SIGKILL at any moment: counts and percentiles are there, and can be reported."""
    with acs(tmp_path) as url:
        words = ("-n", "30", "-r", "30/s", "-d", "2m", "--ui", "none")
        with started(
            *("quick", url, *words, "--profile", profile), where=tmp_path
        ) as process:
            lived = 0.0
            while lived < 19.5:
                time.sleep(0.05)
                assert process.poll() is None
                for path in tmp_path.glob("reports/*/manifest.json"):
                    lived = time.time() - path.stat().st_mtime
            os.kill(process.pid, signal.SIGKILL)
    (folder,) = tmp_path.glob("reports/*")
    assert not (folder / "summary.json").exists()
    read = stored([folder])
    assert lived - read.now <= 10.0
    ends = [
        float(begin) + float(length)
        for line in (folder / "latency.hlog").read_text().splitlines()
        if line.startswith(f"Tag={tag('session')},")
        for begin, length in [line.split(",")[1:3]]
    ]
    assert lived - max(ends) <= 10.0
    assert read.count("sessions.done") >= 30 * (lived - 10.0) - 30
    assert read.total("session").count >= 30 * (lived - 10.0) - 30
    done = ran("report", folder.name.rpartition("-")[2], where=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "CUT OFF" in done.stdout
    assert (folder / "report.html").is_file()
