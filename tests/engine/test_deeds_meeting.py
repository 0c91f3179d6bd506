"""Steps that meet a CPE at an awkward moment: before its boot, or in a session."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from cpesim.device.device import DARK
from cpesim.engine.standing import STATES
from cpesim.scenario.step import DeviceSet
from tests.engine.stage import Stage, staged
from tests.factory import WAN

Clock = trio.testing.MockClock
ADDRESS = WAN + "ExternalIPAddress"


def standing(stage: Stage) -> dict[str, float]:
    """How many CPEs are in each state that has any."""
    gauges = stage.fleet.standing.gauges()
    found = {state: gauges[f"fleet.{state}"] for state in STATES}
    return {state: number for state, number in found.items() if number}


async def test_who_has_not_booted_takes_values_and_boots_when_its_turn_comes(
    mock_clock: Clock,
) -> None:
    """A set during the ramp changes no moment of it."""
    async with staged(3, ramp=lambda n: 10.0 * n) as stage:
        await trio.sleep(5)
        told = await stage.do("set", arguments={"set": {ADDRESS: "192.0.2.{n}"}})
        assert told["done"] == 3
        assert standing(stage) == {"new": 2, "ok": 1}
        await trio.sleep(20)
        boots = [(round(at), n) for at, n, b in stage.informs if b"0 BOOTSTRAP" in b]
        assert boots == [(0, 0), (10, 1), (20, 2)]
        assert stage.fleet.devices[2].model.get(ADDRESS, 0.0) == "192.0.2.2"


@pytest.mark.parametrize("again", [False, True])
async def test_who_is_removed_in_a_session_begins_no_other(
    again: bool, mock_clock: Clock
) -> None:
    """Its session ends when the CPE is done; until then nothing of it rings."""
    async with staged(1, knock_rate=9) as stage:
        stage.delay = stage.lingers = 10.0
        fleet = stage.fleet
        device = fleet.devices[0]
        await trio.sleep(30)
        stage.counters()
        # A moment of its own falls into the session that a knock begins.
        await trio.sleep(device.due() - fleet.clock() - 2.0)
        assert fleet.knock(device, fleet.clock())
        await trio.sleep(1.0)
        assert standing(stage) == {"busy": 1}
        assert (await stage.do("remove"))["done"] == 1
        assert device.session is not None
        if again:
            fleet.knock(device, fleet.clock())
        assert fleet.places.busy == 1
        await trio.sleep(30)
        assert fleet.places.busy == 0
        assert device.life == DARK
        assert stage.counters()["sessions.started"] == 1
        assert fleet.standing.gauges()["fleet.removed"] == 1


async def test_a_power_cut_meets_a_session_that_has_not_begun(
    mock_clock: Clock,
) -> None:
    """It has its place already: it never begins, and the CPE boots when it may."""
    async with staged(2) as stage:
        fleet = stage.fleet
        await trio.sleep(5)
        stage.counters()
        device = fleet.devices[0]
        assert fleet.knock(device, fleet.clock())
        assert fleet.places.busy == 1
        since = fleet.clock()
        arguments = {"restore_after": 60.0}
        await stage.do("power_cut", DeviceSet(count=2), arguments=arguments)
        await trio.sleep(1)
        assert standing(stage) == {"off": 2}
        counters = stage.counters()
        assert counters["sessions.wanted"] == counters["sessions.not_started"] == 1
        assert "sessions.started" not in counters
        assert fleet.places.busy == 0
        await trio.sleep(62)
        assert standing(stage) == {"ok": 2}
        assert sorted(stage.told("1 BOOT", since)) == [0, 1]
        assert stage.told("6 CONNECTION REQUEST") == []


async def test_who_waited_for_a_place_and_lost_its_power_waits_no_more(
    mock_clock: Clock,
) -> None:
    """More than are cut at a time: each is counted once, and boots when it may."""
    async with staged(100, in_flight=1) as stage:
        stage.delay = 10.0
        await trio.sleep(1)
        assert standing(stage) == {"busy": 1, "waiting": 99}
        since = stage.fleet.clock()
        await stage.do(
            "power_cut",
            DeviceSet(count=70),
            arguments={"restore_after": 100.0},
            salt="dark",
        )
        dark = {d.n for d in stage.fleet.devices if d.life == DARK}
        assert standing(stage)["off"] >= 69
        stage.delay = 0.01
        await trio.sleep(25)
        assert dark.isdisjoint(n for at, n, _ in stage.informs if at > since)
        counters = stage.counters()
        lost = counters["sessions.not_started"]
        assert lost == 70 - counters.get("sessions.cut", 0)
        assert counters["sessions.started"] + lost == counters["sessions.wanted"]
        await trio.sleep(90)
        assert standing(stage) == {"ok": 100}
        assert sorted(stage.told("0 BOOTSTRAP", since)) == list(range(100))


async def test_only_who_had_no_power_is_waited_for(mock_clock: Clock) -> None:
    """A CPE that was passed over can be back from nothing."""
    async with staged(4) as stage:
        await trio.sleep(5)
        await stage.do("power_cut", DeviceSet(count=3))
        told = await stage.do("power_restore", name="street")
        assert (told["done"], told["passed"]) == (3, {"has power": 1})
        assert stage.fleet.recovery.gauges()["set.size{set=street}"] == 3
        await trio.sleep(5)
        counters = stage.counters()
        assert counters["recovering{set=street}"] == 3
        assert counters["recovered{set=street}"] == 3
        assert not stage.fleet.recovery.waiting
