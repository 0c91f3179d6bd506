"""
What became of sessions with a fault, by the fault's name.

Rule: pure, read from a Result's counters and series; it is apart from the base
figures, which hold healthy sessions alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cpesim.measure.latency import Figures
from cpesim.measure.result import Result

COUNTS = ("started", "done", "failed", "interrupted", "shown")
_NAME = re.compile(r"injected\.(?P<what>.*)\{fault=(?P<fault>.*)\}")
_FAILED, _STATUS = "failed.", "status."


@dataclass(frozen=True, slots=True)
class Injected:
    """
    One fault: its sessions, and how the ACS took them.

    In *shown* of them the fault had occasion to show. *labels* are those of failures,
    *statuses* the HTTP statuses that came, *time* that of the good ones from their
    intended start.
    """

    counts: Mapping[str, int]
    labels: Mapping[str, int]
    statuses: Mapping[str, int]
    time: Figures


def injected(result: Result) -> dict[str, Injected]:
    """All faults that had a session, those with the most sessions first."""
    counters: dict[str, dict[str, int]] = {}
    for counter, number in result.by("injected.").items():
        found = _NAME.fullmatch("injected." + counter)
        if found is not None:
            counters.setdefault(found["fault"], {})[found["what"]] = number
    told = {
        name: Injected(
            {what: of.get(what, 0) for what in COUNTS},
            _under(of, _FAILED),
            _under(of, _STATUS),
            result.total(f"session{{fault={name}}}"),
        )
        for name, of in counters.items()
    }
    return dict(
        sorted(told.items(), key=lambda item: (-item[1].counts["started"], item[0]))
    )


def _under(counters: Mapping[str, int], prefix: str) -> dict[str, int]:
    return {
        name.removeprefix(prefix): number
        for name, number in counters.items()
        if name.startswith(prefix)
    }
