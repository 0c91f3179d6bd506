"""
One virtual CPE: events to tell, alarms to ring, transfers to make.

Rule: a state machine with three sources (a session, an alarm, a knock) and no
clock: *now* is always an argument. It never waits and never opens a socket.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from math import inf

from cpesim.chance import chance
from cpesim.cwmp import names, write
from cpesim.cwmp.fault import Fault
from cpesim.cwmp.read import Call
from cpesim.cwmp.session import Request, Session, State
from cpesim.device import events
from cpesim.device.identity import identity
from cpesim.device.model import Model
from cpesim.device.profile import Profile
from cpesim.device.retry import retry_wait
from cpesim.device.transfer import Transfer
from cpesim.device.world import World

Alarm = tuple[float, str, object]  # when, which, and what it needs to know
Told = tuple[tuple[events.Event, ...], tuple[str, ...]]

NEW, UP, DARK = "new", "up", "off"


class Device:
    """
    One virtual CPE.

    `life` is NEW until its first boot, DARK while it reboots; `wanted` is when it
    wants its next session (inf: not at all) and `cause` why; `retries` counts the
    failed attempts since the last good session (R2). Empty queues are one shared ().
    """

    __slots__ = (
        "_told",
        "alarms",
        "attempts",
        "cause",
        "changes",
        "entry",
        "events",
        "fetches",
        "knocks",
        "life",
        "model",
        "retries",
        "session",
        "standing",
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
        self.fetches: tuple[Transfer, ...] = ()  # files that the engine has to move
        self.knocks: tuple[float, ...] = ()
        self.session: Session | None = None
        self.wanted = inf
        self.cause = ""
        self.retries = 0
        self.attempts = 0  # the n of R1: failures since the last reboot
        self.standing = NEW  # where the engine counts it (engine/standing.py)
        self.entry = inf  # the due moment of its valid entry in the agenda
        self._told: Told = ((), ())

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
        # In the dark only the power matters; what rings meanwhile rings after.
        return min((a[0] for a in self.alarms if a[1] == "boot"), default=inf)

    def wake(self, now: float) -> None:
        """Ring the alarms that are due; in the dark only the power rings."""
        while True:
            ringing = next(
                (a for a in self.alarms if self.life == UP or a[1] == "boot"), None
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
        notification = self.model.notification(name, parameter)
        if notification not in (1, 2):
            return
        if name not in self.changes:
            self.changes = (*self.changes, name)
        if notification == 2 and self.life == UP:
            self.want(now, "value change")

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
        self.tell(names.CONNECTION_REQUEST, "", now, "knock")
        return True

    # -- a session

    def begin(self, now: float) -> Session:
        """Open a session: what is queued is told in its Inform (E4, E5, I1)."""
        profile = self.profile
        told, changes = self.events, self.changes
        self.events, self.changes = (), ()
        self.wanted, self.cause = inf, ""
        requests: list[Request] = []
        if self.transfers:
            requests = [t.request for t in self.transfers if t.request is not None]
        inform = self._inform(told, changes, requests, now)
        self._told = (told, changes)
        self.session = session = Session(
            names.NAMESPACES[profile.cwmp],
            inform,
            requests,
            self.answer,
            empty_inform=profile.empty_inform,
            most=profile.exchanges,
        )
        return session

    def _inform(
        self,
        told: tuple[events.Event, ...],
        changes: tuple[str, ...],
        requests: list[Request],
        now: float,
    ) -> Callable[[str], bytes]:
        """The Inform's body, rendered once: a resent one is the same (S9)."""
        model, named = self.model, self.profile.inform
        if changes:
            told = events.add(told, names.VALUE_CHANGE)
            named = tuple(dict.fromkeys((*named, *changes)))
        if requests:
            for transfer in self.transfers:
                if transfer.request is not None:
                    told = events.add(told, names.TRANSFER_COMPLETE)
                    told = events.add(told, names.M_DOWNLOAD, transfer.key)
        if model.grown is not None:
            named = tuple(name for name in named if model.parameter(name))
        maker, serial = self._who()
        body = write.inform(
            maker,
            serial,
            told if len(told) == 1 else events.ordered(told),
            model.world.time(now),
            self.retries,
            model.rendered(named, now),
        )
        return lambda namespace: body

    def _who(self) -> tuple[str, str]:
        """The DeviceId up to the serial number, and the serial number (I1)."""
        profile = self.profile
        if profile.maker is not None:
            serial = profile.serial
            if not isinstance(serial, str):
                serial = serial(self.model, "serial", 0.0)
            return profile.maker, serial
        who = identity(self.model)
        maker = write.device_id(who.manufacturer, who.oui, who.product_class)
        return maker, who.serial

    def end(self, session: Session, now: float, retry_after: float = 0.0) -> None:
        """
        Close the session: what got its own response goes (E5), the rest is kept (E7).

        A session that is not DONE has failed, and is tried again after a while (R1),
        *retry_after* seconds at least (X7).
        """
        told, changes = self._told
        self._told = ((), ())
        self.session = None
        kept = events.undelivered(told, session.informed)
        if kept:
            queue = kept
            for code, key in self.events:
                queue = events.add(queue, code, key)
            self.events = queue
        if changes and not session.informed:
            self.changes = tuple(dict.fromkeys((*changes, *self.changes)))
        if session.delivered:
            self.transfers = tuple(
                t for t in self.transfers if t.request not in session.delivered
            )
        if session.state is State.DONE:
            self.retries = self.attempts = 0
            return
        self.retries += 1
        self.attempts += 1
        if session.informed and not (self.events or self.changes):
            # S8: it is tried again although its Inform was answered, and an Inform
            # has to have an event: RetryCount tells that it is the same once more.
            self.events = events.undelivered(
                (e for e in told if e[0] not in events.DELIVERED_BY), informed=False
            )
        if self.events or self.changes or any(t.request for t in self.transfers):
            self.want(now + self._wait(retry_after), "retry")

    def undo(self) -> None:
        """The session never left this machine: all is as before it began."""
        told, changes = self._told
        self._told = ((), ())
        self.session = None
        self.events = tuple(dict.fromkeys((*told, *self.events)))
        self.changes = tuple(dict.fromkeys((*changes, *self.changes)))

    def _wait(self, retry_after: float) -> float:
        model = self.model
        path = self.profile.root + "ManagementServer.CWMPRetry"
        wait = retry_wait(
            self.attempts,
            chance(model.world.seed, model.n, f"retry/{self.retries}"),
            least=max(float(model.find(path + "MinimumWaitInterval", 0.0) or 5), 1.0),
            multiplier=float(model.find(path + "IntervalMultiplier", 0.0) or 2000),
        )
        return max(wait, retry_after)

    def answer(self, call: Call, now: float) -> bytes:
        """The body that answers an RPC; raises Fault."""
        answer = self.profile.rpcs.get(call.method)
        session = self.session
        if answer is None or (
            session is not None and call.method in names.RPCS_LACKING[session.namespace]
        ):
            raise Fault(9000)
        return answer(self, call, now)

    def transferred(self, transfer: Transfer, code: int, now: float) -> None:
        """The engine has moved a file, or failed to (*code*, T5)."""
        # By an alarm, for none rings in a session.
        self.alarm(now, "transferred", (transfer, code))

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

    def darken(self, now: float, seconds: float, why: object = None) -> None:
        """
        The power goes: nothing is heard of the device for that long (B1).

        *why* reaches the "boot" alarm, which ends the dark.
        """
        self.life = DARK
        self.wanted, self.cause = inf, ""
        self.changes = ()
        self.events = events.after_reboot(self.events)
        self.silence("boot")
        self.alarm(now + seconds, "boot", why)
