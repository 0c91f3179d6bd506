"""What a plan says of a run before it."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Any

import pytest

from cpesim.scenario.load import load_scenario
from cpesim.scenario.outlook.draw import chart, drawn
from cpesim.scenario.outlook.figures import outlook, size
from cpesim.scenario.scenario import Acs, Group, Load, Scenario, Stage, Start
from cpesim.scenario.shape import Shape
from cpesim.scenario.step import DeviceSet, Phase, Step

INTERVALS = {"homes": 100.0}
QUIET = Start(known=True)


def made(**changes: Any) -> Scenario:
    """1,000 CPEs for 1,000 s, with nothing to do but what is said."""
    given: dict[str, Any] = {
        "start": QUIET,
        "duration": 1000.0,
        "loads": (Load("a", "in-flight", number=1),),
        **changes,
    }
    return Scenario("x", Acs("http://x/"), (Group("homes", 1000),), **given)


@pytest.mark.parametrize(
    ("changes", "sessions", "peak"),
    [
        ({}, 0, 0),
        ({"loads": (Load(),)}, 10_000, 10),  # each 100 s
        (
            {"loads": (Load(),), "start": Start(ramp=10.0)},
            10_900,
            # 1,000 boots in 10 s; the first periodic ones come after the ramp.
            100,
        ),
        ({"loads": (Load("a", "arrival-rate", rate=5.0),)}, 5000, 5),
        (
            {
                "loads": (
                    Load("a", "arrival-rate", rate=0.0, stages=(Stage(500.0, 10.0),)),
                )
            },
            7500,  # a triangle, and a plateau
            10,
        ),
        ({"loads": (Load("a", "at-once", at=500.0),)}, 1000, 1000),
        ({"loads": (Load("a", "at-once", number=50),)}, 50, 50),
        ({"steps": (Step("reboot", 500.0, devices=DeviceSet(count=20)),)}, 20, 20),
        (
            {"steps": (Step("reboot", every=100.0, devices=DeviceSet(share=0.1)),)},
            900,  # the tenth would be at the very end
            100,
        ),
        (
            {
                "steps": (
                    Step("power_cut", 10.0, arguments={"restore_after": 90.0}),
                    Step("power_cut", 20.0, arguments={"restore_after": None}),
                )
            },
            1000,
            1000,
        ),
        (
            {
                "steps": (
                    Step(
                        "power_restore",
                        100.0,
                        arguments={"arrive": Shape("uniform", 0.0, 100.0)},
                    ),
                )
            },
            1000,
            10,
        ),
        (
            {
                "steps": (
                    Step(
                        "add",
                        0.0,
                        arguments={"group": "homes", "count": 300, "ramp": 30.0},
                    ),
                )
            },
            300,
            10,
        ),
        ({"steps": (Step("mark", 1.0), Step("stop", 1000.0))}, 0, 0),
    ],
)
def test_sessions_and_their_peak(
    changes: dict[str, Any], sessions: float, peak: float
) -> None:
    """Of timers, rates, what comes at once, and steps."""
    found = outlook(made(**changes), INTERVALS)
    assert found.sessions == pytest.approx(sessions, rel=0.02)
    assert found.peak == pytest.approx(peak, rel=0.1)
    assert len(found.curve) == 64
    assert max(found.curve) == found.peak


def test_new_cpes_boot_as_in_the_run() -> None:
    """Over the ramp where the run's do; those of a rate in their first session."""
    calls = Load("calls", "arrival-rate", groups=("shops",), rate=1.0)
    scenario = Scenario(
        "x",
        Acs("http://x/"),
        (Group("homes", 1000), Group("shops", 500, first=1000)),
        duration=100.0,
        loads=(Load("timers", groups=("homes",)), calls),
    )
    # 1,000 boots, and 100 sessions of the rate: none of the 500 shops boots besides.
    found = outlook(scenario, {"homes": 1e6, "shops": 1e6})
    assert found.sessions == pytest.approx(1100, rel=0.01)
    burst = replace(scenario, loads=(Load("b", "at-once", at=90.0),))
    assert outlook(burst, {}).sessions == pytest.approx(3000, rel=0.01)
    led = replace(scenario, start=Start(ramp=inf), loads=(Load(),))
    assert outlook(led, {"homes": 10.0, "shops": 10.0}).sessions == 0


def test_a_step_that_is_due_many_times() -> None:
    """Each 100 ms for a day: none is left out."""
    step = Step("reboot", every=0.1, devices=DeviceSet(count=2))
    found = outlook(made(steps=(step,), duration=86_400.0), {})
    assert found.sessions == pytest.approx(2 * 864_000, rel=0.001)
    assert found.peak == pytest.approx(20, rel=0.1)


def test_sets() -> None:
    """Of a set that a step named, its share."""
    cut = Step("power_cut", 1.0, devices=DeviceSet(group="homes", share=0.9), name="d")
    scenario = made(steps=(cut,))
    assert size(DeviceSet(name="d", share=0.5), scenario) == 450
    assert size(DeviceSet(count=5000), scenario) == 1000
    assert size(None, scenario) == 1000
    assert size(DeviceSet(group="shops"), scenario) == 0


def test_sets_that_are_made_of_each_other_have_nobody() -> None:
    """No step of a run finds them, and the drawing ends all the same."""
    one = Step("reboot", 1.0, devices=DeviceSet(name="b"), name="a")
    other = Step("reboot", 1.0, devices=DeviceSet(name="a"), name="b")
    assert size(DeviceSet(name="a"), made(steps=(one, other))) == 0


def test_sockets_and_memory() -> None:
    """No more sockets than CPEs; more CPEs, more memory."""
    small, large = outlook(made(), {}), outlook(made(in_flight=10), {})
    assert (small.sockets, large.sockets) == (1000, 10)
    big = Scenario("x", Acs("http://x/"), (Group("homes", 1_000_000),))
    assert outlook(big, {}).memory - small.memory > 1_000_000_000


def test_the_load_is_drawn() -> None:
    """As high as the peak, where it is; a line where a phase begins."""
    burst = Load("a", "at-once", at=500.0)
    scenario = made(loads=(burst,), phases=(Phase("a", 0.0), Phase("b", 500.0)))
    rows = list(chart(outlook(scenario, {}), scenario))
    assert rows[0] == "    1,000/s " + " " * 32 + "#"
    assert [row.index("#") for row in rows[:8]] == [44] * 8
    assert rows[8] == "          0 |" + "-" * 31 + "|" + "-" * 31
    assert rows[9].endswith("16:40")


def test_the_whole_plan_is_told() -> None:
    """Of a shipped scenario."""
    scenario = load_scenario("boot-storm", {})
    intervals = {group.name: group.interval or 300.0 for group in scenario.groups}
    text = drawn(scenario, outlook(scenario, intervals), intervals)
    for word in ("20,000", "homes", "shops", "sessions", "peak", "sockets", "memory"):
        assert word in text
    assert text.isascii()
