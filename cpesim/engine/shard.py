"""
Run one shard: build, freeze, start, snapshot each second, obey, drain.

Rule: no verdict and no output; what is measured leaves as snapshots.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import trio

from cpesim.device.device import Device, Errand
from cpesim.device.world import World
from cpesim.engine.action import ACTIONS
from cpesim.engine.deeds.deeds import Deeds
from cpesim.engine.deeds.sets import sets_of
from cpesim.engine.errand import run_errand, with_room
from cpesim.engine.figures.campaign import Campaign, versions
from cpesim.engine.figures.events import sessions_of
from cpesim.engine.figures.failed import Traced
from cpesim.engine.figures.hook import Ended, hook_of
from cpesim.engine.fleet import Fleet
from cpesim.engine.injection.build import fleet_with, injections_of
from cpesim.engine.listener import Listener, Paths
from cpesim.engine.loads.begin import begin
from cpesim.engine.loads.grow import grow
from cpesim.engine.loads.made import make_loads
from cpesim.engine.order import Command, Message, Order
from cpesim.engine.probe import Probe
from cpesim.engine.standing import Standing
from cpesim.engine.transfer import Files
from cpesim.engine.way import Way, wired
from cpesim.measure.meter import Meter
from cpesim.scenario.parts import about
from cpesim.wire.auth import ServerAuth
from cpesim.wire.connection import Connection
from cpesim.wire.terms import Trace
from cpesim.wire.wire import Wire

Receive = Callable[[], Awaitable[Command]]

# Seconds that broken-off sessions get to be counted.
BREAKING = 2.0
# Messages that may wait for a slow parent: a minute of snapshots and then some.
OUTBOX = 1000


def build(order: Order, world: World) -> list[Device]:
    """The devices of the shard, in the order of their numbers."""
    return [
        Device(profile, n, world)
        for profile, group in order.groups
        for n in order.shard.numbers(group.first, group.count)
    ]


class Running:
    """One shard under way."""

    def __init__(
        self, order: Order, devices: list[Device], world: World, start: float
    ) -> None:
        self.order = order
        self.world = world
        self.devices = devices
        self.meter = Meter()
        world.count = self.meter.count
        self.standing = Standing(
            [
                (g.name, g.first, len(order.shard.numbers(g.first, g.count)))
                for _, g in order.groups
            ]
        )
        groups = [(g.name, g.first) for _, g in order.groups]
        self.figures = sessions_of(self.meter, groups, order.events, self._traced())
        self.campaign = Campaign(
            *(self.meter, self.standing.group, versions(order)),
            begun=lambda version, now: self.tell(("campaign", (version, now))),
        )
        world.upgrades = self.campaign
        self.probe = Probe()
        self.out, self.outbox = trio.open_memory_channel[Message](OUTBOX)
        self.started, self.ending = trio.Event(), trio.Event()
        self._start = start
        # trio.current_time() itself, without its two layers: asked 5 times a session.
        self._read = trio.lowlevel.current_clock().current_time
        self._bugs = 0
        # Who drives a shard from within (cpesim/api) puts its own in their places.
        self.hook: Ended | None = self._hook()
        self.tracer: Callable[[Device], Trace | None] = self._tracer
        acs = order.acs
        self.wire = wired(acs, self.meter, order.first_byte)
        self._ways = {
            id(profile): Way(profile, acs, self.wire, self.clock)
            for profile, _ in order.groups
        }
        self.files = Files(
            self.meter.count,
            self.meter.record,
            ca=acs.ca,
            insecure=acs.insecure,
            resolve=acs.resolve,
            source=self._source,
        )
        world.do = partial(run_errand, self.files)
        self.sets = sets_of(order)
        self.injections = injections_of(
            *(order, self.sets, self.meter, self.wire),
            *(self._open, self._device, self.clock),
        )
        self.room = trio.CapacityLimiter(order.in_flight)

    def clock(self) -> float:
        """Seconds since the run began."""
        return self._read() - self._start

    def _source(self, n: int) -> str | None:
        sources = self.order.acs.source_addresses
        return sources[n % len(sources)] if sources else None

    async def run(
        self, listener: trio.SocketListener, paths: Paths, receive: Receive
    ) -> None:
        """Everything from the start to the last snapshot."""
        order = self.order
        groups = order.groups
        async with trio.open_nursery() as nursery:
            self.nursery = nursery
            fleet = self.fleet = fleet_with(self.injections)(
                nursery,
                self.devices,
                meter=self.meter,
                standing=self.standing,
                open=self._open,
                clock=self.clock,
                in_flight=order.in_flight,
                of=order.shard.of,
                loads=make_loads(order, self._device, self.meter.count),
                figures=self.figures,
                hook=self.hook,
                run_errand=self._run_errand,
                bug=self._bug,
                violation=self._violation,
            )
            self.deeds = Deeds(
                fleet,
                self.sets,
                seed=order.seed,
                shard=order.shard,
                profiles=[profile for profile, _ in groups],
                grow=self._grow,
            )
            await begin(order, fleet, self._device)
            hears = Listener(
                paths,
                device=self._device,
                knock=fleet.knock,
                clock=self.clock,
                meter=self.meter,
                auth=ServerAuth("cpesim", order.secret, self.clock),
            )
            nursery.start_soon(hears.serve, listener)
            nursery.start_soon(self.wire.sweep)
            nursery.start_soon(self.probe.run)
            nursery.start_soon(self._snapshots)
            nursery.start_soon(self._obey, receive)
            nursery.start_soon(self._duration)
            await trio.sleep(max(-self.clock(), 0.0))
            nursery.start_soon(fleet.run)
            self.started.set()
            await self.ending.wait()
            await self._drain(fleet)
            nursery.cancel_scope.cancel()
        self._snapshot()
        self.files.datagrams.close()
        self.out.close()

    def _traced(self) -> Traced | None:
        each = self.order.trace_failures
        if not each:
            return None
        return Traced(each, lambda one: self.tell(("failed", one)), self.clock)

    def _hook(self) -> Ended | None:
        def tell(text: str) -> None:
            self.tell(("event", text))

        named, group = self.order.plugin, self.standing.group
        return hook_of(named, group, self.meter.count, tell) if named else None

    def _grow(self, name: str, numbers: Sequence[int], ramp: float) -> None:
        """More devices of a group, which boot over the ramp."""
        profile, group = next(g for g in self.order.groups if g[1].name == name)
        self.campaign.joined(name, len(numbers))
        grow(
            *(self.fleet, name, numbers, ramp),
            device=lambda n: Device(profile, n, self.world),
            loads=[load.name for load in self.order.loads if about(load, group)],
        )

    def _device(self, n: int) -> Device | None:
        shard = self.order.shard
        if not (shard.mine(n) and n // shard.of < len(self.devices)):
            return None
        return self.devices[n // shard.of]

    def _open(self, device: Device, wire: Wire | None = None) -> Connection:
        """A connection for one session, over *wire* if another one than ours is."""
        way = self._ways[id(device.profile)]
        return way.open(device, self.tracer(device), wire)

    def _tracer(self, device: Device) -> Trace | None:
        return self._trace if device.n == self.order.trace else None

    def _run_errand(self, device: Device, errand: Errand) -> None:
        self.nursery.start_soon(self._errand, device, errand)

    async def _errand(self, device: Device, errand: Errand) -> None:
        with self.fleet.talks.errand(device.n) as scope:
            outcome = await with_room(self.room, self.files, device, errand)
        if not scope.cancelled_caught:
            self.fleet.returned(device, errand, outcome)

    def _bug(self, text: str) -> None:
        self._bugs += 1
        if self._bugs == 1:
            self.tell(("bug", text))

    def _violation(self, kind: str, example: str) -> None:
        self.tell(("violation", (kind, example)))

    def _trace(self, direction: str, head: bytes, body: bytes) -> None:
        self.tell(("trace", (self.clock(), direction, head, body)))

    def tell(self, message: Message) -> None:
        """Send the conductor a message; one that it is too slow for is lost."""
        try:
            self.out.send_nowait(message)
        except trio.WouldBlock:
            self.meter.count("messages.lost")

    async def _snapshots(self) -> None:
        most = self.order.acs.session_timeout
        while True:
            # On whole seconds of the run, so that the workers' rows agree.
            now = self.clock()
            await trio.sleep(math.floor(now) + 1.0 - now)
            self._snapshot()
            for connection in list(self.fleet.talks.overdue(self.clock(), most)):
                connection.cancel("session timeout")

    def _snapshot(self) -> None:
        gauges = self.standing.gauges() | self.probe.gauges() | self.campaign.gauges()
        gauges |= self.fleet.recovery.gauges()
        gauges["busy"] = self.fleet.places.busy
        now = self.clock()
        rate = self.fleet.loads.rate(now)
        if rate is not None:
            gauges["rate"] = rate
        self.tell(("snapshot", self.meter.snapshot(now, gauges).to_bytes()))

    async def _obey(self, receive: Receive) -> None:
        while True:
            command = await receive()
            await ACTIONS[command.verb](self, command.arguments, self.clock())
            self.tell(("ack", command.id))

    async def _duration(self) -> None:
        await trio.sleep(max(self.order.duration - self.clock(), 0.0))
        self.tell(("event", "planned end: no new sessions"))
        self.ending.set()

    async def _drain(self, fleet: Fleet) -> None:
        """Sessions in flight get the grace; then they are broken off."""
        fleet.stop()
        with trio.move_on_after(self.order.grace):
            await fleet.places.quiet()
        fleet.talks.cancel()
        with trio.move_on_after(BREAKING):
            await fleet.places.quiet()
