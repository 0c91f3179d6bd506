"""
The scenario that `run` runs and `check` tells of: a file, and what options say of it.

Rule: the file first, scaled; then the options, which mean what they say.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cpesim.cli import options as o
from cpesim.errors import ConfigError

if TYPE_CHECKING:
    from cpesim.scenario.scenario import Scenario


ScenarioFile = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO", help="A YAML file, or a scenario that ships: smoke."
    ),
]
AcsOption = Annotated[
    str | None,
    typer.Option("--acs", metavar="URL", help="The ACS, instead of the file's."),
]
Var = Annotated[
    list[str] | None,
    typer.Option(
        "--var",
        metavar="NAME=VALUE",
        help="A variable of the file (vars:), over its own and CPESIM_VAR_NAME."
        " Repeatable.",
    ),
]
Scale = Annotated[
    str | None,
    typer.Option(
        "--scale",
        metavar="X",
        help="Counts (at least 1) and rates times this: 0.02, 2%.",
    ),
]
TimeScale = Annotated[
    str | None,
    typer.Option(
        "--time-scale",
        metavar="X",
        help="Times of the file and the CPEs' timers times this; never timeouts,"
        " rates, or what latencies are held against.",
    ),
]
Name = Annotated[
    str | None,
    typer.Option(
        "--name", metavar="TEXT", help="The run's name, instead of the file's."
    ),
]
Tag = Annotated[
    list[str] | None,
    typer.Option(
        "--tag",
        metavar="KEY=VALUE",
        help="What else is kept with the run, as a branch. Repeatable.",
    ),
]


def planned(scenario: str, given: Mapping[str, Any]) -> Scenario:
    """The scenario of a file with what was given as options; raises ConfigError."""
    from cpesim.quantity import parse_duration
    from cpesim.scenario.load import load_scenario
    from cpesim.scenario.plugin import shaped
    from cpesim.scenario.scaled import scaled

    scale = factor("--scale", given.get("scale"))
    time = factor("--time-scale", given.get("time_scale"))
    given_tags(given)
    variables = pairs("--var", given.get("var"))
    plan = load_scenario(scenario, os.environ, variables)
    if (scale, time) != (1.0, 1.0):
        longest = plan.duration
        if given.get("duration") is not None:
            asked = o.read("--duration", given["duration"], parse_duration)
            longest = max(longest, asked / time)
        # A plug-in's rates are scaled as those that the file names.
        loads = tuple(shaped(load, longest) for load in plan.loads)
        plan = scaled(replace(plan, loads=loads), scale, time)
    if given.get("acs") is not None:
        plan = replace(plan, acs=replace(plan.acs, url=given["acs"]))
    if given.get("name") is not None:
        plan = replace(plan, name=given["name"])
    return o.overlaid(plan, given)


def given_tags(given: Mapping[str, Any]) -> dict[str, str]:
    """What --tag says; raises ConfigError."""
    return pairs("--tag", given.get("tag"))


def about(given: Mapping[str, Any]) -> dict[str, object]:
    """What of the options a run keeps in its manifest."""
    found: dict[str, object] = {}
    if tags := given_tags(given):
        found["tags"] = tags
    for key, option in (("scale", "--scale"), ("time_scale", "--time-scale")):
        if given.get(key) is not None:
            found[key] = factor(option, given[key])
    return found


def pairs(option: str, written: Iterable[str] | None) -> dict[str, str]:
    """The values of a repeatable KEY=VALUE, by key; raises ConfigError."""
    found: dict[str, str] = {}
    for text in written or ():
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise ConfigError(f"{option} {text!r}: expected KEY=VALUE")
        found[key.strip()] = value
    return found


def factor(option: str, text: str | None) -> float:
    """A scale, as 0.02 or 2%; 1 without one."""
    if text is None:
        return 1.0
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1_000:
        raise ConfigError(f"{option} {text}: expected more than 0, as 0.02 or 2%")
    return value
