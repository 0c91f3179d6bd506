"""
`cpesim profile import`: a profile of what users have.

Rule: it writes one file, and never over another without --force.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cpesim.errors import ConfigError

if TYPE_CHECKING:
    from cpesim.device.draft.draft import Draft


def import_(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A device's export, a data model's XML, or a recorded session.",
        ),
    ],
    out: Annotated[
        str,
        typer.Option("-o", "--out", metavar="FILE", help="Where to. Default: stdout."),
    ] = "-",
    name: Annotated[
        str, typer.Option("--name", help="The profile's name. Default: the file's.")
    ] = "",
    objects: Annotated[
        list[str] | None,
        typer.Option(
            "--object",
            metavar="PATH",
            help="Of a data model: an object to take; may be given again."
            " Default: all of them.",
        ),
    ] = None,
    instances: Annotated[
        list[str] | None,
        typer.Option(
            "--instances",
            metavar="PATH=N",
            help="Of a data model: instances of a table; may be given again."
            " Default: as many as the model demands.",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a file that is there.")
    ] = False,
) -> None:
    """
    Write a profile, with comments, of what you have of a device.

    SOURCE is an export of GenieACS (CSV or JSON), a data model of the Broadband Forum
    (XML), or a session: what `cpesim device` shows, a trace of a run, or any text
    with SOAP envelopes in it. Secrets are replaced; what was guessed is listed at the
    top. `cpesim acs --record` does the same with a real CPE.

    \b
    Examples:
      cpesim profile import ont.csv -o ont.yaml
      cpesim profile import tr-181-2-17-0-cwmp-full.xml -o wifi.yaml \\
        --object Device.WiFi. --instances 'Device.WiFi.SSID.{i}.=2'
      cpesim device http://acs.lab:7547/ > session.txt
      cpesim profile import session.txt -o seen.yaml
    """
    from cpesim.device.catalog import read
    from cpesim.device.draft.sources import draft_from

    free(out, force)
    draft = draft_from(
        read(Path(source)),
        source,
        objects=objects or (),
        instances=dict(map(_counted, instances or ())),
    )
    draft.name = name or Path(source).stem
    if out != "-":
        draft.notes.insert(0, f"Written by: cpesim profile import {Path(source).name}")
    store(draft, out)


def _counted(text: str) -> tuple[str, int]:
    path, equals, count = text.rpartition("=")
    if not equals or not count.strip().isdigit():
        raise ConfigError(
            f"--instances: expected PATH=N, as Device.WiFi.SSID.{{i}}.=2, not {text!r}"
        )
    return path.strip(), int(count)


def free(out: str, force: bool) -> None:
    """Whether a file may be written there, told before the work is done."""
    if out == "-":
        return
    if not force and Path(out).exists():
        raise ConfigError(f"{out}: is there already: give --force to write over it")
    if not Path(out).parent.is_dir():
        raise ConfigError(f"{out}: there is no folder {Path(out).parent}")


def store(draft: Draft, out: str) -> None:
    """Write a draft's profile and say so; what is written is read once more."""
    from cpesim.device.catalog import compile_profile
    from cpesim.device.draft.write import write

    text = write(draft)
    if out == "-":
        typer.echo(text, nl=False)
        return
    path = Path(out)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{out}: cannot be written: {error.strerror}") from None
    profile = compile_profile(text, out)
    lines = text.count("\n")
    typer.echo(f"{out}: {len(profile.names):,} parameters in {lines:,} lines")
