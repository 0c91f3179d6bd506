"""
`cpesim runs`: the stored runs, and tidying them up.

Rule: nothing is deleted without a yes.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cpesim.cli import options as o
from cpesim.errors import ConfigError


def runs(
    out: Annotated[
        str, typer.Option("--out", metavar="FOLDER", help="Where the runs are.")
    ] = "reports",
    prune: Annotated[
        str | None,
        typer.Option(
            "--prune",
            metavar="TIME",
            help="Delete the runs that began longer ago than this: 30d.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
) -> None:
    """
    List the stored runs, the newest first.

    \b
    Examples:
      cpesim runs
      cpesim runs --out /var/lib/cpesim --prune 30d --yes
    """
    from pathlib import Path

    from cpesim.report.kept.runs import listed, table

    found = listed(Path(out))
    if prune is None:
        for line in table(found):
            typer.echo(line)
        if not found:
            typer.echo(f"no run is stored in {out}")
        return
    import time

    from cpesim.quantity import parse_duration
    from cpesim.report.kept.runs import remove

    oldest = time.time() - o.read("--prune", prune, parse_duration)
    old = [run for run in found if run.epoch < oldest]
    if not old:
        typer.echo(f"no run in {out} is older than {prune}")
        return
    if not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise ConfigError(f"{len(old)} runs would be deleted: say --yes")
        for line in table(old):
            typer.echo(line, err=True)
        if not typer.confirm(f"Delete these {len(old)} runs?", err=True):
            raise ConfigError("not confirmed: nothing was deleted")
    for run in old:
        remove(run.folder)
        typer.echo(f"deleted {run.folder}")
