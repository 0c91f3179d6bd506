"""What is measured only where a limit names it: whole runs, and what they tell."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path

import pytest
import trio

from cpesim.conductor.conductor import conduct
from cpesim.conductor.plan import prepare
from cpesim.errors import ConfigError
from cpesim.measure.result import Result
from cpesim.placement.inline import inline
from cpesim.scenario.scenario import Acs, Group, Load, Scenario, Start
from cpesim.scenario.step import Phase, Step
from cpesim.scenario.threshold import Threshold
from tests.conductor.stage import Stage, placed, planned
from tests.conductor.test_conduct import acs
from tests.conductor.test_limits import summary
from tests.e2e.one import reference

NAMED = (
    "http.ttfb p50 < 5s",
    "http.ttfb count > 20",
    "http.ttfb p50 < 5s in all",
    "session.time{event=boot} p50 < 5s in all",
    "session.failed{event=1} rate < 1%",
    "session.done{event=2 PERIODIC} count >= 3",
    "generator.rss{worker=0} value > 1MB",
    "generator.cpu{worker=parent} max < 400%",
    "generator.late{worker=0} rate < 99%",
)


def scenario(url: str, *texts: str) -> Scenario:
    """Ten CPEs that boot, and go on by their timers."""
    return Scenario(
        "named",
        Acs(url),
        (Group("cpes", 10, interval=1.0),),
        duration=2.0,
        grace=1.0,
        start=Start(ramp=0.5),
        loads=(Load(),),
        phases=(Phase("all", 0.0),),
        thresholds=tuple(Threshold(text, min_samples=5) for text in texts),
    )


async def ran(out: Path, *texts: str) -> Result:
    """The result of a run with these limits."""
    async with reference() as (_, port):
        plan = prepare(scenario(f"http://127.0.0.1:{port}/", *texts), {})
        try:
            with trio.fail_after(30):
                return await conduct(plan, place=inline, out=out)
        finally:
            gc.unfreeze()  # a shard in this process has frozen all that was there


async def test_what_limits_name_is_measured_and_judged(tmp_path: Path) -> None:
    """The first byte, sessions by event, a process by itself; reports have them."""
    result = await ran(tmp_path, *NAMED)
    states = {limit.title: limit.state for limit in result.limits}
    assert states == dict.fromkeys(NAMED, "ok")
    exchanges = sum(result.by("status.").values())
    assert result.total("ttfb").count == exchanges
    assert 0 < result.total("ttfb").p50 <= result.total("Inform").max
    assert result.count("sessions.done{event=1 BOOT}") == 10
    assert result.total("session{event=1 BOOT}").count == 10
    started = result.count("sessions.started")
    assert result.count("generator.started{worker=0}") == started
    told = summary(tmp_path)
    assert told["latency"]["ttfb"]["count"] == exchanges
    assert told["exit"]["code"] == 0


async def test_a_run_that_names_nothing_measures_nothing_of_it(tmp_path: Path) -> None:
    """No series, no counter and no gauge of its own."""
    result = await ran(tmp_path, "session.time p50 < 5s")
    names = (*result.series(), *result.counters, *result.gauges())
    assert result.count("sessions.done") >= 10
    assert "ttfb" not in names
    assert [name for name in names if "{" in name] == []


async def test_a_process_is_judged_by_its_own_figures(tmp_path: Path) -> None:
    """One worker's lag is not the other's, and its late starts neither."""

    async def script(stage: Stage) -> None:
        await stage.begin()
        for at in (1, 2, 3):
            await stage.second(at, started=10, done=10)
        await stage.say("end", {})

    late = "generator.late{worker=0} count < 1"
    lag = "generator.lag{worker=0} max < 1s"
    step = Step("check", 1.0, arguments={"that": lag})
    async with acs() as url:
        plan = planned(
            url,
            duration=15.0,
            thresholds=(Threshold(late), Threshold(lag)),
            steps=(step,),
        )
        plan = replace(plan, processes=frozenset({"worker-0"}))
        with trio.fail_after(20):
            result = await conduct(plan, place=placed(script), out=tmp_path)
    counted, unseen = result.limits
    assert (counted.state, counted.value) == ("ok", 0.0)
    # It told no lag: that is not one of 0.
    assert (unseen.state, unseen.text) == ("too few", "nothing was measured")


def test_a_worker_that_the_run_has_not_is_found_before_it() -> None:
    """With how many there are."""
    named = scenario("http://127.0.0.1/", "generator.lag{worker=2} max < 1s")
    with pytest.raises(ConfigError, match="the run has 2, expected 0 to 1"):
        prepare(named, {}, workers=2)
    assert prepare(named, {}, workers=3).orders[2].events == frozenset()
