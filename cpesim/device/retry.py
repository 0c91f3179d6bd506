"""
When a failed session is tried again (TR-069 A6 3.2.1.1; CHECKLIST R1).

Rule: one function; the chance is the caller's.
"""

from __future__ import annotations

_TENTH = 10  # from the tenth failure on the interval stays


def retry_wait(
    count: int, chance: float, *, least: float = 5.0, multiplier: float = 2000.0
) -> float:
    """
    Seconds to wait before session retry number *count*.

    *chance* (0..1) picks the point in the interval, so that a fleet that failed
    together does not come back together.
    """
    step = multiplier / 1000.0
    low = least * step ** (min(count, _TENTH) - 1)
    return low + chance * low * (step - 1.0)
