"""How a set came back, from what several workers tell."""

from __future__ import annotations

import pytest

from cpesim.measure.meter import Meter
from cpesim.measure.recovery import PART, SHARES, recoveries, recovery, shown
from cpesim.measure.result import Result, RunFacts
from cpesim.report.as_json import summary


def told(*workers: tuple[int, list[float]], name: str = "dark") -> Result:
    """A result of workers with so many CPEs of a set, back after these seconds."""
    result = Result(RunFacts("r", "id", "http://acs/", 100, workers=len(workers)))
    for number, (size, times) in enumerate(workers):
        meter = Meter()
        meter.count(f"recovering{{set={name}}}", size)
        for seconds in times:
            meter.count(f"recovered{{set={name}}}")
            meter.record(f"recovery{{set={name}}}", seconds / PART)
        gauges = {
            f"set.size{{set={name}}}": float(size),
            f"set.back{{set={name}}}": float(len(times)),
        }
        result.feed(f"w{number}", meter.snapshot(1.0, gauges))
    return result


def test_shares_are_of_the_whole_set() -> None:
    """20 of 100 are not back: t80 is there, t81 is not, whatever came back how fast."""
    result = told((60, [float(n) for n in range(1, 41)]), (40, [50.0] * 40))
    found = recovery(result, "dark")
    assert (found.size, found.back, found.never) == (100, 80, 20)
    assert found.now_size == 100
    assert found.now_back == 80
    assert found.t(0.4) == pytest.approx(40.0, rel=0.002)
    assert found.t(0.405) == pytest.approx(50.0, rel=0.002)
    assert found.t(0.8) == pytest.approx(50.0, rel=0.002)
    assert found.t(0.81) is None
    assert found.t(1.0) is None
    assert found.t(0.0) == pytest.approx(1.0, rel=0.002)


def test_all_back() -> None:
    """t100 is the last of them; shares are exact, not those of a float's last digit."""
    found = recovery(told((1000, [n / 10 for n in range(1, 1001)])), "dark")
    for share in SHARES:
        assert found.t(share) == pytest.approx(share * 100.0, rel=0.002)
    assert found.never == 0


def test_it_reaches_a_hundred_hours() -> None:
    """A soak's recovery is not cut at the hour where latencies end."""
    found = recovery(told((2, [7_200.0, 350_000.0])), "dark")
    assert found.t(1.0) == pytest.approx(350_000.0, rel=0.002)


def test_a_set_that_never_began() -> None:
    """Nothing is known of it, and nothing is divided by it."""
    found = recovery(told((1, [1.0])), "other")
    assert (found.size, found.back) == (0, 0)
    assert found.t(0.5) is None
    assert recoveries(Result(RunFacts("r", "id", "http://acs/", 1))) == []


def test_each_set_by_its_name() -> None:
    """In the order of their names, and in the summary."""
    result = told((10, [1.0] * 9), name="b")
    for more in (told((4, [2.0] * 4), name="a"),):
        result.counters |= more.counters
        result._latency |= more._latency
    assert [found.name for found in recoveries(result)] == ["a", "b"]
    found = summary(result)
    assert found["recovery"]["a"]["t100"] == pytest.approx(2.0, rel=0.002)
    assert found["recovery"]["b"] == {
        "size": 10,
        "back": 9,
        "t50": pytest.approx(1.0, rel=0.002),
        "t90": pytest.approx(1.0, rel=0.002),
        "t95": None,
        "t99": None,
        "t100": None,
        "never": 1,
    }
    assert not any("recovery{" in name for name in found["latency"])
    assert not any("recover" in name for name in found["other"])


def test_what_people_read() -> None:
    """Seconds while they are few, a clock from a minute on."""
    told = [shown(t) for t in (None, 0.8, 59.0, 271.0)]
    assert told == ["-", "800ms", "59.0s", "04:31"]
