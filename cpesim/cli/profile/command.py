"""
`cpesim profile`: what kinds of device there are.

Rule: it reads profiles; it changes nothing.
"""

from __future__ import annotations

from typing import Annotated

import typer

from cpesim.cli.options import read
from cpesim.cli.profile.imported import import_

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
    path: Annotated[
        str, typer.Argument(metavar="[PATH]", help="Only this, and what is beneath it.")
    ] = "",
    depth: Annotated[
        int, typer.Option("--depth", metavar="N", help="So many levels; 0: all.")
    ] = 0,
    flat: Annotated[
        bool,
        typer.Option("--flat", help="A line for each whole path, and whole values."),
    ] = False,
    number: Annotated[
        int, typer.Option("--number", metavar="N", help="As CPE number N has it.")
    ] = 0,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="The same seed, the same fleet.")
    ] = 1,
) -> None:
    """
    Show a profile as a tree, with the values of one of its CPEs.

    Behind a name: rw or r- (access); i (stands in each Inform), A or a (active
    notification: always, or until the ACS changes it), h (reads as empty); the type;
    = a fixed value, ~ one that lives or differs from CPE to CPE.

    \b
    Examples:
      cpesim profile show gpon-ont
      cpesim profile show gpon-ont --depth 1
      cpesim profile show my.yaml Device.WiFi. --number 7
      cpesim profile show my.yaml --flat | grep Password
    """
    import shutil

    from cpesim.cli.profile.view import tree, whole_path
    from cpesim.device.catalog import load_profile
    from cpesim.device.model import Model
    from cpesim.device.world import World

    profile = load_profile(name)
    model = Model(profile, number, World(seed))
    place = whole_path(profile, path)
    if not flat:
        width = max(60, shutil.get_terminal_size().columns)
        for line in tree(model, place, depth, width):
            typer.echo(line)
        return
    for full in [place] if place in profile.parameters else profile.beneath(place):
        parameter = profile.parameters[full]
        access = "rw" if parameter.writable else "r-"
        typer.echo(f"{access} {parameter.type:12} {full} = {model.get(full, 0.0)}")


@app.command()
def check(names: Annotated[list[str], typer.Argument(metavar="NAME|FILE...")]) -> None:
    """
    Check profiles: every error at once, with its place. Exit code 2 if there is one.

    What is right but will trouble an ACS is a warning: a parameter that each Inform
    has to tell, a serial number that all CPEs share, a count that stands still.

    \b
    Examples:
      cpesim profile check mine.yaml
      cpesim profile check dumps/*.csv
    """
    from cpesim.device.advice import advice
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
            continue
        warnings = advice(profile)
        for line in warnings:
            typer.echo(f"{name}: warning: {line}", err=True)
        told = f", {len(warnings)} warnings" if warnings else ""
        typer.echo(f"{name}: good, {len(profile.names):,} parameters{told}")
    if wrong:
        raise typer.Exit(2)


@app.command()
def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="A name, or a file.")],
    second: Annotated[str, typer.Argument(metavar="B", help="A name, or a file.")],
) -> None:
    """
    Show what two profiles differ in. Exit code 0: nothing; 98: something.

    - only A has it, + only B has it, ~ both have it, but not alike: type, access,
    notification, limits, value.

    \b
    Examples:
      cpesim profile diff gpon-ont residential-gateway-tr181
      cpesim profile diff before.yaml after-upgrade.yaml
    """
    from cpesim.cli.profile.view import differences
    from cpesim.device.catalog import load_profile

    one, other = load_profile(first), load_profile(second)
    found = list(differences(one, other))
    for line in found:
        typer.echo(line)
    if not found:
        typer.echo(f"no difference: {len(one.names):,} parameters")
        return
    typer.echo(f"{len(found):,} difference{'' if len(found) == 1 else 's'}")
    raise typer.Exit(98)


@app.command()
def identities(
    name: Name,
    number: Annotated[
        str, typer.Option("-n", "--number", metavar="N", help="How many CPEs.")
    ] = "1000",
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="The same seed, the same fleet.")
    ] = 1,
    username: Annotated[
        str | None,
        typer.Option("--username", metavar="PATTERN", help="As of `quick`."),
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
