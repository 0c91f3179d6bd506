"""The timeline, run: what is asked of the workers when, and what is told of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from cpesim.conductor.conductor import Run
from cpesim.conductor.face import Nothing
from cpesim.measure.meter import Meter
from cpesim.measure.result import Result
from cpesim.measure.snapshot import Snapshot
from cpesim.scenario.step import DeviceSet, Injection, Phase, Place, Step
from tests.conductor.stage import Stage, placed, planned

Clock = trio.testing.MockClock


async def silent() -> AsyncIterator[int]:
    """Signals, of which none comes."""
    await trio.sleep_forever()
    yield 0


class Asked:
    """A run against a worker that plays along: when what was asked, and the result."""

    def __init__(self) -> None:
        self.stage: Stage
        self.result: Result
        self.moments: list[tuple[float, str, dict[str, Any]]] = []

    def verbs(self) -> list[tuple[float, str]]:
        """What was asked after the start, and at which second."""
        return [(at, verb) for at, verb, _ in self.moments if verb != "start"]

    def events(self) -> list[tuple[float, str]]:
        """What was told, and at which second."""
        return [(round(at), text) for at, text in self.result.events]


def stored(out: Path, name: str) -> str:
    """A file of the run."""
    (path,) = out.glob(f"*/{name}")
    return path.read_text()


async def ran(out: Path, *, problem: str = "", done: int = 5, **plan: Any) -> Asked:
    """Run a plan to its end."""
    asked = Asked()

    async def script(stage: Stage) -> None:
        asked.stage, stage.problem, stage.done = stage, problem, done
        ask = stage.command

        async def command(who: str | None, verb: str, **arguments: Any) -> list[str]:
            asked.moments.append((round(run.now), verb, arguments))
            return await ask(who, verb, **arguments)

        stage.command = command  # type: ignore[method-assign]
        await stage.begin()
        second = 1
        while run.now < run.plan.scenario.duration and not run.result.until:
            await trio.sleep(second - run.now)
            await stage.second(second, wanted=4, started=4, done=3, failed=1)
            second += 1
        await stage.say("end", {})

    run = Run(planned("http://127.0.0.1:9/", **plan), out)
    # On a clock that jumps every process looks busy: its health is not judged here.
    run.result.health.feed = lambda who, snapshot: None  # type: ignore[method-assign]
    async with placed(script)() as placement:
        await run.through(placement, Nothing, silent(), None)
    run.finish()
    asked.result = run.result
    return asked


async def test_steps_are_asked_for_at_their_second(
    mock_clock: Clock, tmp_path: Path
) -> None:
    """Phases are told to the result; each step is an event, with its place."""
    place = Place("/tests/storm.yaml", 37, 5)
    steps = (
        Step("power_cut", 7.0, devices=DeviceSet(group="homes"), name="dark"),
        Step("power_restore", 10.0, devices=DeviceSet("dark"), place=place),
        Step("reboot", every=8.0, devices=DeviceSet(count=2)),
    )
    asked = await ran(
        tmp_path,
        duration=20.0,
        phases=(Phase("warm-up", 0.0), Phase("outage", 7.0), Phase("storm", 10.0)),
        steps=steps,
    )
    assert asked.verbs() == [(7, "do"), (8, "do"), (10, "do"), (16, "do")]
    actions = [a["action"] for _, verb, a in asked.moments if verb == "do"]
    assert actions == ["power_cut", "reboot", "power_restore", "reboot"]
    salts = [a["salt"] for _, verb, a in asked.moments if verb == "do"]
    assert len(set(salts)) == 4
    result = asked.result
    phases = [result.phases.at(second) for second in (3, 7, 9, 10, 15)]
    assert phases == ["warm-up", "outage", "outage", "storm", "storm"]
    assert asked.events()[:6] == [
        (0, "phase warm-up"),
        (7, "phase outage"),
        (7, "power_cut homes as dark: 5 CPEs"),
        (8, "reboot all 2: 5 CPEs"),
        (10, "phase storm"),
        (10, "power_restore dark: 5 CPEs [storm.yaml:37:5]"),
    ]
    assert result.count("steps.done") == 4
    began = result.recovery("dark").began
    assert began is not None
    assert round(began) == 10
    assert result.exit is not None
    assert result.exit.code == 0
    assert "storm.yaml:37:5" in stored(tmp_path, "events.ndjson")
    assert json.loads(stored(tmp_path, "summary.json"))["steps"]["done"] == 4


async def test_who_is_back_at_once_counts(mock_clock: Clock, tmp_path: Path) -> None:
    """What workers tell while the step is still being done is of this recovery."""

    async def script(stage: Stage) -> None:
        ask = stage.command

        async def command(who: str | None, verb: str, **arguments: Any) -> list[str]:
            if verb == "do":
                meter = Meter(1.0)
                meter.record("recovery{set=dark}", 0.01)
                gauges = {"set.size{set=dark}": 2.0}
                await stage.say("snapshot", meter.snapshot(1.5, gauges).to_bytes())
            return await ask(who, verb, **arguments)

        stage.command = command  # type: ignore[method-assign]
        await stage.begin()
        await trio.sleep(3.0)
        await stage.say("end", {})

    restore = Step("power_restore", 1.0, devices=DeviceSet("dark"))
    run = Run(planned("http://127.0.0.1:9/", duration=3.0, steps=(restore,)), tmp_path)
    async with placed(script)() as placement:
        await run.through(placement, Nothing, silent(), None)
    run.finish()
    found = run.result.recovery("dark")
    assert (found.size, found.back) == (2, 1)


async def test_a_step_that_fails_is_told_and_survived(
    mock_clock: Clock, tmp_path: Path
) -> None:
    """Counted once, whatever the number of workers that could not do it."""
    asked = await ran(
        tmp_path,
        duration=5.0,
        problem="no set is called 'dark'",
        steps=(
            Step("reboot", 1.0, place=Place("a.yaml", 3, 1)),
            Step("rate", 2.0, arguments={"to": 5.0}),
            Step("fault", 2.0, arguments={"fault": "x", "active": True}),
            Step("hook", 2.0),
            Step("check", 2.0, arguments={"that": "nonsense"}),
            Step("mark", 3.0, arguments={"text": "still here"}),
        ),
    )
    result = asked.result
    assert result.count("steps.failed") == 5
    assert result.count("steps.done") == 1
    told = [text for _, text in asked.events()]
    assert "step failed: reboot: no set is called 'dark' [a.yaml:3:1]" in told
    assert "step failed: rate: no load is arrival-rate" in " ".join(told)
    assert "step failed: fault: no fault is called 'x': expected none" in told
    assert "mark still here" in told
    assert result.exit is not None
    assert result.exit.code == 0


@pytest.mark.parametrize("otherwise", ["stop", "abort", "warn"])
async def test_a_check(otherwise: str, mock_clock: Clock, tmp_path: Path) -> None:
    """What it says ends the run with 99, or is a warning; one that holds says so."""
    asked = await ran(
        tmp_path,
        duration=10.0,
        steps=(
            Step("check", 3.5, arguments={"that": "session.done count >= 1"}),
            Step(
                "check",
                4.5,
                arguments={"that": "session.failed rate < 10%", "else": otherwise},
            ),
            Step("mark", 6.0, arguments={"text": "later"}),
        ),
    )
    result = asked.result
    told = [text for _, text in asked.events()]
    assert "check session.done count >= 1: holds, 9" in told
    assert any("does not hold, 25 %" in text for text in told)
    assert result.count("steps.checks_failed") == 1
    assert result.exit is not None
    if otherwise == "warn":
        assert result.exit.code == 0
        assert "mark later" in told
        return
    assert result.exit.code == 99
    assert "session.failed rate < 10%" in result.exit.reason
    assert "mark later" not in told
    verbs = [verb for _, verb in asked.verbs()]
    assert verbs == (["stop"] if otherwise == "stop" else ["stop", "cancel"])
    assert result.now < 7


async def test_stop_ends_the_run_as_planned(mock_clock: Clock, tmp_path: Path) -> None:
    """The planned end, at that moment."""
    asked = await ran(tmp_path, duration=10.0, steps=(Step("stop", 3.0),))
    assert asked.verbs() == [(3, "stop")]
    assert asked.result.exit is not None
    assert asked.result.exit.code == 0
    assert asked.result.now < 5


async def test_a_worker_that_does_not_hear_stop_is_given_up(
    mock_clock: Clock, tmp_path: Path
) -> None:
    """Whoever said stop: nobody waits for the planned end."""

    async def script(stage: Stage) -> None:
        await stage.begin()
        await trio.sleep_forever()

    plan = planned("http://127.0.0.1:9/", duration=3600.0, steps=(Step("stop", 2.0),))
    run = Run(plan, tmp_path)
    async with placed(script)() as placement:
        await run.through(placement, Nothing, silent(), None)
    run.finish()
    assert run.result.now < 60
    assert run.result.exit is not None
    assert run.result.exit.code == 97
    assert "it did not end" in run.result.exit.reason


async def test_rates_pauses_and_limits(mock_clock: Clock, tmp_path: Path) -> None:
    """By the load's name, or all of them: one command for all workers."""
    asked = await ran(
        tmp_path,
        duration=12.0,
        rate=10.0,
        steps=(
            Step("rate", 1.0, arguments={"factor": 2.0}),
            Step("rate", 2.0, arguments={"load": "r", "to": 30.0}),
            Step("pause", 3.0),
            Step("rate", 4.0, arguments={"load": "", "to": 40.0}),
            Step("resume", 5.0),
            Step("limit", 6.0, arguments={"in_flight": 7}),
            Step("rate", 7.0, arguments={"load": "x", "to": 1.0}),
            Step("pause", 8.0, arguments={"load": "r"}),
        ),
    )
    commands = [(at, verb, a) for at, verb, a in asked.moments if verb != "start"]
    assert commands == [
        (1, "rate", {"load": None, "factor": 2.0}),
        (2, "rate", {"load": "r", "rate": 30.0}),
        (3, "pause", {"load": None}),
        (4, "rate", {"load": None, "rate": 40.0}),
        (5, "resume", {"load": None}),
        (6, "limit", {"in_flight": 7}),
        (8, "pause", {"load": "r"}),
    ]
    told = [text for _, text in asked.events()]
    assert "rate of all loads 200 % of the plan" in told
    assert "rate r 30/s" in told
    assert any("no such load is called 'x': expected r" in t for t in told)
    assert asked.result.count("steps.failed") == 1


