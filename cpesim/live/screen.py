"""
The terminal: shows lines, and is left as it was found.

Rule: one preformatted Text a frame. A rich Layout in the parent raised the loop's p99
lag from 1.4 to 31 ms; this costs about a millisecond.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.text import Text

# What is styled, wherever it stands; one pass over the frame finds all of it.
_STYLES = {
    "rule": "dim",
    "bad": "bold red",
    "warn": "bold yellow",
    "good": "bold green",
    "curve": "cyan",
    "joint": "dim",
}
_MARKS = re.compile(
    r"(?P<rule>^─.*$)"
    r"|(?P<bad>\bSATURATED\b|\bSTOPPED\b)"
    r"|(?P<warn>\bSUSPECT\b|\bPAUSED\b|\bDRAINING\b"
    r"|^ (?:draining|paused|generator):.*$)"
    r"|(?P<good>\bRUNNING\b|(?<=GENERATOR )OK\b)"
    r"|(?P<curve>[▁-█▉▊▋▌▍▎▏░▒▓]+)"
    r"|(?P<joint>[│├└])",
    re.MULTILINE,
)


class Screen:
    """
    The alternate screen of a terminal, as a context; it is restored on every exit.

    NO_COLOR and dumb terminals are rich's Console's business, which knows them.
    """

    def __init__(self, console: Console | None = None, *, color: bool = True) -> None:
        self.console = console or Console(no_color=None if color else True)
        self._live = Live(
            console=self.console,
            screen=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Screen:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in cells, as they are now."""
        return self.console.size.width, self.console.size.height

    def draw(self, lines: Sequence[str]) -> None:
        """Show the lines in place of those before."""
        self._live.update(painted(lines), refresh=True)

    def close(self) -> None:
        """Leave the alternate screen; more than once does no harm."""
        self._live.stop()


def painted(lines: Sequence[str]) -> Text:
    """The lines as one Text, with the few styles that help the eye."""
    text = Text("\n".join(lines), no_wrap=True, overflow="crop", end="")
    for mark in _MARKS.finditer(text.plain):
        text.stylize(_STYLES[mark.lastgroup or "joint"], mark.start(), mark.end())
    return text
