"""
The standard's dateTimes as moments of the run, and moments that come again.

Rule: pure functions; a time that fixes no moment is None.
"""

from __future__ import annotations

from calendar import timegm
from math import floor
from time import strptime


def moment(text: str, epoch: float) -> float | None:
    """
    When a dateTime in UTC is, in seconds of a run that began at *epoch*.

    None for the unknown time, for a time since boot, and for what is none.
    """
    if not text or text[:4] < "1000":
        return None
    try:
        return timegm(strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) - epoch
    except ValueError:
        return None


def following(now: float, phase: float, interval: float) -> float:
    """The first moment of ``phase ± k·interval`` that is after *now*."""
    due = phase + (floor((now - phase) / interval) + 1) * interval
    return due if due > now else due + interval
