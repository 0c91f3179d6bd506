"""
`cpesim compare`: whether a run was worse than another.

Rule: exit 98 for what is worse, 2 for what cannot be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cpesim.cli import options as o

if TYPE_CHECKING:
    from cpesim.measure.result import Exit, Result

REGRESSION = 98
Run = Annotated[
    str, typer.Argument(help="The folder of a stored run, or its id under --out.")
]


def compare(
    base: Run,
    new: Run,
    gate: Annotated[
        list[str] | None,
        typer.Option(
            "--gate",
            metavar="GATE",
            help="How much worse a figure may be: 'session.time p95 15%',"
            " 'session.failed rate 0.5pt', 'recovery(dark) t95 15%'; repeatable, and in"
            " place of the usual ones.",
        ),
    ] = None,
    phase: Annotated[
        str, typer.Option("--phase", metavar="NAME", help="Compare this phase alone.")
    ] = "",
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print a table for a pull request.")
    ] = False,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="Compare what is not comparable, too."),
    ] = False,
    out: o.Out = "reports",
) -> None:
    """
    Compare two stored runs: exit 98 when NEW is worse than BASE.

    Worse is more than the gate (15 %), more than 5 ms, and not by chance
    (Mann-Whitney on blocks of ten seconds, p < 0.01). Runs of fewer than five blocks
    are too short to compare.

    \b
    Examples:
      cpesim compare 7c01 7f3a
      cpesim compare main/ pr/ --gate 'inform.time p99 20%' --markdown
    """
    text, worse = compared(
        stored(base, Path(out)),
        stored(new, Path(out)),
        gate or (),
        phase=phase,
        markdown=markdown,
        anyway=anyway,
    )
    typer.echo(text, nl=False)
    if worse:
        raise typer.Exit(REGRESSION)


def compared(
    base: Path,
    new: Path,
    given: Sequence[str] = (),
    *,
    phase: str = "",
    markdown: bool = False,
    anyway: bool = False,
) -> tuple[str, bool]:
    """
    The table of two stored runs, and whether *new* is worse.

    Raises ConfigError for what cannot be compared.
    """
    from cpesim.errors import ConfigError
    from cpesim.report.blocks import differences, read_side
    from cpesim.report.compare import GATES, LEAST_BLOCKS, WORSE, judge, read_gate
    from cpesim.report.compared import compared_markdown, compared_text

    try:
        gates = tuple(map(read_gate, given)) or GATES
    except ValueError as error:
        raise ConfigError(f"--gate {error}") from None
    sides = [read_side(folder, gates, phase) for folder in (base, new)]
    unlike = differences(*sides)
    if unlike and not anyway:
        raise ConfigError("not comparable (--anyway does it all the same):", *unlike)
    if short := [side for side in sides if side.blocks < LEAST_BLOCKS]:
        has = ", ".join(f"{side.name} has {side.blocks}" for side in short)
        raise ConfigError(
            f"too short to compare: expected {LEAST_BLOCKS} blocks of 10 s, {has}"
        )
    found = [judge(g, sides[0].figures[g], sides[1].figures[g]) for g in gates]
    text = compared_markdown if markdown else compared_text
    told = text(sides[0], sides[1], found, phase, unlike)
    return told, any(row.verdict == WORSE for row in found)


def against(base: Path, result: Result) -> tuple[str, Exit]:
    """A run's comparison with its baseline, and how the run ends with it."""
    from cpesim.errors import ConfigError
    from cpesim.measure.result import Exit

    assert result.exit is not None
    try:
        text, worse = compared(base, Path(result.folder))
    except ConfigError as error:
        text, ending = f" {error}\n", Exit(2, f"not compared with {base.name}")
    else:
        ending = result.exit
        if worse:
            ending = Exit(REGRESSION, f"worse than {base.name}")
    # Whatever else went wrong comes first in the order of the codes.
    return text, result.exit if result.exit.code else ending


def stored(run: str, out: Path) -> Path:
    """The folder of a run that is named by it, or by its id."""
    from cpesim.errors import ConfigError

    path = Path(run)
    if (path / "summary.json").is_file():
        return path
    found = [folder for folder in out.glob(f"*-{run}") if folder.is_dir()]
    if len(found) != 1:
        several = "several runs" if found else "no run"
        raise ConfigError(f"{run}: {several} of this name in {out}/")
    return found[0]
