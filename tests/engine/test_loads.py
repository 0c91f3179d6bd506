"""Several loads at once: whose sessions, when, and what is counted of them."""

from __future__ import annotations

from collections import Counter

import pytest
import trio
import trio.testing

from cpesim.device.behaviour import power
from cpesim.device.device import DARK, Device
from cpesim.engine.action import ACTIONS
from cpesim.engine.loads.arrivals import Arrivals
from cpesim.engine.loads.closed import ClosedLoad
from cpesim.engine.loads.once import OnceLoad
from cpesim.engine.loads.rate import RateLoad
from cpesim.engine.loads.source import Count, Source
from cpesim.engine.start import Tells
from cpesim.scenario.moments import Poisson
from cpesim.scenario.pace import Pace
from cpesim.scenario.scenario import Stage
from tests.engine.stage import Stage as Staged
from tests.engine.stage import staged
from tests.factory import ROOT
from tests.play import judged

Clock = trio.testing.MockClock
MODE = ROOT + "WANDevice.1.Mode"


def rated(
    pace: Pace, devices: list[Device], count: Count, name: str = "", **more: Tells
) -> RateLoad:
    return RateLoad(Arrivals(pace), devices, count, name=name, **more)


def booted(devices: list[Device]) -> list[Device]:
    """CPEs that were there before."""
    for device in devices:
        device.known(0.0)
        device.alarms = ()
    return devices


def per_second(stage: Staged) -> Counter[int]:
    return Counter(int(at) for at, _, _ in stage.informs)


async def test_a_rate_follows_its_stages(mock_clock: Clock) -> None:
    """As many sessions as lie under the lines, each for the next CPE in turn."""
    pace = Pace.staged(0.0, [Stage(10.0, 20.0), Stage(5.0, 20.0), Stage(0.0, 2.0)])

    def loads(devices: list[Device], count: Count) -> list[Source]:
        return [rated(pace, devices, count)]

    async with staged(50, loads=loads) as stage:
        await trio.sleep(20)
        seen = per_second(stage)
        assert sum(seen[s] for s in range(10)) == pytest.approx(100, abs=1)
        assert sum(seen[s] for s in range(10, 15)) == pytest.approx(100, abs=1)
        assert [seen[s] for s in range(15, 20)] == [2] * 5
        assert [n for _, n, _ in stage.informs[:60]] == [k % 50 for k in range(60)]


async def test_two_loads_each_for_its_own(mock_clock: Clock) -> None:
    """A rate on some CPEs and another on others, side by side."""

    def loads(devices: list[Device], count: Count) -> list[Source]:
        return [
            rated(Pace.steady(2.0), devices[:4], count, "a"),
            rated(Pace.steady(5.0), devices[4:], count, "b"),
        ]

    async with staged(10, loads=loads) as stage:
        await trio.sleep(9.99)
        mine = [n < 4 for _, n, _ in stage.informs]
        assert (sum(mine), len(mine) - sum(mine)) == (20, 50)
        assert stage.fleet.loads.rate(5.0) == 7.0
        assert stage.counters()["sessions.wanted"] == 70


async def test_no_load_starves_another(mock_clock: Clock) -> None:
    """Two rates that are too high for the places share them by who waited longest."""

    def loads(devices: list[Device], count: Count) -> list[Source]:
        return [
            rated(Pace.steady(50.0), devices[:50], count),
            rated(Pace.steady(50.0), devices[50:], count),
        ]

    async with staged(100, in_flight=4, loads=loads) as stage:
        await trio.sleep(20)
        first = sum(n < 50 for _, n, _ in stage.informs)
        assert first == pytest.approx(len(stage.informs) / 2, rel=0.1)
        assert stage.counters()["sessions.dropped"] > 1000


