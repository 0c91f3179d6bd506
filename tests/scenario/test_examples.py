"""The three scenarios that the language was drawn from load as they stand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cpesim.scenario.load import load_scenario
from cpesim.scenario.scenario import Scenario
from cpesim.scenario.shape import Shape
from cpesim.scenario.step import DeviceSet

BESIDE = Path(__file__).parents[3] / "shared" / "design"
WHERE = Path(os.environ.get("CPESIM_TEST_DESIGN", BESIDE)) / "scenarios"


def example(name: str) -> Scenario:
    """An example, where it stands."""
    path = WHERE / f"{name}.yaml"
    if not path.is_file():
        pytest.skip(f"{path} is not here: CPESIM_TEST_DESIGN names its folder")
    return load_scenario(str(path), {})


def test_the_boot_storm() -> None:
    """Phases, a cut and a restore of a named set, a fault in one phase."""
    scenario = example("boot-storm")
    assert [phase.name for phase in scenario.phases] == [
        *("warm-up", "baseline", "outage", "storm", "after")
    ]
    assert (scenario.start.known, scenario.duration) == (True, 1500.0)
    cut, restore, stop = scenario.steps
    assert (cut.do, cut.name, cut.devices) == (
        *("power_cut", "dark"),
        DeviceSet(group="homes", share=0.9),
    )
    assert restore.devices == DeviceSet(name="dark")
    assert restore.arguments["arrive"] == Shape("exponential", 25.0, within=90.0)
    assert restore.place.line > cut.place.line > 0
    assert stop.at == 1500.0
    (fault,) = scenario.injections
    assert fault.phase == "storm"
    assert fault.kinds["tcp_reset_before_response"]["p"] == 0.005
    assert fault.kinds["delay_response"]["by"] == Shape("lognormal", 0.4, 0.8)
    assert len(scenario.thresholds) == 8
    assert (scenario.thresholds[6].abort, scenario.thresholds[6].grace) == (True, 60.0)
    assert scenario.thresholds[7].name == "shops are not starved"


def test_the_firmware_campaign() -> None:
    """`like`, what a Download does, hooks and a gate."""
    scenario = example("firmware-campaign")
    gw, canary = scenario.groups
    assert (canary.count, canary.tag, canary.first) == (50, "canary", 5000)
    assert (canary.interval, canary.values) == (gw.interval, gw.values)
    assert canary.answer_after == Shape("uniform", 0.02, 0.4)
    assert canary.behaviour is not None
    assert canary.behaviour.bandwidth == Shape("lognormal", 20e6, 0.5)
    assert [o.share for o in canary.behaviour.outcomes] == [0.02, 0.01, 0.005, 0.005]
    hook, gate, *_ = scenario.steps
    assert hook.arguments["http"]["json"] == {"tag": "canary", "version": "2.0.0"}
    assert hook.arguments["expect"] == {"status": 200}
    assert gate.arguments["else"] == "stop"


def test_the_soak() -> None:
    """Two loads, stages, steps that come again, and how long detail is kept."""
    scenario = example("soak")
    assert scenario.timers
    helpdesk = scenario.loads[1]
    assert (helpdesk.rate, helpdesk.poisson, helpdesk.name) == (2.0, True, "helpdesk")
    assert sum(stage.length for stage in helpdesk.stages) == 86_400.0
    reboot, street, _ = scenario.steps
    assert (reboot.every, reboot.devices) == (600.0, DeviceSet(count=20))
    assert (street.jitter, street.arguments) == (600.0, {"restore_after": 300.0})
    assert scenario.report.keep_detail == {1: 7200.0, 10: 86_400.0, 60: float("inf")}
    assert scenario.thresholds[1].stays == 1800.0
