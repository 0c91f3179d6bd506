"""
One virtual CPE as a test sees it.

Rule: it asks the engine for everything; what a session did is read from its messages.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import trio

from cpesim.cwmp import names
from cpesim.cwmp.session import Session as Conversation
from cpesim.device.behaviour import power
from cpesim.device.device import NEW, Device
from cpesim.device.identity import identity
from cpesim.engine.standing import BUSY, WAITING

if TYPE_CHECKING:
    from cpesim.engine.shard import Running

# Sessions that nobody has asked for yet are kept, so many of each CPE.
MOST = 100
_METHOD = re.compile(rb"<(?:[\w.-]+:)?Body[^>]*>\s*<(?:[\w.-]+:)?([\w.-]+)")
_EVENT = re.compile(rb"<EventCode>([^<]*)</EventCode>")


class Message(NamedTuple):
    """One HTTP message: `out` leaves the CPE, `in` comes from the ACS."""

    direction: str
    head: bytes
    body: bytes

    @property
    def method(self) -> str:
        """What its envelope holds: `Inform`, `SetParameterValues`, …; "" for none."""
        found = _METHOD.search(self.body)
        return found[1].decode() if found else ""


@dataclass(frozen=True, slots=True)
class Session:
    """What came of one session. *label* is "" when it went well, else why it failed."""

    label: str
    took: float  # seconds
    messages: tuple[Message, ...] = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether it came to its end as the standard has it."""
        return not self.label

    @property
    def events(self) -> tuple[str, ...]:
        """The event codes of its Inform."""
        for message in self.messages:
            if message.direction == "out" and message.method == "Inform":
                return tuple(code.decode() for code in _EVENT.findall(message.body))
        return ()

    @property
    def rpcs(self) -> tuple[str, ...]:
        """What the ACS asked of the CPE, in order."""
        own = {"Fault", ""}
        return tuple(
            m.method
            for m in self.messages
            if m.direction == "in"
            and m.method not in own
            and not m.method.endswith("Response")
        )

    @property
    def answers(self) -> tuple[str, ...]:
        """What the CPE posted, in order: its Inform, requests, answers and faults."""
        return tuple(
            m.method for m in self.messages if m.direction == "out" and m.method
        )


class Cpe:
    """
    A virtual CPE: it has sessions when it is asked to, and whenever the ACS calls it.

    Waiting for a session raises trio.TooSlowError when none ends in time.
    """

    def __init__(self, running: Running, device: Device) -> None:
        self._running = running
        self._device = device
        self._seen: deque[Session] = deque(maxlen=MOST)
        self._news = trio.Event()
        self._messages: list[Message] = []
        self._turn = trio.Lock()  # one is asked for after the other

    def __repr__(self) -> str:
        return f"<Cpe {self._device.n} {self.serial}>"

    @property
    def serial(self) -> str:
        """Its SerialNumber."""
        return identity(self._device.model).serial

    @property
    def connection_request_url(self) -> str:
        """Where it takes connection requests."""
        return self.get("ManagementServer.ConnectionRequestURL")

    # -- its parameters

    def get(self, name: str) -> str:
        """A parameter's value now; raises KeyError. The root may be left out."""
        model, now = self._device.model, self._running.clock()
        full = self._full(name)
        if model.parameter(full) is None:
            raise KeyError(name)
        return model.get(full, now)

    def set(self, name: str, text: str) -> None:
        """Change a value as its user would: the ACS's attributes say who is told."""
        full = self._full(name)
        if self._device.model.parameter(full) is None:
            raise KeyError(name)
        now = self._running.clock()
        power.change(self._device, [(full, text)], now, tell=False)
        self._running.fleet.touched(self._device, now)

    def _full(self, name: str) -> str:
        root = self._device.profile.root
        return name if name.startswith(root) else root + name

    # -- its sessions

    async def session(
        self, *events: str, timeout: float = 60.0, params: tuple[str, ...] = ()
    ) -> Session:
        """
        Have one session now, or after one that is under way, and return it.

        The first of a new CPE is its boot: `0 BOOTSTRAP`, `1 BOOT`. After that it
        tells of *events*, or `2 PERIODIC`; *params* stand in its Inform besides.
        """
        with trio.fail_after(timeout):
            async with self._turn:
                await self._idle()
                device, now = self._device, self._running.clock()
                if device.life == NEW:
                    device.boot(now)
                else:
                    power.inform(device, events or (names.PERIODIC,), params, now)
                self._running.fleet.touched(device, now)
                return await self._next()

    async def next(self, *, timeout: float = 60.0) -> Session:
        """The next session to end, or one that ended and nobody has taken yet."""
        with trio.fail_after(timeout):
            return await self._next()

    async def _next(self) -> Session:
        while not self._seen:
            await self._news.wait()
        return self._seen.popleft()

    async def _idle(self) -> None:
        """Wait for the end of what is under way; what came so far is not asked for."""
        while self.busy:
            await self._news.wait()
        self._seen.clear()

    @property
    def busy(self) -> bool:
        """Whether it has a session now, or waits for a place to have one."""
        return self._device.standing in (BUSY, WAITING)

    async def reboot(self, *, timeout: float = 60.0) -> Session:
        """Lose power between two sessions and get it again: that with `1 BOOT`."""
        with trio.fail_after(timeout):
            async with self._turn:
                await self._idle()
                device, now = self._device, self._running.clock()
                power.cut(device, now)
                power.restore(device, now)
                self._running.fleet.touched(device, now)
                return await self._next()

    # -- what the engine tells

    def trace(self, direction: str, head: bytes, body: bytes) -> None:
        """A message went over the wire."""
        self._messages.append(Message(direction, head, body))

    def ended(self, conversation: Conversation, label: str, took: float) -> None:
        """A session is over."""
        messages, self._messages = tuple(self._messages), []
        self._seen.append(Session(label, took, messages))
        self._news.set()
        self._news = trio.Event()
