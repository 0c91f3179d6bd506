"""
One virtual CPE: events to tell, alarms to ring, transfers to make.

Rule: a state machine with three sources (a session, an alarm, a knock) and no
clock: *now* is always an argument. It never waits and never opens a socket.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping
from math import inf
from typing import Any, Protocol

from cpesim.chance import chance
from cpesim.cwmp import names
from cpesim.cwmp.fault import Fault
from cpesim.cwmp.read import Call
from cpesim.cwmp.session import Request, Session
from cpesim.device import events, telling
from cpesim.device.model import Model
from cpesim.device.notices import noticing
from cpesim.device.profile import Profile
from cpesim.device.transfer import Transfer
from cpesim.device.world import World

Alarm = tuple[float, str, object]  # when, which, and what it needs to know
Told = tuple[tuple[events.Event, ...], tuple[str, ...]]


class Errand(Protocol):
    """
    Something that only the engine can do for a device: it reaches outside.

    *state* is MOVING (device/transfer.py) while it is under way and wanted; *done*
    names the alarm that rings with (errand, outcome) when the engine is back.
    """

    state: int
    done: str


# Most devices have nothing to remember, and an empty dict each costs 64 bytes.
_NOTHING: Mapping[str, Any] = {}
NEW, UP, DARK = "new", "up", "off"
# Alarms that ring in the dark: what ends it, and the power that goes.
DAWNS = ("boot", "wake", "power")


class Device:
    """
    One virtual CPE.

    `life` is NEW until its first boot, DARK while it reboots or sleeps; `wanted` is
    when it wants its next session (inf: not at all) and `cause` why; `retries` counts
    the failed attempts since the last good session (R2). Empty queues are
    one shared ().
    """

    __slots__ = (
        "alarms",
        "attempts",
        "cause",
        "changes",
        "entry",
        "errands",
        "events",
        "knocks",
        "life",
        "memory",
        "model",
        "requests",
        "retries",
        "session",
        "standing",
        "told",
        "transfers",
        "wanted",
    )

    def __init__(self, profile: Profile, n: int, world: World) -> None:
        self.model = Model(profile, n, world)
        self.life = NEW
        self.events: tuple[events.Event, ...] = ((names.BOOTSTRAP, ""),)
        self.changes: tuple[str, ...] = ()  # parameters for 4 VALUE CHANGE
        self.alarms: tuple[Alarm, ...] = ()
        self.transfers: tuple[Transfer, ...] = ()
        self.errands: tuple[Errand, ...] = ()  # what the engine has to do outside
        self.requests: tuple[Request, ...] = ()  # RPCs of ours that wait to be told
        self.knocks: tuple[float, ...] = ()
        self.session: Session | None = None
        self.wanted = inf
        self.cause = ""
        self.retries = 0
        self.attempts = 0  # the n of R1: failures since the last reboot
        self.standing = NEW  # where the engine counts it (engine/standing.py)
        self.entry = inf  # the due moment of its valid entry in the agenda
        self.memory: Mapping[str, Any] = _NOTHING  # behaviours' own, by their names
        self.told: Told = ((), ())  # events and changes in the session's Inform

    @property
    def n(self) -> int:
        """The number of the device in the fleet."""
        return self.model.n

    @property
    def profile(self) -> Profile:
        """Its kind."""
        return self.model.profile

    @property
    def namespace(self) -> str:
        """The version that is spoken: the session's, or the profile's."""
        if self.session is not None:
            return self.session.namespace
        return names.NAMESPACES[self.profile.cwmp]

    # -- time

    def due(self) -> float:
        """When it wants to be woken next (inf: never by itself)."""
        if self.life == UP:
            first = self.alarms[0][0] if self.alarms else inf
            return first if first < self.wanted else self.wanted
        # In the dark only its end matters; what rings meanwhile rings after.
        return min((a[0] for a in self.alarms if a[1] in DAWNS), default=inf)

    def wake(self, now: float) -> None:
        """Ring the alarms that are due; in the dark only what ends it rings."""
        while True:
            ringing = next(
                (a for a in self.alarms if self.life == UP or a[1] in DAWNS), None
            )
            if ringing is None or ringing[0] > now:
                return
            self.alarms = tuple(a for a in self.alarms if a is not ringing)
            self.profile.alarms[ringing[1]](self, ringing[2], now)

    def alarm(self, when: float, name: str, key: object = None) -> None:
        """Set an alarm; the profile's table says what it does when it rings."""
        if not self.alarms:
            self.alarms = ((when, name, key),)
            return
        alarms = list(self.alarms)
        insort(alarms, (when, name, key), key=lambda a: a[0])
        self.alarms = tuple(alarms)

    def silence(self, name: str) -> None:
        """Take back every alarm of that name."""
        self.alarms = tuple(a for a in self.alarms if a[1] != name)

    def remember(self, name: str, thing: object) -> None:
        """Keep what a behaviour has to know later; None forgets it."""
        kept = {k: v for k, v in self.memory.items() if k != name}
        if thing is not None:
            kept[name] = thing
        self.memory = kept or _NOTHING

    def forget(self) -> None:
        """Behaviours remember nothing, as on a new device."""
        self.memory = _NOTHING

    # -- reasons for a session

    def tell(self, code: str, key: str, now: float, cause: str) -> None:
        """Queue an event and ask for a session now, cutting any retry wait (R3)."""
        self.events = events.add(self.events, code, key)
        self.want(now, cause)

    def want(self, when: float, cause: str) -> None:
        """Ask for a session at *when*, if none is wanted sooner."""
        if when < self.wanted:
            self.wanted = when
            self.cause = cause

    def changed(self, name: str, now: float) -> None:
        """Something other than the ACS changed a parameter (I4)."""
        parameter = self.model.parameter(name)
        if parameter is None:
            return
        noticing.note(self, name, self.model.notification(name, parameter), now)

    def call(self, when: float) -> None:
        """Ask for a session for a value change alone; in the dark nobody does."""
        if self.life == UP:
            self.want(when, "value change")

    def knock(self, now: float) -> bool:
        """
        Take an authenticated connection request; False is a 503 (C3).

        A device that is off is not asked: its caller answers nothing.
        """
        profile = self.profile
        if self.session is not None and not profile.knock_in_session:
            return False
        recent = tuple(t for t in self.knocks if t > now - 60.0)
        if len(recent) >= profile.knock_rate:
            self.knocks = recent
            return False
        self.knocks = (*recent, now)
        shape = profile.ways.answer_after
        when = now
        if shape is not None:
            # Each request draws anew: its second is a part of the CPE's number.
            part = chance(self.model.world.seed, self.n + (int(now) << 40), "answer")
            when += max(shape.at(part), 0.0)
        self.tell(names.CONNECTION_REQUEST, "", when, "knock")
        return True

    # -- a session

    begin = telling.begin
    end = telling.end
    undo = telling.undo

    def answer(self, call: Call, now: float) -> bytes:
        """The body that answers an RPC; raises Fault."""
        answer = self.profile.rpcs.get(call.method)
        session = self.session
        if answer is None or (
            session is not None and call.method in names.RPCS_LACKING[session.namespace]
        ):
            raise Fault(9000)
        return answer(self, call, now)

    def returned(self, errand: Errand, outcome: object, now: float) -> None:
        """The engine has done an errand, or failed to: *outcome* is what came of it."""
        # By an alarm, for none rings in a session.
        self.alarm(now, errand.done, (errand, outcome))

    # -- life

    def boot(self, now: float) -> None:
        """The power comes on: `1 BOOT`, and what outlived the dark (E4, E7)."""
        self.life = UP
        self.model.booted = now
        self.attempts = 0
        self.knocks = ()
        self.events = events.after_reboot(self.events)
        for start in self.profile.starts:
            start(self, now)
        self.tell(names.BOOT, "", now, "boot")

    def known(self, now: float) -> None:
        """It was there before the run: no event to tell, and its timers run."""
        self.life = UP
        # Up for up to a month: a fleet that all booted at once is a power cut.
        self.model.booted = now - 30 * 86400 * chance(
            self.model.world.seed, self.n, "known"
        )
        self.events = ()
        for start in self.profile.starts:
            start(self, now)

    def darken(self, now: float, seconds: float, why: object = None) -> None:
        """
        The power goes: nothing is heard of the device for that long (B1).

        *why* reaches the "boot" alarm, which ends the dark.
        """
        self.life = DARK
        for stop in self.profile.stops:
            stop(self, now)
        self.wanted, self.cause = inf, ""
        self.changes = ()
        self.events = events.after_reboot(self.events)
        self.requests = tuple(r for r in self.requests if events.outlives(r))
        self.silence("boot")
        self.alarm(now + seconds, "boot", why)

    def sleep(self) -> None:
        """It is neither heard of nor hears, until a "wake" alarm; nothing is lost."""
        self.life = DARK

    def wake_up(self) -> None:
        """It is there again, as it was."""
        self.life = UP
