"""Which files are the client certificate of a CPE."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpesim.scenario.certificates import Certificates

WHO = {"oui": "00D09E", "product_class": "HG", "serial": "S 1", "n": "7"}


def put(folder: Path, *names: str) -> None:
    """Empty files."""
    for name in names:
        (folder / name).touch()


@pytest.mark.rule("H6")
@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (["S 1.pem"], ("S 1.pem", "S 1.pem")),
        (["S 1.pem", "S 1.key"], ("S 1.pem", "S 1.key")),
        (["S 1.crt", "S 1.key"], ("S 1.crt", "S 1.key")),
        (["S 1.pem", "S 1.crt", "S 1.key"], ("S 1.pem", "S 1.key")),
        (["S 1.crt"], None),
        (["S 1.key", "S 2.pem"], None),
    ],
)
def test_in_a_folder(
    there: list[str], expected: tuple[str, str] | None, tmp_path: Path
) -> None:
    """The serial number's .pem, or .crt, and the .key beside it."""
    put(tmp_path, *there)
    found = Certificates(str(tmp_path))
    assert not found.shared
    assert found.of(WHO) == (expected and tuple(str(tmp_path / n) for n in expected))


@pytest.mark.rule("H6")
def test_by_a_pattern(tmp_path: Path) -> None:
    """Pieces of the identity stand for themselves."""
    put(tmp_path, "00D09E-HG-S 1-7.cert", "00D09E-HG-S 1-7.key")
    found = Certificates(str(tmp_path / "{oui}-{product_class}-{serial}-{n}.cert"))
    stem = str(tmp_path / "00D09E-HG-S 1-7")
    assert not found.shared
    assert found.of(WHO) == (stem + ".cert", stem + ".key")
    assert found.of({**WHO, "n": "8"}) is None


def test_one_for_all(tmp_path: Path) -> None:
    """A file is every CPE's."""
    put(tmp_path, "all.pem")
    found = Certificates(str(tmp_path / "all.pem"))
    assert found.shared
    assert found.of(WHO) == (str(tmp_path / "all.pem"),) * 2
    assert Certificates(str(tmp_path / "none.pem")).of(WHO) is None


@pytest.mark.parametrize("serial", ["../out", "a/b", "\0", ".."])
def test_a_serial_number_leads_nowhere(serial: str, tmp_path: Path) -> None:
    """Whatever it is, the file is in the folder."""
    for path in Certificates(str(tmp_path)).wanted({**WHO, "serial": serial}):
        assert Path(path).parent == tmp_path
        assert "\0" not in path
