"""Limits and phases as they are told: on the console, in JSON, on the dashboard."""

from __future__ import annotations

import json
from math import inf

from cpesim.measure.limit import Limit, LimitState
from cpesim.measure.meter import Meter
from cpesim.measure.result import Result, RunFacts
from cpesim.report.as_json import summary_text
from cpesim.report.console import console_text
from cpesim.scenario.step import Place
from cpesim.scenario.threshold import Threshold


def result() -> Result:
    """A run of two phases and five limits."""
    run = Result(RunFacts("storm", "7f", "http://a/", 10))
    for second, name, took in ((0, "baseline", 0.1), (1, "storm", 3.0)):
        run.begin_phase(name, float(second))
        meter = Meter(float(second))
        meter.session("pace", 0.0, took)
        run.feed("w0", meter.snapshot(second + 1.0, {}))
    run.begin_phase("after", 2.0)
    run.close(2.0)
    place = Place("storm.yaml", 62, 5)
    for text, state, value, words in (
        ("session.failed rate < 1%", LimitState.OK, 0.0041, "0.41 %"),
        ("recovery(dark) t95 < 4m", LimitState.FAILED, inf, "never"),
        ("session.time p99 < 5s", LimitState.TOO_FEW, 3.0, "3.0s of 2 samples"),
        ("session.time max < 5s", LimitState.WARN, 7.0, "7.0s"),
    ):
        limit = Limit(Threshold(text, place=place), state, value, words, 2.0)
        run.limits.append(limit)
    run.limits.append(Limit(Threshold("x count < 1", name="shops are not starved")))
    return run


def test_limits_on_the_console() -> None:
    """The block of the design: what passed, what failed, and on which line."""
    text = console_text(result())
    (block,) = [b for b in text.split("\n\n") if b.startswith(" LIMITS")]
    head, *lines = block.splitlines()
    assert head == (
        " LIMITS   1 passed, 1 FAILED, 1 warned, 1 too few samples, 1 pending"
    )
    assert [" ".join(line.split()) for line in lines] == [
        "✓ session.failed rate < 1% 0.41 %",
        "✗ recovery(dark) t95 < 4m never storm.yaml:62",
        "? session.time p99 < 5s 3.0s of 2 samples too few samples storm.yaml:62",
        "! session.time max < 5s 7.0s storm.yaml:62",
        "· shops are not starved",
    ]


def test_phases_on_the_console() -> None:
    """One line, the phases in their order; none where there were no phases."""
    text = console_text(result())
    assert " BY PHASE session p99   baseline 100ms   │ storm 3.0s   │ after -\n" in text
    plain = console_text(Result(RunFacts("x", "1f", "http://a/", 1)))
    assert "BY PHASE" not in plain
    assert "LIMITS" not in plain


def test_limits_and_phases_for_programs() -> None:
    """Every figure; a time that never came is null."""
    found = json.loads(summary_text(result()))
    assert found["limits"][1] == {
        "name": "recovery(dark) t95 < 4m",
        "threshold": "recovery(dark) t95 < 4m",
        "state": "failed",
        "value": None,
        "text": "never",
        "at": 2.0,
        "worst": None,
        "samples": None,
        "phase": "",
        "severity": "fail",
        "aborted": False,
        "place": {"file": "storm.yaml", "line": 62, "column": 5},
    }
    assert found["limits"][4]["name"] == "shops are not starved"
    assert list(found["phases"]) == ["baseline", "storm", "after"]
    storm = found["phases"]["storm"]
    assert (storm["begin"], storm["end"], storm["seconds"]) == (1.0, 2.0, 1.0)
    assert storm["sessions"]["done"] == 1
    assert storm["latency"]["session"]["count"] == 1
    assert storm["latency"]["session"]["max"] == 3.0
