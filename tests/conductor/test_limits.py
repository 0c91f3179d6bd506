"""The conductor ends a run whose limit says so, and tells of limits and phases."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trio

from cpesim.conductor import conductor
from cpesim.conductor.conductor import conduct
from cpesim.conductor.judging import Judging
from cpesim.conductor.verdict import Course, Rules
from cpesim.measure.result import Result, State
from cpesim.measure.snapshot import Snapshot
from cpesim.scenario.threshold import Threshold
from tests.conductor.stage import Script, Stage, placed, planned
from tests.conductor.test_conduct import acs


async def played(
    script: Script, out: Path, *limits: Threshold, rules: Rules | None = None
) -> tuple[Result, Stage]:
    """The result of a run of at most 15 s with these limits."""
    seen: list[Stage] = []
    async with acs() as url:
        plan = planned(url, duration=15.0)
        plan = replace(plan, scenario=replace(plan.scenario, thresholds=limits))
        with trio.fail_after(20):
            result = await conduct(
                plan, place=placed(script, seen), out=out, rules=rules or Rules()
            )
    return result, seen[0]


def summary(out: Path) -> dict[str, Any]:
    """The run's summary."""
    (path,) = out.glob("*/summary.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


async def failing(stage: Stage) -> None:
    """Half of the sessions fail; it ends when it is told to stop."""
    await stage.begin()
    await stage.second(1, wanted=10, started=10, done=5, failed=5)
    await stage.told("stop")
    await stage.second(2, done=1)
    await stage.say("end", {})


async def test_a_limit_ends_the_run(tmp_path: Path) -> None:
    """In-flight sessions get their time, the reports are written, the code is 99."""
    limit = Threshold("session.failed rate < 25%", abort=True)
    result, stage = await played(failing, tmp_path, limit)
    assert [verb for verb, _ in stage.asked] == ["start", "stop"]
    assert result.exit is not None
    assert result.exit.code == 99
    found = summary(tmp_path)
    assert found["ran"] < 10
    assert found["sessions"]["done"] == 6
    (told,) = found["limits"]
    assert (told["state"], told["aborted"], told["text"]) == ("failed", True, "45.5 %")
    assert told["value"] == 5 / 11


async def test_a_limit_without_abort_lets_it_run(tmp_path: Path) -> None:
    """It is judged at the end; nobody is told to stop."""

    async def script(stage: Stage) -> None:
        await stage.begin()
        await stage.second(1, wanted=10, started=10, done=5, failed=5)
        await trio.sleep(1.5)
        await stage.say("end", {})

    limit = Threshold("session.failed rate < 25%")
    result, stage = await played(script, tmp_path, limit)
    assert [verb for verb, _ in stage.asked] == ["start"]
    assert result.exit is not None
    assert result.exit.code == 99


async def test_the_last_seconds_count(tmp_path: Path) -> None:
    """What comes with a worker's end is in the verdict, its phase and the summary."""

    async def script(stage: Stage) -> None:
        await stage.begin()
        await stage.second(1, wanted=10, started=10, done=10)
        await stage.second(2, failed=10)
        await stage.say("end", {})

    limits = [
        Threshold("session.failed rate over 1s < 90%"),
        Threshold("session.failed count <= 9"),
    ]
    result, _ = await played(script, tmp_path, *limits)
    assert [limit.state for limit in result.limits] == ["failed", "failed"]
    assert summary(tmp_path)["phases"] == {}


async def test_a_worker_that_does_not_end_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is there to press Ctrl-C again: what was measured is kept, 97."""
    monkeypatch.setattr(conductor, "OVERDUE", 0.2)

    async def script(stage: Stage) -> None:
        await stage.begin()
        await stage.second(1, wanted=10, started=10, done=5, failed=5)
        await trio.sleep_forever()

    limit = Threshold("session.failed rate < 25%", abort=True)
    result, _ = await played(script, tmp_path, limit)
    assert result.exit is not None
    assert result.exit.code == 97
    assert "it did not end" in result.exit.reason
    assert summary(tmp_path)["limits"][0]["aborted"] is True


def test_a_run_is_ended_once_and_not_while_it_drains() -> None:
    """The planned end comes first, or the limit: not both."""
    plan = planned("http://127.0.0.1/")
    limit = Threshold("session.failed rate < 25%", abort=True)
    plan = replace(plan, scenario=replace(plan.scenario, thresholds=(limit,)))
    result = Result(plan.facts)
    judging = Judging(plan, Course(), result, Rules())
    result.enter(State.DRAINING, 0.0)
    result.feed("w0", Snapshot(0.0, 1.0, {"sessions.failed": 1}))
    assert judging.second(1.0) == ""
    assert result.limits[0].state == "failed"
    assert result.limits[0].aborted is False
    result.enter(State.RUNNING, 1.0)
    assert "failed (100 %)" in judging.second(2.0)
    assert judging.second(3.0) == ""
