"""
What was found wrong with CPEs: counted by kind, with examples.

Rule: a kind begins with the id of the rule that it stands for; there are as many kinds
as are written in the checks, and each keeps a few short examples, the newest.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

Found = list[tuple[str, str]]  # (kind, in detail)

EXAMPLES = 20  # the first ones, of all kinds, for GET /stats
NEWEST = 5  # of each kind, for GET /violations
# No check makes up kinds; should one ever do, the list stays short all the same.
MOST_KINDS = 1000


class Violation:
    """All that is kept of one kind."""

    __slots__ = ("count", "examples", "first", "last")

    def __init__(self, now: float) -> None:
        self.count = 0
        self.first = self.last = now
        self.examples: deque[tuple[float, str, str]] = deque(maxlen=NEWEST)


class Violations:
    """All that was found: counted by kind, and a few examples kept."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.kinds: dict[str, Violation] = {}
        self.examples: list[dict[str, str]] = []
        self._clock = clock

    def note(self, who: str, what: str, detail: str = "") -> None:
        """Count *what*; the text of *detail* only matters to the examples."""
        now = self._clock()
        kind = self.kinds.get(what)
        if kind is None:
            if len(self.kinds) >= MOST_KINDS:
                what = "other"
            kind = self.kinds.setdefault(what, Violation(now))
        kind.count += 1
        kind.last = now
        who, detail = who[:200], detail[:300]
        kind.examples.append((now, who, detail))
        if len(self.examples) < EXAMPLES:
            self.examples.append({"cpe": who, "what": what, "detail": detail})

    def told(self) -> dict[str, Any]:
        """For GET /stats."""
        return {
            "count": sum(kind.count for kind in self.kinds.values()),
            "kinds": {what: kind.count for what, kind in self.kinds.items()},
            "examples": self.examples,
        }

    def listed(self, rule: str = "") -> list[dict[str, Any]]:
        """For GET /violations: each kind, or those of one rule; the newest example."""
        return [
            {
                "rule": what.partition(" ")[0],
                "what": what,
                "count": kind.count,
                "first": _written(kind.first),
                "last": _written(kind.last),
                "cpe": kind.examples[-1][1],
                "example": kind.examples[-1][2],
                "examples": [
                    {"time": _written(at), "cpe": who, "detail": detail}
                    for at, who, detail in reversed(kind.examples)
                ],
            }
            for what, kind in sorted(self.kinds.items())
            if rule in ("", what.partition(" ")[0])
        ]


def _written(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
