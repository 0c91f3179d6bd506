"""What people change: one after the other, told to the workers, and noted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import trio

from cpesim.conductor.hand import Hand, Reach, Refused
from cpesim.measure.capacity import Capacity
from cpesim.measure.result import Result, State
from cpesim.scenario.asked import asked
from cpesim.scenario.scenario import Load, Stage
from cpesim.scenario.step import Injection, Step
from tests.conductor.stage import planned

STEADY = Load("a", "arrival-rate", rate=100.0)
BURSTS = Load("b", "arrival-rate", rate=300.0)


class Table:
    """A hand at a run of two workers, which note what they are told."""

    def __init__(self, *loads: Load, workers: tuple[str, ...] = ("w0", "w1")) -> None:
        plan = planned("http://127.0.0.1/", rate=100.0)
        scenario = replace(
            plan.scenario,
            loads=loads or (STEADY,),
            injections=(Injection("wan", {}), Injection("dns", {}, phase="storm")),
            steps=(Step("power_cut", name="dark"),),
        )
        self.result = Result(plan.facts)
        self.result.enter(State.RUNNING, 0.0)
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.written: list[str] = []
        self.stopped: list[tuple[str, bool]] = []
        self.workers = list(workers)
        self.hand = Hand(
            replace(plan, scenario=scenario, orders=plan.orders * 2),
            self.result,
            Reach(
                self.command,
                lambda: 7.0,
                self.deed,
                self.end,
                self.write,
            ),
        )

    async def deed(self, step: Step) -> tuple[list[str], str]:
        return await self.command(None, "do", step=step), f"{step.do} done"

    async def command(self, who: str | None, verb: str, **arguments: Any) -> list[str]:
        await trio.lowlevel.checkpoint()
        self.told.append((verb, arguments))
        return self.workers

    async def end(self, by: str, now: bool) -> list[str]:
        self.stopped.append((by, now))
        return await self.command(None, "cancel" if now else "stop")

    def write(self, name: str) -> str:
        self.written.append(name)
        return f"reports/{name}"

    async def ask(self, words: str) -> list[str]:
        return await self.hand.apply(asked(words), "ctl")

    @property
    def events(self) -> list[str]:
        return [text for _, text in self.result.events]


async def test_a_rate_is_that_of_all_workers() -> None:
    """Of what was, absolute, and back to the plan; it is told by whom."""
    table = Table()
    for words in ("rate +10%", "rate +10%", "rate 50/s", "rate plan"):
        assert await table.ask(words) == ["w0", "w1"]
    assert [(verb, told["load"]) for verb, told in table.told] == [("rate", "a")] * 4
    rates = [told["rate"] for _, told in table.told]
    assert rates == pytest.approx([110.0, 121.0, 50.0, 100.0])
    assert table.events[0] == "rate 110/s (ctl)"


async def test_all_loads_keep_their_proportions() -> None:
    """A rate in all is shared as before; one of them may be meant alone."""
    table = Table(STEADY, BURSTS)
    await table.ask("rate 200/s")
    await table.ask("rate 90/s load=b")
    told = [(arguments["load"], arguments["rate"]) for _, arguments in table.told]
    assert told == [("a", 50.0), ("b", 150.0), ("b", 90.0)]
    assert table.events == ["rate 200/s (ctl)", "rate 90/s of b (ctl)"]
    with pytest.raises(Refused, match="expected a or b"):
        await table.ask("rate 90/s load=c")


async def test_what_rests_keeps_its_new_rate_for_later() -> None:
    """One load may rest alone; the run is paused when all do."""
    table = Table(STEADY, BURSTS, Load())
    await table.ask("pause load=b")
    assert table.result.state is State.RUNNING
    await table.ask("pause")
    assert table.result.state is State.PAUSED
    assert await table.ask("rate +100%") == []
    await table.ask("resume")
    assert table.result.state is State.RUNNING
    assert [(verb, told["load"], told["rate"]) for verb, told in table.told] == [
        ("pause", "b", 0.0),
        ("pause", "a", 0.0),
        ("resume", "a", 200.0),
        ("resume", "b", 600.0),
    ]
    assert table.events[0] == "arrivals of b paused (ctl)"


STAGED = Load("s", "arrival-rate", rate=10.0, stages=(Stage(60.0, 50.0),))
SHAPED = Load("p", "arrival-rate", plugin="shapes.py:Wave")


@pytest.mark.parametrize("load", [STAGED, SHAPED])
async def test_a_load_with_stages_keeps_them(load: Load) -> None:
    """A pause ends no plan, nor does a change that is relative to it."""
    table = Table(load)
    await table.ask("pause")
    await table.ask("resume")
    await table.ask("rate +10%")
    await table.ask("rate plan")
    told = [(verb, {**told}) for verb, told in table.told]
    name = load.name
    assert told == [
        ("pause", {"load": name, "rate": 0.0}),
        ("rate", {"load": name, "factor": 1.0}),
        ("resume", {"load": name}),
        ("rate", {"load": name, "factor": pytest.approx(1.1)}),
        ("rate", {"load": name, "factor": 1.0}),
    ]
    assert table.events[2] == "rate 110 % of the plan (ctl)"
    await table.ask("rate 25/s")
    await table.ask("rate +100%")
    assert [told["rate"] for _, told in table.told[-2:]] == [25.0, 50.0]


async def test_a_rate_after_none_at_all() -> None:
    """The timeline may have said 0; all get equal parts then."""
    table = Table(STEADY, BURSTS)
    table.hand.rates.planned(None, to=0.0, factor=0.0)
    await table.ask("rate 100/s")
    assert [told["rate"] for _, told in table.told] == [50.0, 50.0]


async def test_a_search_decides_its_rate() -> None:
    """Whoever wants another one is told so."""
    table = Table()
    table.result.capacity = Capacity(())
    for words in ("rate +1%", "pause", "resume"):
        with pytest.raises(Refused, match="the search decides"):
            await table.ask(words)
    assert table.told == []


@pytest.mark.parametrize("words", ["pause", "rate +1%"])
async def test_timers_have_no_rate(words: str) -> None:
    """The CPEs' own timers cannot be held."""
    table = Table(Load())
    with pytest.raises(Refused, match="their own timers"):
        await table.ask(words)
    assert "manual" not in table.result.manifest


