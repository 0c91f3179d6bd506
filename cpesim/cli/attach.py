"""
`cpesim attach`: the dashboard of a run that is going on, in another terminal.

Rule: leaving it changes nothing; only its keys do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cpesim.cli import options as o
from cpesim.cli import watching as w

if TYPE_CHECKING:
    from cpesim.conductor.control.visit import Visit


def attach(
    run: Annotated[
        str,
        typer.Argument(
            metavar="[RUN]", help="A run's id or its beginning, its folder, or last."
        ),
    ] = "last",
    out: o.Out = "reports",
    no_color: w.NoColor = False,
) -> None:
    """
    Show the dashboard of a run that is going on, also of one without a terminal.

    Its keys act on the run as in its own terminal, so q stops it; Ctrl-C only leaves.

    \b
    Examples:
      cpesim attach
      cpesim attach 7f3a
      ssh lab -t cpesim attach --out /srv/reports
    """
    import sys
    from functools import partial
    from pathlib import Path

    import trio

    from cpesim.conductor.control.attached import ENDED
    from cpesim.conductor.control.attached import attach as attached
    from cpesim.conductor.control.visit import find
    from cpesim.conductor.face import keyboard
    from cpesim.errors import ConfigError

    visit = find(run, Path(out))
    if not sys.stdout.isatty():
        visit.connect().close()
        raise ConfigError("attach: expected a terminal to draw on")
    why = trio.run(partial(attached, visit, keyboard(), color=not no_color))
    typer.echo(f"run {visit.name}: {_outcome(visit) if why == ENDED else why}")


def _outcome(visit: Visit) -> str:
    """How the run ended, as soon as its summary says so."""
    import json
    import time

    for _ in range(30):
        if visit.folder is None:
            break
        try:
            told = json.loads((visit.folder / "summary.json").read_text("utf-8"))
            if told["exit"]["code"] is not None:
                return f"exit {told['exit']['code']}: {told['exit']['reason']}"
        except (OSError, ValueError, KeyError, TypeError):
            pass  # not yet: it is written when the run has ended
        time.sleep(0.1)
    return "it has ended"
