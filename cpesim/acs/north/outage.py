"""
Being down for a while, when somebody asks for it.

Rule: it only says until when and how; the server acts on it.
"""

from __future__ import annotations

from collections.abc import Callable

import trio

# 503 to each POST; no answer until it is over; nobody listens on the port.
HOW = ("503", "silent", "refuse")
MOST = 86_400.0


class Outage:
    """Until when the ACS is down, and how; *refuse* is called when its port closes."""

    def __init__(self, refuse: Callable[[], None]) -> None:
        self.until = 0.0
        self.how = ""
        self._refuse = refuse
        self._changed = trio.Event()

    def begin(self, seconds: float, how: str) -> None:
        """Be down from now on, instead of what was before; 0 seconds end it."""
        self.until, self.how = trio.current_time() + seconds, how
        self._changed.set()
        self._changed = trio.Event()
        if how == "refuse" and seconds:
            self._refuse()

    def now(self) -> str:
        """How it is down at this moment; "" when it is not."""
        return self.how if trio.current_time() < self.until else ""

    async def over(self, how: str) -> None:
        """Wait until it is no longer down in this way."""
        while self.now() == how:
            with trio.move_on_at(self.until):
                await self._changed.wait()