async def test_what_the_timeline_paused_can_be_resumed_by_hand() -> None:
    """Who rests is known in one place, whoever said so."""
    table = Table(STEADY, BURSTS)
    table.hand.rest(None, True)
    assert table.result.state is State.PAUSED
    await table.ask("resume load=a")
    assert table.result.state is State.RUNNING
    assert [(verb, told["load"]) for verb, told in table.told] == [("resume", "a")]
    table.hand.rest("b", False)
    with pytest.raises(Refused, match="expected a or b"):
        await table.ask("resume load=c")


async def test_deeds_and_faults_and_limits() -> None:
    """They go to all workers as they are; a set is known from then on."""
    table = Table()
    await table.ask("do power_cut group=cpes pick=10% as=lost")
    await table.ask("do reboot devices=lost")
    await table.ask("do reboot devices=dark")
    await table.ask("fault dns active")
    await table.ask("limit in_flight 200")
    (_, cut), _, _, (_, fault), (_, limit) = table.told
    assert cut["step"].do == "power_cut"
    assert cut["step"].devices.share == 0.1
    assert cut["step"].name == "lost"
    assert cut["step"].arguments == {"restore_after": None}
    assert fault == {"name": "dns", "active": True}
    assert limit == {"in_flight": 200}
    assert table.result.facts.in_flight == 200
    assert table.result.faults == {"wan": True, "dns": True}
    assert table.events[0] == "power_cut done (ctl)"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("do reboot group=cpe", "did you mean cpes"),
        ("do reboot devices=darc", "did you mean dark"),
        ("do add group=x count=1", "there is cpes"),
        ("fault wann active", "did you mean wan"),
        ("limit in_flight 2000000000", "open files"),
    ],
)
async def test_what_is_not_there_is_refused(words: str, why: str) -> None:
    """Nobody is told of it, and nothing is noted."""
    table = Table()
    with pytest.raises(Refused, match=why):
        await table.ask(words)
    assert (table.told, table.events) == ([], [])


