"""Instances more and fewer than the profile's, against a plain picture of the tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.cwmp.fault import Fault
from cpesim.device import model as room
from cpesim.device.model import Model
from tests.device.aliased import MAPPING, ROUTER, ask, router
from tests.factory import HOSTS, ROOT, make_device

FORWARDING = ROUTER + "{}.IPv4Forwarding."
# What an instance of each table has in it.
INNER = {
    MAPPING: ("Alias", "Description", "Enable"),
    ROUTER: ("Alias", "Enable", "IPv4Forwarding."),
    "": ("Alias", "Metric"),  # of a forwarding
}


def pictured(tables: dict[str, list[int]]) -> tuple[set[str], set[str]]:
    """The parameters and objects that such instances come to."""
    names, objects = set(), set()
    for table, numbers in tables.items():
        objects.add(table)
        for i in numbers:
            objects.add(f"{table}{i}.")
            for inner in INNER.get(table, INNER[""]):
                (objects if inner.endswith(".") else names).add(f"{table}{i}.{inner}")
    return names, objects


def compared(model: Model, tables: dict[str, list[int]]) -> None:
    """Whatever is asked of the model, it is as the picture has it."""
    names, objects = pictured(tables)
    for path in ("", "Device.", MAPPING, ROUTER, *sorted(objects)):
        below = {n for n in names if n.startswith(path)}
        found = model.under(path)
        assert list(found) == sorted(found)
        assert {n for n in found if n.startswith((MAPPING, ROUTER))} == below
        leaves = model.leaves(path)
        assert [n for n, _ in leaves] == list(found)
        assert all(model.parameter(n) is p for n, p in leaves)
        there = [o for o, _ in model.objects(path)]
        assert there == sorted(set(there))
        assert {o for o in there if o.startswith((MAPPING, ROUTER))} == {
            o for o in objects if o.startswith(path)
        }
        assert not path or model.has_object(path)
    for table, numbers in tables.items():
        assert model.instances(table) == numbers
        assert model.count(table) == len(numbers)


STEPS = st.lists(
    st.tuples(st.booleans(), st.sampled_from([MAPPING, ROUTER, "1", "2", "3"])),
    max_size=14,
)


@pytest.mark.rule("P6", "P7")
@given(STEPS, st.integers(0, 3))
def test_the_tree_is_what_was_made_of_it(
    steps: list[tuple[bool, str]], which: int
) -> None:
    """However an ACS adds and deletes: nothing is lost, doubled, or found again."""
    model = router().model
    tables = {MAPPING: [1, 2], ROUTER: [1], FORWARDING.format(1): [1]}
    used = {MAPPING: 2, ROUTER: 1, FORWARDING.format(1): 1}
    most = {MAPPING: 4, ROUTER: 4}
    for adds, where in steps:
        table = FORWARDING.format(where) if where.isdigit() else where
        numbers = tables.get(table)
        if numbers is None:
            with pytest.raises(Fault, match="9005"):
                model.add(table)
        elif adds and len(numbers) >= most.get(table, 3):
            with pytest.raises(Fault, match="9004"):
                model.add(table)
        elif adds:
            number = model.add(table)
            used[table] = used.get(table, 0) + 1
            assert number == used[table]
            numbers.append(number)
            if table == ROUTER:
                tables[FORWARDING.format(number)] = []
        elif numbers:
            number = numbers.pop(which % len(numbers))
            model.delete(f"{table}{number}.")
            with pytest.raises(Fault, match="9005"):
                model.delete(f"{table}{number}.")
            if table == ROUTER:
                del tables[FORWARDING.format(number)]
    compared(model, tables)


@pytest.mark.rule("P7")
def test_many_deleted_instances() -> None:
    """With more than a few gone, each path is still told from its neighbours."""
    device = make_device()
    grown = room.Grown()
    grown.gone = {f"{HOSTS}{i}." for i in (1, 11, 2, 20, 3, 30)}
    for i in range(1, 40):
        expected = i in (1, 11, 2, 20, 3, 30)
        assert grown.is_gone(f"{HOSTS}{i}.Name") is expected
        assert grown.is_gone(f"{HOSTS}{i}.") is expected
    assert not grown.is_gone(HOSTS)
    names = sorted(f"{HOSTS}{i}.Name" for i in range(1, 40))
    assert grown.kept(names) == [n for n in names if not grown.is_gone(n)]
    assert device.model.grown is None


@pytest.mark.rule("P6")
def test_what_an_acs_can_add_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """9004 when the device is full, however many tables there are; nothing piles up."""
    monkeypatch.setattr(room, "MOST_ADDED", 3)
    model = router().model
    for _ in range(5):
        number = model.add(ROUTER)
        model.add(FORWARDING.format(number))
        model.add(FORWARDING.format(number))
        with pytest.raises(Fault, match="9004"):
            model.add(MAPPING)
        model.delete(f"{ROUTER}{number}.")
    assert model.grown is not None
    assert model.grown.added == {}
    assert list(model.grown.used) == [ROUTER]


@pytest.mark.rule("P6", "P7")
def test_deleting_a_profile_s_instance_forgets_what_was_below() -> None:
    """Added and deleted ones inside it leave no trace but its number."""
    model = router().model
    model.add(FORWARDING.format(1))
    model.delete(FORWARDING.format(1) + "1.")
    model.delete(ROUTER + "1.")
    assert model.grown is not None
    assert (model.grown.added, model.grown.gone) == ({}, {ROUTER + "1."})
    assert model.add(ROUTER) == 2
    assert model.instances(FORWARDING.format(2)) == []
    assert model.add(FORWARDING.format(2)) == 1


@pytest.mark.rule("P6")
def test_the_last_number() -> None:
    """4294967295 is given, and after it 9004: no number comes round again."""
    model = router().model
    model.add(MAPPING)
    assert model.grown is not None
    model.grown.used[MAPPING] = 4_294_967_294
    assert model.add(MAPPING) == 4_294_967_295
    model.delete(f"{MAPPING}4294967295.")
    with pytest.raises(Fault, match="9004"):
        model.add(MAPPING)


@pytest.mark.rule("P6", "P7")
@pytest.mark.parametrize(
    ("rpc", "path"),
    [
        ("AddObject", HOSTS + "1."),
        ("AddObject", HOSTS + "1"),
        ("AddObject", HOSTS[:-1]),
        ("AddObject", HOSTS + "."),
        ("AddObject", HOSTS + "{i}."),
        ("AddObject", ROOT + "LANDevice.9.Hosts.Host."),
        ("AddObject", ROOT + "LANDevice."),
        ("AddObject", ROOT + "LANDevice.1."),
        ("DeleteObject", HOSTS),
        ("DeleteObject", HOSTS + "01."),
        ("DeleteObject", HOSTS + "0."),
        ("DeleteObject", HOSTS + "+1."),
        ("DeleteObject", HOSTS + "1.."),
        ("DeleteObject", HOSTS + "1.Name"),
        ("DeleteObject", HOSTS + "1.Name."),
        ("DeleteObject", HOSTS + "3."),
        ("DeleteObject", ROOT + "LANDevice.1."),
        ("DeleteObject", ROOT + "WANDevice.1."),
        ("DeleteObject", ROOT),
    ],
)
def test_each_wrong_form(rpc: str, path: str) -> None:
    """Tables, instances, names and dots in the wrong place: 9005 and nothing done."""
    device = make_device()
    assert ask(device, rpc, path, "key").fault == 9005
    assert (device.model.grown, device.model.own) == (None, {})
