"""Shards as tasks of this process."""

from __future__ import annotations

import time
from typing import Any

import trio

from cpesim.measure.snapshot import Snapshot
from cpesim.placement.inline import Inline, inline
from tests.placement.test_local import order


async def heard(placement: Inline, kind: str) -> Any:
    """The next message of a kind."""
    with trio.fail_after(15):
        async for _, (what, content) in placement.events:
            if what == kind:
                return content
    raise AssertionError(f"no {kind}")


async def test_a_shard_runs_and_obeys() -> None:
    """Ready, start, stop, end: the same messages as with a process."""
    async with inline() as placement:
        await placement.start([order()])
        assert placement.workers == ("worker-0",)
        assert (await heard(placement, "ready"))["devices"] == 3
        with trio.fail_after(10):
            assert await placement.command(None, "start", epoch=time.time())
            assert await placement.command("worker-0", "stop") == ["worker-0"]
        assert isinstance(
            Snapshot.from_bytes(await heard(placement, "snapshot")), Snapshot
        )
        await heard(placement, "end")
        assert placement.workers == ()


async def test_leaving_the_block_ends_the_shard() -> None:
    """Whatever it does."""
    with trio.fail_after(10):
        async with inline() as placement:
            await placement.start([order()])
            await heard(placement, "ready")
            await placement.command(None, "start", epoch=time.time())


async def test_aclose_ends_it_too() -> None:
    """As with processes."""
    with trio.fail_after(10):
        async with inline() as placement:
            await placement.start([order()])
            await heard(placement, "ready")
            await placement.command(None, "start", epoch=time.time())
            await placement.aclose()
