"""Every report, read by the library that others read it with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from junitparser import Error, Failure, JUnitXml, Skipped, TestSuite
from prometheus_client.openmetrics.parser import text_string_to_metric_families

import cpesim.report
from cpesim.measure.health import Grade
from cpesim.measure.result import Exit, Result, RunFacts, Tally
from cpesim.report.as_json import summary, summary_text
from cpesim.report.junit import junit_text
from cpesim.report.markdown import markdown_text
from cpesim.report.openmetrics import openmetrics_text
from tests.measure.populated import populated
from tests.report.judged import judged, limit, over, slow

SCHEMA = json.loads(
    (Path(cpesim.report.__file__).parent / "summary.schema.json").read_text("utf-8")
)


@pytest.fixture(scope="module")
def result() -> Result:
    """A run that broke a limit."""
    return over(judged(40))


def cases(result: Result, tmp_path: Path) -> dict[str, Any]:
    """The test cases by name, as junitparser reads them from a file."""
    path = tmp_path / "junit.xml"
    path.write_text(junit_text(result), encoding="utf-8")
    (suite,) = JUnitXml.fromfile(str(path))
    assert isinstance(suite, TestSuite)
    assert suite.tests == len(list(suite))
    return {case.name: case for case in suite}


def test_summaries_keep_their_schema(result: Result) -> None:
    """Judged, bare, and of a run that goes on; what has another type is refused."""
    check = jsonschema.Draft202012Validator(SCHEMA)
    check.check_schema(SCHEMA)
    for each in (result, populated(seconds=3), Result(RunFacts("a", "b", "c", 1))):
        check.validate(json.loads(summary_text(each)))
    assert set(SCHEMA["properties"]) == set(summary(result))
    for key, value in (("exit", {"code": "0"}), ("limits", [{}]), ("ran", "1s")):
        assert not check.is_valid({**summary(result), key: value})


def test_tagged_counters_have_a_place_of_their_own() -> None:
    """They are no session counts of the whole run."""
    result = populated(seconds=2)
    result.counters["sessions.done{group=homes0}"] = 7
    told = summary(result)
    assert told["tagged"] == {"sessions.done{group=homes0}": 7}
    assert "sessions.done{group=homes0}" not in told["other"]


def test_junit_has_a_case_for_each_limit(result: Result, tmp_path: Path) -> None:
    """And three of the run; what failed says what it got, wanted, and where."""
    found = cases(result, tmp_path)
    assert list(found)[5:] == ["preflight", "generator", "ran to the end"]
    slow = found["recovery(dark) t95 < 4m"]
    assert slow.classname == "cpesim.boot-storm.limits"
    (failure,) = slow.result
    assert isinstance(failure, Failure)
    assert failure.text.splitlines() == [
        "got: 4m31s",
        "wanted: recovery(dark) t95 < 4m",
        "phase: whole run",
        "at: 391 s",
        "line: boot-storm.yaml:62",
    ]
    assert isinstance(found["session.time p99.9 < 1s in after"].result[0], Skipped)
    good = ("shops are not starved", "session.late rate < 1%", "ran to the end")
    assert all(not found[name].result for name in good)


@pytest.mark.parametrize(
    ("code", "grade", "failed"),
    [
        (0, Grade.OK, {}),
        (4, Grade.OK, {"preflight": Error, "ran to the end": Failure}),
        (97, Grade.SATURATED, {"generator": Failure}),
        (130, Grade.SUSPECT, {"ran to the end": Failure}),
    ],
)
def test_junit_says_what_was_wrong_with_the_run(
    tmp_path: Path, code: int, grade: Grade, failed: dict[str, type]
) -> None:
    """The ACS, the generator, or that it was interrupted."""
    result = judged(3)
    result.limits.clear()
    result.health.grade = grade
    result.finish(3.0, Exit(code, "a reason with <letters> \x07 \ud800"))
    found = cases(result, tmp_path)
    assert {
        name: type(case.result[0]) for name, case in found.items() if case.result
    } == failed


def test_junit_of_a_run_without_end(tmp_path: Path) -> None:
    """It did not run to the end."""
    found = cases(populated(seconds=2), tmp_path)
    assert found["ran to the end"].result[0].message == "still running"


def test_openmetrics_are_read_by_prometheus() -> None:
    """Every family, with the result's numbers; odd letters in labels are kept."""
    result = over(judged(4))
    result.limits.append(slow('a "b" \\ \n c'))
    text = openmetrics_text(result)
    assert text.endswith("\n# EOF\n")
    families = {f.name: f for f in text_string_to_metric_families(text)}
    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families.values()
        for sample in family.samples
    }
    done = result.count("sessions.done")
    assert samples["cpesim_sessions_total", "done"] == done
    assert samples["cpesim_latency_seconds_count", "session"] == done
    assert samples["cpesim_latency_seconds", "0.99", "session"] == (
        result.total("session").p99
    )
    assert samples["cpesim_limit_ok", 'a "b" \\ \n c'] == 0
    assert samples["cpesim_limit_ok", "shops are not starved"] == 1
    assert samples["cpesim_recovery_seconds", "dark", "t50"] == pytest.approx(
        200, rel=0.01
    )
    assert ("cpesim_recovery_seconds", "dark", "t100") not in samples
    assert samples["cpesim_generator", "OK"] == 1
    assert samples["cpesim_exit_code",] == 99


def test_openmetrics_of_nothing() -> None:
    """A run that did nothing is told too."""
    text = openmetrics_text(Result(RunFacts("a", "b", "c", 1)))
    assert {f.name for f in text_string_to_metric_families(text)} >= {"cpesim_sessions"}


def test_the_markdown_summary(result: Result) -> None:
    """Verdict, limits, recovery, times, phases, errors; tables stay tables."""
    text = markdown_text(result)
    assert text.startswith("## boot-storm 7f3a: FAILED\n\nexit 99: 1 limit failed\n")
    assert (
        "| ✗ | `recovery(dark) t95 < 4m` | 4m31s (failed) | boot-storm.yaml:62 |"
        in text
    )
    assert "t50 03:20, t90 never, t95 never, t99 never, t100 never; not back 1." in text
    assert "\n| storm | 600 | 9 | " in text
    for table in text.split("\n\n"):
        if table.startswith("|"):
            columns = {
                line.replace("\\|", "").count("|") for line in table.splitlines()
            }
            assert len(columns) == 1


def test_markdown_of_others_is_no_markdown() -> None:
    """Names and labels cannot end a cell, nor bring HTML."""
    result = judged(3)
    result.limits[:] = [limit("a | `b`", "failed", "9", "x | <img> *y*")]
    result.errors["<b>|bad"] = Tally("<b>|bad", 3, 0.0, 1.0, {})
    text = markdown_text(result)
    assert "`a \\| 'b'` x \\| &lt;img&gt; \\*y\\*" in text
    assert "<b>" not in text
    assert "&lt;b&gt;\\|bad" in text
