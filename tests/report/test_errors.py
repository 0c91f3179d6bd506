"""errors.ndjson: a line for each kind of failure, during the run and afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cpesim.measure.result import Exit, Result
from cpesim.measure.snapshot import Snapshot
from cpesim.measure.tally import Kind, Trace
from cpesim.report.as_json import summary
from cpesim.report.console import console_text
from cpesim.report.errors import errors_text
from cpesim.report.folder import RunFolder
from cpesim.report.kept.stored import stored
from cpesim.report.markdown import markdown_text
from cpesim.report.page.page import page_text
from tests.measure.populated import populated

TRACE = "traces/http-503-Inform-homes1-1.txt"
TEXT = "http 503 on Inform, CPE 7\n<<   <b>busy</b>\n"


def failing(folder: Path | None = None) -> Result:
    """Two groups of which one failed most, a trace, and CPEs that got in later."""
    result = populated(seconds=25)
    counters = {
        "failed_on.http 503@Inform{group=homes1}": 7,
        "failed_on.http 503@Inform{group=homes0}": 1,
        "got_in.http 503@Inform": 5,
        "got_in.http 503@Inform{group=homes1}": 5,
    }
    result.feed("w0", Snapshot(25.0, 26.0, counters))
    result.feed("w1", Snapshot(25.0, 26.0, {}))
    result.tick(26.0)
    result.traces.add(Kind("http 503", "Inform", "homes1"), Trace(TRACE, TEXT))
    if folder is not None:
        (folder / "traces").mkdir(parents=True)
        (folder / TRACE).write_text(TEXT)
    return result


def lines(text: str) -> list[dict[str, Any]]:
    """The objects of the lines."""
    return [json.loads(line) for line in text.splitlines()]


def test_each_kind_has_a_line() -> None:
    """Label, message, group, count, seconds, who got in, and one trace."""
    common = {"error": "http 503", "on": "Inform", "first": 25, "last": 25}
    assert lines(errors_text(failing())) == [
        common | {"group": "homes1", "count": 7, "got_in": 5, "trace": TRACE},
        common | {"group": "homes0", "count": 1, "got_in": 0, "trace": None},
    ]
    one = populated(seconds=23, groups=1)
    (told,) = lines(errors_text(one))
    assert (told["group"], told["count"], told["first"]) == ("homes0", 4, 21)
    assert errors_text(populated(seconds=3)) == ""


def test_they_are_written_while_the_run_goes_on(tmp_path: Path) -> None:
    """A kill loses some seconds; nothing is written where nothing changed."""
    result = populated(seconds=1)
    folder = RunFolder(tmp_path / "run", result)
    path = folder.path / "errors.ndjson"
    told = []
    for second in range(1, 30):
        counters = {"failed.x": 1, "failed_on.x@Inform": 1} if second < 12 else {}
        for who in ("w0", "w1"):
            result.feed(who, Snapshot(second, second + 1.0, counters))
        result.tick(second + 1.0)
        folder.append()
        known = sum(line["count"] for line in lines(path.read_text()))
        assert result.count("failed.x") - known <= 2 * 5
        told.append(path.stat().st_mtime_ns)
    assert len(set(told)) <= 4
    result.finish(30.0, Exit(0, "ran"))
    folder.finish()
    assert lines(path.read_text())[0]["count"] == result.count("failed.x") == 22


@pytest.mark.parametrize("end", [True, False])
def test_they_are_read_back(tmp_path: Path, end: bool) -> None:
    """Of a run that ended and of one that was killed, traces too."""
    run = tmp_path / "run"
    result = failing(run)
    folder = RunFolder(run, result)
    folder.append()
    if end:
        result.finish(26.0, Exit(0, "ran"))
        folder.finish()
    folder.close()
    read = stored([run])
    assert (
        errors_text(read)
        == errors_text(result)
        == ((run / "errors.ndjson").read_text())
    )
    assert read.traces == result.traces


@pytest.mark.parametrize("how", ["link", "path"])
def test_no_other_file_is_taken_for_a_trace(tmp_path: Path, how: str) -> None:
    """Whatever errors.ndjson names, and whatever lies there."""
    run = tmp_path / "run"
    folder = RunFolder(run, failing(run))
    folder.append()
    folder.close()
    assert len(stored([run]).traces) == 1
    (tmp_path / "key").write_text("s3cret")
    if how == "link":
        (run / TRACE).unlink()
        (run / TRACE).symlink_to(tmp_path / "key")
    else:
        errors = run / "errors.ndjson"
        errors.write_text(errors.read_text().replace(TRACE, "traces/../../key"))
    assert not stored([run]).traces


def test_every_report_names_the_trace() -> None:
    """Beside its error; the page holds its text, as text."""
    result = failing()
    result.finish(26.0, Exit(0, "ran"))
    assert f"`{TRACE}`" in markdown_text(result)
    (kind, other) = summary(result)["failures"]["http 503"]["kinds"]
    assert (kind["trace"], kind["group"], kind["got_in"]) == (TRACE, "homes1", 5)
    assert other["count"] == 1
    text = console_text(result)
    row = "        7  http 503 on Inform"
    (line, below) = text[text.index(row) :].splitlines()[:2]
    assert line.split()[-2:] == ["homes1", "00:25-00:26"]
    assert below == f"           5 got in on a retry   {TRACE}"
    wide = console_text(result, 160)
    assert f"00:25-00:26   5 got in on a retry   {TRACE}\n" in wide
    page = page_text(result)
    assert TRACE in page
    assert "&lt;b&gt;busy&lt;/b&gt;" in page


def test_a_long_list_is_cut_and_says_so() -> None:
    """No failure is left uncounted."""
    result = populated(seconds=1)
    for number in range(40):
        counters = {f"failed.x {number}": 2, f"failed_on.x {number}@Inform": 2}
        result.feed("w0", Snapshot(1.0, 2.0, counters))
    assert "      40  of 20 more kinds: errors.ndjson has all" in console_text(result)
