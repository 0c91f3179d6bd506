"""
Shards in worker processes on this machine: the default.

Rule: a worker is a child with a session of its own, so that a Ctrl-C in the terminal
reaches the parent only. It is ended by closing its pipe, and killed by its own pid
when that is not enough.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import trio

from cpesim.engine.order import Order
from cpesim.placement.frames import BrokenFrame, Frames, pack
from cpesim.placement.placement import Roster

# What a worker gets to end by itself after its last word or a closed pipe.
PATIENCE = 2.0
COMMAND = (sys.executable, "-m", "cpesim.placement.worker")


@dataclass(slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    sink: trio.lowlevel.FdStream
    source: trio.lowlevel.FdStream
    words: trio.lowlevel.FdStream
    lock: trio.Lock = field(default_factory=trio.Lock)
    said: deque[str] = field(default_factory=lambda: deque(maxlen=20))
    ended: bool = False


class Local:
    """A placement whose workers are child processes, watched by tasks of *nursery*."""

    def __init__(self, nursery: trio.Nursery, command: Sequence[str] = COMMAND) -> None:
        self._nursery = nursery
        self._command = command
        self._roster = Roster()
        self._children: dict[str, _Child] = {}
        self.events = self._roster.events

    @property
    def workers(self) -> tuple[str, ...]:
        """The names of the workers that are at work."""
        return self._roster.workers

    @property
    def pids(self) -> dict[str, int]:
        """Each worker's process."""
        return {who: child.process.pid for who, child in self._children.items()}

    async def start(self, orders: Sequence[Order]) -> None:
        """Start a process for each order, and send it."""
        for order in orders:
            who = f"worker-{order.shard.index}"
            child = self._children[who] = _spawn(self._command)
            self._roster.add(who)
            self._nursery.start_soon(self._listen, who, child)
            self._nursery.start_soon(self._overhear, who, child)
            await self._send(who, order)

    async def command(self, who: str | None, verb: str, **arguments: Any) -> list[str]:
        """Tell a worker, or all; those that have applied it come back."""
        names = self.workers if who is None else (who,)
        command = self._roster.ask(names, verb, **arguments)
        for name in names:
            await self._send(name, command)
        return await self._roster.applied(names, command)

    async def aclose(self) -> None:
        """Close the workers' pipes, and kill those that are still there then."""
        with trio.CancelScope(shield=True):
            for child in self._children.values():
                await child.sink.aclose()
            await _gone([child.process for child in self._children.values()])
        self._roster.close()

    async def _send(self, who: str, message: object) -> None:
        child = self._children[who]
        try:
            async with child.lock:
                await child.sink.send_all(pack(message))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass  # it is dying: _listen says so

    async def _listen(self, who: str, child: _Child) -> None:
        frames = Frames()
        why = ""
        try:
            while received := await child.source.receive_some(1 << 18):
                for message in frames.feed(received):
                    if message[0] == "end":
                        child.ended = True
                        child.process.poll()
                    await self._roster.heard(who, message)
        except BrokenFrame as error:
            why = f"its pipe holds nonsense ({error})"
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        if child.ended:
            return
        with trio.CancelScope(shield=True):
            await _gone([child.process], patience=0.5)
        await self._roster.lost(who, why or _epitaph(child))

    async def _overhear(self, who: str, child: _Child) -> None:
        try:
            while received := await child.words.receive_some(1 << 14):
                text = received.decode(errors="replace")
                child.said.extend(text.splitlines())
                await self._roster.heard(who, ("said", text))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass


def _spawn(command: Sequence[str]) -> _Child:
    # Not trio's own way: it forks in a thread, and PR_SET_PDEATHSIG would then kill
    # the worker when that thread ends.
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    # FdStream closes its number itself; detach, so that nobody closes it twice.
    numbers = [
        _detach(stream) for stream in (process.stdin, process.stdout, process.stderr)
    ]
    process.stdin = process.stdout = process.stderr = None
    sink, source, words = (trio.lowlevel.FdStream(number) for number in numbers)
    return _Child(process, sink, source, words)


def _detach(stream: Any) -> int:
    number = os.dup(stream.fileno())
    os.set_inheritable(number, False)
    stream.close()
    return number


async def _gone(
    processes: Sequence[subprocess.Popen[bytes]], patience: float = PATIENCE
) -> None:
    """Wait until all have ended; those that will not are killed."""
    until = trio.current_time() + patience
    for process in processes:
        left = max(0.0, until - trio.current_time())
        try:
            await trio.to_thread.run_sync(process.wait, left)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _epitaph(child: _Child) -> str:
    code = child.process.returncode
    how = f"killed by signal {-code}" if code < 0 else f"exit status {code}"
    last = next((line for line in reversed(child.said) if line.strip()), "")
    return f"{how}: {last.strip()}" if last else how


@asynccontextmanager
async def local(command: Sequence[str] = COMMAND) -> AsyncIterator[Local]:
    """A placement of child processes; none of them outlives the block."""
    async with trio.open_nursery() as nursery:
        placement = Local(nursery, command)
        try:
            yield placement
        finally:
            await placement.aclose()
            nursery.cancel_scope.cancel()
