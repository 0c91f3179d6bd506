"""
From a scenario to an exit code: what `quick`, `run` and `demo` have in common.

Rule: questions are asked here and nowhere below; after this the terminal belongs to
the run.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any, cast

import typer

from cpesim.cli.planned import about
from cpesim.cli.watching import control_of, face_of
from cpesim.errors import ConfigError
from cpesim.quantity import show_count, show_duration, show_rate

if TYPE_CHECKING:
    from cpesim.conductor.face import Ui
    from cpesim.measure.result import Result
    from cpesim.scenario.scenario import Scenario

NOTHING: Mapping[str, object] = {}
UIS = ("auto", "full", "plain", "none")


def launch(scenario: Scenario, given: Mapping[str, Any]) -> None:
    """Run the scenario and exit with the run's code."""
    from cpesim.cli.reports.outputs import chosen

    ui = ui_of(given["ui"])
    scenario = chosen(scenario, given)
    if given.get("print_scenario"):
        from cpesim.scenario.write import write_scenario

        typer.echo(write_scenario(scenario), nl=False)
        return
    out, base = Path(given["out"]), list[Path]()
    if given.get("baseline"):
        from cpesim.cli.compare import side

        base = side(given["baseline"], out)  # found missing before the run
    result = conducted(scenario, ui, out, yes=given["yes"], given=given)
    told(result, given, base)


def ui_of(text: str) -> Ui:
    """The kind of face; raises ConfigError."""
    if text not in UIS:
        raise ConfigError(f"--ui {text}: expected {', '.join(UIS)}")
    return cast("Ui", text)


def conducted(
    scenario: Scenario,
    ui: Ui,
    out: Path,
    *,
    yes: bool,
    given: Mapping[str, Any] | None = None,
) -> Result:
    """Prepare, ask, run; *given* are the options of how it is shown and judged."""
    import trio

    import cpesim
    from cpesim.conductor.conductor import conduct
    from cpesim.conductor.face import keyboard
    from cpesim.conductor.plan import prepare
    from cpesim.conductor.verdict import Rules

    given = given or {}
    face = face_of(ui, given)
    version = cpesim.__version__
    plan = prepare(scenario, os.environ, version=version, about=about(given))
    if not yes:
        ask(scenario)
    return trio.run(
        partial(
            conduct,
            plan,
            face=face,
            out=out,
            terminal=keyboard() if ui in ("auto", "full") else None,
            command=tuple(sys.argv),
            rules=Rules(bool(given.get("strict")), bool(given.get("fail_fast"))),
            control=control_of(given),
            paused=bool(given.get("paused")),
            metrics=given.get("metrics"),
            lead=given.get("lead"),
        )
    )


def ask(scenario: Scenario) -> None:
    """Ask before a public address is loaded; raises ConfigError for no yes."""
    from cpesim.conductor.reach import public_addresses, target

    public = public_addresses(scenario.acs)
    if not public:
        return
    host, _ = target(scenario.acs)
    rate = scenario.rate
    how = f"at {show_rate(rate)}" if rate is not None else "with their own timers"
    what = (
        f"{show_count(scenario.count)} CPEs {how} for"
        f" {show_duration(scenario.duration)} against {host} ({public[0]})"
    )
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise ConfigError(f"{what}: a public address; say --yes if you mean it")
    if not typer.confirm(f"{what}: really?", err=True):
        raise ConfigError("not confirmed: nothing was sent")


def told(result: Result, given: Mapping[str, Any], base: Sequence[Path] = ()) -> None:
    """
    Print the summary, compare with *base*, deliver the reports, and exit with the
    run's code.
    """
    from cpesim.cli.reports.outputs import delivered
    from cpesim.report.ci import section, system
    from cpesim.report.console import WIDE, console_text

    comparison = ""
    if base and result.folder:
        from cpesim.cli.compare import against
        from cpesim.report.folder import tell_again

        comparison, result.exit = against(base, result)
        tell_again(result)
    width = shutil.get_terminal_size((WIDE, 24)).columns
    text = console_text(result, width)
    gitlab = system(given.get("ci", "none"), os.environ) == "gitlab"
    if gitlab:
        text = section("cpesim_summary", "cpesim summary", text, time())
    with suppress(OSError):  # the terminal may have gone; the reports have not
        typer.echo(text, nl=False, color=gitlab)
        if comparison:
            typer.echo("\n" + comparison, nl=False)
    delivered(result, given)
    assert result.exit is not None
    raise typer.Exit(result.exit.code)
