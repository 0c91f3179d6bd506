"""
The panel of a set of CPEs that come back.

Rule: as panels.py: a function of the Result; each line exactly as wide as asked.
"""

from __future__ import annotations

from itertools import islice

from cpesim.live.cells import clean, fit, progress
from cpesim.measure.recovery import Recovery, recoveries, shown
from cpesim.measure.result import Result
from cpesim.quantity import show_clock, show_count, show_share

# The seconds that the pace is taken from.
PACE = 10


def newest(result: Result) -> Recovery | None:
    """The set whose clock began last; None where none did."""
    begun = [r for r in recoveries(result) if r.since is not None]
    return max(begun, key=lambda r: r.since or 0.0, default=None)


def recovery_title(found: Recovery, result: Result) -> str:
    """Which set, how large, and since when its CPEs may be back."""
    ago = result.now - (found.since or 0.0)
    when = f"back {show_clock(ago)} ago" if ago >= 0 else f"back in {show_clock(-ago)}"
    return (
        f"recovery of '{clean(found.name)}': {show_count(found.now_size)} CPEs, {when}"
    )


def recovery_panel(result: Result, width: int) -> list[str]:
    """A bar of who is back, and when all will be; nothing where no clock began."""
    found = newest(result)
    if found is None or not found.now_size:
        return []
    share = found.now_back / found.now_size
    figures = "".join(
        f"  t{part * 100:.0f} {shown(found.t(part))}" for part in (0.5, 0.95)
    )
    told = f"  {show_share(share)}{figures}"
    bar = progress(share, max(10, width - len(told) - 2))
    return [fit(f" {bar}{told}", width), fit(f" {_ahead(result, found)}", width)]


def recovered(result: Result) -> str:
    """The share of the newest set that is back, for a line of a log; or nothing."""
    found = newest(result)
    if found is None or not found.now_size:
        return ""
    return f"recovered {show_share(found.now_back / found.now_size).replace(' ', '')}"


def _ahead(result: Result, found: Recovery) -> str:
    missing = found.now_size - found.now_back
    if not missing:
        last = found.t(1.0)
        return "all are back" if last is None else f"all back after {shown(last)}"
    rows = list(islice(reversed(result.history.seconds), PACE))
    name = f"recovered{{set={found.name}}}"
    pace = sum(row.counters.get(name, 0) for row in rows) / max(len(rows), 1)
    waits = f"{show_count(missing)} are not back"
    if not pace:
        return waits
    since = result.now - (found.since or 0.0)
    return f"{waits}; at this pace all are at {show_clock(since + missing / pace)}"
