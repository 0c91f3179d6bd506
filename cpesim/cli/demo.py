"""
`cpesim demo`: the reference ACS and a fleet together.

Rule: nothing leaves this machine, every port is any free one, and it ends by itself.
"""

from __future__ import annotations

from typing import Annotated

import typer

from cpesim.cli import options as o

# What the ACS asks: of everybody the credentials for its connection requests, and all
# the rest of those that it wakes: as many as two cores bear beside 20,000 CPEs.
SCRIPT = "0 BOOTSTRAP: credentials; 6 CONNECTION REQUEST: audit, provision, upgrade"
KNOCKS = ("--knock-every", "20s", "--knock-rate", "8/s", "--interval", "2m")
INTERVAL = 90.0  # so that the periodic rhythm is seen within three minutes


def demo(
    context: typer.Context,
    number: Annotated[
        str, typer.Option("-n", "--number", metavar="N", help="CPEs.")
    ] = "20k",
    duration: o.Duration = "3m",
    ramp: o.Ramp = "1m",
    ui: o.Ui = "auto",
    out: o.Out = "reports",
    seed: o.Seed = 1,
) -> None:
    """
    Show it: a reference ACS and 20,000 CPEs on this machine, for three minutes.

    The CPEs boot over a minute and then report every 90 s; some are woken by
    connection requests, audited, provisioned, and take a firmware image.

    \b
    Examples:
      cpesim demo
      cpesim demo -n 2000 -d 1m --ui plain
    """
    from pathlib import Path

    from cpesim.cli.acs.child import acs_child
    from cpesim.cli.launch import conducted, told, ui_of
    from cpesim.quantity import parse_count
    from cpesim.scenario.scenario import Acs, Group, Scenario

    face = ui_of(ui)
    count = o.read("-n", number, parse_count)
    with acs_child(
        *("--script", SCRIPT, *KNOCKS),
        *("--firmware-size", "200000"),
    ) as url:
        scenario = o.overlaid(
            Scenario(
                name="demo",
                description="What `cpesim demo` shows.",
                acs=Acs(url),
                groups=(Group("homes", count, interval=INTERVAL),),
            ),
            {**context.params, "number": None},
        )
        result = conducted(scenario, face, Path(out), yes=True)
    told(result, {})
