"""
The panels of what a run is to reach: recovery and limits.

Rule: pure, of the plain values of seams.py; as narrow as asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from cpesim.live.cells import clean, fit, joined, progress, rule
from cpesim.live.seams import Recovering
from cpesim.quantity import show_clock, show_count, show_share

# Told in this order; of those that there are.
STATES = ("ok", "pending", "failed", "too few", "warn")


def limits_title(states: Sequence[str]) -> str:
    """How many limits hold, wait and failed; empty when there are none."""
    if not states:
        return ""
    told = [
        f"{states.count(state)} {state}"
        for state in STATES
        if state in ("ok", "pending", "failed") or state in states
    ]
    return f"limits: {', '.join(told)}"


def recovery(told: Recovering, now: float, width: int) -> list[str]:
    """Three lines: of whom, how far, and when all will be back."""
    who = f"recovery of '{clean(told.name)}': {show_count(told.size)} devices"
    if told.since is not None:
        who += f", power back {show_clock(now - told.since)} ago"
    share = told.back / max(1, told.size)
    marks = [
        f"t{percent} {show_clock(told.reached[percent])}"
        if percent in told.reached
        else f"t{percent} -"
        for percent in (50, 95)
    ]
    figures = f"  {show_share(share)}  {'  '.join(marks)} "
    bar = progress(share, max(1, width - 1 - len(figures)))
    return [rule(width, who), fit(f" {bar}{figures}", width), _ahead(told, now, width)]


def _ahead(told: Recovering, now: float, width: int) -> str:
    """When it will be reached at this pace, beside what it is limited to."""
    if told.back >= told.size:
        whole = told.reached.get(100)
        after = f" after {show_clock(whole)}" if whole is not None else ""
        return fit(f" all back{after}", width)
    if not told.pace:
        left = show_count(told.size - told.back)
        return fit(f" none came back in the last seconds, {left} are missing", width)
    parts = []
    for percent, words in ((95, "t95"), (100, "all back")):
        missing = told.size * percent / 100 - told.back
        if missing <= 0:
            continue
        wait = missing / told.pace
        text = f"{words} in {show_clock(wait)}"
        if told.since is not None:
            text = f"{words} at {show_clock(now - told.since + wait)}"
        if percent in told.limits:
            text += f" (limit {show_clock(told.limits[percent])})"
        parts.append(text)
    return joined([f"at this pace: {', '.join(parts)}"], width)
