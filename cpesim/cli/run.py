"""
`cpesim run`: a run of a scenario file.

Rule: what is given as an option wins over the file.
"""

from __future__ import annotations

from typing import Annotated

import typer

from cpesim.cli import limits
from cpesim.cli import options as o
from cpesim.cli import outputs as w


def run(
    context: typer.Context,
    scenario: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO", help="A YAML file, or a scenario that ships: smoke."
        ),
    ],
    acs: Annotated[
        str | None,
        typer.Option("--acs", metavar="URL", help="The ACS, instead of the file's."),
    ] = None,
    rate: o.Rate = None,
    ramp: o.Ramp = None,
    duration: o.Duration = None,
    interval: o.Interval = None,
    in_flight: o.InFlight = None,
    seed: o.Seed = None,
    grace: o.Grace = None,
    workers: o.Workers = 1,
    identities: o.Identities = None,
    username: o.Username = None,
    password_env: o.PasswordEnv = None,
    ca: o.Ca = None,
    insecure: o.Insecure = False,
    client_certs: o.ClientCerts = None,
    tls_least: o.TlsLeast = None,
    tls_most: o.TlsMost = None,
    tls_resume: o.TlsResume = None,
    resolve: o.Resolve = None,
    header: o.Header = None,
    source_addresses: o.SourceAddresses = None,
    listen: o.Listen = None,
    advertise: o.Advertise = None,
    ui: o.Ui = "auto",
    out: o.Out = "reports",
    html: w.Html = None,
    json: w.Json = None,
    junit: w.Junit = None,
    hlog: w.Hlog = None,
    ci: w.Ci = "auto",
    trace_device: o.TraceDevice = None,
    threshold: limits.Thresholds = None,
    no_thresholds: limits.NoThresholds = False,
    fail_fast: limits.FailFast = False,
    strict: limits.Strict = False,
    print_scenario: o.PrintScenario = False,
    yes: o.Yes = False,
) -> None:
    """
    Run a scenario: fleet, ACS, ramp or rate, and duration from a YAML file.

    Variables of the file (vars:) are set by CPESIM_VAR_NAME in the environment.

    \b
    Examples:
      cpesim run smoke
      cpesim run boot-storm --acs http://acs.lab:7547/ --ui plain
      CPESIM_VAR_ACS_URL=http://acs.lab/ cpesim run mine.yaml -d 1h
    """
    import os
    from dataclasses import replace

    from cpesim.cli.launch import launch
    from cpesim.scenario.load import load_scenario

    plan = load_scenario(scenario, os.environ)
    if acs is not None:
        plan = replace(plan, acs=replace(plan.acs, url=acs))
    given = context.params
    launch(limits.limited(o.overlaid(plan, given), given), given)
