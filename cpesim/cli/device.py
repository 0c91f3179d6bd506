"""
`cpesim device`: one CPE, every message shown.

Rule: the same engine as in a run, with one CPE; what is shown is what went over the
wire, but for secrets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from cpesim.cli import options as o
from cpesim.cli import without_file as f
from cpesim.errors import ConfigError

if TYPE_CHECKING:
    from cpesim.engine.order import Order


def device(
    context: typer.Context,
    acs_url: f.AcsUrl,
    profile: Annotated[
        str, typer.Option("--profile", metavar="NAME|FILE", help="As of `quick`.")
    ] = "residential-gateway-tr098",
    number: Annotated[
        int,
        typer.Option("--number", metavar="N", help="Which CPE of the fleet to be."),
    ] = 0,
    stay: Annotated[
        str | None,
        typer.Option(
            "--stay",
            metavar="TIME",
            help="Live on so long: periodic Informs, connection requests, transfers."
            " Default: the first session only.",
        ),
    ] = None,
    interval: o.Interval = None,
    seed: o.Seed = None,
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
    yes: o.Yes = False,
) -> None:
    """
    Be one CPE and show every message: to see what an ACS says, and to debug it.

    >> leaves the CPE, << comes from the ACS. Passwords are masked.

    \b
    Examples:
      cpesim device http://127.0.0.1:7547/
      cpesim device http://acs.lab:7547/ --profile gpon-ont --number 7
      cpesim device https://acs.lab/ --ca lab.pem --stay 10m --interval 30s
    """
    import os
    import sys
    from dataclasses import replace

    import trio

    from cpesim.cli.launch import ask
    from cpesim.conductor.plan import prepare
    from cpesim.quantity import parse_duration
    from cpesim.scenario.scenario import Acs, Group, Scenario, Start
    from cpesim.scenario.shard import Shard

    length = o.read("--stay", stay, parse_duration) if stay is not None else None
    if number < 0:
        raise ConfigError("--number: expected 0 or more")
    if number and listen:
        raise ConfigError("--listen: with --number it is not there yet; leave one out")
    scenario = o.overlaid(
        Scenario(
            name="device",
            acs=Acs(acs_url),
            groups=(Group("cpe", number + 1, profile),),
            # One session of a device is not bound by time.
            duration=length if length is not None else 86_400.0,
            start=Start(ramp=0.0),
            in_flight=2,
            grace=30.0,
        ),
        context.params,
    )
    plan = prepare(scenario, os.environ, only=number)
    if not yes:
        ask(scenario)
    # What worker N of N + 1 would run: CPE N alone, and it knows its place in a fleet.
    shard = Shard(number, number + 1)
    order = replace(plan.orders[0], trace=number, trace_failures=0, shard=shard)
    code = trio.run(_live, order, length is None, sys.stdout.isatty())
    raise typer.Exit(code)


async def _live(order: Order, once: bool, colour: bool) -> int:
    """Run the one CPE until its first session, or its time, is over."""
    import signal

    import trio

    from cpesim.conductor.reach import reach
    from cpesim.placement.inline import inline

    await reach(order.acs)
    watch = _Watch(once, colour)
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with inline() as placement, trio.open_nursery() as nursery:

            async def obey() -> None:
                async for number in signals:
                    watch.interrupted = 143 if number == signal.SIGTERM else 130
                    nursery.start_soon(placement.command, None, "cancel")

            nursery.start_soon(obey)
            await placement.start([order])
            async for _, (kind, content) in placement.events:
                if kind == "ready":
                    nursery.start_soon(_start, placement)
                elif kind in ("end", "lost"):
                    break
                elif watch.hears(kind, content):
                    nursery.start_soon(placement.command, None, "stop")
            nursery.cancel_scope.cancel()
    return watch.code()


async def _start(placement: object) -> None:
    from time import time

    await placement.command(None, "start", epoch=time())  # type: ignore[attr-defined]


class _Watch:
    """Shows what is heard, and knows how it ends."""

    def __init__(self, once: bool, colour: bool) -> None:
        from cpesim.cli.paint import Painter

        self._once = once
        self._painter = Painter(colour)
        self._counters: dict[str, int] = {}
        self._stopped = False
        self._bug = False
        self.interrupted = 0

    def hears(self, kind: str, content: object) -> bool:
        """Show a message; whether it is time to stop."""
        from cpesim.conductor.trace import exchange
        from cpesim.errors import ConfigError, MachineError
        from cpesim.measure.history import add_counters
        from cpesim.measure.snapshot import Snapshot

        if kind == "trace":
            self._painter.show(exchange(*content))  # type: ignore[misc]
        elif kind == "bug":
            self._bug = True
            typer.echo(content, err=True)
        elif kind == "refused":
            name, text = cast("tuple[str, str]", content)
            raise (ConfigError if name == "ConfigError" else MachineError)(text)
        elif kind == "snapshot":
            add_counters(self._counters, Snapshot.from_bytes(content).counters)  # type: ignore[arg-type]
            over = self._sessions("done") or self._sessions("failed")
            if self._once and over and not self._stopped:
                self._stopped = True
                return True
        return False

    def _sessions(self, what: str) -> int:
        return self._counters.get(f"sessions.{what}", 0)

    def code(self) -> int:
        """Say how the sessions went; the exit code."""
        done, failed = self._sessions("done"), self._sessions("failed")
        labels = ", ".join(
            name.removeprefix("failed.")
            for name in self._counters
            if name.startswith("failed.")
        )
        typer.echo(
            f"{done} {'session' if done == 1 else 'sessions'} done"
            + (f", {failed} failed: {labels}" if failed else ""),
            err=True,
        )
        if self._bug:
            return 1
        if failed and not done:
            return 4
        return self.interrupted
