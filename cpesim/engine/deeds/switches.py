"""
Which injections of the plan are on.

Rule: switched by the conductor alone; who injects asks here.
"""

from __future__ import annotations


class Switches:
    """The injections that were switched, by name."""

    def __init__(self) -> None:
        self.active: dict[str, bool] = {}

    def switch(self, name: str, active: bool) -> None:
        """Turn the injection on or off."""
        self.active[name] = active