async def test_injections_follow_their_phases(
    mock_clock: Clock, tmp_path: Path
) -> None:
    """On at its phase's begin, off at the next; others only by a step."""
    asked = await ran(
        tmp_path,
        duration=10.0,
        phases=(Phase("a", 0.0), Phase("storm", 3.0), Phase("after", 6.0)),
        injections=(
            Injection("flaky", {}, phase="storm"),
            Injection("asleep", {}, phase="storm", active=False),
            Injection("always", {}),
        ),
        steps=(Step("fault", 8.0, arguments={"fault": "asleep", "active": True}),),
    )
    assert [(at, verb, a) for at, verb, a in asked.moments if verb == "fault"] == [
        (3, "fault", {"name": "flaky", "active": True}),
        (6, "fault", {"name": "flaky", "active": False}),
        (8, "fault", {"name": "asleep", "active": True}),
    ]
    assert (3, "fault flaky on") in asked.events()
    # What the dashboard's menu and `ctl` go by.
    assert asked.result.faults == {"flaky": False, "asleep": True, "always": True}


async def test_a_hook_holds_nothing_up(mock_clock: Clock, tmp_path: Path) -> None:
    """What is due meanwhile is done; a hook that is still out at the end is ended."""
    asked = await ran(
        tmp_path,
        duration=6.0,
        steps=(
            Step("hook", 1.0, arguments={"exec": ["sleep", "60"], "timeout": 50}),
            Step("mark", 2.0, arguments={"text": "meanwhile"}),
        ),
    )
    assert (2, "mark meanwhile") in asked.events()
    assert asked.result.exit is not None
    assert asked.result.exit.code == 0


async def test_recovery_reaches_the_summary(mock_clock: Clock, tmp_path: Path) -> None:
    """What workers tell of a set is in the console, the summary and the result."""
    from cpesim.measure.meter import Meter
    from cpesim.report.console import console_text

    asked = await ran(tmp_path, duration=3.0)
    meter = Meter(2.0)
    for seconds in range(10, 100, 10):
        meter.record("recovery{set=dark}", seconds / 100)
    asked.result.begin_recovery("dark", 1.0)
    snapshot = meter.snapshot(3.0, {"set.size{set=dark}": 10.0})
    asked.result.feed("worker-0", Snapshot.from_bytes(snapshot.to_bytes()))
    text = console_text(asked.result, 120)
    assert "RECOVERY of 'dark' (10)   t50 50.0s   t90 01:30   t95 -" in text
    assert "never 1" in text
    assert "recovery{" not in text
