"""
What was found out about how much an ACS takes.

Rule: plain values, for reports; the search is the conductor's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# Inform intervals that a rate is told in fleets of, in seconds.
INTERVALS = (300, 900, 3_600, 21_600, 86_400)


@dataclass(frozen=True, slots=True)
class RateStep:
    """One rate that was tried."""

    rate: float  # sessions a second that were wanted
    began: float
    seconds: float  # without the warm-up and the drain
    came: str  # held, failed or saturated
    broke: str = ""  # the limit that failed, or what saturated
    confirms: bool = False
    done: float = 0.0  # sessions a second that were done
    failed: int = 0
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0


@dataclass(slots=True)
class Capacity:
    """The steps so far, and the answer."""

    limits: tuple[str, ...]
    steps: list[RateStep] = field(default_factory=list)
    held: float = 0.0  # the highest rate that held
    failed: float | None = None  # the lowest that failed
    broke: str = ""
    at_least: bool = False  # the generator gave in first

    def fleets(self) -> dict[int, int]:
        """CPEs that inform at each interval and make the rate that held."""
        return {interval: int(self.held * interval) for interval in INTERVALS}
