"""Steps beside loads: whose turn it is when CPEs are cut off, join or leave."""

from __future__ import annotations

from collections import Counter

import pytest
import trio
import trio.testing

from cpesim.device.device import Device
from cpesim.engine.loads.closed import ClosedLoad
from cpesim.engine.loads.once import OnceLoad
from cpesim.engine.loads.source import Count, Source
from cpesim.scenario.step import DeviceSet
from tests.engine.stage import Stage, staged

Clock = trio.testing.MockClock


def spoke(stage: Stage, since: float) -> Counter[int]:
    """How many Informs each CPE sent."""
    return Counter(n for at, n, _ in stage.informs if at >= since)


async def test_a_rate_is_shared_with_those_who_join_and_by_those_who_stay(
    mock_clock: Clock,
) -> None:
    """New CPEs have their turn; removed ones have none, and nothing is dropped."""
    async with staged(4, rate=10.0) as stage:
        await trio.sleep(2)
        await stage.do("add", arguments={"group": "all", "count": 4, "ramp": 0.0})
        since = stage.fleet.clock()
        await trio.sleep(8)
        assert set(spoke(stage, since)) == set(range(8))
        await stage.do("remove", DeviceSet(count=5))
        await trio.sleep(0.1)
        stage.counters()
        since = stage.fleet.clock()
        await trio.sleep(8)
        left = spoke(stage, since)
        assert len(left) == 3
        assert sum(left.values()) == pytest.approx(80, abs=2)
        assert "sessions.dropped" not in stage.counters()
        await stage.do("remove")
        await trio.sleep(3)
        assert stage.fleet.standing.gauges()["fleet.total"] == 0


async def test_a_closed_load_goes_on_with_who_has_power(mock_clock: Clock) -> None:
    """Sessions that are cut are replaced by others'; nobody removed is asked."""

    def loads(devices: list[Device], count: Count) -> list[Source]:
        return [ClosedLoad(3, devices, count)]

    async with staged(6, loads=loads) as stage:
        stage.delay = 5.0
        await trio.sleep(1)
        assert stage.fleet.places.busy == 3
        await stage.do("power_cut", DeviceSet(count=3), name="dark")
        await trio.sleep(0.5)
        assert stage.fleet.places.busy == 3
        await stage.do("remove", DeviceSet("dark"))
        await trio.sleep(30)
        assert stage.fleet.places.busy == 3
        since = stage.fleet.clock()
        await stage.do("add", arguments={"group": "all", "count": 3, "ramp": 0.0})
        await trio.sleep(60)
        assert set(spoke(stage, since)) >= {6, 7, 8}
        assert len(spoke(stage, since)) == 6


async def test_one_session_of_each_without_those_who_left(mock_clock: Clock) -> None:
    """Before the moment they are not wanted; after it they are not started."""

    def loads(devices: list[Device], count: Count) -> list[Source]:
        return [OnceLoad(devices, count, at=5.0)]

    async with staged(8, loads=loads, in_flight=1) as stage:
        await trio.sleep(1)
        await stage.do("remove", DeviceSet(count=2))
        await stage.do("add", arguments={"group": "all", "count": 1, "ramp": 0.0})
        await trio.sleep(2)
        stage.counters()
        stage.delay = 1.0
        await trio.sleep(3)
        assert stage.counters()["sessions.wanted"] == 7
        gone = (await stage.do("remove", DeviceSet(count=3)))["done"]
        await trio.sleep(60)
        found = stage.counters()
        assert gone == 3
        assert found.get("sessions.wanted", 0) == 0
        held = sum(at >= 5.0 for at, _, _ in stage.informs)
        assert 4 <= held < 7
        assert found["sessions.not_started"] == 7 - held
        assert stage.fleet.places.busy == 0
