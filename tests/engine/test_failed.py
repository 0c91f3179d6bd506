"""Failed sessions by kind: whose CPE got in later, and what is told of the first."""

from __future__ import annotations

from collections import Counter

import pytest
import trio
import trio.testing

from cpesim.engine.figures.failed import MOST_BODY, Traced
from cpesim.engine.order import Failed
from cpesim.errors import Disconnected, HttpStatus
from tests.engine.stage import staged

Clock = trio.testing.MockClock
GROUPS = (("homes", 0), ("shops", 2))


async def test_who_failed_and_got_in_later(mock_clock: Clock) -> None:
    """By what they had failed by; each failure once, by group too."""
    async with staged(3, groups=GROUPS) as stage:
        stage.failure = HttpStatus(503, retry_after=10.0)
        await trio.sleep(1)
        counters = stage.counters()
        assert counters["failed_on.http 503@Inform"] == 3
        assert counters["failed_on.http 503@Inform{group=homes}"] == 2
        assert counters["failed_on.http 503@Inform{group=shops}"] == 1
        stage.failure = Disconnected("x")
        await trio.sleep(20)
        assert not [name for name in stage.counters() if name.startswith("got_in")]
        stage.failure = None
        await trio.sleep(200)
        counters = stage.counters()
        got_in = {n: c for n, c in counters.items() if n.startswith("got_in.http")}
        assert got_in == {
            "got_in.http 503@Inform": 3,
            "got_in.http 503@Inform{group=homes}": 2,
            "got_in.http 503@Inform{group=shops}": 1,
        }
        assert counters["got_in.disconnected@Inform"] >= 3
        stage.failure = None
        for device in stage.fleet.devices:
            stage.fleet.knock(device, stage.fleet.clock())
        await trio.sleep(5)
        counters = stage.counters()
        assert counters["sessions.done"] == 3
        assert not [name for name in counters if name.startswith("got_in")]


async def test_the_first_of_each_kind_are_told(mock_clock: Clock) -> None:
    """So many; what a session that does well has in hand is never looked at."""
    told: list[Failed] = []
    traced = Traced(2, told.append, trio.current_time)
    async with staged(4, groups=GROUPS, traced=traced) as stage:
        await trio.sleep(2)
        assert stage.counters()["sessions.done"] == 4
        assert (stage.looked, told) == (0, [])
        stage.failure = HttpStatus(503)
        for _ in range(3):
            for device in stage.fleet.devices:
                stage.fleet.knock(device, stage.fleet.clock())
            await trio.sleep(3)
    assert Counter(one.kind for one in told) == {
        ("http 503", "Inform", "homes"): 2,
        ("http 503", "Inform", "shops"): 2,
    }
    first = told[0]
    assert (first.serial, first.why) == ("T000001", "")
    assert first.sent is not None
    assert (len(first.sent.body), first.sent.size) == (MOST_BODY, 99_999)
    assert first.answer == (b"HTTP/1.1 503", b"", 0)
    assert stage.looked == 4


@pytest.mark.parametrize("each", [0, 1])
async def test_kinds_that_an_acs_makes_up_are_bounded(
    mock_clock: Clock, monkeypatch: pytest.MonkeyPatch, each: int
) -> None:
    """Only the first kinds are told at all."""
    monkeypatch.setattr("cpesim.engine.figures.failed.MOST_KINDS", 3)
    told: list[Failed] = []
    traced = Traced(each, told.append, trio.current_time)
    async with staged(1, traced=traced) as stage:
        for status in range(500, 509):
            stage.failure = HttpStatus(status)
            stage.fleet.knock(stage.fleet.devices[0], stage.fleet.clock())
            await trio.sleep(5)
    assert len(told) == 3 * each
