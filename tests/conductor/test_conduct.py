"""The one driver of a run, against a worker that plays a script."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
import trio.testing

from cpesim.conductor.conductor import conduct
from cpesim.errors import ConfigError, MachineError
from cpesim.measure.result import Result, State
from tests.conductor.stage import Script, Stage, placed, planned


@asynccontextmanager
async def acs() -> AsyncIterator[str]:
    """The URL of something that listens, and answers nothing."""
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with listener:
        yield f"http://127.0.0.1:{listener.socket.getsockname()[1]}/"


async def played(script: Script, out: Path, **plan: float) -> tuple[Result, Stage]:
    """The result of a run whose worker plays the script."""
    seen: list[Stage] = []
    async with acs() as url:
        with trio.fail_after(20):
            result = await conduct(
                planned(url, **plan), place=placed(script, seen), out=out
            )
    return result, seen[0]


def found(out: Path, pattern: str) -> list[Path]:
    """The files of a run."""
    return list(out.glob(pattern))


async def good(stage: Stage) -> None:
    """A worker that does its ten sessions and ends."""
    await stage.begin()
    await stage.second(1, wanted=10, started=10, done=10)
    await stage.say("end", {})


async def test_a_run_is_stored(tmp_path: Path) -> None:
    """The folder holds all reports, and the summary says what the program returns."""
    result, stage = await played(good, tmp_path)
    assert result.exit is not None
    assert result.exit.code == 0
    assert stage.asked[0][0] == "start"
    (folder,) = found(tmp_path, "*")
    assert folder.name.endswith("-stage-ab")
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["exit"] == {"code": 0, "reason": "ran to its planned end"}
    assert summary["sessions"]["done"] == 10
    assert (folder / "latency.hlog").read_text().startswith("#[Histogram log format")
    assert "count: 10" in (folder / "scenario.yaml").read_text()


async def test_a_lost_worker_is_97(tmp_path: Path) -> None:
    """What was measured is kept; the loss and its reason are told."""

    async def script(stage: Stage) -> None:
        await stage.begin()
        await stage.second(1, wanted=10, done=4)
        await stage.roster.lost("worker-0", "killed by signal 9")

    result, _ = await played(script, tmp_path)
    assert result.exit is not None
    assert result.exit.code == 97
    assert "killed by signal 9" in result.exit.reason
    assert result.sessions()["done"] == 4


async def test_a_bug_is_1_and_keeps_its_traceback(tmp_path: Path) -> None:
    """The path of the traceback is the reason."""

    async def script(stage: Stage) -> None:
        await stage.begin()
        await stage.second(1, wanted=10, done=10)
        await stage.say("bug", "Traceback: boom")
        await stage.say("end", {})

    result, _ = await played(script, tmp_path)
    assert result.exit is not None
    assert result.exit.code == 1
    (path,) = found(tmp_path, "*/bug-1.txt")
    assert str(path) in result.exit.reason
    assert path.read_text() == "Traceback: boom"


async def test_a_bug_before_the_start_is_1_too(tmp_path: Path) -> None:
    """A worker that cannot even build its shard."""

    async def script(stage: Stage) -> None:
        await stage.say("bug", "Traceback: early")
        await stage.roster.lost("worker-0", "exit status 1")

    result, _ = await played(script, tmp_path)
    assert result.exit is not None
    assert result.exit.code == 1
    assert found(tmp_path, "*/summary.json")


@pytest.mark.parametrize(
    ("name", "kind"), [("MachineError", MachineError), ("ConfigError", ConfigError)]
)
async def test_a_worker_may_refuse(
    name: str, kind: type[Exception], tmp_path: Path
) -> None:
    """A port in use is the machine's, a wrong --listen the user's."""

    async def script(stage: Stage) -> None:
        await stage.say("refused", (name, "port 80 is taken"))

    with pytest.raises(kind, match="port 80 is taken"):
        await played(script, tmp_path)
    assert found(tmp_path, "*") == []


async def test_a_folder_that_cannot_be_made_is_the_machines(tmp_path: Path) -> None:
    """The error names --out."""
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match="--out"):
        await played(good, tmp_path / "file")


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
async def test_the_first_signal_drains(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    """No new sessions; all reports are written; the code says who it was."""
    state = []

    async def script(stage: Stage) -> None:
        await stage.begin()
        await stage.second(1, wanted=10, done=4)
        os.kill(os.getpid(), number)
        await stage.told("stop")
        state.append([verb for verb, _ in stage.asked])
        await stage.say("end", {})

    result, _ = await played(script, tmp_path, duration=60.0)
    assert result.exit is not None
    assert result.exit.code == code
    assert state == [["start", "stop"]]
    assert found(tmp_path, "*/summary.json")


async def test_the_second_breaks_off_and_the_third_leaves(tmp_path: Path) -> None:
    """Ctrl-C three times: stop, cancel, gone without reports."""

    async def script(stage: Stage) -> None:
        await stage.begin()
        for verb in ("stop", "cancel"):
            os.kill(os.getpid(), signal.SIGINT)
            await stage.told(verb)
        os.kill(os.getpid(), signal.SIGINT)
        await trio.sleep_forever()

    result, _ = await played(script, tmp_path, duration=60.0)
    assert result.exit is not None
    assert result.exit.code == 130
    assert not found(tmp_path, "*/summary.json")


async def test_a_lost_terminal_changes_nothing(tmp_path: Path) -> None:
    """SIGHUP: the run goes on without a face."""

    async def script(stage: Stage) -> None:
        await stage.begin()
        os.kill(os.getpid(), signal.SIGHUP)
        await trio.sleep(0.05)
        await good(stage)

    result, _ = await played(script, tmp_path)
    assert result.exit is not None
    assert result.exit.code == 0
    assert any("terminal is gone" in text for _, text in result.events)


async def test_interrupted_while_preparing(tmp_path: Path) -> None:
    """Ctrl-C before the start: 130, and nobody is told to start."""

    async def script(stage: Stage) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        await trio.sleep_forever()

    result, stage = await played(script, tmp_path)
    assert result.exit is not None
    assert result.exit.code == 130
    assert stage.asked == []


async def pressing(
    keys: bytes, tmp_path: Path, rate: float | None
) -> tuple[Result, Stage]:
    """A run in whose terminal these keys are pressed, one after the other."""
    parent, child = os.openpty()
    seen: list[Stage] = []

    async def script(stage: Stage) -> None:
        await stage.begin()
        for key in keys:
            os.write(parent, bytes([key]))
            await trio.sleep(0.1)
        await stage.say("end", {})

    try:
        async with acs() as url:
            with trio.fail_after(20):
                result = await conduct(
                    planned(url, rate=rate, duration=60.0),
                    place=placed(script, seen),
                    out=tmp_path,
                    terminal=child,
                )
    finally:
        os.close(parent)
        os.close(child)
    return result, seen[0]


async def test_keys_change_the_rate(tmp_path: Path) -> None:
    """+ and - are 1 % of the plan, p pauses and goes on with the rate of then."""
    _, stage = await pressing(b"++-p+p", tmp_path, 200.0)
    told = [(verb, arguments.get("rate")) for verb, arguments in stage.asked[1:]]
    assert told == [
        ("rate", 202.0),
        ("rate", 204.0),
        ("rate", 202.0),
        ("pause", 0.0),
        ("resume", 204.0),
    ]


async def test_without_a_rate_the_keys_say_so(tmp_path: Path) -> None:
    """CPEs' own timers have no rate to change."""
    result, stage = await pressing(b"+p", tmp_path, None)
    assert [verb for verb, _ in stage.asked] == ["start"]
    assert sum("their own timers" in text for _, text in result.events) == 2


