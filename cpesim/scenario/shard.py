"""
Which devices are mine.

Rule: a shard is a rule about numbers, never a list, so that forty workers agree
about twenty million devices without a message.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shard:
    """Part *index* of a fleet that is cut into *of* equal parts."""

    index: int = 0
    of: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.index < self.of:
            raise ValueError(f"shard {self.index} of {self.of} does not exist")

    def mine(self, n: int) -> bool:
        """Whether device *n* lives here."""
        return n % self.of == self.index

    def numbers(self, first: int, count: int) -> range:
        """My devices among the *count* that begin with number *first*."""
        return range(first + (self.index - first) % self.of, first + count, self.of)
