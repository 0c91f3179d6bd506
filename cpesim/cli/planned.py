"""
The scenario that `run` runs and `check` tells of: a file, and what options say of it.

Rule: the file first, scaled; then the options, which mean what they say.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cpesim.cli import options as o

if TYPE_CHECKING:
    from cpesim.scenario.scenario import Scenario


def planned(scenario: str, given: Mapping[str, Any]) -> Scenario:
    """The scenario of a file with what was given as options; raises ConfigError."""
    from cpesim.scenario.load import load_scenario
    from cpesim.scenario.scaled import scaled

    scale = o.factor("--scale", given.get("scale"))
    time = o.factor("--time-scale", given.get("time_scale"))
    given_tags(given)
    variables = o.pairs("--var", given.get("var"))
    plan = scaled(load_scenario(scenario, os.environ, variables), scale, time)
    if given.get("acs") is not None:
        plan = replace(plan, acs=replace(plan.acs, url=given["acs"]))
    if given.get("name") is not None:
        plan = replace(plan, name=given["name"])
    return o.overlaid(plan, given)


def given_tags(given: Mapping[str, Any]) -> dict[str, str]:
    """What --tag says; raises ConfigError."""
    return o.pairs("--tag", given.get("tag"))


def about(given: Mapping[str, Any]) -> dict[str, object]:
    """What of the options a run keeps in its manifest."""
    found: dict[str, object] = {}
    if tags := given_tags(given):
        found["tags"] = tags
    for key, option in (("scale", "--scale"), ("time_scale", "--time-scale")):
        if given.get(key) is not None:
            found[key] = o.factor(option, given[key])
    return found
