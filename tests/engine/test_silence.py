"""A fleet whose devices reboot, sleep and are switched off (CHECKLIST B1, I9, I11)."""

from __future__ import annotations

from typing import Any

import pytest
import trio
import trio.testing

from cpesim.device.behaviour.reboots import on_delay, on_schedule
from cpesim.device.device import DARK, UP
from cpesim.device.profile import Standby
from tests.engine.stage import Stage, staged
from tests.engine.test_listener import PATHS, ask, booth
from tests.factory import SERVER, make_device

Clock = trio.testing.MockClock


def told(stage: Stage, since: float = 0.0) -> list[tuple[float, Any]]:
    """When each Inform since then was sent, with its event codes."""
    found = []
    for at, _, body in stage.informs:
        parts = body.decode().split("<EventCode>")[1:]
        if at > since:
            found.append((round(at, 1), [part.partition("<")[0] for part in parts]))
    return found


@pytest.mark.rule("B1", "E4")
async def test_a_rebooting_device_is_silent(mock_clock: Clock) -> None:
    """No Inform until it is back, whatever rings; two Reboots tell both keys once."""
    async with staged(1, reboot=45.0) as stage:
        await trio.sleep(1)
        fleet, device = stage.fleet, stage.fleet.devices[0]
        device.silence("periodic")
        for key in ("a", "b"):
            device.alarm(fleet.clock(), "reboot", key)
        device.alarm(fleet.clock() + 10.0, "schedule", "s")
        fleet.schedule(device)
        await trio.sleep(30)
        assert device.life == DARK
        assert told(stage, 1.0) == []
        await trio.sleep(30)
        assert told(stage, 1.0) == [
            (
                46.0,
                ["1 BOOT", "3 SCHEDULED", "M Reboot", "M Reboot", "M ScheduleInform"],
            )
        ]
        assert b">a<" in stage.informs[-1][2]
        assert b">b<" in stage.informs[-1][2]


@pytest.mark.rule("B6")
async def test_a_reboot_in_a_session_waits(mock_clock: Clock) -> None:
    """DelayReboot counts from its end; ScheduleReboot comes when it is over."""
    async with staged(1, reboot=45.0) as stage:
        fleet, device = stage.fleet, stage.fleet.devices[0]
        stage.delay = 5.0
        await trio.sleep(1)  # in its first session, which lasts ten seconds
        on_delay(device, SERVER + "DelayReboot", "20", fleet.clock())
        await trio.sleep(28)
        device.silence("periodic")
        assert device.life == UP
        await trio.sleep(2)
        assert device.life == DARK
        await trio.sleep(60)
        device.silence("periodic")
        fleet.knock(device, fleet.clock())
        await trio.sleep(1)
        on_schedule(device, "", "1970-01-01T00:01:34Z", fleet.clock())
        await trio.sleep(8)
        assert device.life == UP
        await trio.sleep(3)
        assert device.life == DARK
        await trio.sleep(60)
        codes = [code for _, code in told(stage)]
        assert codes == [["1 BOOT"], ["6 CONNECTION REQUEST"], ["1 BOOT"]]


@pytest.mark.rule("I11")
async def test_a_sleeping_device(mock_clock: Clock) -> None:
    """It counts as off while it sleeps, and its Informs fall out."""
    async with staged(1, standby=Standby(1000.0, 2000.0)) as stage:
        await trio.sleep(1)
        fleet, device = stage.fleet, stage.fleet.devices[0]
        device.silence("standby")
        device.alarm(10.0, "standby")
        fleet.schedule(device)
        await trio.sleep(1000)
        assert fleet.standing.gauges()["fleet.off"] == 1
        await trio.sleep(1005)
        assert told(stage, 1.0) == []
        await trio.sleep(905)
        assert fleet.standing.gauges()["fleet.ok"] == 1
        assert [codes for _, codes in told(stage, 1.0)] == [["2 PERIODIC"]] * 3


@pytest.mark.rule("I9")
async def test_a_device_without_cwmp(mock_clock: Clock) -> None:
    """It says nothing any more, and costs nothing."""
    async with staged(1) as stage:
        await trio.sleep(1)
        fleet, device = stage.fleet, stage.fleet.devices[0]
        device.model.set(SERVER + "EnableCWMP", "0")
        device.alarm(fleet.clock(), "cwmp off")
        fleet.schedule(device)
        await trio.sleep(10_000)
        assert told(stage, 1.0) == []
        assert fleet.standing.gauges()["fleet.off"] == 1


@pytest.mark.rule("I9", "I11", "B1")
@pytest.mark.parametrize("name", ["reboot", "factory reset", "standby", "cwmp off"])
async def test_a_silent_device_hears_no_connection_request(name: str) -> None:
    """Whatever silenced it, its caller is answered nothing."""
    device = make_device(5, standby=Standby(1000.0, 2000.0))
    if name == "cwmp off":
        device.model.set(SERVER + "EnableCWMP", "0")
    device.alarm(1.0, name, "k")
    device.wake(1.0)
    async with (
        booth(device) as (made, port),
        await trio.open_tcp_stream("127.0.0.1", port) as stream,
    ):
        assert await ask(stream, f"GET {PATHS.of(5)} HTTP/1.1\r\n\r\n") == ""
    assert made.counters()["knocks.missed"] == 1
