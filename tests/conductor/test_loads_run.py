"""Whole runs with several loads and groups, against the reference ACS."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path

import pytest
import trio

from cpesim.conductor.conductor import conduct
from cpesim.conductor.plan import prepare
from cpesim.measure.result import Result
from cpesim.placement.inline import inline
from cpesim.placement.local import local
from cpesim.scenario.scenario import (
    Acs,
    Behaviour,
    Group,
    Load,
    Outcome,
    Scenario,
    Stage,
    Start,
)
from cpesim.scenario.shape import Shape
from tests.e2e.fleet import fast
from tests.e2e.one import reference

# The program is run many times over: a minute and more.
pytestmark = pytest.mark.slow

VERSION = "InternetGatewayDevice.DeviceInfo.SoftwareVersion"


async def ran(scenario: Scenario, out: Path, workers: int = 1) -> Result:
    """The result of a run that came to its end."""
    plan = prepare(scenario, {}, workers=workers)
    try:
        with trio.fail_after(60):
            place = inline if workers == 1 else local
            result = await conduct(plan, place=place, out=out)
    finally:
        gc.unfreeze()  # a shard in this process has frozen all that was there
    assert result.exit is not None
    assert result.exit.code == 0, (result.exit, result.events)
    return result


async def test_known_cpes_and_two_loads_on_two_workers(tmp_path: Path) -> None:
    """Nobody boots; timers where they belong; arrivals by chance, with their events."""
    homes = Group("homes", 20, interval=1.0, spread=True)
    shops = Group("shops", 5, first=20)
    poisson = Load(
        "extra",
        "arrival-rate",
        ("shops",),
        rate=0.0,
        stages=(Stage(1.0, 20.0), Stage(5.0, 20.0)),
        poisson=True,
        events=("4 VALUE CHANGE",),
        params=("InternetGatewayDevice.DeviceInfo.ProvisioningCode",),
    )
    async with reference() as (server, port):
        scenario = Scenario(
            "two",
            Acs(f"http://127.0.0.1:{port}/"),
            (homes, shops),
            duration=3.0,
            grace=2.0,
            start=Start(known=True),
            loads=(Load("timers", "fleet", ("homes",)), poisson),
        )
        result = await ran(scenario, tmp_path, workers=2)
        events = server.stats()["events"]
    counters = result.counters
    assert counters["started.periodic"] == pytest.approx(60, abs=2)
    assert 25 <= counters["started.pace"] <= 75  # 50 on average, by chance
    assert "started.boot" not in counters
    assert events["4 VALUE CHANGE"] == counters["started.pace"]
    assert "0 BOOTSTRAP" not in events
    assert counters["sessions.done{group=homes}"] == counters["done.periodic"]
    assert counters["sessions.done{group=shops}"] == counters["done.pace"]
    assert result.gauges()["fleet/homes/ok"] == 20


async def test_a_campaign_with_failures(tmp_path: Path) -> None:
    """New versions are counted by group; those that fail tell it."""
    behaviour = Behaviour(
        bandwidth=Shape("lognormal", 20e6, 0.5),
        flash=Shape("uniform", 0.3, 0.6),
        reboot=Shape("fixed", 0.4),
        then={VERSION: "{download.version}"},
        complete_inform=("1 BOOT", "7 TRANSFER COMPLETE", "M Download"),
    )
    bad = replace(behaviour, outcomes=(Outcome(1.0, fault=9010),))
    profile = fast(tmp_path)
    groups = (
        Group("good", 6, profile, values={VERSION: "1.0.0"}, behaviour=behaviour),
        Group("bad", 2, profile, 6, values={VERSION: "1.0.0"}, behaviour=bad),
    )
    async with reference(
        script="upgrade", firmware_size=20_000, firmware_version="2.0.0"
    ) as (_, port):
        scenario = Scenario(
            "campaign",
            Acs(f"http://127.0.0.1:{port}/"),
            groups,
            duration=4.0,
            grace=2.0,
            start=Start(ramp=0.5),
        )
        result = await ran(scenario, tmp_path)
    assert result.counters["campaign.done{version=2.0.0}"] == 6
    began = result.campaign("2.0.0").began
    assert began is not None
    assert 0.0 < began < 4.0
    gauges = result.gauges()
    assert gauges["at_version{group=good,version=2.0.0}"] == 6
    assert gauges["at_version{group=good,version=1.0.0}"] == 0
    assert gauges["at_version{group=bad,version=1.0.0}"] == 2
    assert "at_version{group=bad,version=2.0.0}" not in gauges


async def test_a_closed_load_has_no_intended_start(tmp_path: Path) -> None:
    """Two sessions at all times, and the CPEs' boots are the first of them."""
    plugin = tmp_path / "mine.py"
    plugin.write_text(
        "from pathlib import Path\n"
        "class Mine:\n"
        "    async def on_session(self, device, session):\n"
        f"        with Path({str(tmp_path / 'seen')!r}).open('a') as file:\n"
        "            print(device.serial, device.group, session.label, file=file)\n"
        "        raise ValueError('enough')\n",
        encoding="utf-8",
    )
    async with reference() as (_, port):
        scenario = Scenario(
            "closed",
            Acs(f"http://127.0.0.1:{port}/"),
            (Group("homes", 10),),
            duration=1.5,
            grace=2.0,
            loads=(Load("two", "in-flight", number=2),),
            plugin=f"{plugin}:Mine",
        )
        result = await ran(scenario, tmp_path)
    done = result.counters["done.in-flight"]
    assert done == result.counters["sessions.done"] > 20
    assert result.total("session.service").count == done
    assert result.total("session").count == 0
    seen = (tmp_path / "seen").read_text().splitlines()
    assert len(seen) == result.counters["plugin.errors"] == done
    assert len(set(seen)) == 10
    told = [event for event in result.events if "ValueError: enough" in str(event)]
    assert len(told) == 1
