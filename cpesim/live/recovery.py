"""
The panel of a set of CPEs that come back.

Rule: as panels.py: a function of the Result; each line exactly as wide as asked.
"""

from __future__ import annotations

from itertools import islice

from cpesim.live.cells import clean, fit, progress
from cpesim.measure.recovery import Recovery, shown
from cpesim.measure.result import Result
from cpesim.quantity import show_clock, show_count, show_share

# The seconds that the pace is taken from.
PACE = 10


def newest(result: Result) -> tuple[str, Recovery] | None:
    """The set whose clock began last; None where none did, or it has no CPE."""
    begun = result.recovered()
    name = max(begun, key=lambda name: begun[name].began or 0.0, default=None)
    return None if name is None or not begun[name].size else (name, begun[name])


def recovery_title(result: Result) -> str:
    """Which set, how large, and since when its CPEs may be back."""
    begun = newest(result)
    if begun is None:
        return ""
    name, found = begun
    ago = result.now - (found.began or 0.0)
    when = f"back {show_clock(ago)} ago" if ago >= 0 else f"back in {show_clock(-ago)}"
    return f"recovery of '{clean(name)}': {show_count(found.size)} CPEs, {when}"


def recovery_panel(result: Result, width: int) -> list[str]:
    """A bar of who is back, and when all will be; nothing where no clock began."""
    begun = newest(result)
    if begun is None:
        return []
    name, found = begun
    figures = "".join(
        f"  t{part * 100:.0f} {shown(found.t(part))}" for part in (0.5, 0.95)
    )
    told = f"  {show_share(found.done)}{figures}"
    bar = progress(found.done, max(10, width - len(told) - 2))
    return [fit(f" {bar}{told}", width), fit(f" {_ahead(result, name, found)}", width)]


def recovered(result: Result) -> str:
    """The share of the newest set that is back, for a line of a log; or nothing."""
    begun = newest(result)
    if begun is None:
        return ""
    return f"recovered {show_share(begun[1].done).replace(' ', '')}"


def _ahead(result: Result, name: str, found: Recovery) -> str:
    missing = found.never
    if not missing:
        last = found.t(1.0)
        return "all are back" if last is None else f"all back after {shown(last)}"
    rows = list(islice(reversed(result.history.seconds), PACE))
    counter = f"recovered{{set={name}}}"
    pace = sum(row.counters.get(counter, 0) for row in rows) / max(len(rows), 1)
    waits = f"{show_count(missing)} are not back"
    if not pace:
        return waits
    since = result.now - (found.began or 0.0)
    return f"{waits}; at this pace all are at {show_clock(since + missing / pace)}"
