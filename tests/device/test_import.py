"""What users have as a profile: exports of GenieACS."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpesim.device.catalog import compile_profile, load_profile, read
from cpesim.device.draft.secrets import replaced
from cpesim.device.draft.sources import draft_from
from cpesim.device.draft.write import write
from cpesim.device.identity import identity
from cpesim.device.model import Model
from cpesim.errors import ConfigError
from tests.device.reading import WORLD, same
from tests.device.test_dump import SMALL

DUMPS = (
    "huawei-BM632w-tr098.csv",
    "nokia-G1425GA-ont.csv",
    "huawei-EG8145V5-ont.csv",
    "tplink-EX220.csv",
    "genieacs-device.json",
)


@pytest.mark.parametrize("name", DUMPS)
def test_a_dump_as_a_profile_is_the_dump(shared: Path, name: str) -> None:
    """Parameters, types, access, objects and values; all secrets but are replaced."""
    path = str(shared / "dumps" / name)
    straight = load_profile(path)
    text = write(draft_from(read(Path(path)), path))
    again = compile_profile(text, "out.yaml")
    secret = frozenset(replaced(straight.parameters))

    same(straight, again, but=secret)
    assert all(straight.parameters[p].default not in (text, "") for p in secret)
    for n in (0, 3):
        one = identity(Model(straight, n, WORLD))
        other = identity(Model(again, n, WORLD))
        assert (one.oui, one.product_class) == (other.oui, other.product_class)
        assert (one.serial, one.username) == (other.serial, other.username)


@pytest.mark.parametrize("name", DUMPS)
def test_it_is_compact_and_says_where_it_is_from(shared: Path, name: str) -> None:
    """Fewer lines than the dump has; the source and what was guessed on top."""
    path = shared / "dumps" / name
    draft = draft_from(read(path), str(path))
    text = write(draft)

    assert text.startswith(f"# From {name}: an export of GenieACS")
    assert "# Guessed, so worth a look:" in text
    assert name.endswith("json") or text.count("\n") < read(path).count("\n")
    assert "    SerialNumber: string = {serial}\n" in text
    assert "~ acs\n" in text
    assert "~ url\n" in text


@pytest.mark.parametrize(
    ("text", "file", "told"),
    [
        ("", "a.csv", "a.csv:1:1: empty: expected"),
        ("Parameter,Object\n", "a.csv", "a.csv:1:1: no column 'Writable'"),
        ("{\n]", "a.json", "a.json:2:1: not JSON"),
        ('{"A": {"B": 1}}', "a.json", "a.json:1:8: A.B: expected an object"),
        ("[]", "a.json", "a.json:1:1: an empty list"),
        ("<html></html>", "a.xml", "a.xml:1:1: XML, but of neither kind: expected"),
        ("version: 1\n", "a.yaml", "a.yaml:1:1: a profile already: expected"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, file: str, told: str) -> None:
    """File, line and column, and what was expected."""
    with pytest.raises(ConfigError) as caught:
        draft_from(text, file)
    assert str(caught.value).startswith(told)


def test_objects_are_for_data_models() -> None:
    """--object with a dump is a mistake, and is told as one."""
    with pytest.raises(ConfigError, match="for a data model's XML"):
        draft_from("Parameter,Object\n", "a.csv", objects=["Device.WiFi."])


def test_no_address_of_the_one_device_is_left() -> None:
    """Its WAN address is in no label and no value of the profile."""
    text = write(draft_from(SMALL, "small.csv"))
    assert "192.168.88.59" in SMALL
    assert "192.168.88.59" not in text
    assert "{ipv4 100.64.0.0/10 @address" in text
    assert "8KA8WA1151100043" not in text
