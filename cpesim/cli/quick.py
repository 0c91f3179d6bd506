"""
`cpesim quick`: a run without a file.

Rule: it makes a Scenario of its options and nothing else.
"""

from __future__ import annotations

import typer

from cpesim.cli import limits
from cpesim.cli import options as o
from cpesim.cli import watching as w
from cpesim.cli import without_file as f
from cpesim.cli.reports import outputs as r


def quick(
    context: typer.Context,
    acs_url: f.AcsUrl,
    number: f.Number = "1000",
    profile: f.Profile = "residential-gateway-tr098",
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
    fail_fast: limits.FailFast = False,
    strict: limits.Strict = False,
    print_scenario: o.PrintScenario = False,
    baseline: o.Baseline = None,
    yes: o.Yes = False,
) -> None:
    """
    Load an ACS with a fleet of virtual CPEs, without a file.

    \b
    Examples:
      cpesim quick http://127.0.0.1:7547/ -n 20k
      cpesim quick http://acs.lab:7547/ -n 5000 -r 100/s -d 10m
      cpesim quick https://acs.lab/ --ca lab.pem --profile gpon-ont
      cpesim quick http://acs.lab/ --profile my-router-dump.csv --interval 1m
      cpesim quick http://acs.lab/ --threshold 'session.time p99 < 2s'
      cpesim quick http://acs.lab/ --username '{oui}-{serial}' --password-env PW
      cpesim quick http://acs.lab/ -n 20k --print-scenario > mine.yaml
    """
    from cpesim.cli.launch import launch
    from cpesim.scenario.scenario import Acs, Scenario

    scenario = Scenario(
        name="quick",
        acs=Acs(acs_url),
        groups=(f.group_of(context.params),),
    )
    given = context.params
    launch(limits.limited(o.overlaid(scenario, given), given), given)
