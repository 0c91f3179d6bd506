"""`cpesim profile import` as a program."""

from __future__ import annotations

from pathlib import Path

from cpesim.device.catalog import load_profile
from tests.cli.program import acs, ran
from tests.device.test_datamodel import SMALL
from tests.device.test_dump import SMALL as DUMP


def test_a_dump_becomes_a_file(tmp_path: Path) -> None:
    """It says what it wrote; `check` accepts it, a run could use it."""
    (tmp_path / "ont.csv").write_text(DUMP, encoding="utf-8")
    done = ran("profile", "import", "ont.csv", "-o", "ont.yaml", where=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ont.yaml: ")
    assert " parameters in " in done.stdout
    checked = ran("profile", "check", "ont.yaml", where=tmp_path)
    assert checked.returncode == 0, checked.stderr
    text = (tmp_path / "ont.yaml").read_text(encoding="utf-8")
    assert text.startswith("# Written by: cpesim profile import ont.csv\n")
    assert "name: ont\n" in text


def test_without_a_file_it_goes_to_stdout(tmp_path: Path) -> None:
    """Nothing but the profile stands there."""
    (tmp_path / "ont.csv").write_text(DUMP, encoding="utf-8")
    done = ran("profile", "import", "ont.csv", "--name", "mine", where=tmp_path)
    assert done.returncode == 0
    (tmp_path / "out.yaml").write_text(done.stdout, encoding="utf-8")
    assert load_profile(str(tmp_path / "out.yaml")).name == "mine"


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """But with --force."""
    (tmp_path / "ont.csv").write_text(DUMP, encoding="utf-8")
    out = tmp_path / "ont.yaml"
    out.write_text("mine", encoding="utf-8")
    words = ("profile", "import", "ont.csv", "-o", "ont.yaml")
    done = ran(*words, where=tmp_path)
    assert done.returncode == 2
    assert "ont.yaml: is there already" in done.stderr
    assert out.read_text(encoding="utf-8") == "mine"
    assert ran(*words, "--force", where=tmp_path).returncode == 0


def test_a_data_model_with_its_choices(tmp_path: Path) -> None:
    """--object and --instances; a wrong one is told."""
    (tmp_path / "m.xml").write_text(SMALL, encoding="utf-8")
    words = ("profile", "import", "m.xml", "--object", "Device.Box.", "--instances")
    done = ran(*words, "Device.Box.{i}.=3", "-o", "m.yaml", where=tmp_path)
    assert done.returncode == 0, done.stderr
    profile = load_profile(str(tmp_path / "m.yaml"))
    assert profile.instances["Device.Box."] == (1, 2, 3)
    for wrong, told in (
        ("Device.Box.{i}.", "expected PATH=N"),
        ("Device.Bxo.{i}.=3", "did you mean Device.Box.{i}."),
    ):
        done = ran(*words, wrong, where=tmp_path)
        assert done.returncode == 2
        assert told in done.stderr


def test_what_a_device_showed_becomes_a_profile(tmp_path: Path, profile: str) -> None:
    """The output of `cpesim device` against an ACS that asks for everything."""
    with acs(tmp_path, "--script", "audit") as url:
        seen = ran("device", url, "--profile", profile, where=tmp_path)
    (tmp_path / "session.txt").write_text(seen.stdout, encoding="utf-8")
    done = ran("profile", "import", "session.txt", "-o", "s.yaml", where=tmp_path)
    assert done.returncode == 0, done.stderr
    original, again = load_profile(profile), load_profile(str(tmp_path / "s.yaml"))
    assert original.names == again.names
    assert original.inform == again.inform
    assert dict(original.objects) == dict(again.objects)
    for name, p in original.parameters.items():
        found = again.parameters[name]
        assert (found.type, found.writable) == (p.type, p.writable)


def test_an_error_has_its_place(tmp_path: Path) -> None:
    """file:line:column, and exit code 2."""
    (tmp_path / "bad.csv").write_text("Parameter,Object,Writable\n", encoding="utf-8")
    done = ran("profile", "import", "bad.csv", where=tmp_path)
    assert done.returncode == 2
    assert "bad.csv:1:1: no column 'Value'" in done.stderr
    done = ran("profile", "import", "not-there.csv", where=tmp_path)
    assert done.returncode == 2
    assert "not-there.csv: cannot be read" in done.stderr
