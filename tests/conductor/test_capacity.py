"""The search that leads a run, against an ACS of so many sessions a second."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from cpesim.conductor.capacity.led import Until, find_capacity, limits_of, seconds_of
from cpesim.conductor.capacity.search import Trial
from cpesim.conductor.verdict import Course, verdict
from cpesim.measure.meter import Meter
from cpesim.measure.result import Result, RunFacts
from cpesim.report.as_json import summary
from cpesim.report.capacity import capacity_of, capacity_text
from cpesim.scenario.scenario import Acs, Group, Load, Scenario

SCENARIO = Scenario(
    "capacity",
    Acs("http://127.0.0.1:1/"),
    (Group("cpes", 10),),
    loads=(Load("search", "arrival-rate", rate=10.0),),
)


class Queue:
    """A run against an ACS that serves *capacity* sessions a second, in order."""

    def __init__(self, capacity: float, lag: float = 0.0) -> None:
        self.result = Result(RunFacts("capacity", "1f", "http://a/", 10))
        self.capacity, self.rate, self.waiting = capacity, 0.0, 0.0
        self.lag = lag  # of the generator's loop, above 50 sessions a second
        self._start = trio.current_time()

    @property
    def now(self) -> float:
        return trio.current_time() - self._start

    async def set_rate(self, rate: float) -> None:
        self.rate = rate

    def begin_phase(self, name: str) -> None:
        self.result.begin_phase(name, self.now)

    def event(self, text: str) -> None:
        self.result.event(self.now, text)

    async def live(self) -> None:
        """Each second: what came is queued, what is served is measured."""
        while True:
            since = self.now
            await trio.sleep(1.0)
            meter = Meter(since)
            self.waiting += self.rate
            meter.count("sessions.wanted", int(self.rate))
            served = min(self.waiting, self.capacity)
            took = 0.01 + max(self.waiting / self.capacity - 1.0, 0.0)
            for _ in range(int(served)):
                meter.start("pace", 0.0)
                meter.session("pace", 0.0, took)
            self.waiting -= served
            lag = self.lag if self.rate > 50 else 0.0
            gauges = {"busy": float(self.waiting > 0), "lag_p99": lag}
            self.result.feed("w0", meter.snapshot(self.now, gauges))
            self.result.tick(self.now)


async def searched(queue: Queue, *limits: str, start: float = 10.0) -> Result:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(queue.live)
        await find_capacity(queue, SCENARIO, Until(limits_of(limits), start))
        nursery.cancel_scope.cancel()
    return queue.result


async def test_the_capacity_is_found(mock_clock: trio.testing.MockClock) -> None:
    """Within 10 %; each step stands in the result, and in what is told of it."""
    result = await searched(Queue(60.0), "session.time p95 < 500ms", start=20.0)
    found = result.capacity
    assert found is not None
    assert found.held == pytest.approx(60, rel=0.1)
    assert found.failed is not None
    assert found.failed <= found.held * 1.051
    assert found.broke.startswith("session.time p95 < 500ms (")
    assert found.steps[-1].confirms
    assert found.steps[-1].seconds >= 3 * 30
    assert found.fleets()[3600] == int(found.held * 3600)
    assert verdict(Course(), result).code == 0
    told = summary(result)["capacity"]
    assert capacity_of(told) == found
    text = "\n".join(capacity_text(found))
    assert f"{found.held:.0f}/s held" in text
    assert "(confirmation)" in text


async def test_a_generator_at_its_limit_ends_it(
    mock_clock: trio.testing.MockClock,
) -> None:
    """At least what held, and 97."""
    result = await searched(Queue(1e6, lag=0.5), "session.time p95 < 500ms", start=20.0)
    found = result.capacity
    assert found is not None
    assert found.at_least
    assert found.held == 40.0
    outcome = verdict(Course(), result)
    assert outcome.code == 97
    assert "at least 40/s" in outcome.reason


async def test_a_strict_search_wants_a_sound_generator(
    mock_clock: trio.testing.MockClock,
) -> None:
    """SUSPECT is not valid then, as for every run."""
    result = await searched(
        Queue(60.0, lag=0.05), "session.time p95 < 500ms", start=20.0
    )
    assert verdict(Course(), result).code == 0
    assert verdict(Course(strict=True), result).code == 97


async def test_an_acs_that_keeps_no_limit(mock_clock: trio.testing.MockClock) -> None:
    """99, and which limit it was."""
    result = await searched(Queue(60.0), "session.time max < 1ms", start=1.0)
    outcome = verdict(Course(), result)
    assert outcome.code == 99
    assert "session.time max < 1ms" in outcome.reason


def test_a_step_is_long_enough_for_its_percentile() -> None:
    """p99 wants a thousand sessions, p99.9 ten thousand; a confirmation thrice that."""
    until = Until(limits_of(["session.time p99 < 2s"]))
    assert seconds_of(Trial(10.0), until) == 100
    assert seconds_of(Trial(100.0), until) == 30
    assert seconds_of(Trial(100.0, confirms=True), until) == 90
    fine = Until(limits_of(["session.time p99.9 < 2s"]))
    assert seconds_of(Trial(100.0), fine) == 100
