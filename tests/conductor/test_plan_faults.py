"""What is wrong with a scenario's faults is found before anything starts."""

from __future__ import annotations

from typing import Any

import pytest

from cpesim.conductor.plan import check
from cpesim.errors import ConfigError
from cpesim.scenario.scenario import Acs, Group, Scenario
from cpesim.scenario.step import DeviceSet, Injection, Phase, Place, Step


def planned(*faults: Injection) -> Scenario:
    """A scenario with these faults."""
    return Scenario(
        "a",
        Acs("http://x/"),
        (Group("homes", 5),),
        injections=faults,
        phases=(Phase("storm", 5.0),),
        steps=(Step("power_cut", name="dark"),),
    )


def test_all_is_found_at_once_and_where_it_is_written() -> None:
    """Kinds, arguments, groups and names."""
    place = Place("a.yaml", 7, 3)
    wrong: list[dict[str, Any]] = [
        {"kinds": {"dnss": {}}},
        {"kinds": {"dns": {"rate": 1}}, "name": "b"},
        {"kinds": {"dns": {}}, "devices": DeviceSet(group="home"), "name": "c"},
        {"kinds": {"dns": {}}, "devices": DeviceSet(name="dork"), "name": "d"},
        {"kinds": {"dns": {}}, "phase": "strom", "name": "e"},
    ]
    faults = [Injection(**{"name": "a", "place": place, **how}) for how in wrong]
    with pytest.raises(ConfigError) as found:
        check(planned(*faults, faults[0]))
    assert [str(problem)[:54] for problem in found.value.problems] == [
        "a.yaml:7:3: faults: a: there are two of this name",
        "a.yaml:7:3: faults: a: dnss: expected one of tcp_reset",
        "a.yaml:7:3: faults: b: dns: rate: expected one of p",
        "a.yaml:7:3: faults: c: no group home: expected homes",
        "a.yaml:7:3: faults: d: no step names a set dork: expec",
        "a.yaml:7:3: faults: e: no phase strom: expected storm",
    ]


def test_sound_faults_pass() -> None:
    """A named set may come later."""
    check(planned(Injection("a", {"dns": {}}, DeviceSet(name="dark"), "storm")))
