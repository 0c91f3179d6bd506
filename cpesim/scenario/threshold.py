"""
Limits that a run has to keep, as they are written.

Rule: plain frozen values that can be pickled.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cpesim.scenario.step import NOWHERE, Place

DEFAULT_SAMPLES = 100


@dataclass(frozen=True, slots=True)
class Threshold:
    """
    One limit: *text* in the grammar of thresholds, and how strictly it is meant.

    *abort* ends the run when it fails, not before *grace* seconds; *stays* (`for:`) is
    how long it has to be bad on end; *severity* is fail or warn.
    """

    text: str
    name: str = ""  # empty: the text itself
    abort: bool = False
    grace: float = 0.0
    stays: float = 0.0
    min_samples: int = DEFAULT_SAMPLES
    severity: str = "fail"
    place: Place = field(default=NOWHERE, compare=False)
