"""
`cpesim init` and `cpesim schema`: the shipped scenarios as files, and their schema.

Rule: a file that is there is never overwritten without --force, and then all or none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cpesim.errors import ConfigError, MachineError

SCHEMA = "cpesim.schema.json"
# By this line most editors find the schema.
FIRST = f"# yaml-language-server: $schema=./{SCHEMA}\n"


def init(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[boot-storm|firmware-campaign|smoke|soak|...]...",
            help="Which scenarios; all that ship without it.",
        ),
    ] = None,
    out: Annotated[
        str, typer.Option("--out", metavar="FOLDER", help="Where they are written.")
    ] = ".",
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite what is there.")
    ] = False,
) -> None:
    """
    Write the scenarios that ship, to change, and the schema by which editors know them.

    \b
    Examples:
      cpesim init
      cpesim init boot-storm --out load-tests
    """
    from cpesim.scenario.schema import schema_text
    from cpesim.scenario.shipped import shipped

    known = shipped()
    for name in names or ():
        if name not in known:
            raise ConfigError(f"init {name}: expected {', '.join(known)}")
    folder = Path(out)
    texts = {
        f"{name}.yaml": FIRST + known[name].read_text(encoding="utf-8")
        for name in names or known
    }
    taken = [name for name in texts if (folder / name).exists()]
    if taken and not force:
        raise ConfigError(
            f"{', '.join(str(folder / name) for name in taken)}: there already;"
            " --force overwrites"
        )
    texts[SCHEMA] = schema_text()  # not a user's own: always that of this version
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise MachineError(f"{folder}: cannot be written: {error.strerror}") from error
    for name in texts:
        typer.echo(str(folder / name))
    first = next(iter(texts))
    typer.echo(f"now: cpesim check {folder / first}")


def schema() -> None:
    """
    Print the JSON Schema of scenarios, by which an editor completes and checks them.

    A first line `# yaml-language-server: $schema=cpesim.schema.json` in a scenario
    tells most editors where it is.

    \b
    Examples:
      cpesim schema > cpesim.schema.json
    """
    from cpesim.scenario.schema import schema_text

    typer.echo(schema_text(), nl=False)