async def test_a_closed_load_keeps_its_number(mock_clock: Clock) -> None:
    """Always three in flight; no intended start, so service time alone is recorded."""

    def loads(devices: list[Device], count: Count) -> list[Source]:
        return [ClosedLoad(3, devices, count, at=1.0)]

    async with staged(10, loads=loads) as stage:
        await trio.sleep(0.9)
        assert stage.fleet.places.busy == 0
        for _ in range(20):
            await trio.sleep(0.37)
            assert stage.fleet.places.busy == 3
        await trio.sleep(3)
        found = stage.fleet.meter.snapshot(stage.fleet.clock(), {})
        assert "session" not in found.latency
        assert "session.service" in found.latency
        done = found.counters["done.in-flight"]
        assert done == pytest.approx(3 * 10.3 / 0.2, abs=4)
        assert "sessions.late" not in found.counters
        stage.delay = 5.0  # a slow ACS gets fewer: that is what closed means
        await trio.sleep(30)
        assert stage.counters()["sessions.done"] <= 12


async def test_a_closed_load_waits_for_a_cpe_that_is_able(mock_clock: Clock) -> None:
    """More in flight than CPEs that are up: it goes on when they are back."""

    def loads(devices: list[Device], count: Count) -> list[Source]:
        booted(devices)
        for device in devices[1:]:
            device.life = DARK
        return [ClosedLoad(4, devices, count)]

    async with staged(4, loads=loads) as stage:
        await trio.sleep(5)
        assert stage.fleet.places.busy == 1
        for device in stage.fleet.devices:
            device.wake_up()
        await trio.sleep(0.1)
        assert stage.fleet.places.busy == 4


async def test_one_session_of_each_at_one_moment(mock_clock: Clock) -> None:
    """All due at 3 s; two places: the rest is late by what it waited, none dropped."""

    def loads(devices: list[Device], count: Count) -> list[Source]:
        return [OnceLoad(booted(devices), count, at=3.0)]

    async with staged(20, in_flight=2, loads=loads) as stage:
        await trio.sleep(2.9)
        assert stage.informs == []
        await trio.sleep(5)
        assert sorted(n for _, n, _ in stage.informs) == list(range(20))
        assert all(b"2 PERIODIC" in body for _, _, body in stage.informs)
        assert stage.informs[0][0] == pytest.approx(3.0, abs=0.01)
        assert stage.informs[-1][0] == pytest.approx(4.8, abs=0.05)
        counters = stage.counters()
        assert counters["sessions.wanted"] == counters["sessions.done"] == 20
        assert counters["late.in_flight"] == 18
        assert "sessions.dropped" not in counters


async def test_at_once_leaves_none_out(mock_clock: Clock) -> None:
    """A CPE in a session tells it in the next one; one that is off has none."""

    def loads(devices: list[Device], count: Count) -> list[Source]:
        booted(devices)[1].life = DARK
        return [OnceLoad(devices, count, at=1.0, tells=Tells(("3 SCHEDULED",)))]

    async with staged(3, loads=loads) as stage:
        stage.delay = 0.5
        await trio.sleep(0.8)
        stage.fleet.knock(stage.fleet.devices[0], stage.fleet.clock())
        await trio.sleep(5)
        told = [n for _, n, body in stage.informs if b"3 SCHEDULED" in body]
        assert sorted(told) == [0, 2]
        counters = stage.counters()
        assert counters["at-once.off"] == 1
        assert counters["sessions.wanted"] == counters["sessions.done"] == 3


async def test_what_at_once_wants_is_counted_once(mock_clock: Clock) -> None:
    """One had a session of its own meanwhile, one went dark: no counter falls."""

    def loads(devices: list[Device], count: Count) -> list[Source]:
        return [OnceLoad(booted(devices), count, at=1.0)]

    async with staged(4, in_flight=2, loads=loads) as stage:
        fleet = stage.fleet
        stage.delay = 0.5  # a second each
        await trio.sleep(1.9)
        found = [stage.counters()]
        assert found[0]["sessions.wanted"] == 4
        fleet.knock(fleet.devices[2], fleet.clock())  # it has a place before its turn
        power.cut(fleet.devices[3], fleet.clock())
        fleet.touched(fleet.devices[3], fleet.clock())
        for _ in range(20):
            await trio.sleep(0.25)
            found.append(stage.counters())
    assert all(number >= 0 for each in found for number in each.values())
    total = {n: sum(each.get(n, 0) for each in found) for each in found for n in each}
    assert total["sessions.done"] == 4
    assert total["at-once.off"] == total["sessions.not_started"] == 1
    assert total["sessions.wanted"] == 5


