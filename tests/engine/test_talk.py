"""A session that waits for a file, with a real file server (CHECKLIST T1)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
import trio
import trio.testing

from cpesim.cwmp.session import Session, State
from cpesim.device.device import Device
from cpesim.engine.errand import run_errand
from cpesim.engine.talk import PATIENCE, Talks, held
from cpesim.engine.transfer import Files
from cpesim.measure.meter import Meter
from tests.device.transfers import gateway
from tests.engine.fileserver import file_server
from tests.play import reply

Do = Callable[[Device, Any], Awaitable[object]]


class Wire:
    """An ACS that asks one thing; what the CPE posted stays in *posts*."""

    def __init__(self, message: bytes) -> None:
        self.answers = [reply("InformResponse", version="1.2"), message, b"", b""]
        self.posts: list[bytes] = []

    async def post(self, body: bytes, kind: str) -> Any:
        self.posts.append(body)
        return SimpleNamespace(body=self.answers.pop(0))

    def close(self) -> None:
        self.answers.clear()


async def session_of(do: Do, message: bytes) -> tuple[Session, list[bytes]]:
    """The session of a device that would rather be done at once, and its posts."""
    device = gateway(in_session=True)
    device.model.world.do = do
    wire = Wire(message)
    session = device.begin(1.0)
    ending = await held(session, wire, trio.current_time)  # type: ignore[arg-type]
    assert ending.label == ending.bug == ""
    return session, wire.posts


@pytest.mark.rule("T1", "T3")
async def test_a_file_goes_before_it_is_answered() -> None:
    """The server has it, then comes Status 0."""
    meter = Meter()
    files = Files(meter.count, meter.record)

    async def do(device: Device, errand: Any) -> object:
        return await run_errand(files, device, errand)

    async with file_server({"/log": (201, "")}) as server:
        message = reply("Upload", server.url + "/log", "k", "2 Vendor Log File")
        session, posts = await session_of(do, message)
        assert [g.path for g in server.got] == ["/log"]
        assert server.got[0].body
    assert session.state is State.DONE
    assert b"<Status>0</Status>" in posts[2]
    assert meter.snapshot(1.0, {}).counters["uploads.done"] == 1


@pytest.mark.rule("T1", "T5")
async def test_a_file_that_does_not_go() -> None:
    """The fault is the answer."""
    meter = Meter()
    files = Files(meter.count, meter.record)

    async def do(device: Device, errand: Any) -> object:
        return await run_errand(files, device, errand)

    message = reply("Upload", "http://127.0.0.1:9/log", "k", "2 Vendor Log File")
    _, posts = await session_of(do, message)
    assert b"<FaultCode>9011</FaultCode>" in posts[2]


@pytest.mark.rule("T1")
async def test_a_file_that_takes_too_long(mock_clock: trio.abc.Clock) -> None:
    """The ACS is not kept waiting: Status 1 after a while."""

    async def do(device: Device, errand: Any) -> object:
        await trio.sleep(3600)
        return 0

    began = trio.current_time()
    message = reply("Upload", "http://127.0.0.1:9/log", "k", "2 Vendor Log File")
    _, posts = await session_of(do, message)
    assert b"<Status>1</Status>" in posts[2]
    assert trio.current_time() - began == PATIENCE


async def test_an_errand_ends_with_the_power() -> None:
    """Files that are on their way stop; those of others go on."""
    talks, ended = Talks(), []

    async def errand(n: int) -> None:
        with talks.errand(n) as scope:
            await trio.sleep_forever()
        ended.append((n, scope.cancelled_caught))

    async with trio.open_nursery() as nursery:
        for n in (3, 3, 4):
            nursery.start_soon(errand, n)
        await trio.testing.wait_all_tasks_blocked()
        assert not talks.reset(3)  # no session was broken off by that
        await trio.testing.wait_all_tasks_blocked()
        assert ended == [(3, True), (3, True)]
        talks.reset(3)
        nursery.cancel_scope.cancel()
