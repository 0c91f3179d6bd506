"""How a set came back, from what several workers tell."""

from __future__ import annotations

import pytest

from cpesim.measure.meter import Meter
from cpesim.measure.recovery import HUNDREDTHS, SHARES, shown
from cpesim.measure.result import Result, RunFacts
from cpesim.report.as_json import summary


def told(*workers: tuple[int, list[float]], name: str = "dark") -> Result:
    """A result of workers with so many CPEs of a set, back after these seconds."""
    result = Result(RunFacts("r", "id", "http://acs/", 100, workers=len(workers)))
    add(result, *workers, name=name)
    return result


def add(result: Result, *workers: tuple[int, list[float]], name: str) -> None:
    """The power of one more set comes back."""
    result.begin_recovery(name, 0.0)
    for number, (size, times) in enumerate(workers):
        meter = Meter()
        for seconds in times:
            meter.count(f"recovered{{set={name}}}")
            meter.record(f"recovery{{set={name}}}", seconds / HUNDREDTHS)
        gauges = result.gauges() if len(workers) == 1 else {}
        gauges[f"set.size{{set={name}}}"] = float(size)
        result.feed(f"w{number}", meter.snapshot(1.0, gauges))


def test_shares_are_of_the_whole_set() -> None:
    """20 of 100 are not back: t80 is there, t81 is not, whatever came back how fast."""
    result = told((60, [float(n) for n in range(1, 41)]), (40, [50.0] * 40))
    found = result.recovery("dark")
    assert (found.size, found.back, found.never) == (100, 80, 20)
    assert found.t(0.4) == pytest.approx(40.0, rel=0.002)
    assert found.t(0.405) == pytest.approx(50.0, rel=0.002)
    assert found.t(0.8) == pytest.approx(50.0, rel=0.002)
    assert found.t(0.81) is None
    assert found.t(1.0) is None


def test_all_back() -> None:
    """t100 is the last of them; shares are exact, not those of a float's last digit."""
    result = told((1000, [n / 10 for n in range(1, 1001)]))
    for share in SHARES:
        found = result.recovery("dark").t(share)
        assert found == pytest.approx(share * 100.0, rel=0.002)
    assert result.recovery("dark").never == 0


def test_it_reaches_a_hundred_hours() -> None:
    """A soak's recovery is not cut at the hour where latencies end."""
    found = told((2, [7_200.0, 350_000.0])).recovery("dark")
    assert found.t(1.0) == pytest.approx(350_000.0, rel=0.002)


def test_each_set_by_its_name() -> None:
    """In the order of their names, and in the summary; none where none began."""
    assert Result(RunFacts("r", "id", "http://acs/", 1)).recovered() == {}
    result = told((10, [1.0] * 9), name="b")
    add(result, (4, [2.0] * 4), name="a")
    assert list(result.recovered()) == ["a", "b"]
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


def test_a_set_begins_anew() -> None:
    """What came before its power came back again is another recovery."""
    result = told((10, [1.0] * 10))
    add(result, (10, [5.0] * 2), name="dark")
    found = result.recovery("dark")
    assert (found.size, found.back) == (10, 2)
    assert found.t(0.2) == pytest.approx(5.0, rel=0.002)


def test_what_people_read() -> None:
    """Seconds while they are few, a clock from a minute on."""
    told = [shown(t) for t in (None, 0.8, 59.0, 271.0)]
    assert told == ["-", "800ms", "59.0s", "04:31"]
