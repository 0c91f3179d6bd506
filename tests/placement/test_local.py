"""Worker processes: started, commanded, lost, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import trio

from cpesim.device.catalog import compile_profile
from cpesim.device.fitting import with_behaviours
from cpesim.engine.order import Order
from cpesim.placement.local import Local, local
from cpesim.scenario.scenario import Acs, Group, Load, Start

PROFILE = """\
version: 1
name: least
root: InternetGatewayDevice.
device: {manufacturer: A, oui: "00D09E", product_class: HG, serial: "HG{n:08}"}
parameters:
  DeviceInfo:
    SoftwareVersion: inform always string(64) = 1.4.2
  ManagementServer:
    URL: rw string(256) ~ acs
    Username: rw string(256) = {username}
    Password: rw hidden string(256) = {password}
    ConnectionRequestURL: inform active string(256) ~ url
    ParameterKey: inform string(32) ~ key
"""
# A worker that plays: says what it prints and gets, without an engine.
PLAYER = """
import os, sys, time
import cpesim.placement.worker as worker
async def run_shard(order, send, receive):
    print("stray print")
    sys.stderr.flush()
    await send(("ready", {"modules": sorted(sys.modules), "pid": os.getpid()}))
    while True:
        command = await receive()
        if command.verb == "die":
            os._exit(7)
        if command.verb == "raise":
            raise RuntimeError("boom")
        if command.verb == "babble":
            os.write(command.arguments["number"], b"no frame at all")
            time.sleep(5)
        if command.verb == "hang":
            await send(("ack", command.id))
            time.sleep(60)
        await send(("ack", command.id))
        if command.verb == "stop":
            await send(("end", {}))
            return
worker.run_shard = run_shard
worker.main()
"""
PLAY = (sys.executable, "-c", PLAYER)


def order(url: str = "http://127.0.0.1:9/") -> Order:
    """An order for three CPEs."""
    profile = with_behaviours(compile_profile(PROFILE, "least.yaml"))
    return Order(
        run_id="ab",
        seed=1,
        groups=((profile, Group("cpes", 3)),),
        acs=Acs(url),
        start=Start(ramp=0.1),
        loads=(Load(),),
        duration=1.0,
        grace=0.5,
        in_flight=3,
        secret=b"s" * 16,
    )


async def heard(placement: Local, kind: str) -> Any:
    """The next message of a kind."""
    with trio.fail_after(15):
        async for _, (what, content) in placement.events:
            if what == kind:
                return content
    raise AssertionError(f"no {kind}")


async def test_a_worker_obeys_and_ends() -> None:
    """Commands come back acknowledged; after its last word nobody is lost."""
    async with local(PLAY) as placement:
        await placement.start([order()])
        about = await heard(placement, "ready")
        assert about["pid"] == placement.pids["worker-0"]
        with trio.fail_after(5):
            assert await placement.command(None, "pause") == ["worker-0"]
            assert await placement.command("worker-0", "stop") == ["worker-0"]
        await heard(placement, "end")
        assert placement.workers == ()


async def test_stray_prints_break_no_frame() -> None:
    """What a worker prints comes as ("said", text)."""
    async with local(PLAY) as placement:
        await placement.start([order()])
        assert "stray print" in await heard(placement, "said")


async def test_an_exception_in_a_shard_is_a_bug_and_a_loss() -> None:
    """The traceback comes first, then the loss."""
    async with local(PLAY) as placement:
        await placement.start([order()])
        await heard(placement, "ready")
        assert await placement.command(None, "raise") == []
        assert "RuntimeError: boom" in await heard(placement, "bug")
        await heard(placement, "lost")


@pytest.mark.parametrize("how", ["exit", "kill"])
async def test_a_lost_worker_is_reported(how: str) -> None:
    """The reason is its exit status or its signal."""
    async with local(PLAY) as placement:
        await placement.start([order()])
        await heard(placement, "ready")
        if how == "exit":
            assert await placement.command(None, "die") == []
            assert "exit status 7" in await heard(placement, "lost")
        else:
            os.kill(placement.pids["worker-0"], signal.SIGKILL)
            assert "killed by signal 9" in await heard(placement, "lost")
        assert placement.workers == ()


async def test_a_program_that_does_not_start_says_why() -> None:
    """The last line of its stderr is in the reason."""
    async with local((sys.executable, "-c", "raise SystemExit('no engine')")) as place:
        await place.start([order()])
        assert await heard(place, "lost") == "exit status 1: no engine"


async def test_signals_of_the_terminal_do_not_reach_it() -> None:
    """SIGINT and SIGTERM are ignored, and it has a session of its own."""
    async with local(PLAY) as placement:
        await placement.start([order()])
        pid = (await heard(placement, "ready"))["pid"]
        assert os.getsid(pid) == pid
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(pid, number)
        with trio.fail_after(5):
            assert await placement.command(None, "pause") == ["worker-0"]


async def test_one_that_hangs_is_killed_at_the_end() -> None:
    """Leaving the block takes seconds, not the minute that it sleeps."""
    began = trio.current_time()
    async with local(PLAY) as placement:
        await placement.start([order()])
        pid = (await heard(placement, "ready"))["pid"]
        await placement.command(None, "hang")
    assert trio.current_time() - began < 10
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_worker_ends_with_its_parent(tmp_path: Path) -> None:
    """SIGKILL to the parent ends a worker within a second, even one that hangs."""
    script = tmp_path / "parent.py"
    script.write_text(
        "import trio\n"
        "from cpesim.placement.local import local\n"
        "from tests.placement.test_local import PLAY, heard, order\n"
        "async def main():\n"
        "    async with local(PLAY) as placement:\n"
        "        await placement.start([order()])\n"
        "        print((await heard(placement, 'ready'))['pid'], flush=True)\n"
        "        await placement.command(None, 'hang')\n"
        "        await trio.sleep_forever()\n"
        "trio.run(main)\n"
    )
    root = Path(__file__).parent.parent.parent
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    trio.run(_gone_within, pid, 1.0)


async def _gone_within(pid: int, seconds: float) -> None:
    with trio.fail_after(seconds):
        while not _gone(pid):  # noqa: ASYNC110 - another process's end is no event
            await trio.sleep(0.02)


def _gone(pid: int) -> bool:
    """Whether a process has ended; it may still be a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


async def test_a_worker_imports_nothing_that_it_does_not_need() -> None:
    """No pydantic, rich, typer, faker or httpx in a worker that has read its order."""
    async with local(PLAY) as placement:
        await placement.start([order()])
        modules = (await heard(placement, "ready"))["modules"]
    heavy = {"pydantic", "rich", "typer", "faker", "httpx", "yaml", "jinja2"}
    assert heavy & set(modules) == set()
    assert "cpesim.engine.shard" in modules


async def test_a_real_shard_in_a_process() -> None:
    """The engine is ready, runs its second, and ends; its ACS is not there."""
    async with local() as placement:
        await placement.start([order()])
        about = await heard(placement, "ready")
        assert about["devices"] == 3
        import time

        with trio.fail_after(10):
            assert await placement.command(None, "start", epoch=time.time())
        await heard(placement, "snapshot")
        await heard(placement, "end")
