"""The other commands, run as programs."""

from __future__ import annotations

import csv
import io
import json
import signal
import urllib.request
from pathlib import Path

import pytest

from tests.cli.program import acs, ran, started


def test_the_version(tmp_path: Path) -> None:
    """One line."""
    assert ran("--version", where=tmp_path).stdout.startswith("cpesim ")


def test_acs_serves_until_it_is_told(tmp_path: Path) -> None:
    """It says where it is, tells its stats, and ends well by Ctrl-C."""
    with started("acs", "--port", "0", where=tmp_path) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[2]
        with urllib.request.urlopen(url + "stats") as answer:
            assert isinstance(json.load(answer), dict)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
    assert process.returncode == 0


def test_a_profile_is_checked(tmp_path: Path, profile: str) -> None:
    """A good one is good; of a wrong one every error is told with its place."""
    done = ran("profile", "check", profile, where=tmp_path)
    assert done.returncode == 0
    assert "good" in done.stdout
    wrong = Path(profile).read_text().replace("boolean = 1", "boolean = maybe")
    (tmp_path / "wrong.yaml").write_text(wrong.replace("= 300", "= x"))
    done = ran("profile", "check", profile, "wrong.yaml", where=tmp_path)
    assert done.returncode == 2
    assert "wrong.yaml:14:" in done.stderr
    assert "wrong.yaml:15:" in done.stderr


def test_a_profile_is_shown(tmp_path: Path, profile: str) -> None:
    """--flat: each parameter with its access, its type and a CPE's value."""
    done = ran("profile", "show", profile, "--number", "7", "--flat", where=tmp_path)
    assert "InternetGatewayDevice.DeviceInfo.SoftwareVersion = 1.4.2" in done.stdout
    assert "00D09E-HG00000007" in done.stdout
    done = ran(
        *("profile", "show", profile, "InternetGatewayDevice.DeviceInfo.", "--flat"),
        where=tmp_path,
    )
    assert len(done.stdout.splitlines()) == 3


def test_identities_are_those_of_a_run(tmp_path: Path, profile: str) -> None:
    """A CSV with a row for each CPE."""
    done = ran("profile", "identities", profile, "-n", "3", where=tmp_path)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["serial"] for row in rows] == [f"HG{n:08}" for n in range(3)]
    assert all(row["password"] for row in rows)


@pytest.mark.slow
def test_identities_come_back(tmp_path: Path, profile: str) -> None:
    """What was written is what --identities reads."""
    text = ran("profile", "identities", profile, "-n", "5", where=tmp_path).stdout
    (tmp_path / "mine.csv").write_text(text.replace("HG0000000", "MINE"))
    with acs(tmp_path) as url:
        done = ran(
            *("device", url, "--profile", profile, "--identities", "mine.csv"),
            *("--number", "3"),
            where=tmp_path,
        )
    assert "<SerialNumber>MINE3</SerialNumber>" in done.stdout


def test_the_list_names_those_that_ship(tmp_path: Path) -> None:
    """A line each."""
    done = ran("profile", "list", where=tmp_path)
    assert "residential-gateway-tr098" in done.stdout


@pytest.mark.slow
def test_a_traced_device_is_kept(tmp_path: Path, profile: str) -> None:
    """--trace-device: every message of that CPE in the run's folder."""
    with acs(tmp_path, "--script", "audit") as url:
        done = ran(
            *("quick", url, "-n", "5", "--ramp", "1s", "-d", "2s", "--ui", "none"),
            *("--profile", profile, "--trace-device", "3"),
            where=tmp_path,
        )
    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.glob("reports/*/trace-3.txt")
    assert "<SerialNumber>HG00000003</SerialNumber>" in path.read_text()


@pytest.mark.slow
def test_the_demo_ends_by_itself(tmp_path: Path) -> None:
    """A small one: boots, provisioning, knocks, images; nothing fails."""
    done = ran(
        *("demo", "-n", "300", "-d", "45s", "--ramp", "10s", "--ui", "plain"),
        where=tmp_path,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = tmp_path.glob("reports/*/summary.json")
    found = json.loads(path.read_text())
    assert found["sessions"]["failed"] == 0
    assert found["knocks"]["answered"] > 0
    assert found["transfers"]["done"] > 0
