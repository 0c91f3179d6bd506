"""
The one driver of a run: starts it, hears its workers, shows it, ends it, tells it.

Rule: it decides and the workers obey; no other module commands a placement. What is
shown and stored comes from the Result alone.
"""

from __future__ import annotations

import math
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack, aclosing, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import time

import trio

from cpesim.conductor.control.control import Control
from cpesim.conductor.face import Face, Nothing, cbreak, pressed
from cpesim.conductor.hand import Hand, Reach
from cpesim.conductor.judging import Judging
from cpesim.conductor.plan import Plan
from cpesim.conductor.reach import reach
from cpesim.conductor.records import Records
from cpesim.conductor.steps.steps import Steps
from cpesim.conductor.verdict import Course, Rules, verdict
from cpesim.conductor.workers import Workers
from cpesim.errors import MachineError
from cpesim.measure.result import Exit, Result, State
from cpesim.measure.snapshot import Snapshot
from cpesim.placement import Probe
from cpesim.placement.local import local
from cpesim.placement.placement import Place, Placement

# Workers get so much to take in "start", so that all begin at the same moment.
HEAD_START = 0.3
# A worker that is still there so long after the grace will not end by itself.
OVERDUE = 15.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
USUAL = Rules()


async def conduct(
    plan: Plan,
    *,
    place: Place = local,
    face: Callable[[], Face] = Nothing,
    out: Path = Path("reports"),
    terminal: int | None = None,
    command: tuple[str, ...] = (),
    rules: Rules = USUAL,
    control: Path | None = None,
    paused: bool = False,
    metrics: str | None = None,
    lead: Callable[[Run], Awaitable[None]] | None = None,
) -> Result:
    """
    Run the plan to its end; the Result holds the exit code, its folder the reports.

    *control* is where the control socket is made, if not in the run's folder; *paused*
    waits, all prepared, until it is told to resume; *metrics* is ADDRESS:PORT where
    Prometheus may ask. A run that somebody leads has its planned end when *lead* does.

    Raises ConfigError, MachineError or Unreachable when it cannot begin.
    """
    await reach(plan.scenario.acs)
    run = Run(plan, out, rules, control)
    run.result.manifest["command"] = list(command)
    run.lead = lead
    if paused:
        run.hand.held = trio.Event()
    async with AsyncExitStack() as stack:
        if metrics is not None:
            from cpesim.conductor.metrics import serving

            await stack.enter_async_context(serving(metrics, run.result))
        signals = stack.enter_context(trio.open_signal_receiver(*SIGNALS))
        placement = await stack.enter_async_context(place())
        await run.through(placement, face, signals, terminal)
    run.finish()
    return run.result