async def test_what_the_run_s_end_leaves_over(mock_clock: Clock) -> None:
    """Sessions that were due and had no place are told as not started."""

    def loads(devices: list[Device], count: Count) -> list[Source]:
        return [OnceLoad(booted(devices), count)]

    async with staged(20, in_flight=2, loads=loads) as stage:
        await trio.sleep(0.1)
        stage.fleet.stop()
        assert stage.counters()["sessions.not_started"] == 18


async def test_events_and_parameters_of_a_load(mock_clock: Clock) -> None:
    """`4 VALUE CHANGE` with its parameters; what a CPE does not have is left out."""
    tells = Tells(("4 VALUE CHANGE", "2 PERIODIC"), (MODE, "Device.None"))

    def loads(devices: list[Device], count: Count) -> list[Source]:
        return [rated(Pace.steady(1.0), booted(devices), count, tells=tells)]

    async with staged(2, loads=loads) as stage:
        await trio.sleep(0.5)
        body = judged(stage.informs[0][2])
        assert body.count(b"<EventCode>") == 2
        assert b"4 VALUE CHANGE" in body
        assert b"2 PERIODIC" in body
        assert MODE.encode() in body
        assert b"Device.None" not in body


async def test_pause_and_resume_one_load(mock_clock: Clock) -> None:
    """The other goes on; what comes back is the plan as it is by then."""
    plan = Pace.staged(10.0, [Stage(20.0, 10.0), Stage(0.0, 30.0)])

    def loads(devices: list[Device], count: Count) -> list[Source]:
        return [
            rated(plan, devices[:50], count, "a"),
            rated(Pace.steady(1.0), devices[50:], count, "b"),
        ]

    async with staged(100, loads=loads, in_flight=50) as stage:
        fleet = stage.fleet
        await trio.sleep(5)
        fleet.loads.pause("a", fleet.clock())
        await trio.sleep(10)
        assert fleet.loads.rate(fleet.clock()) == 1.0
        fleet.loads.set_rate("a", 5.0, fleet.clock())  # it holds when the pause is over
        assert fleet.loads.rate(fleet.clock()) == 1.0
        fleet.loads.resume("a", fleet.clock())
        assert fleet.loads.rate(fleet.clock()) == 6.0
        fleet.loads.times("a", 2.0, fleet.clock())
        await trio.sleep(4.5)
        assert fleet.loads.rate(fleet.clock()) == 21.0
        await trio.sleep(4)
        assert fleet.loads.rate(fleet.clock()) == 61.0
        seen = Counter(int(at) for at, n, _ in stage.informs if n < 50)
        assert (seen[4], seen[8], seen[14], seen[17]) == (10, 0, 0, 20)
        others = [at for at, n, _ in stage.informs if n >= 50]
        assert len(others) == 24


async def test_a_rate_for_all_loads_keeps_their_parts(mock_clock: Clock) -> None:
    """Twice the rate in all is twice the rate of each."""

    def loads(devices: list[Device], count: Count) -> list[Source]:
        return [
            rated(Pace.steady(2.0), devices, count, "a"),
            rated(Pace.steady(6.0), devices, count, "b"),
            ClosedLoad(1, devices, count),
        ]

    async with staged(100, loads=loads) as stage:
        fleet = stage.fleet
        fleet.loads.set_rate(None, 16.0, 0.0)
        rates = [
            one.rate(1.0) if isinstance(one, RateLoad) else None
            for one in fleet.loads.sources
        ]
        assert rates == [4.0, 12.0, None]
        fleet.loads.pause(None, 1.0)
        assert fleet.loads.rate(1.0) == 0.0
        await trio.sleep(2)
        assert fleet.places.busy == 0


