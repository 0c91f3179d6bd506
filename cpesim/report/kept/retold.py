"""
What only summary.json knows of a stored run: its verdicts, and the examples.

Rule: an end is believed only when the summary says that the run had ended: one that
was written during the run tells of a moment and not of the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cpesim.errors import ConfigError
from cpesim.measure.health import Grade, Strain
from cpesim.measure.latency import Figures
from cpesim.measure.limit import Limit, LimitState
from cpesim.measure.recovery import PERCENTS, Recovery, ToldRecovery, of_set, of_version
from cpesim.measure.restored import Restored, ToldHealth
from cpesim.measure.result import Exit, Result, State
from cpesim.measure.tally import Tally
from cpesim.report import as_json
from cpesim.report.capacity import capacity_of
from cpesim.report.kept.runs import read_object


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a limit was written."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Written:
    """A limit as it was written."""

    text: str
    name: str
    abort: bool
    severity: str
    place: Spot


# The codes of an end, the worst first; 0 is none of them.
WORST_FIRST = (1, 2, 3, 4, 130, 143, 97, 99, 98)


def ended(folder: Path) -> bool:
    """Whether the run's end was written."""
    return _summary(folder).get("state") == State.ENDED.value


def _summary(folder: Path) -> dict[str, Any]:
    path = folder / "summary.json"
    return read_object(path) if path.is_file() else {}


def tell_begins(result: Restored, folder: Path) -> None:
    """Tell when recoveries and campaigns began, of a run that has ended."""
    if ended(folder):
        summary = _summary(folder)
        for name, at in summary.get("recovery_began", {}).items():
            result.began(of_set(name), at)
        for version, told in summary.get("campaign", {}).items():
            result.began(of_version(version), told.get("began"))


def tell_end(result: Restored, folder: Path, before: str) -> None:
    """
    Tell the result what the summary knows; without an end, that the run was cut off.

    *before* names the run where it is one of several.
    """
    path, summary = folder / "summary.json", _summary(folder)
    try:
        for kind, found in summary.get("acs", {}).get("violations", {}).items():
            result.example(kind, found["example"])
        if summary.get("state") != State.ENDED.value:
            why = f"{before}the run has no end: it was cut off, or goes on"
            result.cut_off = f"{result.cut_off}; {why}" if result.cut_off else why
            result.state = State.RUNNING
            return
        _tell_exit(result, summary, before)
        for told in summary["limits"]:
            result.limits.append(_limit(told, before))
        if before:
            _tell_grade(result, summary["generator"], before)
        else:
            _tell_figures(result, summary)
            result.capacity = capacity_of(summary.get("capacity"))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"{path}: not whole: {error!r}") from error


def _tell_exit(result: Restored, summary: Mapping[str, Any], before: str) -> None:
    outcome = summary["exit"]
    code, reason = int(outcome["code"]), before + str(outcome["reason"])
    if not result.cut_off:
        result.state = State.ENDED
    known = result.exit
    if known is None or (code and not known.code):
        result.exit = Exit(code, reason)
    elif code:
        # Several did not pass: the worst of their codes, and why of each.
        worst = min(known.code, code, key=_place)
        result.exit = Exit(worst, f"{known.reason}; {reason}")


def _place(code: int) -> int:
    return WORST_FIRST.index(code) if code in WORST_FIRST else len(WORST_FIRST)


def _tell_grade(result: Restored, generator: Mapping[str, Any], before: str) -> None:
    """Add one run's verdict on its generator, where all of them have one."""
    known, grade = result.health, Grade[generator["verdict"]]
    if isinstance(known, ToldHealth):
        reasons = [f"{before}{reason}" for reason in generator["reasons"]]
        all_of_it = [*known.reasons, *reasons]
        result.health = ToldHealth(max(known.grade, grade), all_of_it, known.strains)


def _limit(told: Mapping[str, Any], before: str) -> Limit:
    text, title = str(told["threshold"]), str(told["name"])
    name = before + title if before or title != text else ""
    place = Spot(**told["place"])
    return Limit(
        Written(text, name, bool(told["aborted"]), str(told["severity"]), place),
        LimitState(told["state"]),
        told["value"],
        str(told["text"]),
        told["at"],
        told["worst"],
        str(told["phase"]),
        told["samples"],
        bool(told["aborted"]),
    )


def _recovery(told: Mapping[str, Any], began: float | None) -> Recovery:
    moments = {share / 100: told[f"t{share}"] for share in PERCENTS}
    return ToldRecovery(told["size"], told["back"], began, moments=moments)


def left_untold(folder: Path, result: Result) -> bool:
    """Whether the folder's summary knows what a new one would not."""
    path = folder / "summary.json"
    if not path.is_file():
        return False
    was, now = read_object(path), as_json.summary(result)
    latency = now["latency"]
    return (
        len(was.get("limits", ())) > len(now["limits"])
        or any(
            was.get(key, {}).keys() - now[key].keys()
            for key in ("phases", "latency", "recovery", "campaign")
        )
        or any(
            told.keys() - latency[series].keys()
            for series, told in was.get("latency", {}).items()
        )
    )


def _figures(told: Mapping[str, Any]) -> Figures:
    """A series' figures, without the percentiles that were asked for besides."""
    return Figures(**{key: told[key] for key in Figures.__slots__ if key in told})


def _tell_figures(result: Restored, summary: Mapping[str, Any]) -> None:
    result.now = float(summary["ran"])
    generator = summary["generator"]
    strains = {
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
    }
    grade = Grade[generator["verdict"]]
    result.health = ToldHealth(grade, list(generator["reasons"]), strains)
    result.errors = {
        label: Tally(
            *(label, told["count"], told["first"], told["last"], told["exchanges"]),
            result.errors[label].times if label in result.errors else {},
        )
        for label, told in summary["failures"].items()
    }
    for series, told in summary["latency"].items():
        result.take_total(series, _figures(told))
    moments = summary.get("recovery_began", {})
    for name, told in summary.get("recovery", {}).items():
        began = moments.get(name)
        result.take_reached(of_set(name), _recovery(told, began))
    for version, told in summary.get("campaign", {}).items():
        series = of_version(version)
        result.take_reached(series, _recovery(told, told["began"]))
    # What the parent counted is in no worker's second.
    for what, number in summary["steps"].items():
        if f"deeds.{what}" not in result.counters:
            result.counters[f"steps.{what}"] = number
    for name, told in summary["phases"].items():
        result.take_phase(
            name,
            (told["begin"], told["end"], told["seconds"]),
            told["sessions"],
            {series: _figures(found) for series, found in told["latency"].items()},
        )
