"""
What people change during a run, by a key or by `cpesim ctl`.

Rule: one change after the other, each in ACTS, but for stop, which waits for no other.
It is applied when `apply` returns, and an event that says by whom. What alters the
load makes the run a manual one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

import trio

from cpesim.conductor import machine
from cpesim.conductor.plan import Plan
from cpesim.conductor.rates import Meant, Rates
from cpesim.errors import CpesimError, MachineError
from cpesim.live.keys import KEYS
from cpesim.measure.result import Result, State
from cpesim.quantity import show_count, show_share
from cpesim.scenario.deed import near
from cpesim.scenario.step import Step

# Keys that have not been looked at yet; more at once is a cat on the keyboard.
WAITING = 100
# What a stop that ends the run gets to be answered all the same.
LAST_WORD = 2.0
# Hundredths of the plan that a key moves the rate by.
STEPS = {"faster": 1, "slower": -1, "much faster": 10, "much slower": -10}
# The keys that change something, by what they do.
LETTERS = {
    action: key
    for key, action in KEYS.items()
    if action in (*STEPS, "as planned", "pause", "mark", "dump")
}
# They change nothing that an ACS would notice.
HARMLESS = ("mark", "dump")
# Loads whose starts can be held back; the CPEs' own timers cannot.
PAUSABLE = ("arrival-rate", "in-flight", "at-once")


class Refused(Exception):
    """It cannot be done; why, in words for whom it asked."""


class Command(Protocol):
    """How workers are told: those that have applied it come back."""

    def __call__(
        self, who: str | None, verb: str, **arguments: Any
    ) -> Awaitable[list[str]]: ...


@dataclass(frozen=True, slots=True)
class Reach:
    """What a hand gets hold of: of a run, no more than this."""

    command: Command
    clock: Callable[[], float]
    deed: Callable[[Step], Awaitable[tuple[list[str], str]]]  # done to CPEs
    # By whom, and whether at once; the workers that have heard of it come back.
    end: Callable[[str, bool], Awaitable[list[str]]]
    write: Callable[[str], str]  # a report, now; its path


class Hand:
    """The changes that people ask for, one after the other."""

    def __init__(self, plan: Plan, result: Result, reach: Reach) -> None:
        scenario = plan.scenario
        # While it is there nothing has begun; set, the run begins.
        self.held: trio.Event | None = None
        self._result = result
        self._reach = reach
        self.rates = Rates(scenario.loads)
        self._pausable = [
            load.name for load in scenario.loads if load.executor in PAUSABLE
        ]
        self._resting: set[str] = set()
        self._groups = {group.name: None for group in scenario.groups}
        self._sets = {step.name: None for step in scenario.steps if step.name}
        self._lock = trio.Lock()
        self._send, self._keys = trio.open_memory_channel[tuple[str, str]](WAITING)
        result.faults = {
            injection.name: injection.active and not injection.phase
            for injection in scenario.injections
        }

    def press(self, action: str, by: str = "key") -> None:
        """Do what a key means, in its turn; nobody waits for it."""
        with suppress(trio.WouldBlock):
            self._send.send_nowait((action, by))

    async def run(self) -> None:
        """Obey the keys as they come, for as long as the run goes on."""
        async for action, by in self._keys:
            letter = LETTERS.get(action, "f")
            try:
                await self.apply(self._meant(action), f"{by} {letter}")
            except Refused as why:
                self._result.event(max(self._reach.clock(), 0.0), str(why))

    async def apply(self, step: Step, by: str) -> list[str]:
        """
        Make the change; the workers that have applied it come back.

        *by* is how it was asked for. Raises Refused, and that load is as it was.
        """
        if step.do == "stop":
            # Whatever another change may still be waiting for.
            return await self._stop(by, now=bool(step.arguments.get("now")))
        act = ACTS.get(step.do, _deed)
        async with self._lock:
            held = self.held is not None and not self.held.is_set()
            if step.do not in HARMLESS:
                self._still(step)
            applied, told = await act(self, step)
            self._result.event(max(self._reach.clock(), 0.0), f"{told} ({by})")
            if step.do not in HARMLESS and not held:
                self._changed()
            return applied

    def _changed(self) -> None:
        """Make the run a manual one."""
        if not self._result.manifest.get("manual"):
            self._result.manifest["manual"] = True
            # It is written again at the end, whatever the disk says now.
            with suppress(OSError):
                self._reach.write("manifest.json")

    def _still(self, step: Step) -> None:
        """Refuse a change that comes too late, or too early."""
        if self._result.state in (State.DRAINING, State.ENDED):
            raise Refused("the run is ending: nothing can be changed any more")
        if self.held is not None and not self.held.is_set() and step.do != "resume":
            raise Refused("the run has not begun (--paused): resume it first")

    def _meant(self, action: str) -> Step:
        """The step that a key's action is."""
        if action in STEPS:
            return Step("rate", arguments={"steps": STEPS[action]})
        if action == "as planned":
            return Step("rate", arguments={"factor": None})
        if action == "pause":
            rests = self._result.state is State.PAUSED
            return Step("resume" if rests else "pause")
        if action == "mark":
            return Step("mark", arguments={"text": "here"})
        if action.startswith("fault "):
            at = int(action.removeprefix("fault ")) - 1
            names = list(self._result.faults)
            if at >= len(names):
                raise Refused(f"the scenario has no fault number {at + 1}")
            name = names[at]
            active = not self._result.faults[name]
            return Step("fault", arguments={"fault": name, "active": active})
        return Step(action)

    def _loads(self, step: Step, known: Mapping[str, object] | list[str]) -> list[str]:
        if self._result.capacity is not None:
            raise Refused("the search decides the rate of this run")
        name = step.arguments.get("load", "")
        what = "pause" if step.do == "pause" else "change"
        if not known:
            raise Refused(f"no rate to {what}: the CPEs keep their own timers")
        if not name:
            return list(known)
        if name not in known:
            raise Refused(f"load {name}: expected {' or '.join(known)}")
        return [name]

    async def _tell(self, verb: str, **arguments: Any) -> list[str]:
        """What the workers have applied; Refused when there is none that did."""
        applied = await self._reach.command(None, verb, **arguments)
        if not applied:
            raise Refused("no worker is there that could have applied it")
        return applied

    async def rate(self, step: Step) -> tuple[list[str], str]:
        """Another rate, of one load or of all."""
        names = self._loads(step, self.rates.meant)
        wanted = self.rates.asked(names, step.arguments)
        applied: list[str] = []
        for name, meant in wanted.items():
            if name not in self._resting:
                applied = await self._tell("rate", load=name, **meant.told)
            self.rates.meant[name] = meant
        told = f"rate {_shown(wanted.values())}"
        if step.arguments.get("load"):
            told += f" of {names[0]}"
        return applied, told

    async def pause(self, step: Step) -> tuple[list[str], str]:
        """No arrivals; the CPEs' own timers go on."""
        names = self._loads(step, self._pausable)
        applied: list[str] = []
        for name in names:
            if name not in self._resting:
                applied = await self._tell("pause", load=name, rate=0.0)
                self.rest(name, True)
        return applied, self._rested("paused", step)

    async def resume(self, step: Step) -> tuple[list[str], str]:
        """Arrivals again, at the rate of now; or the run's very beginning."""
        if self.held is not None and not self.held.is_set():
            self.held.set()
            return [], "begun"
        names = self._loads(step, self._pausable)
        applied: list[str] = []
        for name in names:
            if name in self._resting:
                applied = await self._resumed(name)
                self.rest(name, False)
        return applied, self._rested("go on", step)

    async def _resumed(self, load: str) -> list[str]:
        """Let one load go on, at what was meant for it meanwhile."""
        meant = self.rates.meant.get(load)
        if meant is None:
            return await self._tell("resume", load=load)
        if meant.steady is not None:
            return await self._tell("resume", load=load, rate=meant.steady)
        await self._tell("rate", load=load, factor=meant.factor)
        return await self._tell("resume", load=load)

    def rest(self, load: str | None, rests: bool) -> None:
        """One load, or all, rest or go on: the run is paused while all of them rest."""
        names = {load} if load else set(self._pausable)
        self._resting = self._resting | names if rests else self._resting - names
        paused = self._resting.issuperset(self._pausable)
        state = State.PAUSED if paused else State.RUNNING
        if self._result.state is not state:
            self._result.enter(state, self._reach.clock())

    def _rested(self, what: str, step: Step) -> str:
        load = step.arguments.get("load")
        return f"arrivals{f' of {load}' if load else ''} {what}"

    async def fault(self, step: Step) -> tuple[list[str], str]:
        """Turn an injection of the scenario on or off."""
        name, active = step.arguments["fault"], step.arguments["active"]
        _known("fault", name, self._result.faults)
        applied = await self._tell("fault", name=name, active=active)
        self._result.faults[name] = active
        return applied, f"fault {name} {'active' if active else 'inactive'}"

    async def limit(self, step: Step) -> tuple[list[str], str]:
        """So many sessions at once from now on."""
        wanted = step.arguments["in_flight"]
        try:
            machine.in_flight(wanted, machine.raise_open_files())
        except MachineError as error:
            raise Refused(str(error)) from None
        applied = await self._tell("limit", in_flight=wanted)
        self._result.facts = replace(self._result.facts, in_flight=wanted)
        return applied, f"limit in_flight {show_count(wanted)}"

    async def mark(self, step: Step) -> tuple[list[str], str]:
        """A mark in events and charts."""
        return [], f"mark: {step.arguments['text']}"

    async def dump(self, step: Step) -> tuple[list[str], str]:
        """The summary as it would be if the run ended now."""
        try:
            return [], f"written: {self._reach.write('summary.json')}"
        except OSError as error:
            raise Refused(f"summary.json: {error.strerror or error}") from None

    async def _stop(self, by: str, *, now: bool) -> list[str]:
        """End the run; the workers' answer is heard, though all of it is ending."""
        self._changed()
        with trio.CancelScope(shield=True, deadline=trio.current_time() + LAST_WORD):
            return await self._reach.end(f"{by} stop", now)
        return []

    async def deed(self, step: Step) -> tuple[list[str], str]:
        """What happens to CPEs: a power cut, a reboot, a value that changes."""
        devices = step.devices
        if devices is not None and devices.group:
            _known("group", devices.group, self._groups)
        if devices is not None and devices.name:
            _known("devices", devices.name, self._sets)
        if step.do == "add":
            _known("group", step.arguments["group"], self._groups)
        try:
            applied, told = await self._reach.deed(step)
        except CpesimError as error:
            raise Refused(str(error)) from None
        if step.name:
            self._sets[step.name] = None
        return applied, told


def _shown(wanted: Collection[Meant]) -> str:
    """The rate of all together, where there is one; else how much of the plan."""
    rates = [meant.steady for meant in wanted]
    if all(rate is not None for rate in rates):
        now = sum(rate for rate in rates if rate is not None)
        # A hundredth of the plan has to be seen.
        return f"{now:,.2f}".rstrip("0").rstrip(".") + "/s"
    return " and ".join(
        f"{show_share(meant.factor)} of the plan" if rate is None else f"{rate:g}/s"
        for meant, rate in zip(wanted, rates, strict=True)
    )


def _known(what: str, name: str, names: Mapping[str, object]) -> None:
    if name not in names:
        there = ", ".join(names) or "none in this run"
        raise Refused(f"{what} {name}: there is {there}{near(name, names)}")


Act = Callable[[Hand, Step], Awaitable[tuple[list[str], str]]]
_deed: Act = Hand.deed
# The verbs of scenario/asked.py but stop; all else is something that happens to CPEs.
ACTS: Mapping[str, Act] = {
    "rate": Hand.rate,
    "pause": Hand.pause,
    "resume": Hand.resume,
    "fault": Hand.fault,
    "limit": Hand.limit,
    "mark": Hand.mark,
    "dump": Hand.dump,
}
