"""
The faults of a run, which of them are on, and what is drawn of them for a session.

Rule: each kind of a fault is drawn once a session, by the CPE's number and its count
of sessions, so that the same seed draws the same in one process and in forty.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

import trio

from cpesim.chance import chance
from cpesim.device.device import Device
from cpesim.engine.injection.apart import Apart
from cpesim.engine.injection.kinds import Drawn
from cpesim.engine.injection.plot import Over, Plot
from cpesim.errors import ConfigError
from cpesim.measure.meter import Meter
from cpesim.scenario.injection import arguments, wrong
from cpesim.scenario.step import DeviceSet, Injection
from cpesim.wire.wire import Wire

Members = Callable[[DeviceSet], Container[int]]
NOBODY: Container[int] = ()


class Entry:
    """One fault of the scenario: whether it is on, and for which CPEs."""

    __slots__ = ("injection", "kinds", "members", "on")

    def __init__(self, injection: Injection) -> None:
        self.injection = injection
        self.kinds = {
            kind: arguments(kind, how) for kind, how in injection.kinds.items()
        }
        self.members = NOBODY
        self.on = False


class Injections:
    """
    The faults of one shard.

    *members* says which CPEs a set has, and raises ConfigError for one that there is
    not yet, *slow* whether that takes a while; *over* gives a connection over another
    wire. Raises ConfigError for a kind or an argument that there is not.
    """

    def __init__(
        self,
        injections: Sequence[Injection],
        members: Members,
        *,
        seed: int,
        meter: Meter,
        wire: Wire,
        over: Over,
        slow: Callable[[DeviceSet], bool] = lambda wanted: False,
    ) -> None:
        bad = [
            f"faults: {injection.name}: {problem}"
            for injection in injections
            for kind, how in injection.kinds.items()
            for problem in wrong(kind, how)
        ]
        if bad:
            raise ConfigError(*bad)
        self._entries = {i.name: Entry(i) for i in injections}
        self._members = members
        self._seed = seed
        self._meter = meter
        self._wire = wire
        self._over = over
        self._slow = slow
        self._sessions: dict[int, int] = {}
        self._apart: dict[tuple[str, ...], Apart] = {}
        self._on: list[Entry] = []
        for injection in injections:
            if injection.active and not injection.phase:
                self.switch(injection.name, True)

    def __bool__(self) -> bool:
        return bool(self._entries)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all, on or off."""
        return tuple(self._entries)

    @property
    def on(self) -> tuple[str, ...]:
        """The names of those that are on."""
        return tuple(entry.injection.name for entry in self._on)

    def switch(self, name: str, active: bool) -> bool:
        """Turn a fault on or off for the sessions that begin from now on."""
        entry = self._entries.get(name)
        if entry is None:
            return False
        if active and not entry.on:
            self._resolve(entry)
        entry.on = active
        self._on = [entry for entry in self._entries.values() if entry.on]
        return True

    async def turn(self, name: str, active: bool) -> bool:
        """Turn it on or off while sessions go on: they do not wait for a long choice"""
        entry = self._entries.get(name)
        if entry is not None and active and self._slow(entry.injection.devices):
            return await trio.to_thread.run_sync(self.switch, name, active)
        return self.switch(name, active)

    async def renewed(self, name: str) -> None:
        """As renew, while sessions go on."""
        sets = [entry.injection.devices for entry in self._entries.values()]
        if any(one.name == name and self._slow(one) for one in sets):
            await trio.to_thread.run_sync(self.renew, name)
        else:
            self.renew(name)

    def renew(self, name: str) -> None:
        """A step has named a set: faults that are for it are for these CPEs now."""
        for entry in self._entries.values():
            if entry.injection.devices.name == name:
                self._resolve(entry)

    def plot(self, device: Device) -> Plot | None:
        """What goes wrong in the session that a device begins now; None is nothing."""
        if not self._on:
            return None
        n = device.n
        turn = self._sessions[n] = self._sessions.get(n, 0) + 1
        drawn = []
        for entry in self._on:
            if n not in entry.members:
                continue
            name = entry.injection.name
            for kind, how in entry.kinds.items():
                salt = f"fault/{name}/{kind}/{turn}"
                if chance(self._seed, n, salt) < how["p"]:
                    drawn.append(Drawn(name, kind, how, self._seed, n, salt))
        if not drawn:
            return None
        names = tuple(dict.fromkeys(found.name for found in drawn))
        meter = self._apart.get(names)
        if meter is None:
            meter = self._apart[names] = Apart(self._meter, names)
        return Plot(drawn, meter, self._wire, self._over)

    def _resolve(self, entry: Entry) -> None:
        try:
            entry.members = self._members(entry.injection.devices)
        except ConfigError:
            if not entry.injection.devices.name:
                raise
            entry.members = NOBODY  # no step has named the set yet: renew()
