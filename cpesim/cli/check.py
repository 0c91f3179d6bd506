"""
`cpesim check`: what a scenario would do, and all that is wrong with it.

Rule: nothing is sent, and nothing is kept.
"""

from __future__ import annotations

import typer

from cpesim.cli import options as o
from cpesim.cli import planned as p


def check(
    context: typer.Context,
    scenario: p.ScenarioFile,
    acs: p.AcsOption = None,
    var: p.Var = None,
    scale: p.Scale = None,
    time_scale: p.TimeScale = None,
    name: p.Name = None,
    duration: o.Duration = None,
    print_scenario: o.PrintScenario = False,
) -> None:
    """
    Check a scenario: every error at once, with its place; then the plan.

    The plan is an estimate of what CPEs begin by themselves: no retries, and no
    sessions that the ACS asks for. Exit code 2 if something is wrong. A secret that
    the environment does not have, and client certificates that are not there, are a
    warning here, and an error of `run`.

    \b
    Examples:
      cpesim check boot-storm
      cpesim check mine.yaml --scale 2% --time-scale 0.1
      cpesim check mine.yaml --print-scenario
    """
    import os

    from cpesim.conductor.certified import uncertified
    from cpesim.conductor.plan import check_plan
    from cpesim.scenario.outlook.draw import drawn
    from cpesim.scenario.outlook.figures import outlook

    plan = p.planned(scenario, context.params)
    profiles = check_plan(plan)
    secret = plan.acs.password_env
    if secret is not None and secret not in os.environ:
        typer.echo(
            f"{scenario}: warning: there is no variable {secret}, which"
            " acs.auth.password_env names: `run` is going to want it",
            err=True,
        )
    groups = [(profiles[group.name], group) for group in plan.groups]
    for lacking in uncertified(groups, plan, None):
        typer.echo(f"{scenario}: warning: {lacking}", err=True)
    if print_scenario:
        from cpesim.scenario.write import write_scenario

        typer.echo(write_scenario(plan), nl=False)
        return
    intervals = {name: profile.interval for name, profile in profiles.items()}
    typer.echo(drawn(plan, outlook(plan, intervals), intervals), nl=False)
