"""A placement that plays a script: what the conductor hears, and what it asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import trio

from cpesim.conductor.plan import Plan
from cpesim.engine.order import Message, Order
from cpesim.measure.result import GroupFacts, RunFacts
from cpesim.measure.snapshot import Snapshot
from cpesim.placement.placement import Roster
from cpesim.scenario.scenario import Acs, Group, Load, Scenario

Script = Callable[["Stage"], Awaitable[None]]


class Stage:
    """Plays one worker; *asked* are the verbs that it was given."""

    def __init__(self, nursery: trio.Nursery, script: Script) -> None:
        self._nursery = nursery
        self._script = script
        self.roster = Roster()
        self.events = self.roster.events
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._told: dict[str, trio.Event] = {}
        self.done = 5  # CPEs that each deed is done to
        self.problem = ""

    @property
    def workers(self) -> tuple[str, ...]:
        return self.roster.workers

    async def start(self, orders: Sequence[Order]) -> None:
        for order in orders:
            self.roster.add(f"worker-{order.shard.index}")
        self._nursery.start_soon(self._script, self)

    async def command(self, who: str | None, verb: str, **arguments: Any) -> list[str]:
        self.asked.append((verb, arguments))
        self._told.setdefault(verb, trio.Event()).set()
        await trio.lowlevel.checkpoint()
        if verb == "do":
            came = {"done": self.done, "passed": {}, "problem": self.problem}
            await self.say("deed", {"salt": arguments["salt"], **came})
        return list(self.workers)

    async def aclose(self) -> None:
        await trio.lowlevel.checkpoint()

    async def told(self, verb: str) -> None:
        """Wait until the conductor gave this command."""
        await self._told.setdefault(verb, trio.Event()).wait()

    async def say(self, kind: str, content: Any = None) -> None:
        """Send a message as worker-0."""
        message: Message = (kind, content)
        await self.roster.heard("worker-0", message)

    async def begin(self) -> None:
        """Be ready, and wait for the start."""
        await self.say("ready", {"devices": 10})
        await self.told("start")

    async def second(self, at: int, **counts: int) -> None:
        """A snapshot of the second before *at*."""
        counters = {f"sessions.{name}": n for name, n in counts.items()}
        await self.say("snapshot", Snapshot(at - 1.0, float(at), counters).to_bytes())


def placed(script: Script, seen: list[Stage] | None = None) -> Any:
    """A Place whose one worker plays the script."""

    @asynccontextmanager
    async def place() -> AsyncIterator[Stage]:
        async with trio.open_nursery() as nursery:
            stage = Stage(nursery, script)
            if seen is not None:
                seen.append(stage)
            yield stage
            nursery.cancel_scope.cancel()

    return place


def planned(
    url: str,
    *,
    rate: float | None = None,
    duration: float = 2.0,
    **changes: Any,
) -> Plan:
    """A plan of ten CPEs that nobody compiled, with some fields changed."""
    load = Load() if rate is None else Load("r", "arrival-rate", rate=rate)
    changes.setdefault("loads", (load,))
    scenario = Scenario(
        name="stage",
        acs=Acs(url),
        groups=(Group("cpes", 10),),
        duration=duration,
        grace=1.0,
        **changes,
    )
    order = Order(
        run_id="ab",
        seed=1,
        groups=(),
        acs=scenario.acs,
        start=scenario.start,
        loads=scenario.loads,
        duration=duration,
        grace=1.0,
        in_flight=10,
        secret=b"s",
    )
    facts = RunFacts(
        name="stage",
        run_id="ab",
        acs=url,
        devices=10,
        groups=(GroupFacts("cpes", 10, "none"),),
        duration=duration,
        rate=rate,
        grace=1.0,
    )
    return Plan(scenario, (order,), facts)
