"""
What became of a limit: its state, its value, and when it was worst.

Rule: a plain record that the judging writes and that every report and view reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class LimitState(StrEnum):
    """How a limit stands; at the end of a run none is pending."""

    OK = "ok"
    FAILED = "failed"
    PENDING = "pending"
    TOO_FEW = "too few"  # samples, or none at all: neither kept nor broken
    WARN = "warn"  # broken, and meant as a warning


class Spot(Protocol):
    """Where something is written."""

    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


class Written(Protocol):
    """A limit as it is written: the scenario's Threshold."""

    @property
    def text(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def abort(self) -> bool: ...
    @property
    def severity(self) -> str: ...
    @property
    def place(self) -> Spot: ...


@dataclass(slots=True)
class Limit:
    """
    One limit and what became of it.

    *value* is in seconds, shares, bytes or things, and *text* is it in words. *worst*
    is the worst window's value, of a limit over a window; *at* is when the value was
    found, or where the worst window ended.
    """

    threshold: Written
    state: LimitState = LimitState.PENDING
    value: float | None = None
    text: str = ""
    at: float | None = None
    worst: float | None = None
    phase: str = ""
    samples: int | None = None
    aborted: bool = False  # it ended the run
    # Of a recovery: by when (seconds) which share of which set has to be back.
    goal: tuple[str, float, float] | None = None

    @property
    def title(self) -> str:
        """The limit's name, or else its text."""
        return self.threshold.name or self.threshold.text

    @property
    def where(self) -> str:
        """FILE:LINE of its text; empty where it is in no file."""
        place = self.threshold.place
        return f"{place.file}:{place.line}" if place.line else ""
