"""
The options of a run without a file: which ACS, and a fleet of one kind of CPE.

Rule: what `quick`, `capacity` and `device` have in common stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cpesim.cli.options import read
from cpesim.errors import ConfigError

if TYPE_CHECKING:
    from cpesim.scenario.scenario import Group

AcsUrl = Annotated[
    str, typer.Argument(metavar="ACS_URL", help="http://HOST[:PORT]/PATH")
]
Number = Annotated[
    str, typer.Option("-n", "--number", metavar="N", help="CPEs: 1000, 20k.")
]
Profile = Annotated[
    str,
    typer.Option(
        "--profile",
        metavar="NAME|FILE",
        help="A profile that ships, a YAML file, or a real device's dump (CSV, JSON).",
    ),
]


def group_of(given: Mapping[str, Any]) -> Group:
    """The fleet's one group; raises ConfigError."""
    from cpesim.quantity import parse_count
    from cpesim.scenario.scenario import Group

    count = read("-n", given["number"], parse_count)
    if count < 1:
        raise ConfigError("-n: expected at least 1")
    return Group("cpes", count, given["profile"])
