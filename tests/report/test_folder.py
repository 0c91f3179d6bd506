"""The folder of a run: complete, readable by others, without a secret in it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

from cpesim.measure.latency import HIGHEST
from cpesim.measure.result import Exit, Result, RunFacts
from cpesim.report import REPORTS, hlog
from cpesim.report.folder import APPENDED, RunFolder, folder_name, write_whole
from cpesim.report.manifest import LIBRARIES, manifest_text, masked
from tests.measure.populated import populated


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A stored run and its result."""
    path = tmp_path_factory.mktemp("reports") / "run"
    result = populated(seconds=23)
    result.manifest = {
        "arguments": ["quick", "http://me:secret@acs/", "--password-env", "PASS"],
        "options": {"password": "secret", "password_env": "PASS", "tags": {"a": 1}},
    }
    folder = RunFolder(path, result)
    folder.append()
    result.event(23.0, "stop asked for http://me:secret@acs/")
    result.finish(23.2, Exit(130, "interrupted"))
    folder.finish()
    folder.close()
    return path, result


def test_every_file_is_there_and_nothing_else(run: tuple[Path, Result]) -> None:
    """What REPORTS names and what is appended; no half-written rest."""
    path, result = run
    assert {file.name for file in path.iterdir()} == {
        "manifest.json",
        "summary.json",
        "summary.txt",
        "summary.md",
        "junit.xml",
        "metrics.txt",
        "report.html",
        "timeline.ndjson",
        "events.ndjson",
        "errors.ndjson",
        "latency.hlog",
    }
    assert set(result.files) == {file.name for file in path.iterdir()}


def test_no_secret_is_written(run: tuple[Path, Result]) -> None:
    """Not from the URL, the options or an event."""
    for file in run[0].iterdir():
        assert "secret" not in file.read_text("utf-8")


def test_the_log_is_read_by_the_standard_reader(run: tuple[Path, Result]) -> None:
    """All intervals of a tag add up to the series' total, to the last sample."""
    path, result = run
    reference = HdrHistogram(1, HIGHEST, 3)
    reader = HistogramLogReader(str(path / "latency.hlog"), reference)
    sums: dict[str, HdrHistogram] = {}
    stamps = set()
    while (interval := reader.get_next_interval_histogram()) is not None:
        tag = interval.get_tag()
        sums.setdefault(tag, HdrHistogram(1, HIGHEST, 3)).add(interval)
        begin, end = interval.get_start_time_stamp(), interval.get_end_time_stamp()
        stamps.add(
            (round(begin / 1e3 - 1_795_000_000, 3), round((end - begin) / 1e3, 3))
        )
    reader.close()
    assert set(sums) == {hlog.tag(series) for series in result.series()}
    assert "empty_POST" in sums
    for series in result.series():
        total, read = result.total(series), sums[hlog.tag(series)]
        assert read.get_total_count() == total.count
        assert read.get_value_at_percentile(99) / 1e6 == pytest.approx(total.p99)
    assert stamps == {(0.0, 5.0), (5.0, 5.0), (10.0, 5.0), (15.0, 5.0), (20.0, 3.2)}


def test_the_log_has_the_form_of_version_1_3(run: tuple[Path, Result]) -> None:
    """Header, legend, and Tag= on each line, as the Java tools want it."""
    lines = (run[0] / "latency.hlog").read_text().splitlines()
    assert lines[0] == "#[Histogram log format version 1.3]"
    assert lines[2].startswith(
        "#[StartTime: 1795000000.000 (seconds since epoch), 2026"
    )
    assert lines[3] == "#[BaseTime: 1795000000.000 (seconds since epoch)]"
    line = re.compile(r"Tag=[^, ]+,\d+\.\d{3},\d+\.\d{3},\d+\.\d{3},HISTFAAA[\w+/=]+")
    assert all(line.fullmatch(each) for each in lines[5:])
    assert hlog.tag("a b,c\nd") == "a_b_c_d"


def test_the_timeline_has_a_line_a_second(run: tuple[Path, Result]) -> None:
    """Counts and percentiles of each second add up to the whole."""
    path, result = run
    lines = [json.loads(x) for x in (path / "timeline.ndjson").read_text().splitlines()]
    assert [line["at"] for line in lines] == list(range(23))
    assert sum(line["done"] for line in lines) == result.count("sessions.done")
    assert lines[3]["latency"]["session"]["n"] == lines[3]["done"]
    assert set(lines[3]["latency"]["session"]) == {
        *("n", "p50", "p95", "p99", "max", "mean")
    }
    assert lines[3]["gauges"]["busy"] == lines[3]["busy"] == 1204


def test_events_are_noted(run: tuple[Path, Result]) -> None:
    """Each with its moment, in order, the last one too."""
    lines = (run[0] / "events.ndjson").read_text().splitlines()
    assert [json.loads(line)["at"] for line in lines] == [0.0, 60.0, 23.0]


