"""
A limit in a run whose times are multiplied (`--time-scale`).

Rule: windows, `for`, `grace`, the time of a drift and the limits on t1 to t100 are
scenario times; limits of latencies and rates a second are not.
"""

from __future__ import annotations

from dataclasses import replace

from cpesim.scenario.limits.grammar import parse
from cpesim.scenario.threshold import Threshold


def scaled(threshold: Threshold, factor: float) -> Threshold:
    """The threshold, which passed the check, with its times multiplied."""
    return replace(
        threshold,
        text=text_in(threshold.text, factor),
        grace=threshold.grace * factor,
        stays=threshold.stays * factor,
    )


def text_in(text: str, factor: float) -> str:
    """A limit's text with its times multiplied, in its one fixed form; at 1 as is."""
    return text if factor == 1.0 else str(parse(text).scaled(factor))
