"""
The timeline of a run, run: phases begin, steps are done, what fails is told.

Rule: a step that cannot be done is counted and survived; only a check that says so
ends the run. What people do to CPEs by hand goes the same way, by `deed`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import trio

from cpesim.conductor.hand import PAUSABLE
from cpesim.conductor.steps import hook
from cpesim.conductor.steps.timeline import Entry, timeline
from cpesim.errors import CpesimError
from cpesim.measure.history import add_counters
from cpesim.measure.limit import LimitState
from cpesim.measure.result import State
from cpesim.quantity import show_count, show_rate, show_share
from cpesim.scenario.limits.case import Case
from cpesim.scenario.limits.grammar import Mistake
from cpesim.scenario.limits.judge import gate
from cpesim.scenario.step import DeviceSet, Phase, Step, clock_begins
from cpesim.scenario.threshold import Threshold

if TYPE_CHECKING:
    from cpesim.conductor.conductor import Run

# How long the workers' reports of a deed may take after its acknowledgement.
PATIENCE = 2.0
# The loads that have a rate.
RATED = ("arrival-rate",)


class StepFailed(CpesimError):
    """A step could not be done; its text says why."""

    label = "step"


class Steps:
    """Does what the plan's timeline says, while the run lasts."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._by_hand = 0
        self._told: dict[str, list[Mapping[str, Any]]] = {}
        self._news = trio.Event()
        self._gates: dict[str, Case | str] = {}  # what is measured for checks
        for step in run.plan.scenario.steps:
            if step.do == "check":
                self._gate(str(step.arguments["that"]))

    async def run(self) -> None:
        """Everything at its moment; what waits for the outside holds up nothing."""
        run, scenario = self._run, self._run.plan.scenario
        entries = timeline(
            scenario.phases, scenario.steps, scenario.seed, scenario.duration
        )
        async with trio.open_nursery() as nursery:
            for entry in entries:
                await trio.sleep(max(entry.at - run.now, 0.0))
                if run.result.state in (State.DRAINING, State.ENDED):
                    return
                if isinstance(entry.what, Phase):
                    await self._phase(entry.what)
                elif entry.what.do == "hook":
                    nursery.start_soon(self._step, entry)
                else:
                    await self._step(entry)

    def heard(self, who: str, told: Mapping[str, Any]) -> None:
        """A worker tells what came of a deed there."""
        found = self._told.get(str(told["salt"]))
        if found is not None:
            found.append(told)
            self._news.set()
            self._news = trio.Event()

    async def _phase(self, phase: Phase) -> None:
        run = self._run
        changes = {run.result.phases.now, phase.name} - {""}
        run.result.begin_phase(phase.name, phase.at)
        run.event(f"phase {phase.name}")
        for injection in run.plan.scenario.injections:
            if not injection.active or injection.phase not in changes:
                continue
            active = injection.phase == phase.name
            if active != run.result.faults[injection.name]:
                await self._switch(injection.name, active)
                run.event(f"fault {injection.name} {'on' if active else 'off'}")

    async def _step(self, entry: Entry) -> None:
        step, run = entry.what, self._run
        assert isinstance(step, Step)
        where = f" [{step.place.short}]" if step.place.line else ""
        at = max(run.now, 0.0)
        try:
            own = _OWN.get(step.do)
            if own is not None:
                told = await own(self, step)
            else:
                _, told = await self.deed(step, entry.salt)
        except (StepFailed, hook.HookFailed) as error:
            self._count("steps.failed")
            run.event(f"step failed: {step.do}: {error}{where}")
            return
        self._count("steps.done")
        run.result.event(at, f"{told}{where}")

    def _count(self, name: str) -> None:
        add_counters(self._run.result.counters, {name: 1})

    # What is done to CPEs, by the workers.

    async def deed(self, step: Step, salt: str = "") -> tuple[list[str], str]:
        """
        Do it to CPEs: the workers that did, and what came of it in a few words.

        Raises StepFailed, with why it could not be done.
        """
        run = self._run
        if not salt:
            self._by_hand += 1
            salt = f"by hand/{self._by_hand}"
        told = self._told[salt] = []
        now = max(run.now, 0.0)
        name = step.name or (step.devices.name if step.devices else "")
        # Before the workers' own clocks: whoever is back at once counts as well.
        begins = clock_begins(step.do, step.arguments, now) if name else None
        if begins is not None:
            run.result.begin_recovery(name, begins)
        try:
            applied = await run.placement.command(
                None,
                "do",
                action=step.do,
                devices=step.devices,
                name=step.name,
                arguments=dict(step.arguments),
                salt=salt,
            )
            with trio.move_on_after(PATIENCE):
                while len(told) < len(applied):
                    await self._news.wait()
        finally:
            del self._told[salt]
        if problem := next((t["problem"] for t in told if t["problem"]), ""):
            if begins is not None:
                run.result.begin_recovery(name, None)
            raise StepFailed(problem)
        return applied, f"{step.do} {_set(step)}: {_came(told)}"

    # What the conductor does itself.

    async def _switch(self, name: str, active: bool) -> None:
        await self._run.placement.command(None, "fault", name=name, active=active)
        self._run.result.faults[name] = active

    async def _fault(self, step: Step) -> str:
        name, active = str(step.arguments["fault"]), bool(step.arguments["active"])
        known = self._run.result.faults
        if name not in known:
            raise StepFailed(
                f"no fault is called {name!r}: expected {', '.join(known) or 'none'}"
            )
        await self._switch(name, active)
        return f"fault {name} {'on' if active else 'off'}"

    async def _rate(self, step: Step) -> str:
        load = self._load(step, RATED)
        to, factor = step.arguments.get("to"), step.arguments.get("factor")
        if to is not None:
            await self._change("rate", load, rate=float(to))
            self._run.hand.rates.planned(load, to=float(to), factor=0.0)
            return f"rate {load or 'of all loads'} {show_rate(float(to))}"
        if factor is None:
            raise StepFailed("rate: expected to or factor")
        await self._change("rate", load, factor=float(factor))
        self._run.hand.rates.planned(load, to=None, factor=float(factor))
        return f"rate {load or 'of all loads'} {show_share(float(factor))} of the plan"

    async def _pause(self, step: Step) -> str:
        load = self._load(step, PAUSABLE)
        await self._change("pause", load)
        self._run.hand.rest(load, True)
        return f"pause {load or 'all loads'}"

    async def _resume(self, step: Step) -> str:
        load = self._load(step, PAUSABLE)
        await self._change("resume", load)
        self._run.hand.rest(load, False)
        return f"resume {load or 'all loads'}"

    async def _change(self, verb: str, load: str | None, **arguments: float) -> None:
        await self._run.placement.command(None, verb, load=load, **arguments)

    def _load(self, step: Step, executors: tuple[str, ...]) -> str | None:
        """The load that a step names; None for all. Raises StepFailed for no load."""
        name = str(step.arguments.get("load") or "")
        loads = self._run.plan.scenario.loads
        known = [load.name for load in loads if load.executor in executors]
        if not known:
            raise StepFailed(
                f"no load is {' or '.join(executors)}: CPEs keep their own timers"
            )
        if name and name not in known:
            raise StepFailed(
                f"no such load is called {name!r}: expected {', '.join(known)}"
            )
        return name or None

    async def _limit(self, step: Step) -> str:
        most = int(step.arguments["in_flight"])
        if most < 1:
            raise StepFailed("in_flight: expected at least 1")
        await self._run.placement.command(None, "limit", in_flight=most)
        return f"limit in_flight {show_count(most)}"

    async def _hook(self, step: Step) -> str:
        return f"hook {await hook.call(step.arguments)}"

    async def _check(self, step: Step) -> str:
        run, text = self._run, str(step.arguments["that"])
        otherwise = str(step.arguments.get("else") or "stop")
        case = self._gates.get(text) or self._gate(text)
        if isinstance(case, str):
            raise StepFailed(f"{text}: {case}")
        case.finish(run.now)
        limit = case.limit
        found = limit.text or "nothing was measured"
        if limit.state is LimitState.OK:
            return f"check {text}: holds, {found}"
        # A gate that cannot be judged stays closed.
        self._count("steps.checks_failed")
        told = f"check {text}: does not hold, {found}"
        if otherwise == "warn":
            return f"{told} (warning)"
        run.course.check = f"a check of the timeline failed: {text} ({found})"
        await run.stop()
        if otherwise == "abort":
            await run.placement.command(None, "cancel")
        return f"{told}: the run ends"

    def _gate(self, text: str) -> Case | str:
        """What judges a check, from here on; or what is wrong with its text."""
        run = self._run
        try:
            found: Case | str = gate(Threshold(text), run.plan.scenario, run.result)
        except Mistake as mistake:
            found = str(mistake)
        except KeyError as error:
            found = f"no metric is called {error}"
        self._gates[text] = found
        return found

    async def _mark(self, step: Step) -> str:
        return f"mark {step.arguments.get('text') or ''}".rstrip()

    async def _stop(self, step: Step) -> str:
        await self._run.stop()
        return "stop: no new sessions"