async def test_a_change_that_nobody_applied_is_refused() -> None:
    """Nobody is there at all."""
    table = Table()
    table.workers.clear()
    with pytest.raises(Refused, match="no worker"):
        await table.ask("rate +1%")


async def test_marks_and_summaries_change_nothing() -> None:
    """They are noted; the run is no manual one for it, until its load is changed."""
    table = Table()
    assert await table.ask("mark the ACS was restarted") == []
    await table.ask("dump")
    assert table.events == [
        "mark: the ACS was restarted (ctl)",
        "written: reports/summary.json (ctl)",
    ]
    assert "manual" not in table.result.manifest
    await table.ask("rate +1%")
    await table.ask("rate +1%")
    assert table.result.manifest["manual"] is True
    assert table.written == ["summary.json", "manifest.json"]


async def test_a_full_disk_is_told() -> None:
    """A summary that cannot be written is refused; the run goes on."""
    table = Table()

    def full(name: str) -> str:
        raise OSError(28, "No space left on device")

    table.hand._reach = replace(table.hand._reach, write=full)
    with pytest.raises(Refused, match="No space left"):
        await table.ask("dump")
    assert await table.ask("rate +1%")


async def test_what_comes_too_late_is_refused() -> None:
    """A run that drains is changed no more; it may be stopped, and broken off."""
    table = Table()
    table.result.enter(State.DRAINING, 8.0)
    with pytest.raises(Refused, match="is ending"):
        await table.ask("rate +1%")
    assert await table.ask("stop") == ["w0", "w1"]
    await table.ask("stop now")
    assert table.stopped == [("ctl stop", False), ("ctl stop", True)]
    assert [verb for verb, _ in table.told] == ["stop", "cancel"]


async def test_a_stop_waits_for_no_other_change() -> None:
    """Not even for one that a worker never answers."""
    table = Table()
    hears = trio.Event()
    ordinary = table.hand._reach.command

    async def deaf(who: str | None, verb: str, **arguments: Any) -> list[str]:
        if verb == "rate":
            hears.set()
            await trio.sleep_forever()
        return await ordinary(who, verb, **arguments)

    table.hand._reach = replace(table.hand._reach, command=deaf)
    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(table.ask, "rate +1%")
            await hears.wait()
            assert await table.ask("stop") == ["w0", "w1"]
            nursery.cancel_scope.cancel()
    assert table.result.manifest["manual"] is True


async def test_a_held_run_only_begins() -> None:
    """Before that there is nobody to tell anything."""
    table = Table()
    table.hand.held = trio.Event()
    with pytest.raises(Refused, match="has not begun"):
        await table.ask("rate +1%")
    await table.ask("resume")
    assert table.hand.held.is_set()
    assert table.events == ["begun (ctl)"]
    assert "manual" not in table.result.manifest
    await table.ask("rate +1%")


async def test_keys_come_in_their_order(mock_clock: trio.testing.MockClock) -> None:
    """Each says its letter; what cannot be is an event as well."""
    table = Table()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(table.hand.run)
        for action in ("faster", "much slower", "pause", "pause", "as planned", "mark"):
            table.hand.press(action)
        for action in ("fault 1", "fault 3"):
            table.hand.press(action, "attached key")
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert table.events == [
        "rate 101/s (key +)",
        "rate 91/s (key /)",
        "arrivals paused (key p)",
        "arrivals go on (key p)",
        "rate 100/s (key =)",
        "mark: here (key m)",
        "fault wan inactive (attached key f)",
        "the scenario has no fault number 3",
    ]
