"""
The devices of a shard: who starts a session when, and what comes of it.

Rule: every start is given its place in `_give` or `_following`, and what came of it
is counted in `_session`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from math import inf
from typing import TYPE_CHECKING

import trio

from cpesim.cwmp.session import State
from cpesim.device.device import DARK, Device, Errand
from cpesim.device.device import NEW as UNBOOTED
from cpesim.device.transfer import MOVING
from cpesim.engine.account import Account
from cpesim.engine.agenda import Agenda
from cpesim.engine.arrivals import Arrivals
from cpesim.engine.places import Places
from cpesim.engine.standing import BUSY, OFF, OK, RETRY, WAITING, Standing
from cpesim.engine.start import Opener, Start, arrival
from cpesim.engine.talk import NO_SOCKETS, held
from cpesim.measure.meter import Meter

if TYPE_CHECKING:
    from cpesim.engine.injection.plot import Plot
    from cpesim.wire.connection import Connection

# Starts are looked after once a millisecond at most: 2,000 a second cost 1,000
# naps instead of 2,000, and nobody starts later than that for it.
TICK = 0.001
# Starts a look at the most, for each costs 60 µs before the loop turns: a whole city
# that is due at once must not make the generator late for its own answers.
BURST = 32
# How often arrivals that found no place, or a busy device, are looked at.
AGAIN = 0.02
# How long a start waits that this machine had no socket for.
REFUSED = 0.5


class Fleet:
    """
    The agenda, the places, and the sessions in them.

    *clock* tells the seconds since the run began. With *arrivals*, arrival k
    belongs to the k-th device (mod their number).
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
        arrivals: Arrivals | None = None,
        run_errand: Callable[[Device, Errand], None] | None = None,
        bug: Callable[[str], None] | None = None,
        violation: Callable[[str, str], None] | None = None,
    ) -> None:
        self.devices = devices
        self.meter = meter
        self.standing = standing
        self.clock = clock
        self.arrivals = arrivals
        self.agenda = Agenda(devices, of)
        self.places: Places[Start] = Places(
            nursery, in_flight, self._session, self._following
        )
        self.stopping, self._open = False, open
        self.open_connections: dict[Connection, float] = {}
        self._run_errand = run_errand
        self._bug = bug
        self._account = Account(violation)
        self._owed: deque[Start] = deque()
        self._knocked: dict[int, float] = {}
        self._counted = 0.0  # when arrivals were counted last
        self._refused: deque[tuple[float, Start]] = deque()  # for lack of sockets
        self._nap = trio.CancelScope()

    # -- the scheduler

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
        if self.arrivals is not None:
            now, next_one = self.clock(), self.arrivals.next()
            due = min(due, next_one if free else max(next_one, now + AGAIN))
            if self.arrivals.waiting(now):
                due = min(due, now + AGAIN)
        return due

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
        if self.arrivals is not None:
            self._release_arrivals(self.arrivals, now)

    def _release_arrivals(self, arrivals: Arrivals, now: float) -> None:
        anew: list[int] = []
        if now >= self._counted + AGAIN:
            self._count_arrivals(arrivals, now)
            anew = arrivals.set_aside()
        for k in anew:
            start = None
            if self.places.free():
                start = arrival(self._owner(k), arrivals.pace.due(k), now)
            if start is None:
                arrivals.aside(k)
            else:
                self._give(start)
        for _ in range(BURST):
            start = self._next_arrival(arrivals, now) if self.places.free() else None
            if start is None:
                break
            self._give(start)

    def _count_arrivals(self, arrivals: Arrivals, now: float) -> None:
        self._counted = now
        wanted, dropped = arrivals.wanted(now), arrivals.drop(now)
        if wanted:
            self.meter.count("sessions.wanted", wanted)
        if dropped:
            self.meter.count("sessions.dropped", dropped)

    def _next_arrival(self, arrivals: Arrivals, now: float) -> Start | None:
        """The session of the next arrival that is due and whose device is able."""
        while (found := arrivals.take(now)) is not None:
            start = arrival(self._owner(found[0]), found[1], now)
            if start is not None:
                return start
            arrivals.aside(found[0])
        return None

    def _owner(self, k: int) -> Device:
        return self.devices[k % len(self.devices)]

    def _ring(self, device: Device, due: float, now: float) -> None:
        """A device's own moment has come."""
        if device.standing in (BUSY, WAITING):
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
        if device.standing in (BUSY, WAITING):
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
        if self._owed:
            start = self._owed.popleft()
            self._stand(start.device, BUSY)
            return start
        arrivals = self.arrivals
        if arrivals is None:
            return None
        now = self.clock()
        if arrivals.late(now):
            self._count_arrivals(arrivals, now)
        found = self._next_arrival(arrivals, now)
        if found is not None:
            self._stand(found.device, BUSY)
        return found

    async def _session(self, start: Start, plot: Plot | None = None) -> None:
        """Hold one session, with its *plot*; count what came of it, and settle it."""
        device, clock = start.device, self.clock
        meter = self.meter if plot is None else plot.meter
        began = clock()
        late = max(began - start.due, 0.0)
        meter.start(start.cause, late, start.why or "generator")
        if device.retries:
            meter.count("sessions.retried")
        knocked = self._knocked.pop(device.model.n, None)
        session = plot.session(device, began) if plot else device.begin(began)
        connection = plot.open(device) if plot else self._open(device)
        self.open_connections[connection] = began
        try:
            label, retry_after, bug = await held(session, connection, clock)
        finally:
            del self.open_connections[connection]
        if bug and self._bug is not None:
            self._bug(bug)
        if label == NO_SOCKETS and not session.informed:
            self._put_off(start, knocked, meter)
            return
        now = clock()
        self._account.of(session, device.n, meter.count)
        if knocked is not None and session.informed:
            meter.record("knock", began - knocked)
        if not label:
            meter.session(start.cause, late, now - began)
        elif label == "interrupted":
            meter.count("sessions.interrupted")
        else:
            meter.failure(label, session.saying)
        if label:
            session.state = State.FAILED
        device.end(session, now, retry_after)
        self._stand(device, RETRY if device.cause == "retry" else OK)
        if not self.stopping:
            device.wake(now)
            if device.wanted < now:
                device.wanted = now  # S10: due as soon as this session had ended
            self._follow_up(device, now)

    def _put_off(self, start: Start, knocked: float | None, meter: Meter) -> None:
        """This machine had no socket: the start was none, and is tried anew."""
        meter.count("starts.refused")
        meter.count("sessions.started", -1)
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

    # -- from outside

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
        if device.standing not in (BUSY, WAITING):
            device.wake(now)
        self._follow_up(device, now)

    def stop(self) -> None:
        """Start nothing new; what waits is counted as not started."""
        if self.stopping:
            return
        self.stopping = True
        left = len(self._owed) + len(self._refused)
        if self.arrivals is not None:
            now = self.clock()
            self._count_arrivals(self.arrivals, now)
            left += self.arrivals.waiting(now)
        if left:
            self.meter.count("sessions.not_started", left)
        self._owed.clear()
        self._nap.cancel()

    def cancel(self) -> None:
        """Break off every session in flight."""
        for connection in list(self.open_connections):
            connection.cancel("interrupted")

    def overdue(self, now: float, most: float) -> Iterator[Connection]:
        """The connections of sessions that last longer than *most* seconds."""
        for connection, began in self.open_connections.items():
            if now - began > most:
                yield connection

    def _stand(self, device: Device, new: str) -> None:
        if device.standing != new:
            self.standing.move(device.model.n, device.standing, new)
            device.standing = new
