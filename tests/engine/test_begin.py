"""CPEs that were there before are up before the run begins, as far as they can be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cpesim.device.device import NEW, UP, Device
from cpesim.device.world import World
from cpesim.engine.loads.begin import know
from cpesim.scenario.scenario import Group, Start
from tests.factory import SERVER, make_profile
from tests.placement.test_local import order


@pytest.mark.parametrize(
    ("known", "time", "life"),
    [
        (True, "0001-01-01T00:00:00Z", UP),
        (True, "2026-01-01T00:01:00Z", NEW),  # its phase is the calendar's
        (False, "0001-01-01T00:00:00Z", NEW),
    ],
)
def test_who_is_up_before_the_run(known: bool, time: str, life: str) -> None:
    """Only those that need not know what time it will be."""
    name = SERVER + "PeriodicInformTime"
    profile = make_profile().with_defaults({name: time})
    groups = ((profile, Group("homes", 2)),)
    devices = [Device(profile, n, World(1)) for n in range(2)]
    know(replace(order(), groups=groups, start=Start(known=known)), devices)
    assert [device.life for device in devices] == [life, life]
