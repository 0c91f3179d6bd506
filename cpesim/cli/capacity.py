"""
`cpesim capacity`: how much an ACS takes.

Rule: quick's options but for the rate and the duration, which the search decides.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cpesim.cli import limits
from cpesim.cli import options as o
from cpesim.cli import watching as w
from cpesim.cli import without_file as f
from cpesim.cli.reports import outputs as r
from cpesim.errors import ConfigError

if TYPE_CHECKING:
    from cpesim.conductor.capacity.led import Led, Until
    from cpesim.scenario.scenario import Scenario

# A search has no planned end; it never takes so long.
MOST = 7 * 86_400.0


def capacity(
    context: typer.Context,
    acs_url: f.AcsUrl,
    until: Annotated[
        list[str],
        typer.Option(
            "--until",
            metavar="LIMIT",
            help="What has to hold, as 'session.time p99 < 2s'. Repeatable.",
        ),
    ],
    start: Annotated[
        str, typer.Option("--start", metavar="RATE", help="The first rate to try.")
    ] = "10/s",
    step: Annotated[
        str,
        typer.Option(
            "--step", metavar="TIME", help="How long a rate is held, at least."
        ),
    ] = "30s",
    number: f.Number = "1000",
    profile: f.Profile = "residential-gateway-tr098",
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
    strict: limits.Strict = False,
    yes: o.Yes = False,
) -> None:
    """
    Find the highest rate of sessions at which the limits hold.

    The rate is doubled until a limit fails, then the interval is halved to 5 %, with
    a warm-up before each step and a drain after it; a run three times as long confirms
    the answer. The CPEs have booted before: each session is a periodic Inform.

    Exit 0: a rate was found; 97: the generator was at its limit first, and the ACS
    takes at least what held; 99: not even the lowest rate held.

    \b
    Examples:
      cpesim capacity http://acs.lab:7547/ --until 'session.time p99 < 2s'
      cpesim capacity http://acs.lab:7547/ -n 20k --start 100/s \\
        --until 'session.time p99 < 2s' --until 'session.failed rate < 0.1%'
    """
    from cpesim.cli.launch import launch
    from cpesim.quantity import parse_duration, parse_rate
    from cpesim.scenario.scenario import Acs, Load, Scenario, Start

    rate = o.read("--start", start, parse_rate)
    if rate <= 0:
        raise ConfigError("--start: expected more than 0")
    least = o.read("--step", step, parse_duration)
    if least < 30:
        raise ConfigError("--step: expected at least 30s, or the figures mean nothing")
    scenario = Scenario(
        name="capacity",
        acs=Acs(acs_url),
        groups=(f.group_of(context.params),),
        duration=MOST,
        start=Start(known=True),
        loads=(Load("search", "arrival-rate", rate=rate),),
    )
    given = context.params
    scenario = o.overlaid(scenario, given)
    search = _until(until, rate, least, scenario)
    scenario = replace(scenario, asked=search.limits)
    launch(scenario, {**given, "lead": partial(_lead, scenario, search)})


def _until(texts: list[str], rate: float, least: float, scenario: Scenario) -> Until:
    """What is searched for; raises ConfigError for a limit that cannot be judged."""
    from cpesim.conductor.capacity.led import Until, limits_of
    from cpesim.scenario.limits.check import check
    from cpesim.scenario.limits.grammar import parse

    found = limits_of(texts)
    if wrong := check(found, scenario):
        raise ConfigError(*(f"--until: {problem}" for problem in wrong))
    for threshold in found:
        criterion = parse(threshold.text)
        if criterion.phase or criterion.over is not None or criterion.drift:
            raise ConfigError(
                f"--until {threshold.text!r}: it is judged for each rate by itself;"
                " expected no `in`, `over` or `drift`"
            )
    return Until(found, rate, least)


async def _lead(scenario: Scenario, until: Until, run: Led) -> None:
    from cpesim.conductor.capacity.led import find_capacity

    await find_capacity(run, scenario, until)
