"""
The devices of a shard: who starts a session when, and what comes of it.

Rule: every start is given its place in `_give` or `_following`, and what came of it
is told to `figures` in `_session`. What is due beside the devices' own moments is the
loads' to say (engine/loads/).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from math import inf
from typing import TYPE_CHECKING

import trio

from cpesim.cwmp.session import State
from cpesim.device.device import DARK, Device, Errand
from cpesim.device.device import NEW as UNBOOTED
from cpesim.device.transfer import MOVING
from cpesim.engine.agenda import Agenda
from cpesim.engine.deeds.recovery import Recovery
from cpesim.engine.figures.account import Account
from cpesim.engine.figures.hook import Ended
from cpesim.engine.figures.sessions import Sessions
from cpesim.engine.loads.loads import Loads
from cpesim.engine.loads.source import Source
from cpesim.engine.places import Places
from cpesim.engine.standing import (
    BUSY,
    GONE,
    HELD,
    OFF,
    OK,
    RETRY,
    WAITING,
    Standing,
)
from cpesim.engine.start import Opener, Start
from cpesim.engine.talk import BROKEN_OFF, NO_SOCKETS, Talks, held
from cpesim.measure.meter import Meter

if TYPE_CHECKING:
    from cpesim.engine.injection.plot import Plot

# Starts are looked after once a millisecond at most: 2,000 a second cost 1,000
# naps instead of 2,000, and nobody starts later than that for it.
TICK = 0.001
# Starts a look at the most, for each costs 60 µs before the loop turns: a whole city
# that is due at once must not make the generator late for its own answers.
BURST = 32
# How long a start waits that this machine had no socket for.
REFUSED = 0.5


class Fleet:
    """
    The agenda, the places, and the sessions in them.

    *clock* tells the seconds since the run began. *loads* start sessions beside the
    devices' own; *figures* count sessions; *hook* is told of each one that is over.
    """

    def __init__(
        self,
        nursery: trio.Nursery,
        devices: list[Device],
        *,
        meter: Meter,
        standing: Standing,
        open: Opener,
        clock: Callable[[], float],
        in_flight: int,
        of: int = 1,
        loads: Sequence[Source] = (),
        figures: Sessions | None = None,
        hook: Ended | None = None,
        run_errand: Callable[[Device, Errand], None] | None = None,
        bug: Callable[[str], None] | None = None,
        violation: Callable[[str, str], None] | None = None,
    ) -> None:
        self.devices = devices
        self.meter = meter
        self.standing = standing
        self.clock = clock
        self.loads = Loads(loads)
        self.figures = figures or Sessions(meter)
        self.agenda = Agenda(devices, of)
        self.places: Places[Start] = Places(
            nursery, in_flight, self._session, self._following
        )
        self.stopping, self._open = False, open
        self.talks = Talks()
        self.recovery = Recovery(meter)
        self._run_errand = run_errand
        self._bug = bug
        self._account = Account(violation)
        self._owed: deque[Start] = deque()
        self._hook = hook
        self._knocked: dict[int, float] = {}
        self._refused: deque[tuple[float, Start]] = deque()  # for lack of sockets
        self._nap = trio.CancelScope()

    async def run(self) -> None:
        """Start what is due, for as long as the run goes on."""
        while not self.stopping:
            self.release(self.clock())
            wait = max(self._next_due() - self.clock(), TICK)
            self._nap = trio.CancelScope(deadline=trio.current_time() + wait)
            with self._nap:
                await trio.sleep_forever()

    def _next_due(self) -> float:
        due, free = self.agenda.next(), self.places.free()
        if self._owed and free:
            return -inf
        if self._refused:
            due = min(due, self._refused[0][0])
        return min(due, self.loads.due(self.clock(), free))

    def release(self, now: float) -> None:
        """Wake the devices that are due, and give places to what waits."""
        for due, device in islice(self.agenda.due(now), BURST):
            self._ring(device, due, now)
        while self._refused and self._refused[0][0] <= now:
            self._owe(self._refused.popleft()[1])
        for _ in range(BURST):
            if not (self._owed and self.places.free()):
                break
            self._give(self._owed.popleft())
        self.loads.look(now)
        for _ in range(BURST):
            start = self.loads.next(now) if self.places.free() else None
            if start is None:
                break
            self._give(start)

    def _ring(self, device: Device, due: float, now: float) -> None:
        """A device's own moment has come."""
        if device.standing in HELD:
            return  # at the session's end its due moments are looked at anew
        if device.life == UNBOOTED:
            device.boot(now)
        else:
            device.wake(now)
        if due < device.wanted <= now:
            device.wanted = due  # lateness counts from here
        self._follow_up(device, now)

    def _follow_up(self, device: Device, now: float) -> None:
        """See what a device wants after something happened to it."""
        if device.errands:
            errands, device.errands = device.errands, ()
            for errand in errands:
                # A reboot in the same session may have broken it off already.
                if self._run_errand is not None and errand.state == MOVING:
                    self._run_errand(device, errand)
        if device.standing in HELD:
            return
        if device.life == DARK:
            self._stand(device, OFF)
            self._knocked.pop(device.model.n, None)
        elif device.wanted <= now:
            self.meter.count("sessions.wanted")
            self._owe(Start(device.wanted, device, device.cause))
            return
        elif device.standing == OFF:
            self._stand(device, OK)
        self.schedule(device)

    def schedule(self, device: Device) -> None:
        """Put a device's next moment into the agenda, and wake up for it."""
        if device.life == UNBOOTED:
            return  # its boot stands in the agenda, and it knows of no other moment
        due = device.due()
        self.agenda.put(device, due)
        if due != inf:
            at = trio.current_time() + max(due - self.clock(), 0.0)
            if at < self._nap.deadline:
                self._nap.deadline = at

    def look(self) -> None:
        """Something changed that the nap does not know of: look again soon."""
        self._nap.deadline = min(self._nap.deadline, trio.current_time() + TICK)

    def _owe(self, start: Start) -> None:
        """Give a session that a device owes a place, or let it wait: never drop it."""
        if self.stopping:
            self.meter.count("sessions.not_started")
        elif self.places.free() and not self._owed:
            self._give(start)
        else:
            self._owed.append(start._replace(why=start.why or "in_flight"))
            self._stand(start.device, WAITING)

    def _give(self, start: Start) -> None:
        self._stand(start.device, BUSY)
        self.places.give(start)

    def _following(self) -> Start | None:
        """What a place does next when its session is over."""
        if self.stopping:
            return None
        start = self._owed.popleft() if self._owed else self.loads.next(self.clock())
        if start is not None:
            self._stand(start.device, BUSY)
        return start

    async def _session(self, start: Start, plot: Plot | None = None) -> None:
        """Hold one session, with its *plot*; count what came of it, and settle it."""
        device, clock = start.device, self.clock
        if device.life == DARK:
            self._unbegun(start)
            return
        meter = self.meter if plot is None else plot.meter
        figures = self.figures if plot is None else plot.figures
        began = clock()
        late = max(began - start.due, 0.0)
        figures.started(start, late)
        if device.retries:
            meter.count("sessions.retried")
        knocked = self._knocked.pop(device.model.n, None)
        session = plot.session(device, began) if plot else device.begin(began)
        connection = plot.open(device) if plot else self._open(device)
        self.talks.begin(device.model.n, connection, began)
        try:
            ending = await held(session, connection, clock)
        finally:
            self.talks.end(device.model.n)
        label = ending.label
        if ending.bug and self._bug is not None:
            self._bug(ending.bug)
        if label == NO_SOCKETS and not session.informed:
            self._put_off(start, knocked, figures)
            return
        now = clock()
        self._account.of(session, device.n, meter.count)
        if knocked is not None and session.informed:
            meter.record("knock", began - knocked)
        if not label:
            figures.done(start, late, now - began)
            if self.recovery.waiting:
                self.recovery.back(device.model.n, began, now)
        elif label in BROKEN_OFF:
            meter.count("sessions.interrupted")
        else:
            figures.failed(start, ending, session.saying, connection)
        if label:
            session.state = State.FAILED
        device.end(session, now, ending.retry_after)
        if start.load is not None:
            start.load.ended()
        self._stand(device, RETRY if device.cause == "retry" else OK)
        if not self.stopping:
            device.wake(now)
            if device.wanted < now:
                device.wanted = now  # S10: due as soon as this session had ended
            self._follow_up(device, now)
        if self._hook is not None:
            await self._hook.told(device, session, label, now - began)

    def _unbegun(self, start: Start) -> None:
        """The power of its device was cut before it could begin."""
        self.meter.count("sessions.not_started")
        if start.load is not None:
            start.load.ended()
        self._stand(start.device, OFF)
        self._follow_up(start.device, self.clock())

    def _put_off(self, start: Start, knocked: float | None, figures: Sessions) -> None:
        """This machine had no socket: the start was none, and is tried anew."""
        figures.refused(start)
        if knocked is not None:
            self._knocked.setdefault(start.device.model.n, knocked)
        start.device.undo()
        if self.stopping:
            self.meter.count("sessions.not_started")
        else:
            self._stand(start.device, WAITING)
            again = start._replace(why="sockets")
            self._refused.append((self.clock() + REFUSED, again))
            self.look()

    def knock(self, device: Device, now: float) -> bool:
        """Hand an authenticated connection request to its device."""
        if self.stopping or not device.knock(now):
            return False
        self._knocked.setdefault(device.model.n, now)
        self._follow_up(device, now)
        return True

    def returned(self, device: Device, errand: Errand, outcome: object) -> None:
        """An errand is done, or came to nothing."""
        now = self.clock()
        device.returned(errand, outcome, now)
        self.touched(device, now)

    def touched(self, device: Device, now: float) -> None:
        """Something was done to a device: see what follows, now or after a session."""
        if device.standing not in HELD:
            device.wake(now)
        self._follow_up(device, now)

    def withdraw(self) -> None:
        """Who has no power starts nothing of what waits for a place or a socket."""
        lost = [s for s in self._owed if s.device.life == DARK]
        lost += [start for _, start in self._refused if start.device.life == DARK]
        if lost:
            self._owed = deque(s for s in self._owed if s.device.life != DARK)
            self._refused = deque(r for r in self._refused if r[1].device.life != DARK)
        for start in lost:
            self._unbegun(start)

    def stop(self) -> None:
        """Start nothing new; what waits is counted as not started."""
        if self.stopping:
            return
        self.stopping = True
        left = len(self._owed) + len(self._refused)
        left += self.loads.left(self.clock())
        if left:
            self.meter.count("sessions.not_started", left)
        self._owed.clear()
        self._nap.cancel()

    def _stand(self, device: Device, new: str) -> None:
        if device.standing not in (new, GONE):
            self.standing.move(device.model.n, device.standing, new)
            device.standing = new
