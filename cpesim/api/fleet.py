"""
A fleet of virtual CPEs in your own process, for an ACS's own tests.

Rule: it is a shard as any other, driven from within; what it measures stands in a
Result, as of any run.
"""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from math import inf
from time import time
from typing import Any

import trio

from cpesim.api.cpe import Cpe
from cpesim.conductor.plan import prepare
from cpesim.cwmp.session import Session as Conversation
from cpesim.device.device import Device
from cpesim.engine.begin import run_shard
from cpesim.engine.order import Command
from cpesim.engine.shard import Running
from cpesim.errors import ConfigError, MachineError
from cpesim.measure.result import Result
from cpesim.measure.snapshot import Snapshot
from cpesim.scenario.scenario import Acs, Group, Load, Report, Scenario, Start
from cpesim.wire.terms import Trace

# A fleet has no planned end; this is longer than any test.
FOR_EVER = 10 * 365 * 86_400.0


class Fleet:
    """The CPEs, by number; *result* is what was measured of their sessions."""

    def __init__(self, running: Running, result: Result) -> None:
        self.result = result
        self.started = running.started
        self._cpes = {d.n: Cpe(running, d) for d in running.devices}
        running.hook = self
        running.tracer = self._tracer

    def __len__(self) -> int:
        return len(self._cpes)

    def __getitem__(self, n: int) -> Cpe:
        return self._cpes[n]

    def __iter__(self) -> Iterator[Cpe]:
        return iter(self._cpes.values())

    async def told(
        self, device: Device, session: Conversation, label: str, took: float
    ) -> None:
        """A session is over (engine/figures/hook.py, Ended)."""
        self._cpes[device.n].ended(session, label, took)

    def _tracer(self, device: Device) -> Trace:
        return self._cpes[device.n].trace


@asynccontextmanager
async def fleet(
    acs: str | Acs,
    cpes: int = 1,
    *,
    profile: str = "residential-gateway-tr181",
    serial: str | None = None,
    oui: str | None = None,
    username: str | None = None,
    password_env: str | None = None,
    values: Mapping[str, str] | None = None,
    seed: int = 1,
    timers: bool = False,
    known: bool = False,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Fleet]:
    """
    *cpes* virtual CPEs that talk to the ACS at this URL, until the block ends.

    They do what they are told (Cpe.session) and take connection requests; with
    *timers* they live by their own as well. *profile* is a shipped name, a YAML file
    or a dump; *values* are set over it. *known* CPEs do not boot first. Needs trio.
    Raises ConfigError for what is wrong, MachineError for what this machine lacks.
    """
    group = Group(
        "cpes", cpes, profile, serial=serial, oui=oui, values=dict(values or {})
    )
    if isinstance(acs, str):
        acs = Acs(acs, username=username, password_env=password_env)
    elif username is not None or password_env is not None:
        raise ConfigError("username, password_env: they stand in the Acs itself")
    scenario = Scenario(
        name="fleet",
        acs=acs,
        groups=(group,),
        seed=seed,
        duration=FOR_EVER,
        grace=5.0,
        start=Start(known=known, ramp=0.0 if timers else inf),
        loads=(Load(),) if timers else (),
        report=Report(trace_failures=0),
    )
    plan = prepare(scenario, os.environ if environment is None else environment)
    result, refused = Result(plan.facts), []
    begun, ended = trio.Event(), trio.Event()
    made: list[Fleet] = []
    asks, asked = trio.open_memory_channel[Command](4)

    async def send(message: tuple[str, Any]) -> None:
        kind, content = message
        if kind == "snapshot":
            result.feed("worker-0", Snapshot.from_bytes(content))
            result.tick(result.now)
        elif kind == "violation":
            result.example(*content)
        elif kind == "campaign":
            result.begin_campaign(*content)
        elif kind == "refused":
            name, text = content
            refused.append(
                (ConfigError if name == "ConfigError" else MachineError)(text)
            )
            begun.set()
        elif kind == "ready":
            asks.send_nowait(Command(1, "start", {"epoch": time()}))
        elif kind == "end":
            ended.set()
        elif kind == "bug":
            raise RuntimeError(f"a bug in cpesim:\n{content}")

    def hand(running: Running) -> None:
        made.append(Fleet(running, result))
        begun.set()

    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(run_shard, plan.orders[0], send, asked.receive, hand)
            await begun.wait()
            if not refused:
                await made[0].started.wait()
                yield made[0]
                asks.send_nowait(Command(2, "cancel"))
                with trio.move_on_after(5.0):
                    await ended.wait()
                result.close(result.now)
            nursery.cancel_scope.cancel()
    finally:
        gc.unfreeze()  # run_shard froze what a long run keeps: a test's is gone now
    if refused:
        raise refused[0]
