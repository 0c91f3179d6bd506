"""Power cuts against the reference ACS: what it sees, and how the fleet comes back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import trio

from cpesim.conductor.conductor import conduct
from cpesim.conductor.plan import prepare
from cpesim.measure.result import Result
from cpesim.placement.local import local
from cpesim.scenario.scenario import Acs, Group, Scenario, Start
from cpesim.scenario.shape import Shape
from cpesim.scenario.step import DeviceSet, Phase, Step
from tests.cli.program import acs
from tests.e2e.fleet import STRICT, fast, flawless, stats, stored, summary

DARK = DeviceSet("dark")


def scenario(where: Path, url: str, *steps: Step, count: int = 40, **more: Any) -> Any:
    """Two groups that inform each second."""
    profile, shops = fast(where), count // 4
    return Scenario(
        name="power",
        acs=Acs(url),
        groups=(
            Group("homes", count - shops, profile, 0, interval=1.0, serial="H{n:04}"),
            Group("shops", shops, profile, count - shops, interval=1.0),
        ),
        start=Start(ramp=0.5),
        grace=2.0,
        steps=steps,
        **more,
    )


async def ran(plan: Scenario, out: Path, workers: int = 1) -> Result:
    """The result of a run."""
    with trio.fail_after(40):
        return await conduct(prepare(plan, {}, workers=workers), place=local, out=out)


@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.slow), 2])
async def test_a_storm_and_its_recovery(workers: int, tmp_path: Path) -> None:
    """90 % of a group go dark; all are back, and none of it counts as failed."""
    address = (
        "InternetGatewayDevice.WANDevice.1.WANConnectionDevice.1.WANIPConnection.1."
        "ExternalIPAddress"
    )
    steps = (
        Step(
            "power_cut", 2.0, devices=DeviceSet(group="homes", share=0.9), name="dark"
        ),
        Step(
            "power_restore",
            3.0,
            devices=DARK,
            arguments={
                "arrive": Shape("uniform", 0.0, 1.0),
                "inform": ("1 BOOT", "4 VALUE CHANGE"),
                "set": {address: "{new.ipv4}"},
            },
        ),
    )
    with acs(tmp_path, *STRICT) as url:
        result = await ran(
            scenario(
                tmp_path,
                url,
                *steps,
                duration=5.5,
                phases=(
                    Phase("before", 0.0),
                    Phase("outage", 2.0),
                    Phase("storm", 3.0),
                ),
            ),
            tmp_path / "out",
            workers,
        )
        told = await trio.to_thread.run_sync(stats, url)
    assert result.exit is not None
    assert result.exit.code == 0, result.exit.reason
    found = result.recovery("dark")
    assert (found.size, found.back, found.never) == (27, 27, 0)
    last = found.t(1.0)
    assert last is not None
    assert 0.2 < last < 2.0
    assert result.count("sessions.failed") == 0
    assert result.count("sessions.interrupted") == result.count("sessions.cut")
    assert told["cpes"] == 40
    assert told["violations"]["count"] == 0
    found = summary(tmp_path)
    assert found["recovery"]["dark"]["size"] == 27
    assert found["recovery"]["dark"]["t100"] == round(last, 4)
    assert found["steps"] == {"done": 2}
    assert found["fleet"]["all"]["off"] == 0
    events = stored(tmp_path, "events.ndjson").read_text("utf-8")
    assert "power_cut homes 90% as dark: 27 CPEs" in events
    assert "power_restore dark: 27 CPEs" in events
    assert "phase storm" in events
    # Nobody in the dark spoke: the seconds of the outage are those of the others.
    lines = stored(tmp_path, "timeline.ndjson").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    outage = next(row for row in rows if row["at"] == 2)
    assert outage["gauges"]["fleet.off"] >= 27


@pytest.mark.slow
async def test_a_cut_cpe_answers_no_connection_request(tmp_path: Path) -> None:
    """The ACS that knocks each second finds nobody; afterwards it does again."""
    steps = (
        Step("power_cut", 1.5, name="dark"),
        Step("power_restore", 3.5, devices=DARK),
    )
    options = ("--knock-every", "500ms", "--script", "credentials")
    with acs(tmp_path, *STRICT, *options) as url:
        result = await ran(
            scenario(tmp_path, url, *steps, count=4, duration=5.5), tmp_path / "out"
        )
        told = await trio.to_thread.run_sync(stats, url)
    assert result.count("knocks.missed") > 0
    assert result.count("knocks.answered") > 0
    assert result.recovery("dark").back == 4
    assert told["violations"]["count"] == 0


@pytest.mark.slow
async def test_more_cpes_join_and_leave(tmp_path: Path) -> None:
    """New ones bootstrap at the ACS; removed ones are of the fleet no more."""
    steps = (
        Step(
            "add",
            1.0,
            name="new",
            arguments={"group": "shops", "count": 6, "ramp": 0.5},
        ),
        Step("reboot", 2.0, devices=DeviceSet(group="homes", count=2)),
        Step("remove", 3.0, devices=DeviceSet("new", count=4)),
    )
    with acs(tmp_path, *STRICT) as url:
        result = await ran(
            scenario(tmp_path, url, *steps, count=8, duration=4.5),
            tmp_path / "out",
            workers=2,
        )
        told = await trio.to_thread.run_sync(stats, url)
    flawless(told | {"sessions_broken": 0})
    assert told["cpes"] == 14
    fleet = result.fleet()
    assert fleet["all"]["total"] == 10
    assert fleet["shops"]["total"] == 4
    assert result.gauges()["fleet.removed"] == 4
    assert result.count("steps.done") == 3


@pytest.mark.slow
async def test_a_hook_and_a_check_that_fails(tmp_path: Path) -> None:
    """A hook may ask the ACS itself; the check ends the run with 99, reports too."""
    with acs(tmp_path, *STRICT) as url:
        steps = (
            Step("hook", 1.0, arguments={"http": {"url": url + "stats"}}),
            Step(
                "check",
                2.5,
                arguments={"that": "session.done count >= 1000", "else": "stop"},
            ),
        )
        result = await ran(
            scenario(tmp_path, url, *steps, count=4, duration=20.0), tmp_path / "out"
        )
    assert result.exit is not None
    assert result.exit.code == 99
    assert result.now < 8
    found = summary(tmp_path)
    assert found["exit"]["code"] == 99
    assert "session.done count >= 1000" in found["exit"]["reason"]
    events = stored(tmp_path, "events.ndjson").read_text("utf-8")
    assert f"hook GET {url}stats: status 200" in events


@pytest.mark.slow
async def test_a_download_ends_with_the_power(tmp_path: Path) -> None:
    """The ACS sees its file broken off, and hears of it when the power is back."""
    steps = (
        Step("power_cut", 2.0, name="dark"),
        Step("power_restore", 3.0, devices=DARK),
    )
    options = ("--script", "upgrade", "--firmware-size", "20000000")
    with acs(tmp_path, *STRICT, *options) as url:
        plan = scenario(tmp_path, url, *steps, count=4, duration=5.0)
        slow = Path(plan.groups[0].profile)
        text = await trio.Path(slow).read_text()
        await trio.Path(slow).write_text(text.replace("200Mbit", "400kbit"))
        result = await ran(plan, tmp_path / "out")
        told = await trio.to_thread.run_sync(stats, url)
    assert result.recovery("dark").back == 4
    assert told["downloads"]["broken"] >= 4
    # CWMP 1.0 has no word for a file that was broken off but 9010.
    assert told["transfer_completes"]["faults"] == {"9010": 4}
