"""What two profiles are compared by, where one was written and read back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cpesim.device.check import check
from cpesim.device.model import Model
from cpesim.device.profile import Profile, Table
from cpesim.device.world import World

WORLD = World(1, epoch=1.7e9, acs_url="http://acs/", url=lambda n: f"http://cpe/{n}")


def told(profile: Profile) -> dict[str, Any]:
    """All of a parameter but its value, by path."""
    return {
        name: replace(p, default="", inform=name in profile.inform)
        for name, p in profile.parameters.items()
    }


def values(profile: Profile, n: int, now: float = 77.0) -> dict[str, str]:
    """What device *n* reads, hidden texts too."""
    model = Model(profile, n, WORLD)
    return {name: model.get(name, now) for name in profile.names}


def tables(profile: Profile) -> dict[str, Any]:
    """Each table with how far it grows and what a new instance has."""

    def one(table: Table) -> tuple[Any, ...]:
        kinds = {n: (p.type, p.writable) for n, p in table.template.items()}
        return table.writable, table.most if table.writable else 0, kinds

    return {path: one(table) for path, table in profile.tables.items()}


def same(one: Profile, other: Profile, *, but: frozenset[str] = frozenset()) -> None:
    """The two kinds of device cannot be told apart, but for some values."""
    assert one.names == other.names
    assert told(one) == told(other)
    assert dict(one.objects) == dict(other.objects)
    assert tables(one) == tables(other)
    assert one.inform == other.inform
    assert (one.root, one.cwmp, one.interval) == (
        other.root,
        other.cwmp,
        other.interval,
    )
    for n in (0, 7):
        first, second = values(one, n), values(other, n)
        assert {k: v for k, v in first.items() if k not in but} == {
            k: v for k, v in second.items() if k not in but
        }
    for name in but:
        assert not check(other.parameters[name], values(other, 0)[name]), name
