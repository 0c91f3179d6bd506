"""
The dashboard of a run in another terminal.

Rule: the run draws the lines, this shows them: nothing of a result is held here. What
turns the view stays here; what acts on the run goes to it as the key that it is.
"""

from __future__ import annotations

import json
import signal
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import ExitStack, aclosing, suppress
from dataclasses import dataclass, replace

import trio

from cpesim.conductor.control.address import MOST_HEIGHT, MOST_WIDTH
from cpesim.conductor.control.visit import Ended, Visit
from cpesim.conductor.face import cbreak, pressed
from cpesim.live.looking import Looking, turned
from cpesim.live.screen import Screen

# How often the terminal's size is looked at.
SIZED = 0.5
# A run tells a frame a second; one that is silent for so long hangs.
SILENCE = 15.0
# More than any frame has.
MOST_FRAME = 1 << 21
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ENDED = "the run has ended"
LEFT = "left: the run goes on"


async def attach(visit: Visit, terminal: int | None, *, color: bool = True) -> str:
    """
    Show the run until it ends or we leave; which of both comes back, in words.

    Raises Ended when there is no such run any more, ConfigError for no right to it.
    """
    with trio.open_signal_receiver(*SIGNALS) as signals:
        async with _connected(visit) as stream:
            with ExitStack() as stack:
                if terminal is not None:
                    stack.enter_context(cbreak(terminal))
                screen = stack.enter_context(Screen(color=color))
                return await Attached(visit, stream, screen).through(terminal, signals)


def _connected(visit: Visit) -> trio.SocketStream:
    return trio.SocketStream(trio.socket.from_stdlib_socket(visit.connect()))


@dataclass(slots=True)
class Attached:
    """A connection to a run, a screen, and what is looked at on it."""

    visit: Visit
    stream: trio.SocketStream
    screen: Screen
    looking: Looking = Looking(away=True)  # noqa: RUF009 - it is frozen
    size: tuple[int, int] = (0, 0)
    why: str = LEFT

    async def through(self, terminal: int | None, signals: AsyncIterator[int]) -> str:
        """Frames in, keys out, until one of both ends."""
        async with trio.open_nursery() as nursery:
            scope = nursery.cancel_scope
            nursery.start_soon(self._frames, scope)
            nursery.start_soon(self._watch_size)
            nursery.start_soon(_leave, signals, scope)
            if terminal is not None:
                nursery.start_soon(self._keys, terminal, scope)
        return self.why

    async def _frames(self, scope: trio.CancelScope) -> None:
        async with aclosing(self._heard()) as told:
            async for answer in told:
                if "error" in answer:
                    self.why = f"the run refused: {answer['error']}"
                    scope.cancel()
                    return
                frame = answer.get("frame")
                # One that was drawn before the window changed would not fit it.
                if not isinstance(frame, list) or len(frame) != self.size[1]:
                    continue
                try:
                    self.screen.draw([str(line) for line in frame])
                except (OSError, ValueError):
                    scope.cancel()
                    return
        self.why = ENDED
        scope.cancel()

    async def _watch_size(self) -> None:
        while True:
            width, height = self.screen.size
            size = min(width, MOST_WIDTH), min(height, MOST_HEIGHT)
            if size != self.size:
                self.size = size
                await self._watch()
            await trio.sleep(SIZED)

    async def _watch(self) -> None:
        width, height = self.size
        looking = {"view": self.looking.view, "over": self.looking.over}
        await self._say({"watch": {"width": width, "height": height, **looking}})

    async def _keys(self, terminal: int, scope: trio.CancelScope) -> None:
        async with aclosing(pressed(terminal)) as keys:
            async for action in keys:
                before = self.looking
                looking, ask = turned(before, action)
                self.looking = replace(looking, away=True)
                if ask:
                    await self._say({"key": ask})
                elif self.looking != before:
                    await self._watch()
        scope.cancel()

    async def _say(self, told: object) -> None:
        # A run that is gone is noticed where it is heard.
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            await self.stream.send_all(json.dumps(told).encode() + b"\n")

    async def _heard(self) -> AsyncGenerator[dict[str, object], None]:
        """What the run tells, object by object; it ends with the run."""
        buffer = bytearray()
        while True:
            received: bytes | bytearray = b""
            with (
                suppress(trio.BrokenResourceError),
                trio.move_on_after(SILENCE) as late,
            ):
                received = await self.stream.receive_some(1 << 16)
            if late.cancelled_caught:
                raise Ended(f"run {self.visit.name}: silent for {SILENCE:.0f} s")
            if not received or len(buffer) > MOST_FRAME:
                return
            buffer += received
            *whole, buffer = buffer.split(b"\n")
            for line in whole:
                told = json.loads(line)
                if isinstance(told, dict):
                    yield told


async def _leave(signals: AsyncIterator[int], scope: trio.CancelScope) -> None:
    async for _ in signals:
        scope.cancel()
        return
