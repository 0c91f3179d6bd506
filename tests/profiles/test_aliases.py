"""Aliases and references in the shipped profiles (CHECKLIST P8, P11, P13)."""

from __future__ import annotations

from functools import cache

import pytest

from cpesim.device.catalog import load_profile, profile_names
from cpesim.device.model import Model
from cpesim.device.paths.address import sound
from cpesim.device.profile import Profile
from cpesim.device.world import World
from tests.profiles.datamodel import DataModel, general
from tests.profiles.test_data_models import models

PROFILES = profile_names()
_ = models  # the fixture, found by its name


@cache
def _profile(name: str) -> Profile:
    return load_profile(name)


def _model(name: str) -> Model:
    return Model(_profile(name), 3, World(1, epoch=1.7e9))


@pytest.mark.rule("P8", "P11")
def test_which_profiles_have_aliases() -> None:
    """Both data model families have one; wildcards are of TR-181 alone."""
    aliased = {name for name in PROFILES if _profile(name).aliases}
    wild = {name for name in PROFILES if _profile(name).wildcards}
    assert aliased >= {"residential-gateway-tr181", "residential-gateway-tr098"}
    assert wild == {n for n in aliased if _profile(n).root == "Device."}


@pytest.mark.rule("P11", "I2")
@pytest.mark.parametrize("name", PROFILES)
def test_what_alias_based_addressing_requires(name: str) -> None:
    """InstanceMode and AutoCreateInstances, off at first; told in each Inform."""
    profile = _profile(name)
    server = profile.root + "ManagementServer."
    if not profile.aliases:
        assert server + "InstanceMode" not in profile.parameters
        return
    assert profile.parameters[server + "InstanceMode"].default == "InstanceNumber"
    assert profile.parameters[server + "AutoCreateInstances"].default == "0"
    assert server + "AliasBasedAddressing" in profile.inform
    assert not profile.by_alias


@pytest.mark.rule("P8", "P11")
@pytest.mark.parametrize("name", PROFILES)
def test_each_instance_has_its_alias(name: str, models: dict[str, DataModel]) -> None:
    """Where the data model has one: with the CPE's prefix, unique in its table."""
    profile = _profile(name)
    if not profile.aliases:
        return
    model, standard = _model(name), models[profile.root].parameters
    for path in profile.objects:
        above, _, last = path[:-1].rpartition(".")
        if not last.isdigit() or general(path) + "Alias" not in standard:
            continue
        if not standard[general(path) + "Alias"].writable:
            continue
        alias = model.get(path + "Alias", 0.0)
        assert alias.startswith("cpe-"), path
        assert sound(alias), path
        others = [
            model.get(f"{above}.{i}.Alias", 0.0)
            for i in model.instances(above + ".")
            if str(i) != last
        ]
        assert alias not in others, path
    assert not [
        path
        for path, table in profile.tables.items()
        if path + "Alias" in standard
        and standard[path + "Alias"].writable
        and "Alias" not in table.template
    ]


@pytest.mark.rule("P6", "P11")
@pytest.mark.parametrize("name", PROFILES)
def test_a_new_instance_has_its_alias(name: str) -> None:
    """In each table that an ACS may add to, below new instances too."""
    profile, model = _profile(name), _model(name)
    added = 0
    for path, writable in profile.objects.items():
        if not writable or path[:-1].rpartition(".")[2].isdigit():
            continue
        table = model.table(path)
        assert table is not None
        if len(model.instances(path)) >= table.most:
            continue
        number = model.add(path)
        added += 1
        if "Alias" in table.template:
            assert model.get(f"{path}{number}.Alias", 0.0) == f"cpe-{number}"
    assert added or not any(profile.objects.values())


@pytest.mark.rule("P13")
@pytest.mark.parametrize("name", PROFILES)
def test_references_are_full_paths_without_the_dot(name: str) -> None:
    """And lead to an object or a parameter that the device has."""
    profile, model = _profile(name), _model(name)
    wrong = []
    for path, parameter in profile.parameters.items():
        if parameter.type != "string":
            continue
        text = model.get(path, 0.0)
        for item in text.split(",") if parameter.list else [text]:
            item = item.strip()
            if not item.startswith(profile.root):
                continue
            there = model.has_object(item + ".") or model.parameter(item) is not None
            if item.endswith(".") or not there:
                wrong.append((path, item))
    assert not wrong
