"""
One session over one connection.

Rule: `talk` is the whole engine as a reader needs it; its errors are caught in one
place, `held`, where a failure gets its label.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import trio

from cpesim.cwmp.pause import Pause
from cpesim.cwmp.session import Session
from cpesim.errors import AcsProtocolError, HttpStatus, NoSockets, WireError

if TYPE_CHECKING:
    from cpesim.wire.connection import Connection

# A start that this machine had no socket for, and an error of our own.
NO_SOCKETS, BUG = "no sockets", "bug"
# Sessions that we ended ourselves: they say nothing of the ACS.
INTERRUPTED, POWER_CUT = "interrupted", "power cut"
BROKEN_OFF = (INTERRUPTED, POWER_CUT)
# Seconds that an ACS waits for an answer without a doubt; most give up at 30.
PATIENCE = 10.0


async def talk(
    session: Session, connection: Connection, clock: Callable[[], float]
) -> None:
    """Hold one session, from the Inform to the ACS's last empty answer."""
    body: bytes | None = session.start()
    while body is not None:
        if session.delay:
            await trio.sleep(session.delay)
        reply = await connection.post(body, session.saying)
        try:
            body = session.receive(reply.body, clock())
        except Pause as pause:
            outcome: object = None  # where it takes too long
            with trio.move_on_after(PATIENCE):
                outcome = await pause.errand()
            body = session.resume(pause, outcome, clock())


class Ending(NamedTuple):
    """How a session ended: "" is well; *retry_after* seconds were asked for (X7)."""

    label: str = ""
    retry_after: float = 0.0
    bug: str = ""  # the traceback of an error of ours
    why: str = ""  # what the error says, perhaps with something the ACS sent


WELL = Ending()


async def held(
    session: Session, connection: Connection, clock: Callable[[], float]
) -> Ending:
    """Hold one session and close its connection: the only place where errors end."""
    try:
        await talk(session, connection, clock)
    except NoSockets:
        return Ending(NO_SOCKETS)
    except HttpStatus as error:
        return Ending(error.label, error.retry_after or 0.0)
    except (WireError, AcsProtocolError) as error:
        return Ending(error.label, why=str(error))
    except Exception as error:
        return Ending(BUG, bug=traceback.format_exc(), why=repr(error))
    finally:
        connection.close()
    return WELL


class Talks:
    """
    What is under way: over which connection a CPE speaks and since when, and the
    errands that are run for it.
    """

    __slots__ = ("_errands", "_open")

    def __init__(self) -> None:
        self._open: dict[int, tuple[Connection, float]] = {}
        self._errands: dict[int, list[trio.CancelScope]] = {}

    def begin(self, n: int, connection: Connection, now: float) -> None:
        """CPE *n* opens a session."""
        self._open[n] = connection, now

    def end(self, n: int) -> None:
        """It is over."""
        del self._open[n]

    def reset(self, n: int) -> bool:
        """The power of CPE *n* goes: whether that broke off a session."""
        for scope in self._errands.get(n, ()):
            scope.cancel()
        found = self._open.get(n)
        if found is None:
            return False
        found[0].reset(POWER_CUT)
        return True

    @contextmanager
    def errand(self, n: int) -> Iterator[trio.CancelScope]:
        """A block that does something for CPE *n*; it ends when the power goes."""
        with trio.CancelScope() as scope:
            under_way = self._errands.setdefault(n, [])
            under_way.append(scope)
            try:
                yield scope
            finally:
                under_way.remove(scope)
                if not under_way:
                    self._errands.pop(n, None)

    def cancel(self) -> None:
        """Break off every session."""
        for connection, _ in list(self._open.values()):
            connection.cancel(INTERRUPTED)

    def overdue(self, now: float, most: float) -> Iterator[Connection]:
        """The connections of sessions that last longer than *most* seconds."""
        for connection, began in self._open.values():
            if now - began > most:
                yield connection
