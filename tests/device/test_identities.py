"""The user's own devices, and a fleet's identities as their file."""

from __future__ import annotations

import io
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.device.catalog import load_profile, write_identities
from cpesim.device.dumps.csvtext import rows
from cpesim.device.identities import COLUMNS, parse_identities
from cpesim.device.identity import identity
from cpesim.device.model import Model
from cpesim.device.world import World
from cpesim.errors import ConfigError

WORLD = World(1)
PROFILE = "residential-gateway-tr098"
CODE = "InternetGatewayDevice.DeviceInfo.ProvisioningCode"


def told(text: str) -> list[str]:
    """What is wrong with an identities file."""
    with pytest.raises(ConfigError) as caught:
        parse_identities(text, "i.csv")
    return [str(p).removeprefix("i.csv:") for p in caught.value.problems]


def test_row_k_is_device_k_of_the_group(tmp_path):
    """Pieces of the identity and paths; an empty cell leaves the profile's own."""
    file = tmp_path / "devices.csv"
    file.write_text(
        f'oui,serial,password,{CODE}\nAABBCC,S1,"p,1",code-1\n\nAABBCC,S2,,\n'
    )
    profile = load_profile(PROFILE, identities=str(file), first=10, count=2)
    one, two, far = (Model(profile, n, WORLD) for n in (10, 11, 12))

    assert profile.identities is not None
    assert profile.identities.rows[0] == ("AABBCC", "S1", "p,1", "code-1")
    assert (identity(one).oui, identity(one).serial) == ("AABBCC", "S1")
    assert identity(one).password == "p,1"
    assert one.get(CODE, 0.0) == "code-1"
    assert one.get("InternetGatewayDevice.DeviceInfo.SerialNumber", 0.0) == "S1"
    assert one.get("InternetGatewayDevice.ManagementServer.Password", 0.0) == "p,1"
    own = Model(load_profile(PROFILE), 11, WORLD)
    assert identity(two).serial == "S2"
    assert identity(two).password == identity(own).password
    assert two.get(CODE, 0.0) == own.get(CODE, 0.0)
    assert (
        identity(far).serial == identity(Model(load_profile(PROFILE), 12, WORLD)).serial
    )


def test_the_files_username_stands_over_the_options(tmp_path):
    """A pattern fills what the file leaves empty."""
    file = tmp_path / "devices.csv"
    file.write_text("serial;username\nS1;me\nS2;\n")
    profile = load_profile(PROFILE, identities=str(file), username="u-{serial}")

    found = [identity(Model(profile, n, WORLD)).username for n in (0, 1)]

    assert found == ["me", "u-S2"]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (
            "",
            [f"1:1: empty: expected {','.join(COLUMNS)}"],
        ),
        ("oui\nAABBCC\n", ["1:1: the column 'serial' is missing"]),
        (
            "serail,serial\nx,y\n",
            ["1:1: unknown column 'serail' (did you mean serial?) or a full path"],
        ),
        ("serial,serial\nx,y\n", ["1:8: a second column 'serial'"]),
        ("serial\n", ["1:1: no devices below the head line"]),
        (
            "serial,oui\nS1,aabbcc\n",
            ["2:4: expected an OUI of six digits 0-9 A-F, not 'aabbcc'"],
        ),
        (
            "serial,oui\nS1,AABBCC,x\nS1,AABBCC\n,AABBCC\nS1,AABBCC\n",
            [
                "2:11: expected 2 cells, not 3",
                "4:1: expected a serial number",
                "5:1: AABBCC S1 stands in line 3 already",
            ],
        ),
        (
            'serial,oui\n"S1,x\n',
            [
                "2:1: a quote that is not closed:"
                " expected \" and then ',' or the line's end"
            ],
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text, problems):
    """All of it at once."""
    assert told(text) == problems


def test_values_are_checked_against_the_profile(tmp_path):
    """A path that it has not, a value that its type does not allow."""
    file = tmp_path / "devices.csv"
    interval = "InternetGatewayDevice.ManagementServer.PeriodicInformInterval"
    file.write_text(f"serial,{interval},{CODE}x\nS1,60,\nS2,often,\n")

    with pytest.raises(ConfigError) as caught:
        load_profile(PROFILE, identities=str(file))

    found = [str(p).removeprefix(f"{file}:") for p in caught.value.problems]
    assert found[0].startswith(f"1:{len(interval) + 9}: {PROFILE} has no parameter")
    assert "did you mean " + CODE in found[0]
    assert found[1].startswith("3:4: 'often' is no value of")


def test_too_few_rows_are_an_error(tmp_path):
    """An ACS that admits only known devices would refuse the rest."""
    file = tmp_path / "devices.csv"
    file.write_text("serial\nS1\n")

    with pytest.raises(ConfigError, match="1 devices, but 2 are wanted"):
        load_profile(PROFILE, identities=str(file), count=2)


def test_a_fleets_identities_come_back_as_its_own(tmp_path):
    """What `profile identities` writes can be brought again."""
    profile = load_profile(PROFILE)
    file = tmp_path / "fleet.csv"
    write_identities(profile, WORLD, 30, file)
    again = load_profile(PROFILE, identities=str(file), count=30)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for n in range(30):
        one, other = (identity(Model(p, n, WORLD)) for p in (profile, again))
        for name in ("oui", "product_class", "serial", "username", "password"):
            assert getattr(one, name) == getattr(other, name)


def test_identities_can_go_to_a_stream(tmp_path):
    """And a file that is there is replaced, not opened."""
    profile, out = load_profile(PROFILE), io.StringIO()
    write_identities(profile, WORLD, 2, out)
    file = tmp_path / "fleet.csv"
    file.write_text("old")
    file.chmod(0o644)
    write_identities(profile, WORLD, 2, str(file))

    assert file.read_text() == out.getvalue()
    assert out.getvalue().startswith("oui,product_class,serial,")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(ConfigError, match="cannot be written"):
        write_identities(profile, WORLD, 2, tmp_path / "no" / "such.csv")


CELLS = st.text(alphabet='ab",;\n é', max_size=6)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5))
def test_quoted_cells_are_read_as_they_were(table):
    """Separators, quotes and line breaks inside them; each with its place."""
    table[0] = ["h", *[c.replace("\n", "").replace(";", "") for c in table[0]], "h"]
    text = "\n".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table
    )
    if text.partition("\n")[0].count(";") >= text.partition("\n")[0].count(","):
        return
    found = list(rows(text, "f"))

    assert [[cell.text for cell in row] for row in found] == table
    written = text.split("\n")
    for row in found:
        for cell in row:
            assert written[cell.line - 1][cell.column - 1] == '"'
