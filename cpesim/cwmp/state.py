"""
Where a session stands, and what it may ask of the ACS.

Rule: plain values; what follows from them is in transitions.py.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

EMPTY_POST = "empty POST"  # what such a post is called by the counters


class State(Enum):
    """Where a session stands."""

    INFORMING = "informing"  # our Inform waits for its response
    REQUESTING = "requesting"  # a request of ours, or an empty POST under a hold, waits
    SERVING = "serving"  # the ACS has the floor
    DONE = "done"
    FAILED = "failed"

    # Enum's own hash is a Python function, and the table is asked at each message.
    __hash__ = object.__hash__


class Request:
    """
    An RPC of ours: its method, and how its body is rendered late (S12).

    *events*, each (code, CommandKey), stand in every Inform until its response (E5).
    One that is not *kept* goes with the session that tells it, answered or not (E7).
    """

    __slots__ = ("events", "kept", "method", "render")

    def __init__(
        self,
        method: str,
        render: Callable[[str], bytes],
        events: tuple[tuple[str, str], ...] = (),
        kept: bool = True,
    ) -> None:
        self.method = method
        self.render = render  # (namespace) -> the body
        self.events = events
        self.kept = kept
