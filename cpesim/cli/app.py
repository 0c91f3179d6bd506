"""
The commands, a line each; how errors become a line and an exit code.

Rule: importing this imports typer and nothing heavier. The commands' modules import
what they need when they run.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from typing import Annotated, NoReturn

import typer

from cpesim.cli.acs.command import acs
from cpesim.cli.attach import attach
from cpesim.cli.check import check
from cpesim.cli.compare import compare
from cpesim.cli.ctl import ctl
from cpesim.cli.demo import demo
from cpesim.cli.device import device
from cpesim.cli.init import init
from cpesim.cli.profile.command import app as profile
from cpesim.cli.quick import quick
from cpesim.cli.reports.report import report
from cpesim.cli.reports.runs import runs
from cpesim.cli.run import run
from cpesim.cli.schema import schema
from cpesim.errors import CpesimError

app = typer.Typer(
    name="cpesim",
    help="A fleet of virtual TR-069 CPEs that loads an ACS, and measures it.",
    epilog="Try `cpesim demo`, then `cpesim quick --help`.",
    no_args_is_help=True,
    add_completion=False,
    # typer's own: rich and its tracebacks would be imported for every --help.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command()(quick)
app.command()(run)
app.command()(report)
app.command()(runs)
# rate -10% is a change, and no option.
app.command(context_settings={"ignore_unknown_options": True})(ctl)
app.command()(attach)
app.command()(check)
app.command()(init)
app.command()(schema)
app.command()(device)
app.command()(acs)
app.command()(demo)
app.command()(compare)
app.add_typer(profile, name="profile")

# user-interface.md, section 2; the label of an error says which.
CODES = {"config": 2, "machine": 3, "unreachable": 4}


def _version(wanted: bool) -> None:
    if wanted:
        from cpesim import __version__

        typer.echo(f"cpesim {__version__}")
        raise typer.Exit


@app.callback()
def _face(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_version, is_eager=True
        ),
    ] = False,
) -> None:
    """A fleet of virtual TR-069 CPEs that loads an ACS, and measures it."""


def main() -> NoReturn:
    """Run the command that was typed."""
    words = sys.argv[1:]
    try:
        if not _helped(words):
            app(words, prog_name="cpesim")
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        sys.exit(_failed(_only(error)))


def _helped(words: list[str]) -> bool:
    """
    Print a command's help, if that is wanted.

    typer (0.29) imports pydantic, 80 ms, to convert even the value of --help.
    """
    if not any(word in ("-h", "--help") for word in words):
        return False
    command: typer.core.TyperCommand | typer.core.TyperGroup
    command = typer.main.get_command(app)  # type: ignore[assignment]
    context = typer.Context(command, info_name="cpesim", max_content_width=100)
    for word in words:
        if word in ("-h", "--help"):
            typer.echo(command.get_help(context))
            return True
        if not isinstance(command, typer.core.TyperGroup):
            continue
        below = command.get_command(context, word)
        if below is None:
            return False
        command = below  # type: ignore[assignment]
        context = typer.Context(command, info_name=word, parent=context)
    return False


def _only(error: Exception) -> Exception:
    """The one error in groups of one, as nurseries wrap them."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _failed(error: Exception) -> int:
    """Tell an error in a line, a bug in a file; the exit code comes back."""
    if isinstance(error, BrokenPipeError):
        # The reader of our output has gone (| head): it has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    if isinstance(error, CpesimError) and error.label in CODES:
        for line in str(error).splitlines():
            print(f"cpesim: {line}", file=sys.stderr)
        return CODES[error.label]
    text = "".join(traceback.format_exception(error))
    with tempfile.NamedTemporaryFile(
        "w", prefix="cpesim-bug-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(text)
    print(f"cpesim: a bug: {error!r}; its traceback is in {file.name}", file=sys.stderr)
    return 1