def test_workers_share_the_arrivals() -> None:
    """Each makes every n-th; together they are those of one worker, by chance too."""
    pace = Pace.staged(5.0, [Stage(20.0, 50.0), Stage(10.0, 0.0)])
    for moments in (None, Poisson(3, "a")):
        alone = Arrivals(pace, moments)
        turns = ([0, 3, 6, 7], [1, 4], [2, 5])  # of eight in a row
        parts = [Arrivals(pace, moments, mine, 8) for mine in turns]
        together = sorted(
            part.due(k)
            for part, mine in zip(parts, turns, strict=True)
            for k in range(70 * len(mine))
        )
        assert together == [alone.due(k) for k in range(560)]
        for t in (0.0, 3.3, 11.7, 21.0, 1000.0):
            fresh = [Arrivals(pace, moments, mine, 8).wanted(t) for mine in turns]
            assert sum(fresh) == Arrivals(pace, moments).wanted(t)
        assert sum(part.rate(10.0) for part in parts) == alone.rate(10.0)


async def test_the_figures_of_groups(mock_clock: Clock) -> None:
    """Series and counters by group, only where there is more than one."""

    def loads(devices: list[Device], count: Count) -> list[Source]:
        return [rated(Pace.steady(10.0), devices, count)]

    groups = [("homes", 0), ("shops", 6)]
    async with staged(10, loads=loads, groups=groups) as stage:
        await trio.sleep(0.95)
        await trio.sleep(0.3)
        found = stage.fleet.meter.snapshot(stage.fleet.clock(), {})
        counters = found.counters
        assert counters["sessions.started{group=homes}"] == 9
        assert counters["sessions.done{group=shops}"] == 4
        assert {"session{group=homes}", "session{group=shops}"} <= set(found.latency)
    async with staged(10, loads=loads) as stage:
        await trio.sleep(0.95)
        found = stage.fleet.meter.snapshot(stage.fleet.clock(), {})
        assert not [name for name in found.counters if "{" in name]
        assert not [name for name in found.latency if "{" in name]


async def test_commands_act_on_one_load_or_on_all(mock_clock: Clock) -> None:
    """A rate, a factor, a pause: by the load's name, or without one for each."""

    def loads(devices: list[Device], count: Count) -> list[Source]:
        return [
            rated(Pace.steady(2.0), devices, count, "a"),
            rated(Pace.steady(6.0), devices, count, "b"),
        ]

    async with staged(100, loads=loads) as stage:
        fleet = stage.fleet

        def rates() -> list[float | None]:
            return [one.rate(9.0) for one in fleet.loads.sources]

        for verb, arguments, expected in (
            ("rate", {"load": "a", "rate": 3.0}, [3.0, 6.0]),
            ("rate", {"factor": 0.5}, [1.0, 3.0]),
            ("pause", {"load": "b"}, [1.0, 0.0]),
            ("pause", {}, [0.0, 0.0]),
            ("rate", {"load": "b", "factor": 2.0}, [0.0, 0.0]),
            ("resume", {"load": "b"}, [0.0, 12.0]),
            ("resume", {"rate": 16.0}, [4.0, 12.0]),
        ):
            await ACTIONS[verb](stage, arguments, 1.0)
            assert rates() == expected, (verb, arguments)


async def test_who_is_to_blame_for_a_late_start(mock_clock: Clock) -> None:
    """No place is the ACS's doing; a place that was there all along is ours."""

    def loads(devices: list[Device], count: Count) -> list[Source]:
        half = len(devices) // 2
        return [
            OnceLoad(booted(devices)[:half], count, at=1.0),
            rated(Pace.steady(10.0, 1.0), devices[half:], count),
        ]

    for in_flight, reason in ((100, "generator"), (1, "in_flight")):
        async with staged(10, in_flight=in_flight, loads=loads) as stage:
            await trio.sleep(0.9)
            if reason == "generator":
                mock_clock.jump(0.3)  # the machine stands still
            await trio.sleep(2)
            counters = stage.counters()
            late = {name for name in counters if name.startswith("late.")}
            assert late == {f"late.{reason}"}, counters
