"""
Where a run's reports go beside its folder: files, a CI's summary, annotations.

Rule: what cannot work is said before the run. A report that was asked for and cannot
be written at the end is an error, after all others have been written.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cpesim.errors import ConfigError, MachineError

if TYPE_CHECKING:
    from cpesim.measure.result import Result
    from cpesim.scenario.scenario import Scenario

FORMATS = ("html", "json", "junit", "hlog")
NO = "no"
# As in a scenario: report: {trace_failures: N}.
MOST_TRACED = 1_000


def _format(name: str, file: str) -> Any:
    return typer.Option(
        f"--{name}",
        metavar="FILE|no",
        help=f"Put a copy of {file} here; no: do not make it.",
        rich_help_panel="Reports",
    )


Html = Annotated[str | None, _format("html", "report.html")]
Json = Annotated[str | None, _format("json", "summary.json")]
Junit = Annotated[str | None, _format("junit", "junit.xml")]
Hlog = Annotated[str | None, _format("hlog", "latency.hlog")]
Ci = Annotated[
    str,
    typer.Option(
        "--ci",
        metavar="KIND",
        help="Annotations for auto, github, gitlab or none.",
        rich_help_panel="Reports",
    ),
]

TraceFailures = Annotated[
    int | None,
    typer.Option(
        "--trace-failures",
        metavar="N",
        help="Keep the last exchange of the first N failed sessions of each kind in"
        " traces/; 0: of none. Default: 20.",
        rich_help_panel="Reports",
    ),
]


def chosen(scenario: Scenario, given: Mapping[str, Any]) -> Scenario:
    """The scenario with the reports that the options want; raises ConfigError."""
    from cpesim.report.ci import SYSTEMS

    if given.get("ci", "auto") not in SYSTEMS:
        raise ConfigError(f"--ci {given['ci']}: expected {', '.join(SYSTEMS)}")
    formats = [*scenario.report.formats]
    for name in FORMATS:
        file = given.get(name)
        if file == NO:
            formats = [each for each in formats if each != name]
        elif file is not None:
            folder = Path(file).parent
            if not folder.is_dir():
                raise ConfigError(f"--{name} {file}: there is no folder {folder}")
            if Path(file).is_dir():
                raise ConfigError(f"--{name} {file}: expected a file, not a folder")
            formats = [*formats, *([name] if name not in formats else [])]
    report = replace(scenario.report, formats=tuple(formats))
    traced = given.get("trace_failures")
    if traced is not None:
        if not 0 <= traced <= MOST_TRACED:
            raise ConfigError(
                f"--trace-failures {traced}: expected 0 to {MOST_TRACED:,}"
            )
        report = replace(report, trace_failures=traced)
    return replace(scenario, report=report)


def delivered(result: Result, given: Mapping[str, Any]) -> None:
    """Copy what was asked for, and tell the CI; raises MachineError."""
    from cpesim.report import FORMATS as FILES
    from cpesim.report import ci

    folder = Path(result.folder)
    wrong = []
    for name in FORMATS:
        file = given.get(name)
        made = folder / FILES[name]
        if file in (None, NO) or not result.folder or not made.is_file():
            continue
        try:
            _copy(made, Path(file))
        except OSError as error:
            wrong.append(f"--{name} {file}: {error.strerror or error}")
    where = ci.system(given.get("ci", "none"), os.environ)
    try:
        _tell(where, result, folder)
    except OSError as error:
        wrong.append(f"--ci {where}: {error}")
    if wrong:
        raise MachineError("\n".join(wrong))


def _copy(made: Path, to: Path) -> None:
    """A copy that is there wholly or not at all."""
    from cpesim.report.folder import write_whole

    write_whole(to, made.read_text(encoding="utf-8"))


def _tell(where: str, result: Result, folder: Path) -> None:
    from cpesim.report import ci
    from cpesim.report.folder import write_whole
    from cpesim.report.markdown import markdown_text

    if page := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(page).open("a", encoding="utf-8") as file:
            file.write(markdown_text(result))
    if where == "github":
        for line in ci.github(result, os.environ.get("GITHUB_WORKSPACE", "")):
            typer.echo(line)
    elif where == "gitlab" and result.folder:
        root = os.environ.get("CI_PROJECT_DIR", "")
        write_whole(folder / ci.CODE_QUALITY, ci.gitlab(result, root))
