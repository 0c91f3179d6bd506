"""
The one driver of a run: starts it, hears its workers, shows it, ends it, tells it.

Rule: it decides and the workers obey; no other module commands a placement. What is
shown and stored comes from the Result alone.
"""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, aclosing, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import time
from typing import Any

import trio

from cpesim.conductor.face import Face, Nothing, cbreak, pressed
from cpesim.conductor.judging import Judging
from cpesim.conductor.plan import Plan
from cpesim.conductor.reach import reach
from cpesim.conductor.records import Records
from cpesim.conductor.steps import Steps
from cpesim.conductor.verdict import Course, Rules, verdict
from cpesim.errors import ConfigError, MachineError
from cpesim.measure.result import Exit, Result, State
from cpesim.measure.snapshot import Snapshot
from cpesim.placement import Probe
from cpesim.placement.local import local
from cpesim.placement.placement import Place, Placement
from cpesim.quantity import show_rate

# Workers get so much to take in "start", so that all begin at the same moment.
HEAD_START = 0.3
# A worker that is still there so long after the grace will not end by itself.
OVERDUE = 15.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
USUAL = Rules()
STEPS = {"faster": 1, "slower": -1, "much faster": 10, "much slower": -10}


async def conduct(
    plan: Plan,
    *,
    place: Place = local,
    face: Callable[[], Face] = Nothing,
    out: Path = Path("reports"),
    terminal: int | None = None,
    command: tuple[str, ...] = (),
    rules: Rules = USUAL,
) -> Result:
    """
    Run the plan to its end; the Result holds the exit code, its folder the reports.

    Raises ConfigError, MachineError or Unreachable when it cannot begin.
    """
    await reach(plan.scenario.acs)
    run = Run(plan, out, rules)
    run.result.manifest["command"] = list(command)
    with trio.open_signal_receiver(*SIGNALS) as signals:
        async with place() as placement:
            await run.through(placement, face, signals, terminal)
    run.finish()
    return run.result


