"""One real CPE in this process, whose sessions go over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import trio

import cpesim.acs as reference_acs
from cpesim.cwmp import names
from cpesim.cwmp.session import State
from cpesim.device.catalog import load_profile
from cpesim.device.device import Device
from cpesim.device.identity import identity
from cpesim.device.profile import Profile
from cpesim.device.world import World
from cpesim.engine.talk import WELL, Ending, held
from cpesim.engine.way import Way
from cpesim.scenario.scenario import Acs
from cpesim.wire.connection import Connection
from cpesim.wire.wire import Wire
from tests.wire.tiny import Counted, wired

# What of an Acs the wire has to know as well.
_TLS = {
    "ca": "ca",
    "insecure": "insecure",
    "tls_least": "least",
    "tls_most": "most",
    "tls_resume": "resume",
}


class One:
    """A CPE, what was counted of it, and what it said and heard."""

    def __init__(
        self, wire: Wire, counted: Counted, acs: Acs, profile: Profile, n: int
    ) -> None:
        self.wire = wire
        self.counted = counted
        world = World(1, epoch=1.8e9, acs_url=acs.url)
        self.device = Device(profile, n, world)
        self.server = profile.root + "ManagementServer."
        self.said: list[tuple[str, bytes, bytes]] = []
        self._began = trio.current_time()
        self._way = Way(profile, acs, wire, self.clock)
        self.device.boot(0.0)

    def clock(self) -> float:
        """Seconds since it was switched on."""
        return trio.current_time() - self._began

    def password(self, text: str) -> None:
        """Set its ManagementServer.Password."""
        self.device.model.set(self.server + "Password", text)

    def username(self) -> str:
        """Its ManagementServer.Username."""
        return self.device.model.get(self.server + "Username", 0.0)

    def serial(self) -> str:
        """Its serial number."""
        return identity(self.device.model).serial

    def open(self) -> Connection:
        """A connection for one session, traced."""
        return self._way.open(self.device, lambda *what: self.said.append(what))

    async def session(self) -> Ending:
        """Hold a session, as the fleet does, and let ring what rings after it."""
        device = self.device
        if not device.events:
            device.tell(names.PERIODIC, "", self.clock(), "periodic")
        session = device.begin(self.clock())
        ending = await held(session, self.open(), self.clock)
        if ending.label:
            session.state = State.FAILED
        device.end(session, self.clock(), ending.retry_after)
        device.wake(self.clock())
        return ending

    async def well(self) -> None:
        """Hold a session that goes well."""
        ending = await self.session()
        assert ending == WELL, ending

    def sent(self) -> list[bytes]:
        """The heads of its POSTs."""
        return [head for direction, head, _ in self.said if direction == "out"]


@asynccontextmanager
async def reference(**settings: Any) -> AsyncIterator[tuple[reference_acs.Acs, int]]:
    """A reference ACS in this process, and its port; it must see nothing wrong."""
    server = reference_acs.Acs(reference_acs.AcsSettings(**{"port": 0, **settings}))
    async with trio.open_nursery() as nursery:
        _, port = await nursery.start(lambda **kw: server.serve(**kw))
        yield server, port
        nursery.cancel_scope.cancel()
    told = server.stats()
    assert told["violations"]["count"] == told["bugs"]["count"] == 0, told


def gateway() -> Profile:
    """The gateway of TR-181 that ships."""
    return load_profile("residential-gateway-tr181")


@asynccontextmanager
async def one(
    url: str, profile: Profile | None = None, n: int = 0, **settings: Any
) -> AsyncIterator[One]:
    """CPE number *n*, whose ACS is at *url*; *settings* are those of an Acs."""
    of_wire = {_TLS[name]: value for name, value in settings.items() if name in _TLS}
    for name in ("resolve", "headers"):
        if name in settings:
            of_wire[name] = settings[name]
    async with wired(**of_wire) as (wire, counted):
        yield One(wire, counted, Acs(url, **settings), profile or gateway(), n)
