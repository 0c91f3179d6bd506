"""
What a run shows while it runs: a dashboard, lines, or nothing.

Rule: a face that can no longer be shown (the terminal is gone) turns into nothing;
it never ends a run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress
from typing import Literal, Protocol, TextIO

import trio

from cpesim.live.keys import actions
from cpesim.live.looking import Looking, turned
from cpesim.live.views import dashboard, plain_line
from cpesim.measure.result import Result

Ui = Literal["auto", "full", "plain", "none"]
# Frames a second of the dashboard; seconds a line of plain mode.
FPS, PLAIN_EVERY = 4.0, 10.0


class Face(Protocol):
    """Shows a result every *every* seconds."""

    every: float

    def turn(self, action: str) -> str:
        """Look at what a key says; what it asks of the run comes back, if anything."""

    def draw(self, result: Result) -> None:
        """Show it as it is now."""

    def close(self) -> None:
        """Leave the terminal as it was; more than once does no harm."""


class Full:
    """The dashboard on the alternate screen."""

    def __init__(self, fps: float = FPS, color: bool = True) -> None:
        from cpesim.live.screen import Screen

        self.every = 1 / fps
        self._looking = Looking()
        self._screen = Screen(color=color)
        self._screen.__enter__()

    def turn(self, action: str) -> str:
        """Another view, or what is asked of the run."""
        self._looking, ask = turned(self._looking, action)
        return ask

    def draw(self, result: Result) -> None:
        """Fill the screen, whatever its size is by now."""
        self._screen.draw(dashboard(result, *self._screen.size, self._looking))

    def close(self) -> None:
        """Show what was there before."""
        self._screen.close()


class Plain:
    """A line each ten seconds, or each *every*."""

    def __init__(self, out: TextIO, every: float = PLAIN_EVERY) -> None:
        self.every = every
        self._out = out

    def turn(self, action: str) -> str:
        """There is nothing to turn to."""
        return turned(Looking(), action)[1]

    def draw(self, result: Result) -> None:
        """One line more."""
        print(plain_line(result), file=self._out, flush=True)

    def close(self) -> None:
        """Nothing to put back."""


class Nothing:
    """No face."""

    every = PLAIN_EVERY

    def turn(self, action: str) -> str:
        """There is nothing to turn to."""
        return turned(Looking(), action)[1]

    def draw(self, result: Result) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def face_for(
    ui: Ui,
    out: TextIO | None = None,
    *,
    fps: float = FPS,
    plain_every: float = PLAIN_EVERY,
    color: bool = True,
) -> Face:
    """The face that was asked for; `auto` is the dashboard where it can be seen."""
    out = out or sys.stdout
    if ui == "auto":
        seen = out.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        ui = "full" if seen else "plain"
    if ui == "full":
        return Full(fps, color)
    return Plain(out, plain_every) if ui == "plain" else Nothing()


def keyboard() -> int | None:
    """The number of the terminal that we may read keys from, if there is one."""
    try:
        number = sys.stdin.fileno()
        ours = os.isatty(number) and os.tcgetpgrp(number) == os.getpgrp()
    except (OSError, ValueError, AttributeError):
        return None
    return number if ours else None


@contextmanager
def cbreak(terminal: int) -> Iterator[None]:
    """Give keys at once and unechoed within the block; Ctrl-C stays a signal."""
    import termios
    import tty

    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal)
    try:
        yield
    finally:
        # When the terminal is gone, its settings are gone with it.
        with suppress(termios.error):
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)


async def pressed(terminal: int) -> AsyncGenerator[str, None]:
    """The actions of the keys that are pressed; ends when the terminal is gone."""
    while True:
        await trio.lowlevel.wait_readable(terminal)
        try:
            typed = os.read(terminal, 64)
        except OSError:
            return
        if not typed:
            return
        for action in actions(typed):
            yield action