class Run:
    """One run under way."""

    def __init__(
        self,
        plan: Plan,
        out: Path,
        rules: Rules = USUAL,
        control: Path | None = None,
    ) -> None:
        self.plan = plan
        self.course = Course()
        self.result = Result(replace(plan.facts, epoch=time()))
        self.judging = Judging(plan, self.course, self.result, rules)
        self.records = Records(self.result, plan.scenario, out)
        self.placement: Placement
        self.hand = Hand(
            plan,
            self.result,
            Reach(
                command=lambda *asked, **words: self.placement.command(*asked, **words),
                clock=lambda: self.now,
                deed=lambda step: self.steps.deed(step),
                end=self._ended_by,
                write=self.records.write,
            ),
        )
        stop = partial(self._interrupt, 130)
        self.control = Control(control, self.result, self.hand, stop)
        self._face: Face = Nothing()
        self._start = trio.current_time()
        self.began = False
        self._presses = 0
        self.lead: Callable[[Run], Awaitable[None]] | None = None
        self._at_once = False
        self.prepared = trio.Event()
        self.steps = Steps(self)
        self.workers = Workers(self)
        self.result.manifest |= {"workers": self.workers.about, **plan.about}

    @property
    def now(self) -> float:
        """Seconds since the run began; below 0 before."""
        return trio.current_time() - self._start

    async def through(
        self,
        placement: Placement,
        face: Callable[[], Face],
        signals: AsyncIterator[int],
        terminal: int | None,
    ) -> None:
        """From the orders to the reports."""
        self.placement = placement
        with ExitStack() as stack:
            async with trio.open_nursery() as nursery:
                self.nursery = nursery
                nursery.start_soon(self._obey_signals, signals)
                await placement.start(self.plan.orders)
                nursery.start_soon(self._hear)
                await self.prepared.wait()
                if (
                    len(self.workers.about) == len(self.plan.orders)
                    and not self.course.by
                ):
                    if terminal is not None:
                        stack.enter_context(cbreak(terminal))
                    self._face = face()
                    stack.callback(self._face.close)
                    await self._begin(terminal)
                else:
                    nursery.cancel_scope.cancel()

    def finish(self) -> None:
        """Judge the run and write its reports; raises what kept it from beginning."""
        if self.workers.refused is not None:
            self.records.close()
            raise self.workers.refused
        self.judging.finish(max(self.now, 0.0))
        outcome = verdict(self.course, self.result)
        if self._at_once:
            outcome = Exit(self.course.interrupted, "left at once: no reports")
        self.result.finish(max(self.now, 0.0), outcome)
        if self._at_once:
            self.records.close()
        else:
            self.records.finish()

    async def _begin(self, terminal: int | None) -> None:
        nursery = self.nursery
        try:
            self.control.claim()
            self.records.open()
        except MachineError as error:
            self.control.close()
            self.workers.refused = error
            nursery.cancel_scope.cancel()
            return
        nursery.start_soon(self.control.serve, Path(self.result.folder))
        nursery.start_soon(self._show)
        nursery.start_soon(self.hand.run)
        if terminal is not None:
            nursery.start_soon(self._obey_keys, terminal)
        if self.hand.held is not None:
            # No second of the run passes meanwhile.
            self._start = math.inf
            self.result.enter(State.PAUSED, 0.0)
            await self.hand.held.wait()
        epoch = time() + HEAD_START
        self._start = trio.current_time() + HEAD_START
        self.result.facts = replace(self.result.facts, epoch=epoch)
        self.began = True
        self.result.enter(State.RUNNING, 0.0)
        nursery.start_soon(self._seconds)
        nursery.start_soon(self._plan_ends)
        await self.placement.command(None, "start", epoch=epoch)
        nursery.start_soon(self.steps.run)
        if self.lead is not None:
            nursery.start_soon(self._led, self.lead)

    async def _led(self, lead: Callable[[Run], Awaitable[None]]) -> None:
        """Whoever leads the run decides what happens, and when it is over."""
        await lead(self)
        await self.stop()

    async def set_rate(self, rate: float) -> None:
        """Another rate of all loads together; applied when it returns."""
        await self.placement.command(None, "rate", load=None, rate=rate)

    def begin_phase(self, name: str) -> None:
        """Another phase begins now."""
        self.result.begin_phase(name, max(self.now, 0.0))
        self.event(f"phase {name}")

    # What comes from the workers.

    async def _hear(self) -> None:
        async for who, (kind, content) in self.placement.events:
            self.workers.hear(who, kind, content)
            if not self.workers.left:
                break
        self.prepared.set()
        self.nursery.cancel_scope.cancel()

    def event(self, text: str) -> None:
        """Note what happened."""
        self.result.event(max(self.now, 0.0), text)

    # What comes with time.

    async def _seconds(self) -> None:
        probe = Probe()
        self.nursery.start_soon(probe.run)
        since = 0.0
        while True:
            await trio.sleep(max(0.0, since + 1.0 - self.now))
            now = self.now
            self.second(since, now, probe.gauges())
            since = now

    def second(self, since: float, now: float, gauges: dict[str, float]) -> None:
        """A second has passed: close what is complete, judge it and write it."""
        self.result.tick(now)
        self.workers.feed_parent(Snapshot(since, now, gauges=gauges))
        if why := self.judging.second(now):
            self.event(why)
            self.nursery.start_soon(self.stop)
        if why := self.records.append():
            self.course.machine = self.course.machine or why
            self.event(why)
            self.nursery.start_soon(self.stop)

    async def _show(self) -> None:
        while True:
            await trio.sleep(self._face.every)
            self._draw()

    def _draw(self) -> None:
        try:
            self._face.draw(self.result)
        except (OSError, ValueError):
            self._headless()

    def _headless(self) -> None:
        """Go on without a face: the terminal is gone."""
        face, self._face = self._face, Nothing()
        with suppress(OSError, ValueError):
            face.close()
        self.event("the terminal is gone: going on without")

    async def _plan_ends(self) -> None:
        await trio.sleep(max(0.0, self.plan.scenario.duration - self.now))
        self._drain()

    def _drain(self) -> None:
        """Nothing new begins; workers that do not end after that are given up."""
        if self.result.state is not State.DRAINING:
            until = self.now + self.plan.scenario.grace
            self.result.enter(State.DRAINING, self.now, until)
            self.nursery.start_soon(self._overdue)

    async def _overdue(self) -> None:
        """Give up workers that do not end by themselves."""
        await trio.sleep(self.plan.scenario.grace + OVERDUE)
        for who in sorted(self.workers.left):
            self.workers.lost(who, "it did not end")
        self.nursery.cancel_scope.cancel()

    # What comes from people.

    async def _obey_signals(self, signals: AsyncIterator[int]) -> None:
        async for number in signals:
            if number == signal.SIGHUP:
                self._headless()
            elif number == signal.SIGTERM:
                self._interrupt(143, "SIGTERM")
            else:
                self._interrupt(130, "Ctrl-C")

    async def _obey_keys(self, terminal: int) -> None:
        async with aclosing(pressed(terminal)) as keys:
            async for action in keys:
                ask = self._face.turn(action)
                if ask in ("stop", "stop now"):
                    self._interrupt(130, "key q", ask == "stop now")
                elif ask:
                    self.hand.press(ask)
                else:
                    self._draw()

    async def _ended_by(self, by: str, now: bool) -> list[str]:
        verb = self._end(130, by, at_once=now)
        return await self.placement.command(None, verb) if verb else []

    def _interrupt(self, code: int, by: str, at_once: bool = False) -> None:
        if verb := self._end(code, by, at_once=at_once):
            self.nursery.start_soon(partial(self.placement.command, None, verb))

    def _end(self, code: int, by: str, *, at_once: bool = False) -> str:
        """First stop, then break off what is in flight, then leave: workers' verb."""
        if not self.course.interrupted:
            self.course.interrupted, self.course.by = code, by
        self._presses += 1
        if not self.began:
            self.prepared.set()
            self.nursery.cancel_scope.cancel()
        elif self._presses == 1 and not at_once:
            self.event(f"{by}: no new sessions")
            self._drain()
            return "stop"
        elif self._presses <= 2:
            self.event(f"{by} again: sessions in flight are broken off")
            self._drain()
            return "cancel"
        else:
            self._at_once = True
            self.nursery.cancel_scope.cancel()
        return ""

    async def stop(self) -> None:
        """Start nothing new; what is in flight gets the grace."""
        self._drain()
        await self.placement.command(None, "stop")
