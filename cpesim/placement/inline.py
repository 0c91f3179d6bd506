"""
Shards as tasks of this process: for tests and for one device.

Rule: what passes between the two sides goes through the same messages as with
processes, so that a test of one is a test of the other.
"""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import trio

from cpesim.engine.begin import run_shard
from cpesim.engine.order import Command, Message, Order
from cpesim.placement.placement import Roster


class Inline:
    """A placement whose workers are tasks of *nursery*."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery
        self._roster = Roster()
        self._commands: dict[str, trio.MemorySendChannel[Command]] = {}
        self.events = self._roster.events

    @property
    def workers(self) -> tuple[str, ...]:
        """The names of the shards that run."""
        return self._roster.workers

    async def start(self, orders: Sequence[Order]) -> None:
        """Run each order as a task."""
        for order in orders:
            who = f"worker-{order.shard.index}"
            send, receive = trio.open_memory_channel[Command](64)
            self._commands[who] = send
            self._roster.add(who)
            self._nursery.start_soon(self._run, who, order, receive)

    async def command(self, who: str | None, verb: str, **arguments: Any) -> list[str]:
        """Tell a shard, or all; those that have applied it come back."""
        names = self.workers if who is None else (who,)
        command = self._roster.ask(names, verb, **arguments)
        for name in names:
            await self._commands[name].send(command)
        return await self._roster.applied(names, command)

    async def aclose(self) -> None:
        """Cancel the shards."""
        self._nursery.cancel_scope.cancel()
        await trio.lowlevel.checkpoint_if_cancelled()

    async def _run(
        self, who: str, order: Order, receive: trio.MemoryReceiveChannel[Command]
    ) -> None:
        async def send(message: Message) -> None:
            await self._roster.heard(who, message)

        try:
            await run_shard(order, send, receive.receive)
        except Exception:
            await send(("bug", traceback.format_exc()))
        await self._roster.lost(who, "it ended without a word")


@asynccontextmanager
async def inline() -> AsyncIterator[Inline]:
    """A placement in this process; its shards end with the block."""
    async with trio.open_nursery() as nursery:
        yield Inline(nursery)
        nursery.cancel_scope.cancel()
