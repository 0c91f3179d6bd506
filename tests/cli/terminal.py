"""Runs cpesim in a terminal of its own, and reads its screen."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyte

from tests.cli.program import environment


class Terminal:
    """A program in a terminal; *screen* is what a person would see."""

    def __init__(self, pid: int, number: int, width: int, height: int) -> None:
        self.pid = pid
        self.number = number
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self.screen)
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """Another size of window."""
        size = struct.pack("HHHH", height, width, 0, 0)
        fcntl.ioctl(self.number, termios.TIOCSWINSZ, size)
        self.screen.resize(height, width)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self.number, keys.encode())

    def shows(self, text: str, seconds: float = 20.0) -> bool:
        """Whether the text comes to stand on the screen within so many seconds."""
        until = time.monotonic() + seconds
        while text not in "\n".join(self.screen.display):
            if time.monotonic() > until:
                return False
            if select.select([self.number], [], [], 0.1)[0]:
                try:
                    self._stream.feed(os.read(self.number, 65_536))
                except OSError:  # the program has let go of the terminal
                    return text in "\n".join(self.screen.display)
        return True

    def ended(self) -> int:
        """The program's exit code, when it has ended."""
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return os.waitstatus_to_exitcode(status)


@contextmanager
def terminal(
    *words: str, where: Path, width: int = 80, height: int = 24
) -> Iterator[Terminal]:
    """The program in a terminal; both are gone after the block."""
    pid, number = pty.fork()
    if pid == 0:
        os.chdir(where)
        os.environ.update({**environment(), "TERM": "xterm-256color"})
        os.execv(sys.executable, [sys.executable, "-m", "cpesim", *words])
    opened = Terminal(pid, number, width, height)
    try:
        yield opened
    finally:
        if opened.pid:
            os.kill(opened.pid, 9)
            os.waitpid(opened.pid, 0)
        os.close(number)
