"""
The terminal: shows lines, and is left as it was found.

Rule: the lines come as they are, in finished segments: a rich Layout in the parent
raised the loop's p99 lag from 1.4 to 31 ms, and a Text of 200x50 cells with 400 styled
pieces took 46 ms a frame.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from types import TracebackType

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.segment import Segment
from rich.style import Style

# What is styled, wherever it stands; one pass over a line finds all of it.
_STYLES = {
    name: Style.parse(words)
    for name, words in (
        ("rule", "dim"),
        ("bad", "bold red"),
        ("warn", "bold yellow"),
        ("good", "bold green"),
        ("curve", "cyan"),
        ("joint", "dim"),
    )
}
_MARKS = re.compile(
    r"(?P<rule>^─.*$)"
    r"|(?P<bad>\bSATURATED\b|\bSTOPPED\b)"
    r"|(?P<warn>\bSUSPECT\b|\bPAUSED\b|\bDRAINING\b"
    r"|^ (?:draining|paused|generator):.*$)"
    r"|(?P<good>\bRUNNING\b|(?<=GENERATOR )OK\b)"
    # Blanks between blocks are no pieces of their own: a strip would have hundreds.
    r"|(?P<curve>[▁-█▉▊▋▌▍▎▏░▒▓](?:[▁-█▉▊▋▌▍▎▏░▒▓ ]*[▁-█▉▊▋▌▍▎▏░▒▓])?)"
    r"|(?P<joint>[│├└])"
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
        self._live.update(Frame(lines), refresh=True)

    def close(self) -> None:
        """Leave the alternate screen; more than once does no harm."""
        self._live.stop()


class Frame:
    """Finished lines, as rich wants them."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        """The pieces of each line."""
        for line in self._lines:
            yield from painted(line)
            yield Segment.line()


@lru_cache(maxsize=1_024)
def painted(line: str) -> tuple[Segment, ...]:
    """The line in pieces, with the few styles that help the eye."""
    pieces, end = [], 0
    for mark in _MARKS.finditer(line):
        if mark.start() > end:
            pieces.append(Segment(line[end : mark.start()]))
        pieces.append(Segment(mark[0], _STYLES[mark.lastgroup or "joint"]))
        end = mark.end()
    if end < len(line):
        pieces.append(Segment(line[end:]))
    return tuple(pieces)
