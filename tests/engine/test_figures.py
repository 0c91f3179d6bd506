"""What a shard counts beside its sessions: campaigns, and a user's own code."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import trio
import trio.testing

from cpesim.engine.deeds.sets import Sets
from cpesim.engine.figures.campaign import MOST, OTHERS, Campaign
from cpesim.engine.figures.hook import DeviceSeen, Hook, SessionSeen
from cpesim.engine.figures.sessions import Sessions
from cpesim.engine.standing import Standing
from cpesim.errors import HttpStatus
from cpesim.measure.latency import Latency
from cpesim.measure.meter import Meter
from cpesim.scenario.plugin import method
from cpesim.scenario.shard import Shard
from cpesim.scenario.step import DeviceSet
from tests.engine.stage import staged
from tests.factory import ROOT, WAN

Clock = trio.testing.MockClock
SOFTWARE = ROOT + "DeviceInfo.SoftwareVersion"


def test_a_campaign_counts_from_the_first_order() -> None:
    """Seconds to each CPE's new version in hundredths; each CPE once a version."""
    meter = Meter()
    first = {("homes", "1.0"): 5, ("shops", "1.0"): 3}
    begun: dict[str, float] = {}
    campaign = Campaign(
        meter, lambda n: "homes" if n < 5 else "shops", first, begun.__setitem__
    )
    assert campaign.gauges() == {}
    campaign.ordered("2.0", 100.0)
    campaign.ordered("2.0", 150.0)
    campaign.reached(1, "1.0", "2.0", 300.0)
    campaign.reached(2, "1.0", "2.0", 7300.0)
    campaign.reached(7, "1.0", "2.0", 400.0)
    campaign.reached(1, "2.0", "2.1", 500.0)
    campaign.reached(1, "2.1", "2.0", 600.0)
    campaign.reached(1, "2.0", "1.0", 700.0)
    assert campaign.gauges() == {
        "at_version{group=homes,version=2.0}": 1.0,
        "at_version{group=homes,version=2.1}": 0.0,
        "at_version{group=homes,version=1.0}": 4.0,
        "at_version{group=shops,version=1.0}": 2.0,
        "at_version{group=shops,version=2.0}": 1.0,
    }
    assert begun == {"2.0": 100.0, "2.1": 500.0, "1.0": 700.0}
    found = meter.snapshot(1.0, {})
    assert found.counters["campaign.done{version=2.0}"] == 3
    assert found.counters["campaign.done{version=2.1}"] == 1
    series = Latency()
    series.add_bytes(found.latency["campaign{version=2.0}"])
    assert series.total_count == 3
    assert series.figures().max * 100 == pytest.approx(7200, rel=0.01)


def test_an_acs_that_makes_up_versions_is_told_of_as_others() -> None:
    """The first have figures of their own; with the rest there is one more, no more."""
    meter = Meter()
    begun: dict[str, float] = {}
    campaign = Campaign(
        meter, lambda n: "homes", {("homes", "1.0"): 100}, begun.__setitem__
    )
    for n in range(100):
        campaign.ordered(f"2.{n}", float(n))
        campaign.reached(n, "1.0", f"2.{n}", 1000.0)
    campaign.reached(98, "2.98", "1.0", 1001.0)
    campaign.reached(99, "2.99", "3.0", 1001.0)
    campaign.gone(97, "2.97")
    found = meter.snapshot(1.0, campaign.gauges())
    assert len(begun) == len(found.latency) == MOST + 1
    assert found.counters["campaign.done{version=2.0}"] == 1
    others = f"{{version={OTHERS}}}"
    assert found.counters["campaign.done" + others] == 100 - (MOST - 1)
    assert found.gauges[f"at_version{{group=homes,version={OTHERS}}}"] == 69 - 2
    assert sum(found.gauges.values()) == 99


async def test_cpes_that_come_and_go_are_counted_by_their_version(
    mock_clock: Clock,
) -> None:
    """Of those that were added there are more, of those removed fewer."""
    async with staged(6) as stage:
        await trio.sleep(5)
        meter = stage.fleet.meter
        campaign = Campaign(meter, lambda n: "all", {("all", "1.2.9"): 6}, print)
        stage.fleet.devices[0].model.world.upgrades = campaign
        campaign.ordered("2.0", 5.0)
        campaign.joined("all", 4)
        campaign.joined("none", 4)
        campaign.reached(1, "1.2.9", "2.0", 6.0)
        stage.fleet.devices[1].model.set(SOFTWARE, "2.0")
        await stage.do("remove", DeviceSet(where={SOFTWARE: "2.0"}))
        await stage.do("remove", DeviceSet(count=2))
        assert campaign.gauges() == {
            "at_version{group=all,version=1.2.9}": 7.0,
            "at_version{group=all,version=2.0}": 0.0,
        }


