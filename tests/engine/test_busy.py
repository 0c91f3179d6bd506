"""A device in a session: what is due meanwhile waits for its end (S10)."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from tests.engine.stage import staged


@pytest.mark.rule("S10", "B6")
async def test_no_alarm_rings_in_a_session(mock_clock: trio.testing.MockClock) -> None:
    """A reboot that falls into it comes after it, and no second session beside it."""
    async with staged(1, reboot=10.0) as stage:
        await trio.sleep(5)
        fleet = stage.fleet
        (device,) = fleet.devices
        stage.delay = 4.0
        device.alarm(20.0, "scheduled reboot")
        fleet.schedule(device)
        await trio.sleep_until(trio.current_time() + 19.0 - fleet.clock())
        assert fleet.knock(device, fleet.clock())
        await trio.sleep(3)
        assert device.session is not None
        assert device.life == "up"
        assert len(stage.informs) == 2
        await trio.sleep(6)
        assert device.session is None
        assert device.life == "off"
        await trio.sleep(20)
        assert [b"1 BOOT" in body for _, _, body in stage.informs] == [
            True,
            False,
            True,
        ]
