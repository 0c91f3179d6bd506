"""
Being down for a while, when somebody asks for it.

Rule: it only says until when and how; the server acts on it.
"""

from __future__ import annotations

from collections.abc import Callable

import trio

# 503 to each POST; no answer until it is over; nobody listens on the port.
HOW = ("503", "silent", "refuse")


class Outage:
    """Until when the ACS is down, and how; *refuse* is called when its port closes."""

    def __init__(self, refuse: Callable[[], None]) -> None:
        self.until = 0.0
        self.how = ""
        self._refuse = refuse

    def begin(self, seconds: float, how: str) -> None:
        """Be down from now on."""
        self.until, self.how = trio.current_time() + seconds, how
        if how == "refuse":
            self._refuse()

    def now(self) -> str:
        """How it is down at this moment; "" when it is not."""
        return self.how if trio.current_time() < self.until else ""

    async def over(self, how: str) -> None:
        """Wait until it is no longer down in this way; it may have been prolonged."""
        await trio.sleep_until(self.until)
        if self.now() == how:
            await self.over(how)
