"""The tables of the reports tell the percentiles that the scenario asks for."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from cpesim.measure.result import Exit, Result
from cpesim.report import as_json, percentiles
from cpesim.report.console import console_text
from cpesim.report.folder import RunFolder
from cpesim.report.kept.stored import stored
from cpesim.report.markdown import markdown_text
from cpesim.report.page.page import page_text
from tests.report.judged import judged, over

ASKED = (25.0, 50.0, 99.99)
SCHEMA = Path(as_json.__file__).with_name("summary.schema.json")


def asking(asked: tuple[float, ...] = ASKED) -> Result:
    """A judged run whose scenario asked for these."""
    result = judged(60)
    result.facts = replace(result.facts, percentiles=asked)
    return over(result)


def test_the_console_has_these_columns() -> None:
    """In their order, with the histogram's own values; fewer where it is narrow."""
    result = asking()
    text = console_text(result)
    heads = ["count", "p25", "p50", "p99.99", "max"]
    (line,) = [line for line in text.splitlines() if "TIME from" in line]
    assert line.split()[-5:] == heads
    histogram = result.histogram("Inform")
    assert histogram is not None
    assert percentiles.values(result, "Inform") == histogram.percentiles(ASKED)
    many = asking((10.0, 50.0, 75.0, 90.0, 99.0, 99.9))
    assert percentiles.names(many, narrow=True) == ["p50", "p99"]
    assert percentiles.names(asking((1.0, 2.0, 3.0, 4.0)), narrow=True) == [
        *("p1", "p2", "p3")
    ]
    assert percentiles.names(asking(), narrow=True) == ["p25", "p50", "p99.99"]


def test_the_other_tables_have_them_too() -> None:
    """Of the whole run, of phases, of groups."""
    text = markdown_text(asking())
    assert "| time | count | p25 | p50 | p99.99 | max |" in text
    assert "| phase | done | failed | p25 | p50 | p99.99 |" in text
    heads = re.findall(r"<th[^>]*>(p[0-9.]+)</th>", page_text(asking()))
    assert heads == ["p25", "p50", "p99.99"] * 3


def test_nobody_asked(tmp_path: Path) -> None:
    """Then there are the usual ones, and the summary has no other key."""
    result = over(judged(60))
    assert percentiles.names(result) == ["p50", "p90", "p95", "p99", "p99.9"]
    assert percentiles.besides(result, "session") == {}
    assert "count     p50     p90     p95     p99   p99.9     max" in console_text(
        result
    )


def test_the_summary_has_its_own_and_these(tmp_path: Path) -> None:
    """By its schema; a stored run tells the same again."""
    result = asking()
    told = as_json.summary(result)
    jsonschema.validate(told, json.loads(SCHEMA.read_text()))
    session = told["latency"]["session"]
    assert {"p50", "p90", "p99_9", "p25", "p99_99"} <= session.keys()
    assert session["p25"] < session["p50"] < session["p99_99"]
    assert told["plan"]["percentiles"] == list(ASKED)


@pytest.mark.parametrize("lost", ["", "latency.hlog"])
def test_a_stored_run_tells_them_again(tmp_path: Path, lost: str) -> None:
    """From its histograms; without them there are the usual ones and dashes."""
    result = judged(30)
    result.facts = replace(result.facts, percentiles=ASKED)
    folder = RunFolder(tmp_path / "run", result)
    folder.append()
    result.finish(result.now, Exit(0, "ran"))
    folder.finish()
    if lost:
        (folder.path / lost).unlink()
    read = stored([folder.path])
    p25, p50, rare = percentiles.cells(read, "session")
    assert p50 == percentiles.cells(result, "session")[1]
    if lost:
        assert (p25, rare) == ("-", "-")
    else:
        assert as_json.summary(read) == as_json.summary(result)