def test_the_summary_holds_everything(run: tuple[Path, Result]) -> None:
    """The keys that CI reads, with the result's numbers."""
    path, result = run
    summary = json.loads((path / "summary.json").read_text())
    assert summary["schema"] == "cpesim/summary/1"
    assert summary["exit"] == {"code": 130, "reason": "interrupted"}
    assert summary["sessions"] == result.sessions()
    assert set(summary["sessions"]) == {
        "wanted",
        "started",
        "done",
        "failed",
        "dropped",
        "not_started",
        "retried",
        "late",
        "interrupted",
    }
    assert summary["generator"]["verdict"] == "OK"
    assert summary["generator"]["processes"]["w0"]["cpu"] == pytest.approx(0.41)
    assert summary["plan"]["acs"] == "http://acs.example:7547/cwmp"
    assert set(summary["latency"]["session"]) == {
        "count",
        "p50",
        "p90",
        "p95",
        "p99",
        "p99_9",
        "max",
        "mean",
    }
    assert summary["failures"]["http 503"]["exchanges"] == {"Inform": 4}
    assert summary["status"] == {"200": 3 * summary["sessions"]["done"]} | {
        "204": summary["sessions"]["done"]
    }
    assert summary["fleet"]["all"]["ok"] == 12_000


def test_the_manifest_says_what_ran(run: tuple[Path, Result]) -> None:
    """Plan, versions, and what the conductor added, secrets starred."""
    manifest = json.loads((run[0] / "manifest.json").read_text())
    assert manifest["run_id"] == "7f3a"
    assert manifest["libraries"]["trio"]
    assert manifest["arguments"][1] == "http://acs/"
    assert manifest["options"] == {
        "password": "***",
        "password_env": "PASS",
        "tags": {"a": 1},
    }


def test_masks_go_deep(monkeypatch: pytest.MonkeyPatch) -> None:
    """In lists and mappings; nothing where there is nothing; odd values as text."""
    assert masked({"a": [{"Token": "x"}], "password": None, "b": (1, True)}) == {
        "a": [{"Token": "***"}],
        "password": None,
        "b": [1, True],
    }
    monkeypatch.setattr("cpesim.report.manifest.LIBRARIES", ("no-such-library-here",))
    assert "no-such-library-here" not in LIBRARIES
    result = Result(RunFacts("a", "b", "c", 1))
    result.manifest = {"path": Path("x")}
    assert json.loads(manifest_text(result))["path"] == "x"


def test_a_header_of_ones_own_is_no_secret_told() -> None:
    """Its name is, in either form of the option."""
    words = ["--header", "X-Key: abc", "--header=X-Key: abc", "-d", "5s"]
    assert masked({"arguments": words, "none": []}) == {
        "arguments": ["--header", "X-Key: ***", "--header=X-Key: ***", "-d", "5s"],
        "none": [],
    }


def test_names_of_folders() -> None:
    """They sort by time and hold no letter that a shell would mind."""
    facts = RunFacts("boot storm/!", "7f3a", "u", 1, epoch=1_795_000_000.0)
    assert folder_name(facts) == "20261118T110640-boot-storm-7f3a"
    assert folder_name(RunFacts("..", "1", "u", 1)) == "19700101T000000-run-1"


def test_files_are_whole_or_not_there(tmp_path: Path) -> None:
    """A write that fails leaves the file of before."""
    write_whole(tmp_path / "a", "one")
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "a", "\ud800")
    assert (tmp_path / "a").read_text() == "one"


def test_a_folder_that_cannot_be_is_an_oserror(tmp_path: Path) -> None:
    """No disk, no rights: said before the run starts, with no file left open."""
    (tmp_path / "timeline.ndjson").mkdir()
    with pytest.raises(OSError, match=r"timeline\.ndjson"):
        RunFolder(tmp_path, Result(RunFacts("a", "b", "c", 1)))


def test_formats_that_are_not_wanted_are_not_written(tmp_path: Path) -> None:
    """What is left is written all the same, and the result names no other file."""
    result = populated(seconds=3)
    folder = RunFolder(tmp_path / "run", result, ("json",))
    folder.append()
    result.finish(3.0, Exit(0, "ran"))
    folder.finish()
    files = {file.name for file in folder.path.iterdir()}
    assert files == set(result.files)
    assert files == {*REPORTS, *APPENDED} - {"report.html", "junit.xml", "latency.hlog"}


def test_a_snapshot_tells_of_a_run_that_goes_on(tmp_path: Path) -> None:
    """Its page and its summary, which say that there is no end yet."""
    result = populated(seconds=3)
    folder = RunFolder(tmp_path / "run", result)
    folder.snapshot()
    folder.close()
    summary = json.loads((folder.path / "summary.json").read_text())
    assert summary["state"] == "RUNNING"
    assert summary["exit"]["code"] is None
    assert ">RUNNING<" in (folder.path / "report.html").read_text("utf-8")
    assert not (folder.path / "junit.xml").exists()
