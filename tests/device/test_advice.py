"""What a profile lacks, though it is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpesim.device.advice import advice
from cpesim.device.catalog import compile_profile, load_profile, profile_names
from tests.cli.program import PROFILE

ROOT = "InternetGatewayDevice."
WAN = """\
  WANDevice[1].WANConnectionDevice[1].WANIPConnection[1].ExternalIPAddress: string = 1
"""


def told(text: str) -> str:
    """The advice on a profile's text, as one."""
    return "\n".join(advice(compile_profile(text, "x.yaml")))


@pytest.mark.parametrize("name", profile_names())
def test_what_ships_needs_none(name: str) -> None:
    """They have all that an ACS looks for."""
    assert advice(load_profile(name)) == []


@pytest.mark.rule("I2")
def test_what_each_inform_has_to_tell() -> None:
    """Missing, or there and not marked; the WAN's address as well."""
    assert f"{ROOT}DeviceSummary is missing: the standard" in told(PROFILE)
    unmarked = PROFILE.replace("ParameterKey: inform ", "ParameterKey: ")
    assert f"{ROOT}ManagementServer.ParameterKey is not marked inform" in told(unmarked)
    assert "ParameterKey" not in told(PROFILE)
    assert "WANIPConnection.1.ExternalIPAddress, or another" in told(PROFILE + WAN)
    marked = WAN.replace("string", "inform string")
    assert "WANIPConnection" not in told(PROFILE + marked)


def test_what_every_acs_looks_for() -> None:
    """There, and writable where an ACS writes it."""
    assert f"{ROOT}ManagementServer.PeriodicInformTime is missing" in told(PROFILE)
    fixed = PROFILE.replace("URL: rw string(256) ~ acs", "URL: string(256) ~ acs")
    assert f"{ROOT}ManagementServer.URL is not rw" in told(fixed)


def test_a_fleet_of_one_serial_number() -> None:
    """All CPEs would be the same one to an ACS."""
    assert "every CPE has" not in told(PROFILE)
    one = PROFILE.replace('"HG{n:08}"', "HG7")
    assert "every CPE has the serial number 'HG7'" in told(one)
    other = PROFILE + "  DeviceInfo.SerialNumber: string = HG8\n"
    assert f"{ROOT}DeviceInfo.SerialNumber is not {{serial}}" in told(
        other.replace('"HG{n:08}"', "HG7")
    )


def test_counts_that_stand_still_and_odd_values() -> None:
    """A table that may grow beside a fixed count; a text that is no number."""
    text = PROFILE + (
        "  HostNumberOfEntries: unsignedInt = 1\n  Host[1]+: {Name: string = a}\n"
        "  Count: unsignedInt! = many\n  Time: dateTime!\n"
    )
    assert f"{ROOT}HostNumberOfEntries does not count its table" in told(text)
    assert f"{ROOT}Count has a value that is none of its type" in told(text)
    living = text.replace("unsignedInt = 1", "unsignedInt ~ entries Host")
    assert "does not count" not in told(living)


def test_many_of_a_kind_are_not_all_named(shared: Path) -> None:
    """Ten, and how many more there are."""
    text = PROFILE + "".join(f"  C{n}: int! = x\n" for n in range(13))
    lines = told(text).splitlines()
    assert sum("none of its type" in line for line in lines) == 10
    assert "… and 3 more of that kind" in lines
