"""
What went by in a session, counted: notes, and what the ACS did wrong.

Rule: the kinds of what an ACS does wrong are those of cwmp.flaws.FLAWS, so that no ACS
can make up more; the first example of each kind is told.
"""

from __future__ import annotations

from collections.abc import Callable

from cpesim.cwmp.session import Session

VIOLATION = "acs.violation."


class Account:
    """*tell* gets (kind, example) once for each kind of flaw."""

    def __init__(self, tell: Callable[[str, str], None] | None = None) -> None:
        self._tell = tell
        self._told: set[str] = set()

    def of(self, session: Session, n: int, count: Callable[[str], None]) -> None:
        """Take what device *n* met in its session, and *count* it."""
        for note in session.notes:
            count(note)
        for kind, seen in session.flaws:
            count(VIOLATION + kind)
            if self._tell is not None and kind not in self._told:
                self._told.add(kind)
                self._tell(kind, f"CPE {n}: {seen}")
