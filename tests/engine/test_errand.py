"""How a group's CPEs come by a file: at a bandwidth of their own, fetched or not."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from cpesim.device.behaviour.files.upgrade import link
from cpesim.device.device import Device
from cpesim.device.group.ways import Ways
from cpesim.device.transfer import FIRMWARE, MOVING, Transfer
from cpesim.device.world import World
from cpesim.engine.errand import run_errand, with_room
from cpesim.engine.transfer import Files
from cpesim.measure.meter import Meter
from cpesim.scenario.scenario import Behaviour
from cpesim.scenario.shape import Shape
from tests.engine.test_transfer import server
from tests.factory import make_profile


def box(n: int, **behaviour: object) -> Device:
    ways = Ways(downloads=Behaviour(**behaviour))  # type: ignore[arg-type]
    return Device(make_profile(ways=ways), n, World(1))


async def test_a_file_that_is_not_fetched(mock_clock: trio.testing.MockClock) -> None:
    """Nobody is asked for it; it takes as long as its size takes at the bandwidth."""
    meter = Meter()
    files = Files(meter.count, meter.record)
    device = box(0, fetch=False, bandwidth=Shape("fixed", 8e6))
    transfer = Transfer("k", FIRMWARE, "http://127.0.0.1:1/box.bin", size=30_000_000)
    transfer.state = MOVING
    began = trio.current_time()
    assert await run_errand(files, device, transfer) == 0
    assert trio.current_time() - began == pytest.approx(30)
    assert "transfers.started" not in meter.snapshot(1.0, {}).counters


async def test_a_file_that_is_not_fetched_takes_no_room(
    mock_clock: trio.testing.MockClock,
) -> None:
    """All of a fleet spend their time at once, however few may move a file."""
    files = Files(Meter().count, Meter().record)
    room = trio.CapacityLimiter(1)
    began = trio.current_time()
    async with trio.open_nursery() as nursery, room:
        for n in range(5):
            device = box(n, fetch=False, bandwidth=Shape("fixed", 8e6))
            transfer = Transfer("k", FIRMWARE, "http://127.0.0.1:1/b", size=30_000_000)
            transfer.state = MOVING
            nursery.start_soon(with_room, room, files, device, transfer)
        await trio.sleep(29)
        assert len(nursery.child_tasks) == 5
        await trio.sleep(2)
        assert not nursery.child_tasks
    assert trio.current_time() - began == pytest.approx(31)


async def test_what_meets_a_server_waits_for_room() -> None:
    """One that is fetched moves when another has left."""
    files = Files(Meter().count, Meter().record)
    room = trio.CapacityLimiter(1)
    transfer = Transfer("k", FIRMWARE, "http://127.0.0.1:1/box.bin")
    transfer.state = MOVING
    another = object()
    await room.acquire_on_behalf_of(another)
    with trio.move_on_after(0.05) as waited:
        await with_room(room, files, box(0), transfer)
    assert waited.cancelled_caught
    room.release_on_behalf_of(another)
    assert await with_room(room, files, box(0), transfer) == 9015


async def test_a_bandwidth_of_its_own() -> None:
    """Two CPEs with the same file: each as fast as its draw says, by the clock."""
    meter = Meter()
    files = Files(meter.count, meter.record)
    shape = Shape("uniform", 2e6, 8e6)
    body = b"x" * 400_000
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    async with server({"/box.bin": answer + body}) as url:
        for n in (0, 1):
            device = box(n, bandwidth=shape)
            transfer = Transfer("k", FIRMWARE, f"{url}/box.bin")
            transfer.state = MOVING
            began = trio.current_time()
            assert await run_errand(files, device, transfer) == 0
            least = (len(body) - 65_536) / link(device).bandwidth
            assert trio.current_time() - began >= least
    assert meter.snapshot(1.0, {}).counters["transfers.done"] == 2
