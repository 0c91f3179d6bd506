"""
`cpesim compare`: whether a run, or several, were worse than others.

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
    from cpesim.report.compare.comparison import Comparison

REGRESSION = 98


def _runs(name: str, words: str) -> typer.models.ArgumentInfo:
    argument: typer.models.ArgumentInfo = typer.Argument(metavar=name, help=words)
    return argument


def compare(
    base: Annotated[
        str,
        _runs(
            "BASE",
            "The folder of a stored run, or its id under --out; several with commas"
            " between them, or a folder that holds several.",
        ),
    ],
    new: Annotated[str, _runs("NEW", "The same, of what is compared with it.")],
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
    html: Annotated[
        str | None,
        typer.Option(
            "--html",
            metavar="FILE",
            help="Write a page with both runs' charts laid over each other; - is the"
            " terminal.",
        ),
    ] = None,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="Compare what is not comparable, too."),
    ] = False,
    out: o.Out = "reports",
) -> None:
    """
    Compare stored runs: exit 98 when NEW is worse than BASE.

    Worse is more than the gate (15 %), more than 5 ms, and not by chance
    (Mann-Whitney on blocks of ten seconds, p < 0.01). With three runs on each side it
    is the runs that are tested, and 10 % is enough. Runs of fewer than five blocks are
    too short to compare.

    \b
    Examples:
      cpesim compare 7c01 7f3a
      cpesim compare 7c01 7f3a --html compared.html
      cpesim compare 7c01,7c02,7c03 7f3a,7f3b,7f3c
      cpesim compare main/ pr/ --gate 'inform.time p99 20%' --markdown
    """
    from cpesim.cli.reports.report import write
    from cpesim.report.compare.told import compared_markdown, compared_text

    where = Path(out)
    found = compared(
        side(base, where),
        side(new, where),
        gate or (),
        phase=phase,
        anyway=anyway,
    )
    if html is not None:
        from cpesim.report.page.compared import compared_page

        write(html, compared_page(found))
    if html != "-":
        text = compared_markdown if markdown else compared_text
        typer.echo(text(found), nl=False)
    if found.worse:
        raise typer.Exit(REGRESSION)


def compared(
    base: Sequence[Path],
    new: Sequence[Path],
    given: Sequence[str] = (),
    *,
    phase: str = "",
    anyway: bool = False,
) -> Comparison:
    """
    Stored runs, compared by the gates that were given.

    Raises ConfigError for what is no gate, or cannot be compared.
    """
    from cpesim.errors import ConfigError
    from cpesim.report.compare.comparison import compare
    from cpesim.report.compare.rule import read_gate

    try:
        gates = tuple(map(read_gate, given))
    except ValueError as error:
        raise ConfigError(f"--gate {error}") from None
    return compare(base, new, gates, phase=phase, anyway=anyway)


def against(base: Sequence[Path], result: Result) -> tuple[str, Exit]:
    """A run's comparison with its baseline, and how the run ends with it."""
    from cpesim.errors import ConfigError
    from cpesim.measure.result import Exit
    from cpesim.report.compare.told import compared_text

    assert result.exit is not None
    name = ", ".join(folder.name for folder in base)
    try:
        found = compared(base, [Path(result.folder)])
    except ConfigError as error:
        text, ending = f" {error}\n", Exit(2, f"not compared with {name}")
    else:
        text, ending = compared_text(found), result.exit
        if found.worse:
            ending = Exit(REGRESSION, f"worse than {name}")
    # Whatever else went wrong comes first in the order of the codes.
    return text, result.exit if result.exit.code else ending


def side(text: str, out: Path) -> list[Path]:
    """
    The runs of one side: one, several with commas between them, or all of a folder.

    Raises ConfigError for what is none of these, or has no summary.
    """
    from cpesim.errors import ConfigError
    from cpesim.report.kept.runs import MANIFEST, find, within

    path = Path(text)
    if path.is_dir() and not (path / MANIFEST).is_file():
        found = within(path) or [find(text, out)]
    elif path.exists():
        found = [find(text, out)]
    else:
        found = [find(name.strip(), out) for name in text.split(",")]
    for folder in found:
        if not (folder / "summary.json").is_file():
            raise ConfigError(
                f"{folder}: no summary.json: the run goes on, or was cut off"
            )
    return found
