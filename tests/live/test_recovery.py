"""The panel of a set that comes back."""

from __future__ import annotations

import pytest

from cpesim.live.cells import width_of
from cpesim.live.recovery import recovered, recovery_panel, recovery_title
from cpesim.measure.meter import Meter
from cpesim.measure.result import Result, RunFacts


def storm(seconds: int, *, size: int = 100, pace: int = 2) -> Result:
    """So many seconds after the power came back at 0; *pace* CPEs are back a second."""
    result = Result(RunFacts("r", "id", "http://acs/", 100))
    result.begin_recovery("dark", 0.0)
    back = 0
    for second in range(seconds):
        meter = Meter(float(second))
        if not second:
            meter.count("recovering{set=dark}", size)
        for _ in range(min(pace, size - back)):
            back += 1
            meter.count("recovered{set=dark}")
            meter.record("recovery{set=dark}", (second + 0.5) / 100)
        gauges = {"set.size{set=dark}": float(size), "set.back{set=dark}": float(back)}
        result.feed("w", meter.snapshot(second + 1.0, gauges))
        result.tick(second + 1.0)
    return result


@pytest.mark.parametrize("width", [40, 80, 200])
def test_half_way(width: int) -> None:
    """Who is back, since when, and when all will be at this pace."""
    result = storm(30)
    title = recovery_title(result)
    assert title == "recovery of 'dark': 100 CPEs, back 00:30 ago"
    lines = recovery_panel(result, width)
    assert [width_of(line) for line in lines] == [width] * 2
    assert lines[0].rstrip().endswith("  60 %  t50 24.5s  t95 -")
    assert lines[1].startswith(" 40 are not back; at this pace")
    if width > 60:
        assert lines[1].rstrip().endswith("all are at 00:50")
    assert recovered(result) == "recovered 60%"


def test_all_are_back() -> None:
    """The last one's time."""
    lines = recovery_panel(storm(60), 80)
    assert lines[1].rstrip() == " all back after 49.5s"
    assert "t95 47.5s" in lines[0]


def test_nobody_comes() -> None:
    """No pace is made up."""
    assert recovery_panel(storm(20, pace=0), 80)[1].rstrip() == " 100 are not back"


def test_not_yet_and_never() -> None:
    """Before the power is back it says when; without a set there is no panel."""
    result = storm(2, pace=0)
    result.begin_recovery("dark", 62.0)
    assert recovery_title(result).endswith("back in 01:00")
    without = Result(RunFacts("r", "id", "http://acs/", 1))
    assert recovery_panel(without, 80) == []
    assert recovery_title(without) == ""
    assert recovered(without) == ""
