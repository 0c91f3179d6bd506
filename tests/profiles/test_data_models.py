"""
The shipped profiles against the Broadband Forum's data models.

Rule: what the standard names is as the standard says; a device's own freedom (which
objects it has, which choices it offers, what it calls X_…) is all that differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from cpesim.device.catalog import load_profile, profile_names
from cpesim.device.check import check
from cpesim.device.profile import Parameter, Profile
from tests.profiles.datamodel import DataModel, Leaf, general, joined, read

PROFILES = profile_names()
# Tables that the models let an ACS add to, but that follow a gateway's hardware.
FIXED = {"InternetGatewayDevice.LANDevice.{i}."}
EXTERNAL_ADDRESS = "ExternalIPAddress"


@cache
def _models(folder: Path) -> dict[str, DataModel]:
    services = "Device.Services."
    return {
        "InternetGatewayDevice.": read(folder / "tr-098-1-8-0-full.xml"),
        "Device.": joined(
            read(folder / "tr-181-2-17-0-cwmp-full.xml"),
            read(folder / "tr-104-2-0-2-cwmp-full.xml", services),
            read(folder / "tr-135-1-4-1-cwmp-full.xml", services),
        ),
    }


@pytest.fixture(scope="module")
def models(shared: Path) -> dict[str, DataModel]:
    """The data models by their root."""
    folder = shared / "standard" / "data-models"
    if not folder.is_dir():
        pytest.skip(
            "the Broadband Forum's data models do not stand beside the checkout"
        )
    return _models(folder)


@cache
def _profile(name: str) -> Profile:
    return load_profile(name)


def _of_vendor(path: str) -> bool:
    return any(part.startswith("X_") for part in path.split("."))


def _declared(profile: Profile) -> Iterator[tuple[str, Parameter]]:
    """Every standard parameter, those of new instances too, by its general path."""
    for name, parameter in profile.parameters.items():
        if not _of_vendor(name):
            yield general(name), parameter
    for path, table in profile.tables.items():
        for name, parameter in table.template.items():
            if not _of_vendor(path + name):
                yield general(path + name), parameter


def _leaves(
    profile: Profile, models: dict[str, DataModel]
) -> Iterator[tuple[str, Parameter, Leaf]]:
    model = models[profile.root].parameters
    for path, parameter in _declared(profile):
        if path in model:
            yield path, parameter, model[path]


@pytest.mark.parametrize("name", PROFILES)
def test_every_standard_name_is_in_the_data_model(
    name: str, models: dict[str, DataModel]
) -> None:
    """No parameter and no object is called what the standard does not know."""
    profile = _profile(name)
    model = models[profile.root]
    unknown = {path for path, _ in _declared(profile)} - model.parameters.keys()
    known = {"", *model.objects}
    for path in model.objects:  # Device.Services. has objects below it only
        while path:
            path = path[:-1].rpartition(".")[0] + "." if "." in path[:-1] else ""
            known.add(path)
    unknown |= {
        general(path)
        for path in (*profile.objects, *profile.tables)
        if not _of_vendor(path)
        # A table's own object, "…Host.", stands in the XML as "…Host.{i}." only.
        and general(path) not in known
        and general(path) + "{i}." not in model.objects
    }
    assert not unknown


@pytest.mark.parametrize("name", PROFILES)
def test_types_are_the_models(name: str, models: dict[str, DataModel]) -> None:
    """Type, length, list and ranges are those of the data model."""
    wrong: list[object] = []
    for path, parameter, leaf in _leaves(_profile(name), models):
        syntax = leaf.syntax
        if (parameter.type, parameter.list) != (syntax.type, syntax.list):
            wrong.append((path, parameter.type, syntax.type))
        if parameter.length != syntax.length and not syntax.choices:
            wrong.append((path, parameter.length, syntax.length))
        spans = () if syntax.list or syntax.type == "decimal" else syntax.ranges
        if parameter.ranges != spans:
            wrong.append((path, parameter.ranges, spans))
    assert not wrong


@pytest.mark.parametrize("name", PROFILES)
def test_access_is_the_models(name: str, models: dict[str, DataModel]) -> None:
    """What the standard lets an ACS write may be written, and nothing else."""
    assert not [
        path
        for path, parameter, leaf in _leaves(_profile(name), models)
        if parameter.writable != leaf.writable
    ]


@pytest.mark.rule("P1")
@pytest.mark.parametrize("name", PROFILES)
def test_what_the_model_hides_is_hidden(
    name: str, models: dict[str, DataModel]
) -> None:
    """Passwords and the like read as empty, and nothing else does."""
    assert not [
        path
        for path, parameter, leaf in _leaves(_profile(name), models)
        if parameter.hidden != leaf.hidden
    ]


@pytest.mark.rule("P4")
@pytest.mark.parametrize("name", PROFILES)
def test_choices_are_among_the_models(name: str, models: dict[str, DataModel]) -> None:
    """A device offers some of the model's enumeration, and always an enumeration."""
    wrong = []
    profile = _profile(name)
    for path, parameter, leaf in _leaves(profile, models):
        choices = set(leaf.syntax.choices)
        if leaf.syntax.of and parameter.choices:  # what the parameter beside it lists
            beside = path.rpartition(".")[0] + "." + leaf.syntax.of
            listed = models[profile.root].parameters[beside].syntax.choices
            choices = {*listed, leaf.syntax.null}
        strange = set(parameter.choices) - choices
        if strange or bool(parameter.choices) != bool(choices):
            wrong.append((path, strange or "none given"))
    assert not wrong


