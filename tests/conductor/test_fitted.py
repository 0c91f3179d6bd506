"""What a plan says of loads and groups that no run can do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cpesim.conductor.plan import prepare
from cpesim.errors import ConfigError
from cpesim.scenario.parts import Ramp, part_of, ramps
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
from cpesim.scenario.shard import Shard

HOMES, SHOPS = Group("homes", 10), Group("shops", 3, first=10)
PLAN = Scenario("plan", Acs("http://127.0.0.1:9/"), (HOMES, SHOPS))
RATE = Load("r", "arrival-rate", rate=2.0)


@pytest.mark.parametrize(
    ("load", "wrong"),
    [
        (replace(RATE, executor="sometimes"), "'sometimes': expected fleet, arr"),
        (replace(RATE, groups=("hoems",)), "no group 'hoems': expected homes, shops"),
        (replace(RATE, rate=0.0), "load r: expected more than 0"),
        (replace(RATE, stages=(Stage(1.0, -1.0),)), "load r: expected more than 0"),
        (replace(RATE, params=("Device.Nix",)), "no CPE of it has Device.Nix"),
        (Load("c", "in-flight", ("shops",), number=4), "in-flight 4: expected 1 to 3"),
        (Load("c", "in-flight"), "in-flight None: expected 1 to 13"),
        (Load("o", "at-once", number=14), "number 14: expected 1 to 13"),
    ],
)
def test_wrong_loads(load: Load, wrong: str) -> None:
    """Each is one sentence with what was expected."""
    with pytest.raises(ConfigError, match=wrong):
        prepare(replace(PLAN, loads=(load,)), {})


@pytest.mark.parametrize(
    ("behaviour", "wrong"),
    [
        (Behaviour(outcomes=(Outcome(0.5, fault=8000),)), "outcome 8000: expected"),
        (Behaviour(outcomes=(Outcome(0.5, at="boot"),)), "expected transfer or flash"),
        (Behaviour(outcomes=(Outcome(0.6), Outcome(0.6))), "shares of 100%"),
        (Behaviour(keep=True), "keep: expected false"),
    ],
)
def test_wrong_behaviours(behaviour: Behaviour, wrong: str) -> None:
    """Each names its group."""
    group = replace(HOMES, behaviour=behaviour)
    with pytest.raises(ConfigError, match=f"homes: .*{wrong}"):
        prepare(replace(PLAN, groups=(group,)), {})


def test_what_a_group_sets_is_in_its_orders() -> None:
    """Tag, values, timers, who listens; and which phase a known CPE has."""
    version = "InternetGatewayDevice.DeviceInfo.SoftwareVersion"
    homes = replace(HOMES, tag="gw", values={version: "9.9"}, listens=False)
    shops = replace(SHOPS, spread=True)
    loads = (Load(groups=("homes",)), replace(RATE, groups=("shops",)))
    start = Start(known=True, ramp=26.0)
    plan = prepare(replace(PLAN, groups=(homes, shops), loads=loads, start=start), {})
    (first, _), (second, _) = plan.orders[0].groups
    assert first.parameters[version].default == "9.9"
    assert second.parameters[version].default != "9.9"
    code = "InternetGatewayDevice.DeviceInfo.ProvisioningCode"
    assert first.parameters[code].default == "gw"
    assert (first.ways.timers, second.ways.timers) == (True, False)
    assert (first.ways.listens, second.ways.listens) == (False, True)
    assert (first.ways.phase, second.ways.phase) == (Ramp(13, 26.0), None)


def test_a_wrong_value_names_its_group() -> None:
    """Parameter and group are in the error."""
    group = replace(HOMES, values={"InternetGatewayDevice.Nix": "1"})
    with pytest.raises(ConfigError, match=r"homes: set: .*InternetGatewayDevice\.Nix"):
        prepare(replace(PLAN, groups=(group,)), {})


def test_plug_ins_are_looked_at_before_the_run(tmp_path: Path) -> None:
    """The hook's method has to be there; a rate becomes stages."""
    path = tmp_path / "mine.py"
    path.write_text("class Mine:\n    def rate(self, t): return t\n", encoding="utf-8")
    named = f"{path}:Mine"
    with pytest.raises(ConfigError, match="expected a method on_session"):
        prepare(replace(PLAN, plugin=named), {})
    load = Load("r", "arrival-rate", plugin=named)
    plan = prepare(replace(PLAN, loads=(load,), duration=2.0), {})
    (made,) = plan.orders[0].loads
    assert made.stages == (Stage(1.0, 1.0), Stage(1.0, 2.0))
    assert plan.scenario.loads == (load,)


def test_who_boots_over_the_ramp() -> None:
    """Those with timers, and those that no rate boots; all, if the ramp is given."""
    timers, once = Load(groups=("homes",)), Load("o", "at-once")
    rate = replace(RATE, groups=("shops",))
    for start, loads, expected in (
        (Start(), (Load(),), (True, True)),
        (Start(), (RATE,), (False, False)),
        (Start(), (timers, rate), (True, False)),
        (Start(), (timers, RATE), (True, False)),
        (Start(), (timers,), (True, True)),
        (Start(), (once,), (True, True)),
        (Start(), (), (True, True)),
        (Start(ramp=5.0), (RATE,), (True, True)),
    ):
        assert tuple(ramps(start, loads, g) for g in (HOMES, SHOPS)) == expected


@pytest.mark.parametrize("of", [1, 2, 3, 7, 20])
def test_workers_share_a_load(of: int) -> None:
    """Each CPE is one worker's, in its turn; numbers add up, and find their CPEs."""
    groups = (SHOPS, HOMES)
    for load, count in ((RATE, 13), (replace(RATE, groups=("shops",)), 3)):
        parts = [part_of(load, groups, Shard(index, of)) for index in range(of)]
        turns = {
            turn: n
            for part in parts
            for n, turn in zip(part.numbers, part.turns, strict=True)
        }
        wanted = [*range(10, 13), *range(10)][:count]
        assert [turns[turn] for turn in range(count)] == wanted
        for number in range(count + 1):
            shares = [part.share(number) for part in parts]
            assert sum(shares) == number
            assert all(s <= len(p.numbers) for s, p in zip(shares, parts, strict=True))
