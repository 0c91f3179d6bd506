"""
A worker process: one shard, told over its stdin, telling over its stdout.

Rule: it has no will of its own. It ignores the terminal's signals (the parent
commands), and it ends at once when the parent is gone.
"""

from __future__ import annotations

import ctypes
import io
import os
import signal
import sys
import traceback
from typing import Any

import trio

from cpesim.engine.begin import run_shard
from cpesim.engine.order import Command, Message, Order
from cpesim.placement.frames import Frames, pack

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Run the one shard that the parent orders."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _die_with_parent()
    coming, going = _take_pipes()
    trio.run(_work, coming, going)


def _die_with_parent() -> None:
    """Have the kernel kill us with the parent, even when our loop is stuck."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _take_pipes() -> tuple[int, int]:
    """Keep the pipes for frames; what anybody prints goes to stderr instead."""
    coming, going = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    # A line at once: what is still in a buffer when we are killed is lost.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    return coming, going


async def _work(coming: int, going: int) -> None:
    lock = trio.Lock()
    commands, receive = trio.open_memory_channel[Command](64)
    frames = Frames()

    async with (
        trio.lowlevel.FdStream(coming) as source,
        trio.lowlevel.FdStream(going) as sink,
        trio.open_nursery() as nursery,
    ):

        async def send(message: Message) -> None:
            async with lock:
                await sink.send_all(pack(message))

        waiting: list[Any] = []
        while not waiting:
            received = await source.receive_some(1 << 20)
            if not received:
                os._exit(0)
            waiting = frames.feed(received)
        order: Order = waiting.pop(0)

        async def listen() -> None:
            for command in waiting:
                await commands.send(command)
            while received := await source.receive_some(1 << 16):
                for command in frames.feed(received):
                    await commands.send(command)
            # The parent is gone or has closed its end: nobody waits for our manners.
            os._exit(0)

        nursery.start_soon(listen)
        try:
            await run_shard(order, send, receive.receive)
        except Exception:
            await send(("bug", traceback.format_exc()))
        nursery.cancel_scope.cancel()


if __name__ == "__main__":
    main()
