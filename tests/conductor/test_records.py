"""What a run leaves on disk while it goes on, as its scenario wants it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from cpesim.conductor.records import Records
from cpesim.measure.result import Result, State
from cpesim.measure.snapshot import Snapshot
from cpesim.report.page import page
from cpesim.scenario.scenario import Report
from tests.conductor.stage import planned


def test_reports_are_written_anew_during_a_long_run(tmp_path: Path) -> None:
    """Each so many seconds, by what is known then; rows are kept as was asked for."""
    plan = planned("http://127.0.0.1:9/")
    wanted = Report(formats=("json",), snapshot=4.0, keep_detail={1: 5.0, 60: 600.0})
    result = Result(plan.facts)
    records = Records(result, replace(plan.scenario, report=wanted), tmp_path)
    assert [level.rows.maxlen for level in result.history.levels] == [5, 8_640, 10]
    records.open()
    result.enter(State.RUNNING, 0.0)
    told = []
    for second in range(10):
        counters = {"sessions.done": 1}
        result.feed("worker-0", Snapshot(second, second + 1.0, counters))
        result.tick(second + 1.0)
        records.append()
        for path in tmp_path.glob("*/summary.json"):
            told.append(json.loads(path.read_text())["sessions"]["done"])
    records.close()
    assert told == [4, 4, 4, 4, 8, 8, 8]
    assert not [*tmp_path.glob("*/report.html"), *tmp_path.glob("*/latency.hlog")]
    (scenario,) = tmp_path.glob("*/scenario.yaml")
    assert scenario.read_text() == result.scenario


def test_a_page_of_a_run_that_goes_on_is_ready_before_it_begins(tmp_path: Path) -> None:
    """What it is made with is loaded by then; a run without snapshots loads nothing."""
    plan = planned("http://127.0.0.1:9/")
    loaded = []
    for formats, every in (("html", None), ("json", 4.0), ("html", 4.0)):
        page._templates.cache_clear()
        wanted = Report(formats=(formats,), snapshot=every)
        scenario = replace(plan.scenario, report=wanted)
        records = Records(Result(plan.facts), scenario, tmp_path / f"{formats}{every}")
        assert page._templates.cache_info().currsize == 0
        records.open()
        loaded.append(page._templates.cache_info().currsize)
        records.close()
    assert loaded == [0, 0, 1]