def test_a_fleet_that_grows_again_and_again_has_no_longer_tables() -> None:
    """Its states and its sessions are counted by group, however often it grew."""
    groups = [("homes", 0, 10), ("shops", 10, 5)]
    standing = Standing(groups)
    figures = Sessions(Meter(), [(name, first) for name, first, _ in groups])
    sets = Sets([("homes", range(10)), ("shops", range(10, 15))], 1, Shard())
    before = len(pickle.dumps((standing, figures._firsts, sets)))
    for _ in range(1000):
        numbers = sets.add("shops", 3)
        standing.add("shops", numbers.start, 3)
        figures.add("shops", numbers.start)
    assert len(pickle.dumps((standing, figures._firsts, sets))) < before + 100
    numbers = sets.add("homes", 2)
    standing.add("homes", numbers.start, 2)
    assert [standing.group(n) for n in (9, 10, 3014, 3015)] == [
        *("homes", "shops", "shops", "homes")
    ]
    standing.move(3016, "new", "ok")
    found = standing.gauges()
    assert found["fleet/homes/total"] == 12
    assert found["fleet/homes/ok"] == found["fleet.ok"] == 1
    assert found["fleet/shops/new"] == 3005
    assert found["fleet.total"] == 3017
    chosen = sets.choose(DeviceSet(group="homes"), "s", lambda n, values: True)
    assert chosen == [*range(10), 3015, 3016]


EVENTS = ("0 BOOTSTRAP", "1 BOOT", "4 VALUE CHANGE", "13 WAKEUP")


async def test_sessions_are_counted_by_the_events_of_their_informs(
    mock_clock: Clock,
) -> None:
    """Each that is named, as the Inform tells them; failures and retries too."""
    async with staged(3, ramp=float, events=EVENTS) as stage:
        await trio.sleep(0.5)
        stage.failure = HttpStatus(503)
        await trio.sleep(1)
        stage.failure = None
        await trio.sleep(20)
        told = {"events": ("4 VALUE CHANGE",), "params": (WAN + "Signal",)}
        await stage.do("inform", arguments=told)
        await trio.sleep(1)
        assert [len(stage.told(code)) for code in EVENTS] == [4, 4, 3, 0]
        snapshot = stage.fleet.meter.snapshot(stage.fleet.clock(), {})
    counters = {k: n for k, n in snapshot.counters.items() if "{" in k}
    assert counters == {
        "sessions.done{event=0 BOOTSTRAP}": 3,
        "sessions.done{event=1 BOOT}": 3,
        "sessions.done{event=4 VALUE CHANGE}": 3,
        "sessions.failed{event=0 BOOTSTRAP}": 1,
        "sessions.failed{event=1 BOOT}": 1,
    }
    for series in ("session{event=1 BOOT}", "session.service{event=1 BOOT}"):
        found = Latency()
        found.add_bytes(snapshot.latency[series])
        assert found.total_count == 3


async def test_a_run_that_names_no_event_counts_by_none(mock_clock: Clock) -> None:
    """It has the plain figures, which know nothing of events."""
    async with staged(2) as stage:
        await trio.sleep(5)
        snapshot = stage.fleet.meter.snapshot(stage.fleet.clock(), {})
        assert type(stage.fleet.figures) is Sessions
    assert snapshot.counters["sessions.done"] == 2
    assert not [name for name in (*snapshot.counters, *snapshot.latency) if "{" in name]


async def test_a_hook_is_told_of_each_session(
    mock_clock: Clock, tmp_path: Path
) -> None:
    """Plain values of the CPE and of what came of it; failures too."""
    path = tmp_path / "mine.py"
    path.write_text(
        "import trio\n"
        "seen = []\n"
        "class Mine:\n"
        "    async def on_session(self, device, session):\n"
        "        await trio.sleep(0.01)\n"
        "        seen.append((device.n, device.serial, device.group,\n"
        "                     session.label, round(session.took, 3)))\n"
        "    def told(self):\n"
        "        return seen\n",
        encoding="utf-8",
    )
    on_session = method(f"{path}:Mine", "on_session")
    counted: list[str] = []
    hook = Hook(
        on_session, group=lambda n: "g", count=counted.append, tell=counted.append
    )
    async with staged(2, ramp=lambda n: float(n), hook=hook) as stage:
        await trio.sleep(0.5)
        stage.failure = HttpStatus(503)
        await trio.sleep(1)
        seen = on_session.__self__.told()
        assert seen == [
            (0, "T000001", "g", "", 0.2),
            (1, "T000001", "g", "http 503", 0.1),
        ]
    assert counted == []


async def test_a_hook_that_raises_ends_nothing(mock_clock: Clock) -> None:
    """Each error is counted, the first is told, the run goes on."""

    async def on_session(device: DeviceSeen, session: SessionSeen) -> None:
        raise ValueError(f"not {device.n}")

    counted: list[str] = []
    told: list[str] = []
    hook = Hook(on_session, group=lambda n: "g", count=counted.append, tell=told.append)
    async with staged(3, ramp=lambda n: float(n), hook=hook) as stage:
        await trio.sleep(5)
        assert stage.counters()["sessions.done"] == 3
        assert stage.fleet.places.busy == 0
    assert counted == ["plugin.errors"] * 3
    assert len(told) == 1
    assert "ValueError: not 0" in told[0]
    assert "test_figures.py:" in told[0]
