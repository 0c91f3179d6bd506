"""Profiles in YAML: what they become, and what is told of wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpesim.device.catalog import (
    find_profiles_dir,
    load_profile,
    profile_names,
)
from cpesim.device.identity import identity
from cpesim.device.profile import Behaviour, Profile
from cpesim.errors import ConfigError
from tests.device.profiletext import BODY, HEAD, model

# -- one on top of another


def derived(tmp_path: Path, text: str) -> Profile:
    """A profile that extends the one of HEAD and BODY."""
    (tmp_path / "base.yaml").write_text(HEAD + BODY)
    path = tmp_path / "new.yaml"
    path.write_text("version: 1\nname: new\nextends: ./base.yaml\n" + text)
    return load_profile(str(path))


def test_extending_changes_only_what_is_named(tmp_path):
    """Sections key by key, parameters line by line."""
    profile = derived(
        tmp_path,
        "device: {oui: 'AABBCC'}\ninform: {interval: 1m}\n"
        "remove:\n- Hosts.Host[2].\n- Device.DeviceInfo.Note\n- Empty.\n"
        "parameters: {DeviceInfo: {SoftwareVersion: = 2.0}, New: int = 5}\n",
    )

    assert (profile.name, profile.oui, profile.manufacturer) == (
        "new",
        "AABBCC",
        "Acme & Co",
    )
    assert (profile.interval, profile.reboot) == (60.0, 90.0)
    path = "Device.ManagementServer.PeriodicInformInterval"
    assert profile.parameters[path].default == "60"
    version = profile.parameters["Device.DeviceInfo.SoftwareVersion"]
    assert (version.default, version.inform) == ("2.0", True)
    assert "Device.New" in profile.names
    assert "Device.DeviceInfo.Note" not in profile.names
    assert profile.instances["Device.Hosts.Host."] == (1,)
    assert "Device.Empty.{i}." not in profile.tables


def test_problems_of_both_files_come_together(tmp_path):
    """Each with its own file's name."""
    with pytest.raises(ConfigError) as caught:
        derived(tmp_path, "remove: [Hosts.Hst.]\nparameters: {A: strng}\n")
    (tmp_path / "base.yaml").write_text(HEAD + "  B: intt\n")
    with pytest.raises(ConfigError) as both:
        load_profile(str(tmp_path / "new.yaml"))

    told = [str(p).removeprefix(str(tmp_path)) for p in caught.value.problems]
    assert told == [
        "/new.yaml:4:10: there is no Device.Hosts.Hst."
        " (did you mean Device.Hosts.Host.?) to remove",
        "/new.yaml:5:17: unknown word 'strng' (did you mean string?)",
    ]
    assert any(
        "/base.yaml:12:6: unknown word 'intt'" in str(p) for p in both.value.problems
    )


def test_a_circle_of_profiles_is_an_error(tmp_path):
    """Two that extend each other end with a message."""
    for one, other in (("a", "b"), ("b", "a")):
        (tmp_path / f"{one}.yaml").write_text(
            HEAD.replace("name: test", f"name: {one}\nextends: ./{other}.yaml")
            + "  A: int\n"
        )

    with pytest.raises(ConfigError, match="extends itself in the end"):
        load_profile(str(tmp_path / "a.yaml"))


# -- the catalog


def test_every_shipped_profile_is_found_by_its_name():
    """In a checkout the top-level folder's."""
    assert (find_profiles_dir() / "residential-gateway-tr098.yaml").is_file()
    for name in profile_names():
        assert load_profile(name).name == name


def test_a_wrong_name_suggests_a_right_one(tmp_path):
    """And a missing file says so."""
    with pytest.raises(ConfigError, match="did you mean gpon-ont"):
        load_profile("gpon-ant")
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_profile(str(tmp_path / "x.yaml"))
    (tmp_path / "latin.yaml").write_bytes(b"version: 1\nname: caf\xe9\n")
    with pytest.raises(ConfigError, match=r"latin.yaml:2:10: not UTF-8 text"):
        load_profile(str(tmp_path / "latin.yaml"))


def test_behaviours_are_merged_and_none_owns_anothers(tmp_path):
    """Two owners of one RPC are an error that names both."""

    def answer(*_: object) -> bytes:
        return b""

    one = Behaviour("one", rpcs={"Reboot": answer}, starts=(print,))
    two = Behaviour("two", rpcs={"Reboot": answer})
    path = tmp_path / "x.yaml"
    path.write_text(HEAD + BODY)

    profile = load_profile(str(path), behaviours=[one])

    assert profile.rpcs == {"Reboot": answer}
    assert profile.starts == (print,)
    assert "GetParameterValues" in load_profile(str(path)).rpcs
    with pytest.raises(ConfigError, match=r"RPC Reboot has two owners: .* one and two"):
        load_profile(str(path), behaviours=[one, two])


def test_a_group_sets_its_own_over_the_profile(tmp_path):
    """Patterns of the identity, a literal password, an interval."""
    path = tmp_path / "x.yaml"
    path.write_text(
        HEAD
        + "  DeviceInfo: {ManufacturerOUI: string = 00D09E, SerialNumber: string}\n"
        + "  ManagementServer: {PeriodicInformInterval: unsignedInt}\n"
    )

    profile = load_profile(
        str(path),
        oui="AABBCC",
        serial="H{n:04}",
        password="{not a template",
        interval=60,
    )
    device = model(profile, 3)

    assert device.get("Device.DeviceInfo.ManufacturerOUI", 0.0) == "AABBCC"
    assert device.get("Device.DeviceInfo.SerialNumber", 0.0) == "H0003"
    assert device.get("Device.ManagementServer.PeriodicInformInterval", 0.0) == "60"
    assert profile.interval == 60.0
    assert identity(device).password == "{not a template"
    with pytest.raises(ConfigError, match="did you mean serial"):
        load_profile(str(path), username="{seriel}", oui="xyz")
