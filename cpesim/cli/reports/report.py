"""
`cpesim report`: reports of a stored run, made again.

Rule: what the run measured is only read. Nothing is written but reports, and those
to where they were asked for, or else into the run's own folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cpesim.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from cpesim.measure.result import Result


def _file(name: str, what: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        f"--{name}", metavar="FILE", help=f"Write {what} here; - is the terminal."
    )
    return option


def report(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...",
            help="A run's folder, its id, or the beginning of either in --out.",
        ),
    ],
    html: Annotated[str | None, _file("html", "report.html")] = None,
    json: Annotated[str | None, _file("json", "summary.json")] = None,
    junit: Annotated[str | None, _file("junit", "junit.xml")] = None,
    markdown: Annotated[str | None, _file("markdown", "summary.md")] = None,
    openmetrics: Annotated[str | None, _file("openmetrics", "metrics.txt")] = None,
    merge: Annotated[
        bool, typer.Option("--merge", help="Tell several runs as if they were one.")
    ] = False,
    out: Annotated[
        str, typer.Option("--out", metavar="FOLDER", help="Where the runs are.")
    ] = "reports",
) -> None:
    """
    Make the reports of a stored run again, also of one that was killed.

    Without a FILE they are written into the run's own folder.

    \b
    Examples:
      cpesim report 7f3a
      cpesim report reports/20261123T180112-boot-storm-7f3a --html storm.html
      cpesim report 7f3a 81c0 --merge --json both.json
    """
    from pathlib import Path

    from cpesim.report.kept.runs import find

    folders = [find(name, Path(out)) for name in runs]
    wanted = {
        file: path
        for file, path in (
            ("report.html", html),
            ("summary.json", json),
            ("junit.xml", junit),
            ("summary.md", markdown),
            ("metrics.txt", openmetrics),
        )
        if path is not None
    }
    if len(folders) > 1 and wanted and not merge:
        raise ConfigError("several runs and one file: --merge tells them as one")
    for together in [folders] if merge else [[folder] for folder in folders]:
        _tell(together, wanted)


def _tell(folders: list[Path], wanted: dict[str, str]) -> None:
    import shutil

    from cpesim.report import REPORTS
    from cpesim.report.console import WIDE, console_text
    from cpesim.report.kept.stored import stored

    result = stored(folders)
    for file, path in wanted.items():
        write(path, REPORTS[file](result))
    if not wanted and len(folders) == 1:
        _anew(folders[0], result)
    if "-" not in wanted.values():
        width = shutil.get_terminal_size((WIDE, 24)).columns
        typer.echo(console_text(result, width), nl=False)


def _anew(folder: Path, result: Result) -> None:
    """Every report but the manifest, and a summary that knows more than the result."""
    from cpesim.errors import MachineError
    from cpesim.report import REPORTS
    from cpesim.report.errors import TRACES
    from cpesim.report.folder import write_reports
    from cpesim.report.kept.retold import left_untold

    kept = {"manifest.json"}
    if left_untold(folder, result):
        kept.add("summary.json")
        typer.echo("summary.json stays: it tells what no other file does", err=True)
    made = {name: text for name, text in REPORTS.items() if name not in kept}
    try:
        write_reports(folder, result, made)
        result.files = sorted(file.name for file in folder.iterdir() if file.is_file())
        if (folder / TRACES).is_dir():
            result.files.append(f"{TRACES}/")
    except OSError as error:
        raise MachineError(f"{folder}: {error.strerror or error}") from error


def write(path: str, text: str) -> None:
    from pathlib import Path

    from cpesim.errors import MachineError
    from cpesim.report.folder import write_whole

    if path == "-":
        typer.echo(text, nl=False)
        return
    try:
        write_whole(Path(path), text)
    except OSError as error:
        raise MachineError(f"{path}: {error.strerror or error}") from error