@pytest.mark.rule("I7", "P5")
@pytest.mark.parametrize("name", PROFILES)
def test_notifications_are_the_models(name: str, models: dict[str, DataModel]) -> None:
    """forceEnabled, forceDefaultEnabled and canDeny stand where the model has them."""
    assert not [
        (path, parameter.notify, leaf.notify)
        for path, parameter, leaf in _leaves(_profile(name), models)
        if (parameter.notify, parameter.deny) != (leaf.notify, leaf.deny)
    ]


@pytest.mark.rule("I2")
@pytest.mark.parametrize("name", PROFILES)
def test_forced_parameters_are_the_models(
    name: str, models: dict[str, DataModel]
) -> None:
    """Informs carry what the model forces; of the WAN addresses, the default's."""
    profile = _profile(name)
    forced = {p for p, leaf in models[profile.root].parameters.items() if leaf.inform}
    expected = {
        path
        for path in profile.parameters
        if general(path) in forced and not path.endswith(EXTERNAL_ADDRESS)
    }
    service = profile.parameters.get(
        f"{profile.root}Layer3Forwarding.DefaultConnectionService"
    )
    if service is not None:
        expected.add(f"{service.default}.{EXTERNAL_ADDRESS}")
    assert set(profile.inform) == expected
    assert len(profile.inform) == len(expected)


@pytest.mark.rule("P6", "P7")
@pytest.mark.parametrize("name", PROFILES)
def test_tables_are_the_models(name: str, models: dict[str, DataModel]) -> None:
    """An ACS may add to the tables that the model says, and to no others."""
    profile = _profile(name)
    objects = models[profile.root].objects
    wrong = []
    for path, table in profile.tables.items():
        if _of_vendor(path):
            continue
        expected = objects[path].writable and path not in FIXED
        if table.writable != expected:
            wrong.append((path, table.writable))
    for path in profile.objects:
        above = general(path)
        if profile.objects[path] and not _of_vendor(path):
            kind = above if above in objects else above + "{i}."
            if not objects[kind].writable:
                wrong.append((path, True))
    assert not wrong


@pytest.mark.parametrize("name", PROFILES)
def test_tables_are_counted(name: str, models: dict[str, DataModel]) -> None:
    """Beside each table of the profile stands the parameter that counts it."""
    profile = _profile(name)
    objects = models[profile.root].objects
    declared = {path for path, _ in _declared(profile)}
    missing = set()
    for path in profile.tables:
        if _of_vendor(path) or not objects[path].entries:
            continue
        above = path.removesuffix("{i}.")[:-1].rpartition(".")[0] + "."
        if above + objects[path].entries not in declared:
            missing.add(above + objects[path].entries)
    assert not missing


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_accepts_what_it_declares(name: str) -> None:
    """A new instance's fixed values are values of their own types."""
    wrong = []
    for path, parameter in _declared(_profile(name)):
        default = parameter.default
        # An empty text is "not set" wherever a form is asked for.
        if isinstance(default, str) and default and check(parameter, default):
            wrong.append((path, default))
    assert not wrong