async def test_q_stops(tmp_path: Path) -> None:
    """q is a Ctrl-C: the run is cut short, and never 0."""
    result, stage = await pressing(b"q", tmp_path, 200.0)
    assert [verb for verb, _ in stage.asked] == ["start", "stop"]
    assert result.exit is not None
    assert result.exit.code == 130
    assert result.state is State.ENDED


@pytest.mark.parametrize(("words", "verb"), [("stop", "stop"), ("stop now", "cancel")])
async def test_ctl_tells_the_workers_once(
    words: str, verb: str, tmp_path: Path
) -> None:
    """As a key does; the answer comes when they have heard of it."""
    answers = []

    async def script(stage: Stage) -> None:
        await stage.begin()
        await trio.testing.wait_all_tasks_blocked()
        (path,) = found(tmp_path, "*/control.sock")
        async with await trio.open_unix_socket(str(path)) as stream:
            await stream.send_all(json.dumps({"do": words}).encode() + b"\n")
            answers.append(json.loads(await stream.receive_some(1000)))
        await stage.say("end", {})

    result, stage = await played(script, tmp_path, duration=60.0)
    assert answers == [{"ok": True, "applied": ["worker-0"]}]
    assert [each for each, _ in stage.asked] == ["start", verb]
    assert result.exit is not None
    assert result.exit.code == 130


async def test_a_held_run_begins_when_told(tmp_path: Path) -> None:
    """--paused: all is prepared, no second passes, and p begins it."""
    parent, child = os.openpty()
    seen: list[Stage] = []
    asked: list[list[str]] = []

    async def script(stage: Stage) -> None:
        await stage.say("ready", {"devices": 10})
        await trio.sleep(0.3)
        asked.append([verb for verb, _ in stage.asked])
        os.write(parent, b"+p")
        await stage.told("start")
        await stage.second(1, wanted=10, done=10)
        await stage.say("end", {})

    try:
        async with acs() as url:
            with trio.fail_after(20):
                result = await conduct(
                    planned(url, rate=200.0),
                    place=placed(script, seen),
                    out=tmp_path,
                    terminal=child,
                    paused=True,
                )
    finally:
        os.close(parent)
        os.close(child)
    assert asked == [[]]
    assert result.exit is not None
    assert result.exit.code == 0
    texts = [text for _, text in result.events]
    assert texts[0].startswith("the run has not begun")
    assert texts[1] == "begun (key p)"
    assert result.events[1][0] == 0.0


async def test_a_held_run_may_be_given_up(tmp_path: Path) -> None:
    """Ctrl-C: 130, and no worker was told to start."""

    async def script(stage: Stage) -> None:
        await stage.say("ready", {"devices": 10})
        await trio.sleep(0.1)
        os.kill(os.getpid(), signal.SIGINT)
        await trio.sleep_forever()

    seen: list[Stage] = []
    async with acs() as url:
        with trio.fail_after(20):
            result = await conduct(
                planned(url), place=placed(script, seen), out=tmp_path, paused=True
            )
    assert result.exit is not None
    assert result.exit.code == 130
    assert seen[0].asked == []
    assert found(tmp_path, "*/summary.json")
