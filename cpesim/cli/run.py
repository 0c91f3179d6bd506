"""
`cpesim run`: a run of a scenario file.

Rule: what is given as an option wins over the file.
"""

from __future__ import annotations

import typer

from cpesim.cli import limits
from cpesim.cli import options as o
from cpesim.cli import planned as p
from cpesim.cli import watching as w
from cpesim.cli.reports import outputs as r


def run(
    context: typer.Context,
    scenario: p.ScenarioFile,
    acs: p.AcsOption = None,
    var: p.Var = None,
    scale: p.Scale = None,
    time_scale: p.TimeScale = None,
    name: p.Name = None,
    tag: p.Tag = None,
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
    fps: w.Fps = "4",
    plain_every: w.PlainEvery = "10s",
    no_color: w.NoColor = False,
    paused: w.Paused = False,
    control: w.Control = None,
    out: o.Out = "reports",
    html: r.Html = None,
    json: r.Json = None,
    junit: r.Junit = None,
    hlog: r.Hlog = None,
    ci: r.Ci = "auto",
    metrics: o.Metrics = None,
    trace_device: o.TraceDevice = None,
    trace_failures: r.TraceFailures = None,
    threshold: limits.Thresholds = None,
    no_thresholds: limits.NoThresholds = False,
    fail_fast: limits.FailFast = False,
    strict: limits.Strict = False,
    print_scenario: o.PrintScenario = False,
    baseline: o.Baseline = None,
    yes: o.Yes = False,
) -> None:
    """
    Run a scenario: fleet, ACS, ramp or rate, and duration from a YAML file.

    Variables of the file (vars:) are set by --var, or by CPESIM_VAR_NAME in the
    environment. What is given as an option is not scaled.

    \b
    Examples:
      cpesim run smoke
      cpesim run boot-storm --acs http://acs.lab:7547/ --ui plain
      cpesim run mine.yaml --var ACS_URL=http://acs.lab/ -d 1h --tag branch=main
      cpesim run mine.yaml --scale 2% --time-scale 0.1
    """
    from cpesim.cli.launch import launch

    given = context.params
    launch(limits.limited(p.planned(scenario, given), given), given)
