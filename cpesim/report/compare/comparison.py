"""
Two sides of a comparison, each of a run or of several, and what is to be said of them.

Rule: what cannot be compared is a ConfigError that says why; the rule itself is
rule.py's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cpesim.errors import ConfigError
from cpesim.report.compare.blocks import Run, read_run
from cpesim.report.compare.rule import (
    LEAST_BLOCKS,
    WORSE,
    Compared,
    Gate,
    Measured,
    judge,
    pooled,
    usual_gates,
)
from cpesim.report.kept.runs import read_object
from cpesim.report.seen import RAN


@dataclass(frozen=True, slots=True)
class Side:
    """The runs of one side, which are told as one."""

    runs: tuple[Run, ...]

    @property
    def name(self) -> str:
        """Their ids and days: `7c01 (2026-11-20)`, `7c01, 81c0 (2026-11-20)`."""
        ids = ", ".join(run.run_id for run in self.runs)
        days = " and ".join(dict.fromkeys(run.day for run in self.runs))
        return f"{ids} ({days})"

    def figure(self, gate: Gate) -> Measured:
        """What a gate looks at, of all runs together."""
        return pooled([run.figures[gate] for run in self.runs])


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides, why they are not comparable, and the verdict of each gate."""

    base: Side
    new: Side
    phase: str
    unlike: tuple[str, ...]
    rows: tuple[Compared, ...]

    @property
    def name(self) -> str:
        """The scenario's name."""
        return str(self.new.runs[0].summary["name"])

    @property
    def worse(self) -> bool:
        """Whether anything is worse."""
        return any(row.verdict == WORSE for row in self.rows)


def compare(
    base: Sequence[Path],
    new: Sequence[Path],
    gates: Sequence[Gate] = (),
    *,
    phase: str = "",
    anyway: bool = False,
) -> Comparison:
    """
    Compare stored runs, by the usual gates if there are no others.

    Raises ConfigError for what cannot be compared.
    """
    for folders in (base, new):
        real = [folder.resolve() for folder in folders]
        if twice := [folder for folder in real if real.count(folder) > 1]:
            raise ConfigError(f"{twice[0]}: the same run twice on one side")
    if not gates:
        # Recoveries have their own clock, and no phase.
        sets = () if phase else _sets([*base, *new])
        gates = usual_gates(len(base), len(new), sets)
    first, second = (
        Side(tuple(read_run(folder, gates, phase) for folder in folders))
        for folders in (base, new)
    )
    unlike = differences(first, second)
    if unlike and not anyway:
        raise ConfigError("not comparable (--anyway does it all the same):", *unlike)
    runs = (*first.runs, *second.runs)
    if short := [run for run in runs if run.blocks < LEAST_BLOCKS]:
        has = ", ".join(f"{run.name} has {run.blocks}" for run in short)
        raise ConfigError(
            f"too short to compare: expected {LEAST_BLOCKS} blocks of 10 s, {has}"
        )
    rows = [judge(gate, first.figure(gate), second.figure(gate)) for gate in gates]
    return Comparison(first, second, phase, tuple(unlike), tuple(rows))


def _sets(folders: Sequence[Path]) -> list[str]:
    """The sets whose return was measured in any of these runs."""
    found: dict[str, None] = {}
    for folder in folders:
        found |= dict.fromkeys(read_object(folder / "summary.json").get("recovery", ()))
    return list(found)


def differences(base: Side, new: Side) -> list[str]:
    """Why the runs are not comparable; empty where they are."""
    runs = [*base.runs, *new.runs]
    found = []
    if len({run.scenario for run in runs}) > 1:
        found.append("they ran different scenarios")
    plans = [run.summary.get("plan", {}) for run in runs]
    for words, told in (
        ("seeds", [plan.get("seed") for plan in plans]),
        ("numbers of CPEs", [plan.get("devices") for plan in plans]),
        ("versions of cpesim", [run.summary.get("version") for run in runs]),
        ("scales", [run.manifest.get("scale", 1.0) for run in runs]),
    ):
        values = list(dict.fromkeys(told))
        if len(values) > 1:
            found.append(f"different {words}: {' and '.join(map(str, values))}")
    for run in runs:
        if run.grade != "OK":
            found.append(f"{run.run_id}: the generator was {run.grade}")
        if run.summary.get("manual") or run.manifest.get("manual"):
            found.append(f"{run.run_id}: someone changed it by hand while it ran")
        if run.code not in RAN:
            found.append(f"{run.run_id}: it did not run to its end (exit {run.code})")
    return list(dict.fromkeys(found))  # a run may be on both sides