class Run:
    """One run under way."""

    def __init__(self, plan: Plan, out: Path, rules: Rules = USUAL) -> None:
        self.plan = plan
        self.course = Course()
        self.result = Result(replace(plan.facts, epoch=time()))
        self.judging = Judging(plan, self.course, self.result, rules)
        self.records = Records(self.result, plan.scenario, out)
        self.rate = plan.scenario.rate
        self.placement: Placement
        self._face: Face = Nothing()
        self._start = trio.current_time()
        self._left = {f"worker-{order.shard.index}" for order in plan.orders}
        self._about: dict[str, object] = {}  # each worker that is ready
        self.result.manifest["workers"] = self._about
        self._refused: ConfigError | MachineError | None = None
        self._began = False
        self._presses = 0
        self._at_once = False
        self._prepared = trio.Event()
        self.steps = Steps(self)
        self._hears: dict[str, Callable[[str, Any], None]] = {
            "ready": self._hear_ready,
            "refused": self._hear_refused,
            "snapshot": lambda who, b: self.result.feed(who, Snapshot.from_bytes(b)),
            "event": lambda _, text: self.event(text),
            "deed": self.steps.heard,
            "violation": lambda _, found: self.result.example(*found),
            "trace": lambda _, message: self.records.trace(*message),
            "said": lambda who, text: self.records.said(who, text),
            "bug": self._hear_bug,
            "end": self._hear_end,
            "lost": self._hear_lost,
        }

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
                self._nursery = nursery
                nursery.start_soon(self._obey_signals, signals)
                await placement.start(self.plan.orders)
                nursery.start_soon(self._hear)
                await self._prepared.wait()
                if len(self._about) == len(self.plan.orders) and not self.course.by:
                    if terminal is not None:
                        stack.enter_context(cbreak(terminal))
                    self._face = face()
                    stack.callback(self._face.close)
                    await self._begin(terminal)
                else:
                    nursery.cancel_scope.cancel()

    def finish(self) -> None:
        """Judge the run and write its reports; raises what kept it from beginning."""
        if self._refused is not None:
            self.records.close()
            raise self._refused
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
        epoch = time() + HEAD_START
        self._start = trio.current_time() + HEAD_START
        self.result.facts = replace(self.result.facts, epoch=epoch)
        try:
            self.records.open()
        except MachineError as error:
            self._refused = error
            self._nursery.cancel_scope.cancel()
            return
        self._began = True
        self.result.enter(State.RUNNING, 0.0)
        nursery = self._nursery
        nursery.start_soon(self._seconds)
        nursery.start_soon(self._show)
        nursery.start_soon(self._plan_ends)
        if terminal is not None:
            nursery.start_soon(self._obey_keys, terminal)
        await self.placement.command(None, "start", epoch=epoch)
        nursery.start_soon(self.steps.run)

    # What comes from the workers.

    async def _hear(self) -> None:
        async for who, (kind, content) in self.placement.events:
            self._hears[kind](who, content)
            if not self._left:
                break
        self._prepared.set()
        self._nursery.cancel_scope.cancel()

    def _hear_ready(self, who: str, about: object) -> None:
        self._about[who] = about
        if len(self._about) == len(self.plan.orders):
            self._prepared.set()

    def _hear_refused(self, who: str, content: tuple[str, str]) -> None:
        name, text = content
        kind = ConfigError if name == "ConfigError" else MachineError
        self._refused = kind(text)
        self._left.clear()

    def _hear_bug(self, who: str, text: str) -> None:
        path = self.records.bug(text)
        self.course.bugs.append(path)
        self.event(f"a bug in cpesim: {path}")

    def _hear_end(self, who: str, content: object) -> None:
        self._left.discard(who)
        self.result.left(who)

    def _hear_lost(self, who: str, why: str) -> None:
        self._left.discard(who)
        self.result.left(who)
        self.course.lost.append(f"{who} ({why})")
        self.event(f"lost {who}: {why}")
        if self._began and self._left:
            self._nursery.start_soon(self.stop)

    def event(self, text: str) -> None:
        """Note what happened."""
        self.result.event(max(self.now, 0.0), text)

    # What comes with time.

    async def _seconds(self) -> None:
        probe = Probe()
        self._nursery.start_soon(probe.run)
        since = 0.0
        while True:
            await trio.sleep(max(0.0, since + 1.0 - self.now))
            now = self.now
            self.result.tick(now)
            self.result.feed_parent(Snapshot(since, now, gauges=probe.gauges()))
            since = now
            if why := self.judging.second(now):
                self.event(why)
                self._nursery.start_soon(self.stop)
                self._nursery.start_soon(self._overdue)
            try:
                self.records.append()
            except OSError as error:
                if not self.course.machine:
                    self.course.machine = f"the reports cannot be written: {error}"
                    self.event(self.course.machine)
                    self._nursery.start_soon(self.stop)

    async def _show(self) -> None:
        await trio.sleep(max(0.0, -self.now))
        while True:
            await trio.sleep(self._face.every)
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
        duration, grace = self.plan.scenario.duration, self.plan.scenario.grace
        await trio.sleep(max(0.0, duration - self.now))
        if self.result.state is not State.DRAINING:
            self.result.enter(State.DRAINING, self.now, duration + grace)
        await self._overdue()

    async def _overdue(self) -> None:
        """Give up workers that do not end by themselves."""
        await trio.sleep(self.plan.scenario.grace + OVERDUE)
        for who in sorted(self._left):
            self._hear_lost(who, "it did not end")
        self._nursery.cancel_scope.cancel()

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
                if action in ("stop", "stop now"):
                    self._interrupt(130, "key q", at_once=action == "stop now")
                elif action == "pause":
                    await self._pause()
                elif action in STEPS:
                    await self._step(STEPS[action])
                elif action == "as planned":
                    await self._step(0)

    def _interrupt(self, code: int, by: str, *, at_once: bool = False) -> None:
        """First stop, then break off what is in flight, then leave."""
        if not self.course.interrupted:
            self.course.interrupted, self.course.by = code, by
        self._presses += 1
        if not self._began:
            self._prepared.set()
            self._nursery.cancel_scope.cancel()
        elif self._presses == 1 and not at_once:
            self.event(f"{by}: no new sessions")
            self._nursery.start_soon(self.stop)
        elif self._presses <= 2:
            self.event(f"{by} again: sessions in flight are broken off")
            self._nursery.start_soon(partial(self.placement.command, None, "cancel"))
        else:
            self._at_once = True
            self._nursery.cancel_scope.cancel()

    async def stop(self) -> None:
        """Start nothing new; what is in flight gets the grace."""
        if self.result.state is not State.DRAINING:
            until = self.now + self.plan.scenario.grace
            self.result.enter(State.DRAINING, self.now, until)
        await self.placement.command(None, "stop")

    async def _pause(self) -> None:
        if self.result.state is State.PAUSED:
            await self._each("resume", self.rate)
            self.result.enter(State.RUNNING, self.now)
            self.event("arrivals go on (key p)")
        elif self.rate is None:
            self.event("no rate to pause: the CPEs keep their own timers")
        elif self.result.state is State.RUNNING:
            await self._each("pause", 0.0)
            self.result.enter(State.PAUSED, self.now)
            self.event("arrivals paused (key p)")

    async def _step(self, steps: int) -> None:
        planned = self.plan.scenario.rate
        if planned is None or self.rate is None:
            self.event("no rate to change: the CPEs keep their own timers")
            return
        rate = self.rate + steps * planned / 100 if steps else planned
        self.rate = max(planned / 100, rate)
        if self.result.state is State.RUNNING:
            await self._each("rate", self.rate)
        self.event(f"rate {show_rate(self.rate)} (key)")

    async def _each(self, verb: str, rate: float | None) -> None:
        """A command with the rate of all workers together."""
        await self.placement.command(None, verb, rate=rate or 0.0)
