"""A fleet without a network: devices, a clock that jumps, and an ACS of three lines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any

import trio

from cpesim.device.device import Device, Errand
from cpesim.device.world import World
from cpesim.engine.deeds.deeds import Deeds
from cpesim.engine.deeds.sets import Sets
from cpesim.engine.figures.events import sessions_of
from cpesim.engine.figures.failed import Traced
from cpesim.engine.figures.hook import Hook
from cpesim.engine.fleet import Fleet
from cpesim.engine.loads.arrivals import Arrivals
from cpesim.engine.loads.grow import grow
from cpesim.engine.loads.rate import RateLoad
from cpesim.engine.loads.source import Count, Source
from cpesim.engine.standing import Standing
from cpesim.errors import Disconnected
from cpesim.measure.meter import Meter
from cpesim.scenario.pace import Pace
from cpesim.scenario.shard import Shard
from cpesim.scenario.step import DeviceSet
from cpesim.wire.terms import Exchange
from tests.factory import make_profile
from tests.play import reply


class Wire:
    """Stands for the connection: each answer takes *delay* seconds."""

    def __init__(self, stage: Stage, device: Device) -> None:
        self.stage = stage
        self.device = device
        self.scope = trio.CancelScope()
        self.label = ""

    async def post(self, body: bytes, kind: str) -> Any:
        stage = self.stage
        if kind == "Inform":
            stage.informs.append((stage.fleet.clock(), self.device.n, body))
        with trio.CancelScope() as self.scope:
            await trio.sleep(stage.delay)
        if self.label:
            await trio.sleep(stage.lingers)
            error = Disconnected(self.label)
            error.label = self.label
            raise error
        if stage.failure is not None:
            raise stage.failure
        return SimpleNamespace(body=reply("InformResponse") if body else b"")

    def last(self) -> Exchange | None:
        self.stage.looked += 1
        return Exchange(0.1, b"POST", b"x" * 99_999, b"HTTP/1.1 503", b"")

    def cancel(self, label: str = "interrupted") -> None:
        self.label = label
        self.scope.cancel()

    def reset(self, label: str) -> None:
        self.stage.resets.append((self.stage.fleet.clock(), self.device.n))
        self.cancel(label)

    def close(self) -> None:
        self.stage.closed += 1


class Stage:
    """What a test looks at: the fleet, and each Inform as (when, device, body)."""

    fleet: Fleet
    deeds: Deeds

    def __init__(self) -> None:
        self.delay = 0.1
        self.lingers = 0.0  # how long a CPE is busy when its connection is reset
        self.failure: Exception | None = None
        self.informs: list[tuple[float, int, bytes]] = []
        self.closed = 0
        self.looked = 0  # for the last exchange of a connection
        self.resets: list[tuple[float, int]] = []
        self.bugs: list[str] = []

    async def do(
        self, action: str, devices: DeviceSet | None = None, **asked: Any
    ) -> Any:
        """Have a deed done: what came of it."""
        return await self.deeds.do({"action": action, "devices": devices, **asked})

    def told(self, code: str, since: float = 0.0) -> list[int]:
        """The devices whose Informs told this event, in the order they came."""
        return [
            n
            for at, n, body in self.informs
            if at >= since and f">{code}<".encode() in body
        ]

    def counters(self) -> dict[str, int]:
        """The counters so far; they begin anew."""
        return self.fleet.meter.snapshot(self.fleet.clock(), {}).counters


@asynccontextmanager
async def staged(
    count: int,
    *,
    rate: float | None = None,
    ramp: Callable[[int], float] = lambda n: 0.0,
    in_flight: int = 10,
    run_errand: Callable[[Device, Errand], None] | None = None,
    loads: Callable[[list[Device], Count], list[Source]] | None = None,
    groups: Sequence[tuple[str, int]] = (("all", 0),),
    hook: Hook | None = None,
    traced: Traced | None = None,
    events: Collection[str] = (),
    **changes: object,
) -> AsyncIterator[Stage]:
    """
    A fleet of *count* test boxes that runs while the block does.

    By their timers, or at a *rate*, or by what *loads* makes of the devices.
    """
    stage = Stage()
    timers = rate is None and loads is None
    world = World(1, timers=timers)
    profile = make_profile(**changes)
    devices = [Device(profile, n, world) for n in range(count)]
    start = trio.current_time()
    meter, sources = Meter(), []
    if rate is not None:
        arrivals = Arrivals(Pace.steady(rate))
        sources = [RateLoad(arrivals, devices, meter.count)]
    elif loads is not None:
        sources = loads(devices, meter.count)

    async with trio.open_nursery() as nursery:
        stage.fleet = Fleet(
            nursery,
            devices,
            meter=meter,
            standing=Standing([(n, f, count if f == 0 else 0) for n, f in groups]),
            open=lambda device: Wire(stage, device),  # type: ignore[arg-type, return-value]
            clock=lambda: trio.current_time() - start,
            in_flight=in_flight,
            loads=sources,
            figures=sessions_of(meter, groups, events, traced),
            hook=hook,
            run_errand=run_errand,
            bug=stage.bugs.append,
        )
        stage.deeds = Deeds(
            stage.fleet,
            Sets([("all", range(count))], 1, Shard()),
            seed=1,
            shard=Shard(),
            profiles=[profile],
            grow=partial(
                *(grow, stage.fleet),
                device=lambda n: Device(profile, n, world),
                loads=[""],
            ),
        )
        if timers:
            for device in devices:
                stage.fleet.agenda.put(device, ramp(device.n))
        nursery.start_soon(stage.fleet.run)
        yield stage
        stage.fleet.stop()
        nursery.cancel_scope.cancel()
