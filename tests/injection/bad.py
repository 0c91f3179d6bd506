"""One CPE whose sessions go wrong over real sockets, and an ACS of bare bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import trio

from cpesim.cwmp import names
from cpesim.cwmp.session import State
from cpesim.device.device import Device
from cpesim.device.profile import Profile
from cpesim.device.world import World
from cpesim.engine.deeds.sets import Sets
from cpesim.engine.figures.account import Account
from cpesim.engine.injection.injections import Injections
from cpesim.engine.injection.members import Members
from cpesim.engine.talk import Ending, held
from cpesim.engine.way import Way
from cpesim.measure.meter import Meter
from cpesim.scenario.scenario import Acs, Group
from cpesim.scenario.shard import Shard
from cpesim.scenario.step import Injection
from cpesim.wire.connection import Connection
from cpesim.wire.wire import Wire
from tests.factory import make_profile
from tests.play import reply
from tests.wire.tiny import wired

WHOLE = Shard()
GROUPS = (Group("homes", 60), Group("shops", 40, first=60))


def members(seed: int = 1, shard: Shard = WHOLE) -> Members:
    """Those of the two groups in a shard."""
    ranges = [(g.name, range(g.first, g.first + g.count)) for g in GROUPS]
    return Members(Sets(ranges, seed, shard), lambda n, values: n < 3)


def told(method: str, *arguments: object, **options: Any) -> bytes:
    """An ACS's HTTP answer with this message."""
    return answered(reply(method, *arguments, **options))


def answered(body: bytes, *headers: str) -> bytes:
    """An HTTP answer with this body."""
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Bad:
    """A CPE with faults, and what was counted of it."""

    def __init__(
        self,
        wire: Wire,
        url: str,
        faults: tuple[Injection, ...],
        profile: Profile,
        **acs: Any,
    ) -> None:
        self.meter = Meter()
        wire.count = self.meter
        self.device = Device(profile, 0, World(1, epoch=1.8e9, acs_url=url))
        way = Way(profile, Acs(url, **acs), wire, self.clock)
        self.injections = Injections(
            faults,
            members(),
            seed=1,
            meter=self.meter,
            wire=wire,
            over=lambda device, over: way.open(device, None, over),
        )
        self._began = trio.current_time()
        self.connection: Connection
        self.device.boot(0.0)

    def clock(self) -> float:
        """Seconds since it was switched on."""
        return trio.current_time() - self._began

    async def session(self) -> Ending:
        """Hold a session that goes wrong."""
        device = self.device
        if not device.events:
            device.tell(names.PERIODIC, "", self.clock(), "periodic")
        plot = self.injections.plot(device)
        assert plot is not None
        session = plot.session(device, self.clock())
        self.connection = plot.open(device)
        ending = await held(session, self.connection, self.clock)
        plot.close()
        Account().of(session, 0, plot.meter.count)
        assert not ending.bug, ending.bug
        if ending.label:
            session.state = State.FAILED
        device.end(session, self.clock(), ending.retry_after)
        return ending

    def counters(self) -> dict[str, int]:
        """The counters so far; they begin anew."""
        return self.meter.snapshot(self.clock(), {}).counters


@asynccontextmanager
async def bad(
    url: str,
    kinds: Mapping[str, Mapping[str, Any]],
    profile: Profile | None = None,
    **acs: Any,
) -> AsyncIterator[Bad]:
    """A test box in each of whose sessions these kinds of fault show."""
    of_wire = {key: acs[key] for key in ("ca", "resolve") if key in acs}
    async with wired(**of_wire) as (wire, _):
        fault = Injection("bad", kinds)
        yield Bad(wire, url, (fault,), profile or make_profile(), **acs)


class Bare:
    """A server of bare bytes: what came, how it ended, one entry a connection."""

    def __init__(self) -> None:
        self.port = 0
        self.came: list[bytes] = []
        self.ends: list[str] = []
        self.over = trio.Event()  # a connection has ended

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/"


@asynccontextmanager
async def bare(
    answer: Callable[[bytes], bytes] = lambda came: b"", *, called: bool = True
) -> AsyncIterator[Bare]:
    """
    A Bare that sends what *answer* makes of each piece that comes.

    It stays until a connection has ended, unless none is going to be *called* for.
    """
    server = Bare()

    async def take(stream: trio.SocketStream) -> None:
        link = len(server.came)
        server.came.append(b"")
        server.ends.append("")
        try:
            while more := await stream.receive_some():
                server.came[link] += more
                if said := answer(server.came[link]):
                    await stream.send_all(said)
            server.ends[link] = "closed"
        except trio.BrokenResourceError as error:
            cause = error.__cause__
            assert isinstance(cause, ConnectionResetError), cause
            server.ends[link] = "reset"
        server.over.set()

    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        server.port = listeners[0].socket.getsockname()[1]
        nursery.start_soon(trio.serve_listeners, take, listeners)
        yield server
        if called:
            with trio.move_on_after(2):
                await server.over.wait()
        nursery.cancel_scope.cancel()
