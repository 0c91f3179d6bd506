"""
A scenario's YAML, read.

Rule: what may stand in the file is said by the forms, their checks and the grammar of
limits; all that is wrong is told at once. The one file of `scenario` that opens files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from cpesim.errors import ConfigError, Problem
from cpesim.scenario.forms.checks import check
from cpesim.scenario.forms.scenario import ScenarioForm
from cpesim.scenario.forms.variables import fill, unheard, variables_of
from cpesim.scenario.limits.check import check as judged
from cpesim.scenario.limits.check import checked_by_steps, mistake_in
from cpesim.scenario.scenario import Scenario
from cpesim.scenario.shipped import shipped
from cpesim.yamltext import Node, build, parse

NONE: Mapping[str, str] = {}


def load_scenario(
    what: str, environment: Mapping[str, str], given: Mapping[str, str] = NONE
) -> Scenario:
    """The scenario of a file, or of a shipped name; raises ConfigError."""
    path = shipped().get(what, Path(what))
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        names = ", ".join(shipped())
        raise ConfigError(
            f"{what}: no such file, and no scenario of this name ships (there are:"
            f" {names})"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError(f"{what}: cannot be read: {reason}") from error
    return read_scenario(text, str(path), environment, given)


def read_scenario(
    text: str,
    file: str,
    environment: Mapping[str, str] = NONE,
    given: Mapping[str, str] = NONE,
) -> Scenario:
    """
    The scenario that *text* writes; *file* is named in errors.

    *given* are variables that win over the environment's (CPESIM_VAR_NAME), which win
    over those of the text.
    """
    root = parse(text, file)
    needless = unheard(root, text, given)
    unset = fill(root, variables_of(root, environment, given))
    problems = check(root)
    form: ScenarioForm | None = None
    try:
        form = build(root, ScenarioForm)
    except ConfigError as error:
        # What the checks say of a place says more than what its form does.
        told = {(problem.line, problem.column) for problem in problems}
        found = [p for p in error.problems if isinstance(p, Problem)]
        problems += [p for p in found if (p.line, p.column) not in told]
    if form is None:
        problems += _wrong_limits(root)
    else:
        scenario = form.value(root)
        limits = (*scenario.thresholds, *checked_by_steps(scenario))
        problems += judged(limits, scenario)
        if not problems and not unset and not needless:
            return scenario
    # A variable that is not there is no wrong number besides.
    told = {(problem.line, problem.column) for problem in unset}
    problems = [p for p in problems if (p.line, p.column) not in told]
    raise ConfigError(*needless, *sorted({*unset, *problems}))


def _wrong_limits(root: Node) -> Iterator[Problem]:
    """What is wrong with the texts of limits whatever else the scenario says."""
    node = root.members.get("thresholds")
    for each in node.value if node and isinstance(node.value, list) else ():
        text = each.members.get("expr", each)
        mistake = mistake_in(text.value) if isinstance(text.value, str) else None
        if mistake is not None:
            yield text.problem(str(mistake), mistake.column)
