"""
What only summary.json knows of a stored run: its verdicts, and the examples.

Rule: an end is believed only when the summary says that the run had ended: one that
was written during the run tells of a moment and not of the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cpesim.errors import ConfigError
from cpesim.measure.health import Grade, Strain
from cpesim.measure.latency import Figures
from cpesim.measure.restored import Restored, ToldHealth
from cpesim.measure.result import Exit, State, Tally
from cpesim.measure.told import LimitTold, PhaseTold, RecoveryTold, Told
from cpesim.report.runs import read_object


def tell_end(result: Restored, folder: Path, before: str) -> None:
    """What only summary.json knows; without an end in it, that the run was cut off."""
    path = folder / "summary.json"
    summary = read_object(path) if path.is_file() else {}
    merged = bool(before)
    try:
        for kind, found in summary.get("acs", {}).get("violations", {}).items():
            result.example(kind, found["example"])
        if summary.get("state") != State.ENDED.value:
            result.cut_off = f"{before}the run has no end: it was cut off, or goes on"
            return
        _tell_end(result, summary, before, merged=merged)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"{path}: not whole: {error!r}") from error


def _tell_end(
    result: Restored, summary: Mapping[str, Any], before: str, *, merged: bool
) -> None:
    outcome = summary["exit"]
    code, reason = int(outcome["code"]), before + str(outcome["reason"])
    if not result.cut_off:
        result.state = State.ENDED
        result.until = None
    if result.exit is None or (code and not result.exit.code):
        result.exit = Exit(code, reason)
    if merged:
        result.told = _with(result.told, _told(summary), before)
        return
    result.told = _told(summary)
    result.now = float(summary["ran"])
    generator = summary["generator"]
    result.health = ToldHealth(
        Grade[generator["verdict"]],
        list(generator["reasons"]),
        {
            who: Strain(
                lag_p99=told["lag_p99"],
                lag_max=told["lag_max"],
                cpu_max=told["cpu_max"],
                cpu_sum=told["cpu"],
                seconds=1,
                rss=told["rss"],
                fds=told["fds"],
            )
            for who, told in generator["processes"].items()
        },
    )
    result.errors = {
        label: Tally(
            label, told["count"], told["first"], told["last"], told["exchanges"]
        )
        for label, told in summary["failures"].items()
    }


def _told(summary: Mapping[str, Any]) -> Told:
    return Told(
        tuple(LimitTold(**told) for told in summary["limits"]),
        tuple(_phase(told) for told in summary["phases"]),
        _reached(summary["recovery"]),
        _reached(summary["campaign"]),
    )


def _reached(found: Mapping[str, Any]) -> tuple[RecoveryTold, ...]:
    return tuple(
        RecoveryTold(
            name,
            told["size"],
            told["back"],
            told["times"],
            tuple((at, back) for at, back in told["curve"]),
            told["begin"],
        )
        for name, told in found.items()
    )


def _with(known: Told, more: Told, before: str) -> Told:
    """The limits and recoveries of one more run, each by its run's name."""
    limits = tuple(replace(x, name=before + x.title) for x in more.limits)
    returns = tuple(replace(x, name=before + x.name) for x in more.recoveries)
    moves = tuple(replace(x, name=before + x.name) for x in more.campaigns)
    return Told(
        known.limits + limits,
        (),
        known.recoveries + returns,
        known.campaigns + moves,
    )


def _phase(told: Mapping[str, Any]) -> PhaseTold:
    latency = {series: Figures(**found) for series, found in told["latency"].items()}
    return PhaseTold(
        told["name"], told["begin"], told["end"], told["sessions"], latency
    )
