"""
A whole run from a program: what `cpesim run` does, without a terminal.

Rule: it blocks, and the Result that comes back is what every report reads.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trio

if TYPE_CHECKING:
    from cpesim.measure.result import Result
    from cpesim.scenario.scenario import Scenario


def run(
    scenario: str | Path | Scenario,
    *,
    acs: str | None = None,
    variables: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    out: str | Path = "reports",
    **changes: Any,
) -> Result:
    """
    Run a scenario to its end: a file, a shipped name, or a Scenario.

    *acs* is the ACS's URL instead of the scenario's, *variables* are its `vars:`, and
    *changes* are other fields of it: ``duration=60.0``, ``seed=7``. Reports stand in a
    folder of *out*; ``result.exit.code`` is what the program would exit with. Raises
    ConfigError, MachineError or Unreachable when it cannot begin. Not from within trio.
    """
    from cpesim import __version__
    from cpesim.conductor.conductor import conduct
    from cpesim.conductor.plan import prepare
    from cpesim.scenario.load import load_scenario

    known = dict(os.environ if environment is None else environment)
    if isinstance(scenario, str | Path):
        scenario = load_scenario(str(scenario), known, variables or {})
    if acs is not None:
        changes["acs"] = replace(scenario.acs, url=acs)
    plan = prepare(replace(scenario, **changes), known, version=__version__)
    return trio.run(partial(conduct, plan, out=Path(out)))
