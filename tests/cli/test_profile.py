"""`cpesim profile show`, `diff` and `check` as programs."""

from __future__ import annotations

from pathlib import Path

from cpesim.device.catalog import load_profile, profile_names
from tests.cli.program import ran

ROOT = "InternetGatewayDevice."
TABLE = """\
  LANDevice[1].Hosts.Host[1-2]+8:
    Active: boolean ~ presence 60%
    HostName: rw active string(64) = host-{i}
    Note: rw string = a very long text that no line of eighty columns can hold at all
"""


def test_a_tree_has_a_line_for_all_that_is_there(tmp_path: Path, profile: str) -> None:
    """Access, Inform, notification, type, value; instances; 80 columns at most."""
    with Path(profile).open("a", encoding="utf-8") as file:
        file.write(TABLE)
    done = ran("profile", "show", profile, where=tmp_path)
    lines = done.stdout.splitlines()

    assert done.returncode == 0
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == [ROOT, "18", "parameters"]
    rows = {line.split()[0]: line.split() for line in lines}
    assert rows["SoftwareVersion"] == (
        ["SoftwareVersion", "r-", "iA-", "string(64)", "=", "1.4.2"]
    )
    assert rows["ProvisioningCode"][1:5] == ["rw", "iA-", "string(64)", "="]
    assert rows["Password"][1:3] == ["rw", "--h"]
    assert rows["HostName"][1:] == ["rw", "-a-", "string(64)", "=", "host-2"]
    assert rows["Active"][4] == "~"
    assert "Host.  " in done.stdout
    assert "2 instances, 6 parameters, AddObject up to 8" in done.stdout
    assert any(line.endswith("…") for line in lines)


def test_a_part_of_a_tree(tmp_path: Path, profile: str) -> None:
    """By an object's path, whole or below the root, or a parameter's; by depth."""
    whole = ran("profile", "show", profile, where=tmp_path).stdout
    told = [
        ran("profile", "show", profile, path, where=tmp_path).stdout
        for path in (f"{ROOT}DeviceInfo.", "DeviceInfo", "DeviceInfo.")
    ]
    assert told[0] == told[1] == told[2]
    assert len(told[0].splitlines()) == 4
    one = ran("profile", "show", profile, "DeviceInfo.SoftwareVersion", where=tmp_path)
    assert one.stdout.split()[0] == f"{ROOT}DeviceInfo.SoftwareVersion"
    flat = ran("profile", "show", profile, "--depth", "1", where=tmp_path).stdout
    assert len(flat.splitlines()) == 3
    assert "SoftwareVersion" not in flat
    assert "SoftwareVersion" in whole
    wrong = ran("profile", "show", profile, "DeviceInfoo.", where=tmp_path)
    assert wrong.returncode == 2
    assert "did you mean" in wrong.stderr


def test_two_profiles_are_compared(tmp_path: Path, profile: str) -> None:
    """0 where there is no difference, 98 where there is; a line for each."""
    same = ran("profile", "diff", profile, profile, where=tmp_path)
    assert (same.returncode, same.stdout) == (0, "no difference: 12 parameters\n")

    other = tmp_path / "other.yaml"
    other.write_text(
        Path(profile)
        .read_text(encoding="utf-8")
        .replace("inform always string(64) = 1.4.2", "rw active string(32) = 1.5.0")
        .replace("PeriodicInformEnable: rw boolean = 1\n", "Extra: rw int = 1\n")
        .replace('"HG{n:08}"', '"HX{n:08}"')
        + TABLE,
        encoding="utf-8",
    )
    done = ran("profile", "diff", profile, "other.yaml", where=tmp_path)
    assert done.returncode == 98
    assert done.stdout.splitlines() == [
        "~ serial: HG{n:08} -> HX{n:08}",
        f"- {ROOT}ManagementServer.PeriodicInformEnable (rw boolean)",
        f"+ {ROOT}LANDevice. (6 parameters)",
        f"+ {ROOT}ManagementServer.Extra (rw int)",
        f"~ {ROOT}DeviceInfo.SoftwareVersion: type string(64) -> string(32);"
        " access r- -> rw; notification always -> active; inform yes -> no;"
        " value = 1.4.2 -> = 1.5.0",
        "5 differences",
    ]
    back = ran("profile", "diff", "other.yaml", profile, where=tmp_path)
    assert f"- {ROOT}LANDevice. (6 parameters)" in back.stdout


def test_tables_are_compared(tmp_path: Path, profile: str) -> None:
    """How far they grow."""
    text = Path(profile).read_text(encoding="utf-8")
    (tmp_path / "a.yaml").write_text(text + TABLE, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(text + TABLE.replace("+8", ""), encoding="utf-8")
    done = ran("profile", "diff", "a.yaml", "b.yaml", where=tmp_path)
    assert done.returncode == 98
    assert "Host.{i}.: AddObject up to 8 -> no AddObject" in done.stdout


def test_tables_that_do_not_grow_are_alike(tmp_path: Path, profile: str) -> None:
    """How many instances they stand with is told by their parameters."""
    text = Path(profile).read_text(encoding="utf-8")
    fixed = TABLE.replace("+8", "")
    (tmp_path / "a.yaml").write_text(text + fixed, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(
        text + fixed.replace("Host[1-2]", "Host[1]"), encoding="utf-8"
    )
    done = ran("profile", "diff", "a.yaml", "b.yaml", where=tmp_path)
    assert done.returncode == 98
    assert "AddObject" not in done.stdout
    assert done.stdout.endswith(" difference\n")


def test_what_is_right_but_lacking_is_a_warning(tmp_path: Path, profile: str) -> None:
    """It does not change the exit code, and stands beside the errors of others."""
    text = Path(profile).read_text(encoding="utf-8")
    (tmp_path / "bad.yaml").write_text(text.replace("= 300", "= x"), encoding="utf-8")
    (tmp_path / "same.yaml").write_text(
        text.replace('"HG{n:08}"', "HG1"), encoding="utf-8"
    )
    done = ran("profile", "check", "same.yaml", where=tmp_path)
    assert done.returncode == 0
    assert "same.yaml: warning: every CPE has the serial number 'HG1'" in done.stderr
    done = ran("profile", "check", "same.yaml", "bad.yaml", profile, where=tmp_path)
    assert done.returncode == 2
    assert "bad.yaml:" in done.stderr
    assert done.stdout.count(": good, ") == 2


def test_the_shipped_profiles_have_no_warning(tmp_path: Path) -> None:
    """Not one."""
    done = ran("profile", "check", *profile_names(), where=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(load_profile(name).names for name in profile_names())
