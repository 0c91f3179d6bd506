"""Which CPEs a step is about."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from cpesim.engine.deeds.sets import Sets
from cpesim.errors import ConfigError
from cpesim.scenario.shard import Shard
from cpesim.scenario.step import EVERYONE, DeviceSet

GROUPS = (("homes", range(900)), ("shops", range(900, 1000)))


def sets(index: int = 0, of: int = 1, seed: int = 1) -> Sets:
    return Sets(GROUPS, seed, Shard(index, of))


def nobody(n: int, values: Mapping[str, str]) -> bool:
    raise AssertionError("no values were asked for")


def chosen(wanted: DeviceSet, salt: str = "s", of: int = 1, seed: int = 1) -> list[int]:
    """What all shards together find, each only its own."""
    found: list[int] = []
    for index in range(of):
        shard = Shard(index, of)
        every = sets(index, of, seed).choose(wanted, salt, nobody)
        found += [n for n in every if shard.mine(n)]
    return sorted(found)


def test_all_and_groups() -> None:
    """Without more, all of them."""
    assert chosen(EVERYONE) == list(range(1000))
    assert chosen(DeviceSet(group="shops")) == list(range(900, 1000))


@pytest.mark.parametrize("of", [1, 2, 3, 7])
def test_a_share_is_exact_over_the_whole_fleet(of: int) -> None:
    """Whatever the number of workers, and the same CPEs."""
    picked = chosen(DeviceSet(group="homes", share=0.9), of=of)
    assert len(picked) == 810
    assert picked == chosen(DeviceSet(group="homes", share=0.9))
    assert max(picked) < 900


@pytest.mark.parametrize("of", [1, 4])
def test_a_count(of: int) -> None:
    """Exactly so many, or all there are."""
    assert len(chosen(DeviceSet(count=20), of=of)) == 20
    assert len(chosen(DeviceSet(group="shops", count=500), of=of)) == 100


def test_a_pick_is_one_at_least() -> None:
    """A run that is scaled down still has one."""
    assert len(chosen(DeviceSet(group="shops", share=0.0001))) == 1
    assert len(chosen(DeviceSet(count=0))) == 1


def test_picks_differ_by_salt_and_seed_and_nothing_else() -> None:
    """Each turn of a step draws anew; CPEs are spread over the fleet."""
    one = chosen(DeviceSet(share=0.1), "step/0/0")
    assert one == chosen(DeviceSet(share=0.1), "step/0/0")
    assert one != chosen(DeviceSet(share=0.1), "step/0/1")
    assert one != chosen(DeviceSet(share=0.1), "step/0/0", seed=2)
    assert 25 < sum(n < 500 for n in one) < 75


@pytest.mark.parametrize("of", [1, 3])
def test_a_named_set_and_a_part_of_it(of: int) -> None:
    """A later step means the CPEs of the earlier one, or picks among them."""
    dark: list[int] = []
    part: list[int] = []
    shops: list[int] = []
    for index in range(of):
        found = sets(index, of)
        wanted = DeviceSet(share=0.5)
        found.name("dark", found.choose(wanted, "a", nobody), wanted)
        mine = Shard(index, of).mine
        for into, which in (
            (dark, DeviceSet("dark")),
            (part, DeviceSet("dark", share=0.1)),
            (shops, DeviceSet("dark", group="shops")),
        ):
            into += [n for n in found.choose(which, "b", nobody) if mine(n)]
    assert len(dark) == 500
    assert len(part) == 50
    assert set(part) < set(dark)
    assert set(shops) == set(dark) & set(range(900, 1000))


@pytest.mark.parametrize("of", [1, 3])
def test_values_are_looked_at_before_the_pick(of: int) -> None:
    """Of those that have them now; each shard looks at its own CPEs alone."""
    every: list[int] = []
    counted: list[int] = []
    shared: list[int] = []
    for index in range(of):
        mine = Shard(index, of).mine

        def look(n: int, values: Mapping[str, str], mine=mine) -> bool:  # type: ignore[no-untyped-def]
            assert mine(n)
            assert values == {"Version": "1"}
            return n % 10 == 0

        found = sets(index, of)
        where = {"Version": "1"}
        every += found.choose(DeviceSet(where=where), "s", look)
        counted += found.choose(DeviceSet(count=20, where=where), "s", look)
        shared += found.choose(DeviceSet(share=0.3, where=where), "s", look)
    assert sorted(every) == list(range(0, 1000, 10))
    assert len(counted) == 20
    assert abs(len(shared) - 30) <= (0 if of == 1 else 2)
    assert set(counted) | set(shared) <= set(every)


def test_unknown_names_are_errors_that_say_what_there_is() -> None:
    """A step that names them fails, and nothing else."""
    found = sets()
    with pytest.raises(ConfigError, match="no group is called 'hoems': expected homes"):
        found.choose(DeviceSet(group="hoems"), "s", nobody)
    with pytest.raises(ConfigError, match="no set is called 'dark': there is none"):
        found.choose(DeviceSet("dark"), "s", nobody)
    with pytest.raises(ConfigError, match="no group"):
        found.add("hoems", 1)


def test_more_cpes_and_fewer() -> None:
    """New ones have the numbers behind all others; removed ones are found no more."""
    found = sets()
    assert found.add("homes", 5) == range(1000, 1005)
    homes = found.choose(DeviceSet(group="homes"), "s", nobody)
    assert homes == [*range(900), *range(1000, 1005)]
    found.remove([0, 1001])
    assert found.gone(0)
    assert not found.gone(1)
    assert len(found.choose(EVERYONE, "s", nobody)) == 1003
    assert len(found.choose(DeviceSet(group="homes", share=1.0), "s", nobody)) == 903
