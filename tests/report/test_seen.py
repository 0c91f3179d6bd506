"""Reports see a run's own limits, phases and recoveries, live as in a stored run."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpesim.measure.limit import Limit, LimitState
from cpesim.measure.meter import Meter
from cpesim.measure.result import Exit, Result, RunFacts
from cpesim.report import seen
from cpesim.report.as_json import summary
from cpesim.report.folder import RunFolder
from cpesim.report.kept.stored import stored
from cpesim.report.markdown import markdown_text
from cpesim.scenario.step import Place
from cpesim.scenario.threshold import Threshold

WRITTEN = Threshold(
    "recovery(dark) t95 < 4m",
    name="all are back soon",
    place=Place("storm.yaml", 62, 5),
)


def recovering() -> Result:
    """Ten CPEs went dark; nine came back, one each second; two got version 2."""
    result = Result(RunFacts("a", "7f3a", "http://a/", 10, workers=1, epoch=1e9))
    result.begin_phase("before", 0.0)
    for second in range(12):
        if second == 3:
            result.begin_phase("storm", 3.0)
            result.begin_recovery("dark", 3.0)
            result.begin_campaign("2", 3.5)
        meter = Meter(float(second))
        meter.session("pace", 0.0, 0.1)
        if second >= 3:
            meter.record("recovery{set=dark}", (second - 2) / 100)
        if second >= 10:
            meter.record("campaign{version=2}", 7.0 / 100)
        gauges = {"set.size{set=dark}": 10.0}
        result.feed("w0", meter.snapshot(second + 1.0, gauges))
        result.tick(second + 1.0)
    result.limits.append(
        Limit(WRITTEN, LimitState.FAILED, None, "never", 12.0, phase="storm")
    )
    return result


def test_limits_phases_and_recoveries_are_those_of_the_result() -> None:
    """With the limit's own line, each phase's sessions, and who is not back."""
    result = recovering()
    (limit,) = seen.limits(result)
    assert (limit.title, limit.place) == ("all are back soon", "storm.yaml:62")
    assert (limit.state, limit.shown, limit.phase) == ("failed", "never", "storm")
    assert [(p.name, p.begin, p.end) for p in seen.phases(result)] == [
        ("before", 0.0, 3.0),
        ("storm", 3.0, 12.0),
    ]
    assert [p.sessions["done"] for p in seen.phases(result)] == [3, 9]
    assert [p.latency["session"].count for p in seen.phases(result)] == [3, 9]
    (dark,) = seen.recoveries(result)
    assert (dark.size, dark.back, dark.begin) == (10, 9, 3.0)
    assert dark.times["t50"] == pytest.approx(5.0, rel=0.001)
    assert dark.times["t90"] == pytest.approx(9.0, rel=0.001)
    assert dark.times["t95"] is None
    assert dark.curve[0] == (0.0, 0)
    assert dark.curve[-1] == (dark.times["t90"], 9)
    (version,) = seen.campaigns(result)
    assert (version.name, version.back, version.begin) == ("2", 2, 3.5)
    assert "recovery{set=dark}" not in summary(result)["latency"]


def test_a_set_of_which_nobody_is_back_is_told() -> None:
    """By every report: it matters the most."""
    result = Result(RunFacts("a", "7f3a", "http://a/", 10, workers=1, epoch=1e9))
    result.begin_recovery("dark", 0.0)
    meter = Meter(0.0)
    meter.session("pace", 0.0, 0.1)
    result.feed("w0", meter.snapshot(1.0, {"set.size{set=dark}": 10.0}))
    result.finish(1.0, Exit(0, "ran"))
    (dark,) = seen.recoveries(result)
    assert (dark.name, dark.size, dark.back) == ("dark", 10, 0)
    assert list(summary(result)["recovery"]) == ["dark"]
    assert "dark" in markdown_text(result)


def test_they_are_told_again_from_the_folder(tmp_path: Path) -> None:
    """As they were; and of a killed run, the recovery at least."""
    result = recovering()
    folder = RunFolder(tmp_path / "run", result)
    folder.append()
    cut = stored([folder.path])
    (dark,) = seen.recoveries(cut)
    # Two seconds had not been written when it was cut off.
    assert (dark.size, dark.back) == (10, 7)
    result.counters["steps.done"] = 3
    result.finish(12.0, Exit(99, "1 limit failed"))
    folder.finish()
    assert summary(stored([folder.path])) == summary(result)


def test_a_set_that_went_dark_twice_is_told_of_its_last_return(tmp_path: Path) -> None:
    """What the log holds of the first one is of another time."""
    result = recovering()
    result.begin_recovery("dark", 15.0)
    for second in range(12, 21):
        meter = Meter(float(second))
        if second >= 15:
            meter.record("recovery{set=dark}", 0.05)
        result.feed("w0", meter.snapshot(second + 1.0, {"set.size{set=dark}": 6.0}))
        result.tick(second + 1.0)
    folder = RunFolder(tmp_path / "run", result)
    result.finish(21.0, Exit(0, "ran"))
    folder.finish()
    (dark,) = seen.recoveries(stored([folder.path]))
    assert (dark.size, dark.back, dark.begin) == (6, 6, 15.0)
    assert summary(stored([folder.path])) == summary(result)
