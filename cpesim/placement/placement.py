"""
What every place for shards offers, and the book-keeping that they share.

Rule: a worker that is lost is a message like any other, and nobody waits for an
answer from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import trio

from cpesim.engine.order import Command, Message, Order

# Messages that wait for the conductor; a worker's next one waits in its pipe.
WAITING = 256


class Placement(Protocol):
    """
    Runs shards somewhere.

    *events* are (who, message): those of the shards, and of the placement itself
    ("lost", why) and ("said", text), what a worker wrote to its stderr.
    """

    events: trio.MemoryReceiveChannel[tuple[str, Message]]

    @property
    def workers(self) -> tuple[str, ...]:
        """The names of the workers that are at work."""

    async def start(self, orders: Sequence[Order]) -> None:
        """Give each order a worker."""

    async def command(self, who: str | None, verb: str, **arguments: Any) -> list[str]:
        """Tell a worker, or all; those that have applied it come back."""

    async def aclose(self) -> None:
        """End all workers, whatever they do, within seconds."""


class Place(Protocol):
    """How the conductor gets a placement: as a block that it leaves tidy."""

    def __call__(self) -> AbstractAsyncContextManager[Placement]: ...


class Roster:
    """Who is at work, and which commands each has still to acknowledge."""

    def __init__(self) -> None:
        self._send, self.events = trio.open_memory_channel[tuple[str, Message]](WAITING)
        self._working: dict[str, None] = {}
        self._asked: dict[tuple[str, int], trio.Event] = {}
        self._applied: set[tuple[str, int]] = set()
        self._last = 0

    @property
    def workers(self) -> tuple[str, ...]:
        """Those that were added and have neither ended nor been lost."""
        return tuple(self._working)

    def add(self, who: str) -> None:
        """A worker began."""
        self._working[who] = None

    def ask(self, names: Sequence[str], verb: str, **arguments: Any) -> Command:
        """A command with a number of its own; *names* will have to acknowledge it."""
        self._last += 1
        for who in names:
            self._asked[who, self._last] = trio.Event()
        return Command(self._last, verb, arguments)

    async def applied(self, names: Sequence[str], command: Command) -> list[str]:
        """Wait until each of *names* has acknowledged the command or is gone."""
        done: list[str] = []
        for who in names:
            key = (who, command.id)
            event = self._asked.get(key)
            if event is not None:
                await event.wait()
                del self._asked[key]
            if key in self._applied:
                self._applied.remove(key)
                done.append(who)
        return done

    async def heard(self, who: str, message: Message) -> None:
        """Take a worker's message: acknowledgements stay here, the rest goes on."""
        kind, content = message
        if kind == "ack":
            event = self._asked.get((who, content))
            if event is not None:
                self._applied.add((who, content))
                event.set()
            return
        if kind == "end":
            self._gone(who)
        await self._send.send((who, message))

    async def lost(self, who: str, why: str) -> None:
        """A worker is gone without having said so."""
        if who in self._working:
            self._gone(who)
            await self._send.send((who, ("lost", why)))

    def close(self) -> None:
        """Nothing more will be heard."""
        for who in self.workers:
            self._gone(who)
        self._send.close()

    def _gone(self, who: str) -> None:
        self._working.pop(who, None)
        for (name, _), event in self._asked.items():
            if name == who:
                event.set()
