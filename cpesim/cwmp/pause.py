"""
An answer that waits for something outside of the session.

Rule: an exception, so that a session that never waits pays nothing for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable


class Pause(Exception):
    """
    An RPC that is answered when something outside is done (T1).

    Who holds the session awaits *errand* and calls Session.resume with what came of
    it (None: it took too long), which *answer* takes: (outcome, now) -> the body.
    """

    def __init__(
        self,
        errand: Callable[[], Awaitable[object]],
        answer: Callable[[object, float], bytes],
    ) -> None:
        self.errand = errand
        self.answer = answer
        self.id = ""
        super().__init__("answered later")
