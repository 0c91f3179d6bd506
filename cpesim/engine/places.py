"""
The places that sessions run in: at most `in_flight` of them, kept warm.

Rule: a place is a task that sleeps between two sessions (6 µs a hand-over against
18 µs for a new task). Nothing waits here for a place: who finds none is told so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import trio
from outcome import Value

Job = TypeVar("Job")


class Places(Generic[Job]):
    """
    *most* tasks at the most, each running *work* for one job after another.

    *following* is asked for the next job when one is done, so that a fleet that is
    saturated never pays for a hand-over.
    """

    def __init__(
        self,
        nursery: trio.Nursery,
        most: int,
        work: Callable[[Job], Awaitable[None]],
        following: Callable[[], Job | None],
    ) -> None:
        self.most = most
        self.busy = 0
        self._nursery = nursery
        self._work = work
        self._following = following
        self._idle: list[trio.lowlevel.Task] = []
        self._quiet: trio.Event | None = None

    def free(self) -> bool:
        """Whether a job would find a place now."""
        return self.busy < self.most

    def give(self, job: Job) -> None:
        """Start a job; there has to be a free place."""
        self.busy += 1
        if self._idle:
            trio.lowlevel.reschedule(self._idle.pop(), Value(job))
        else:
            self._nursery.start_soon(self._place, job)

    async def quiet(self) -> None:
        """Wait until no session runs."""
        while self.busy:
            self._quiet = trio.Event()
            await self._quiet.wait()

    async def _place(self, job: Job) -> None:
        while True:
            await self._work(job)
            # More than `most` happens when the limit was lowered during the run.
            following = self._following() if self.busy <= self.most else None
            if following is not None:
                job = following
                continue
            self.busy -= 1
            if not self.busy and self._quiet is not None:
                self._quiet.set()
            self._idle.append(trio.lowlevel.current_task())
            job = await trio.lowlevel.wait_task_rescheduled(self._leave)

    def _leave(self, _: object) -> trio.lowlevel.Abort:
        """The run is over: idle places end with their nursery."""
        self._idle.clear()
        return trio.lowlevel.Abort.SUCCEEDED