_OWN: Mapping[str, Callable[[Steps, Step], Awaitable[str]]] = {
    "fault": Steps._fault,
    "rate": Steps._rate,
    "pause": Steps._pause,
    "resume": Steps._resume,
    "limit": Steps._limit,
    "hook": Steps._hook,
    "check": Steps._check,
    "mark": Steps._mark,
    "stop": Steps._stop,
}


def _set(step: Step) -> str:
    """The CPEs of a step as a person names them."""
    if step.do == "add":
        return str(step.arguments.get("group") or step.name)
    wanted = step.devices or DeviceSet()
    words = [word for word in (wanted.name, wanted.group) if word] or ["all"]
    if wanted.share is not None:
        words.append(show_share(wanted.share).replace(" ", ""))
    if wanted.count is not None:
        words.append(show_count(wanted.count))
    if wanted.where:
        words.append("with " + ", ".join(f"{k}={v}" for k, v in wanted.where.items()))
    if step.name and step.name != wanted.name:
        words.append(f"as {step.name}")
    return " ".join(words)


def _came(told: list[Mapping[str, Any]]) -> str:
    """What the workers did, as one."""
    done = sum(one["done"] for one in told)
    passed: dict[str, int] = {}
    for one in told:
        for why, number in one["passed"].items():
            passed[why] = passed.get(why, 0) + number
    over = "".join(f", {show_count(n)} not ({why})" for why, n in passed.items())
    return f"{show_count(done)} CPEs{over}"
