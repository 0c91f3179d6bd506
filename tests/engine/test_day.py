"""A day of a small fleet on a clock that jumps: what a worker holds does not grow."""

from __future__ import annotations

import gc
import sys

import pytest
import trio
import trio.testing

from cpesim.errors import Disconnected
from tests.engine.stage import Stage, staged

HOUR, HOURS, COUNT = 3_600, 24, 10


async def an_hour(stage: Stage) -> tuple[int, int]:
    """Knocks, failures that are retried, snapshots; sessions done and failed."""
    fleet, done, failed = stage.fleet, 0, 0
    for second in range(0, HOUR, 20):
        # Late in each hour the ACS fails for a while.
        bad = HOUR - 400 < second < HOUR - 300
        stage.failure = Disconnected("gone") if bad else None
        device = fleet.devices[second // 20 % COUNT]
        fleet.knock(device, fleet.clock())
        await trio.sleep(20)
        gauges = fleet.standing.gauges()
        assert gauges["fleet.total"] == COUNT
        taken = fleet.meter.snapshot(fleet.clock(), gauges)
        assert len(taken.to_bytes()) < 8192
        done += taken.counters.get("sessions.done", 0)
        failed += taken.counters.get("sessions.failed", 0)
    stage.informs.clear()
    return done, failed


def held() -> int:
    """The blocks of memory that Python's objects have."""
    gc.collect()
    return sys.getallocatedblocks()


@pytest.mark.slow
async def test_a_day_of_a_fleet(mock_clock: trio.testing.MockClock) -> None:
    """After the first hours nothing is added: no entry, no object."""
    async with staged(COUNT, in_flight=4) as stage:
        blocks = []
        for hour in range(HOURS):
            done, failed = await an_hour(stage)
            assert done > HOUR // 300 * COUNT * 0.8, hour
            assert failed, hour
            blocks.append(held())
        fleet = stage.fleet
        assert len(fleet.agenda) <= 2 * COUNT + 1_000
        assert len(list(fleet.talks.overdue(fleet.clock(), -1.0))) == fleet.places.busy
        assert not stage.bugs
    assert max(blocks[-3:]) - blocks[1] < 500, blocks
