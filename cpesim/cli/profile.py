"""
`cpesim profile`: what kinds of device there are.

Rule: it reads profiles; it changes nothing.
"""

from __future__ import annotations

from typing import Annotated

import typer

from cpesim.cli.options import read
from cpesim.cli.profile_import import import_

app = typer.Typer(
    help="Kinds of device: list, show, check, diff, import, identities.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("import")(import_)
Name = Annotated[
    str, typer.Argument(metavar="NAME|FILE", help="A name that ships, or a file.")
]


@app.command("list")
def list_() -> None:
    """
    List the profiles that ship.

    \b
    Example:
      cpesim profile list
    """
    from cpesim.device.catalog import load_profile, profile_names

    for name in profile_names():
        profile = load_profile(name)
        typer.echo(
            f"{name:30} {profile.root:24} CWMP {profile.cwmp}"
            f"  {len(profile.names):5,} parameters"
        )


@app.command()
def show(
    name: Name,
    under: Annotated[
        str, typer.Option("--under", metavar="PATH", help="Only what is beneath PATH.")
    ] = "",
    number: Annotated[
        int, typer.Option("--number", metavar="N", help="As CPE number N has it.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", metavar="N")] = 1,
) -> None:
    """
    Show the parameters of a profile, as one of its CPEs has them.

    \b
    Examples:
      cpesim profile show gpon-ont
      cpesim profile show my.yaml --under Device.WiFi. --number 7
    """
    from cpesim.device.catalog import load_profile
    from cpesim.device.model import Model
    from cpesim.device.world import World

    profile = load_profile(name)
    model = Model(profile, number, World(seed))
    for path in profile.names:
        if path.startswith(under):
            parameter = profile.parameters[path]
            access = "rw" if parameter.writable else "r-"
            kind = f"{parameter.type:12}"
            typer.echo(f"{access} {kind} {path} = {model.get(path, 0.0)}")


@app.command()
def check(names: Annotated[list[str], typer.Argument(metavar="NAME|FILE...")]) -> None:
    """
    Check profiles: every error at once, with its place. Exit code 2 if there is one.

    \b
    Examples:
      cpesim profile check mine.yaml
      cpesim profile check dumps/*.csv
    """
    from cpesim.device.catalog import load_profile
    from cpesim.errors import ConfigError

    wrong = False
    for name in names:
        try:
            profile = load_profile(name)
        except ConfigError as error:
            wrong = True
            for line in str(error).splitlines():
                typer.echo(line, err=True)
        else:
            typer.echo(f"{name}: good, {len(profile.names):,} parameters")
    if wrong:
        raise typer.Exit(2)


@app.command()
def identities(
    name: Name,
    number: Annotated[
        str, typer.Option("-n", "--number", metavar="N", help="How many CPEs.")
    ] = "1000",
    seed: Annotated[int, typer.Option("--seed", metavar="N")] = 1,
    username: Annotated[
        str | None, typer.Option("--username", metavar="PATTERN")
    ] = None,
) -> None:
    """
    Write the identities of a fleet as CSV: for an ACS that admits known CPEs only.

    The same profile, seed and number give the same identities in a run.

    \b
    Example:
      cpesim profile identities gpon-ont -n 20k > devices.csv
    """
    import sys

    from cpesim.device.catalog import load_profile, write_identities
    from cpesim.device.world import World
    from cpesim.quantity import parse_count

    count = read("-n", number, parse_count)
    profile = load_profile(name, username=username)
    write_identities(profile, World(seed), count, sys.stdout)
