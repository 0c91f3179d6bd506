"""
`cpesim ctl`: change a run that is going on.

Rule: what is asked is read here first, so that a mistake is told even when there is
no run; the run reads it again.
"""

from __future__ import annotations

from typing import Annotated

import typer

from cpesim.cli import options as o


def ctl(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help="A run's id or its beginning, its folder, or last."
        ),
    ],
    words: Annotated[
        list[str], typer.Argument(metavar="WHAT...", help="What to change.")
    ],
    out: o.Out = "reports",
) -> None:
    """
    Change a run that is going on; it answers when its workers have applied it.

    \b
    What there is to change:
      rate +10% | rate -10% | rate 500/s | rate plan      perhaps load=NAME
      pause | resume                                      perhaps load=NAME
      fault NAME active | fault NAME inactive
      limit in_flight 6000
      do ACTION [group=NAME | devices=NAME] [pick=10% | pick=200] [where PATH=VALUE]
                [set PATH=VALUE] [as=NAME] [KEY=VALUE]
      mark TEXT | dump | stop | stop now

    \b
    Actions: power_cut, power_restore, reboot, factory_reset, inform, value_change,
    set, connection_request, add, remove.

    \b
    Examples:
      cpesim ctl last rate +10%
      cpesim ctl 7f3a do power_cut group=homes pick=10% as=dark
      cpesim ctl 7f3a do power_restore devices=dark arrive=exponential:25s within=90s
      cpesim ctl reports/20261123T180102-boot-storm-7f3a stop
    """
    from pathlib import Path

    from cpesim.conductor.control.visit import ask, find
    from cpesim.errors import ConfigError
    from cpesim.scenario.asked import asked

    try:
        asked(words)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    applied = ask(find(run, Path(out)), words)
    told = f"applied by {', '.join(applied)}" if applied else "done"
    typer.echo(f"{' '.join(words)}: {told}")
