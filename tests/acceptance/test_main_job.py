"""The main job, section by section, with the program as its users have it."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import termios
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

from cpesim.device.catalog import load_profile, profile_names
from tests.cli.program import ROOT, acs, ran, started, until
from tests.cli.terminal import terminal
from tests.conftest import SHARED

FAST = """\
version: 1
name: fast
description: A gateway that is back from a reboot in a moment.
extends: residential-gateway-tr098
device: {username: "{serial}", password: "{serial}"}
reboot: 1s
firmware: {pattern: 'HG800[-_]v?([0-9.]+)', bandwidth: 100Mbit, flash: 1s, least: 1}
"""
WAN = "WANDevice.1.WANConnectionDevice.1.WANIPConnection.1"
GATEWAYS = {
    "residential-gateway-tr181",
    "residential-gateway-tr098",
    "gpon-ont",
    "enterprise-router",
}
OTHERS = {"set-top-box", "voip-gateway"}


@pytest.fixture
def fast(tmp_path: Path) -> str:
    """The path of a profile whose reboots are short."""
    path = tmp_path / "fast.yaml"
    path.write_text(FAST, encoding="utf-8")
    return str(path)


def stats(url: str) -> dict[str, Any]:
    """What the reference ACS has seen."""
    with urllib.request.urlopen(url + "stats", timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def quick(where: Path, url: str, *options: str, code: int = 0) -> dict[str, Any]:
    """The summary of a whole run of `cpesim quick`."""
    done = ran(
        *("quick", url, "--ui", "none", "--out", "out", *options),
        where=where,
        timeout=240.0,
    )
    assert done.returncode == code, done.stdout + done.stderr
    path = max(where.glob("out/*/summary.json"), key=lambda p: p.stat().st_mtime)
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.slow
def test_1_the_project(tmp_path: Path) -> None:
    """The wheel has both entry points, and finds its profiles from anywhere."""
    wheels, place = tmp_path / "wheels", tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--wheel-dir", str(wheels), str(ROOT)], check=True
    )
    (wheel,) = wheels.glob("cpesim-*.whl")
    subprocess.run(
        [*pip, "install", "--no-deps", "--target", str(place), str(wheel)], check=True
    )
    outside = {**os.environ, "PYTHONPATH": str(place)}
    for command in (
        [sys.executable, str(place / "bin" / "cpesim")],
        [sys.executable, "-m", "cpesim"],
    ):
        told = subprocess.run(
            [*command, "profile", "list"],
            cwd=tmp_path,
            env=outside,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert all(name in told for name in GATEWAYS | OTHERS)
    found = subprocess.run(
        [
            *(sys.executable, "-c"),
            "import cpesim; from cpesim.device.catalog import find_profiles_dir as f;"
            "from cpesim.scenario.load import shipped; print(f(), sorted(shipped()))",
        ],
        cwd=tmp_path,
        env=outside,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert str(place / "cpesim" / "profiles") in found
    assert "boot-storm" in found


@pytest.mark.slow
def test_2_device_profiles(tmp_path: Path) -> None:
    """Six kinds that ship, a dump and a user's identities, and errors all at once."""
    assert set(profile_names()) >= GATEWAYS | OTHERS
    for name in GATEWAYS | OTHERS:
        profile = load_profile(name)
        assert len(profile.names) >= (400 if name in GATEWAYS else 200)
        assert any(".X_" in path for path in profile.names)
        alias = profile.root + "ManagementServer.AliasBasedAddressing"
        assert (alias in profile.inform) >= (name in GATEWAYS)

    dump = tmp_path / "dump.csv"
    with dump.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["Parameter", "Object", "Writable", "Value", "Value type"])
        for path, writable, value in (
            ("DeviceSummary", "false", "InternetGatewayDevice:1.4[](Baseline:1)"),
            ("DeviceInfo.SpecVersion", "false", "1.0"),
            ("DeviceInfo.SerialNumber", "false", "ABC000123"),
            ("DeviceInfo.SoftwareVersion", "false", "1.0"),
            ("WANDevice.1.Note", "true", 'Commas, "quotes"\nand lines'),
            (f"{WAN}.DefaultGateway", "false", "203.0.113.1"),
            (f"{WAN}.ExternalIPAddress", "false", "203.0.113.9"),
        ):
            name = "InternetGatewayDevice." + path
            rows.writerow([name, "false", writable, value, "xsd:string"])
    with acs(tmp_path, "--script", "audit") as url:
        done = quick(
            tmp_path,
            url,
            "-n",
            "10",
            "--ramp",
            "1s",
            "-d",
            "3s",
            "--profile",
            str(dump),
        )
        assert done["sessions"]["done"] >= 10
        assert stats(url)["cpes"] == 10
        assert stats(url)["violations"]["count"] == 0

    mine = tmp_path / "mine.csv"
    mine.write_text("oui,serial\n00D09E,ONE\n00D09E,TWO\n", encoding="utf-8")
    with acs(tmp_path) as url:
        options = ["-n", "2", "--ramp", "1s", "-d", "3s", "--identities", str(mine)]
        quick(tmp_path, url, *options)
        assert stats(url)["cpes"] == 2

    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(
        'version: 1\nname: x\nroot: Device.\ndevice: {manufacturer: A, oui: "00D09E",'
        ' product_class: B, serial: "S{n}"}\nparameters:\n  A: strin = 1\n'
        "  B: unsignedInt = many\n",
        encoding="utf-8",
    )
    told = ran("profile", "check", str(wrong), where=tmp_path)
    assert told.returncode == 2
    assert re.search(r"wrong\.yaml:6:6: .*string", told.stderr)
    assert re.search(r"wrong\.yaml:7:20: ", told.stderr)


@pytest.mark.rule("S1", "X11", "X12")
def test_3_the_virtual_cpe(tmp_path: Path, fast: str) -> None:
    """A strict ACS provisions, audits, wakes, upgrades and reboots: no violation."""
    schemas = ["--strict", str(SHARED / "standard" / "xsd")] if SHARED.is_dir() else []
    script = (
        "0 BOOTSTRAP: provision, credentials, audit; 6 CONNECTION REQUEST: upgrade;"
        " 7 TRANSFER COMPLETE: reboot; M Reboot: schedule-inform"
    )
    knocks = ["--knock-every", "4s", "--firmware-size", "50000"]
    options = ["--auth", "digest", "--script", script, *knocks, *schemas]
    with acs(tmp_path, *options) as url:
        found = quick(
            *(tmp_path, url, "-n", "10", "--ramp", "1s", "-d", "16s"),
            *("--profile", fast),
        )
        seen = stats(url)
    assert found["sessions"]["failed"] == found["sessions"]["dropped"] == 0
    assert seen["violations"] == {"count": 0, "kinds": {}, "examples": []}
    assert seen["bugs"]["count"] == 0
    assert seen["transfer_completes"]["count"] >= 10
    assert set(seen["transfer_completes"]["faults"]) == {"0"}
    assert set(seen["knocks"]["status"]) == {"200"}
    for event in ("0 BOOTSTRAP", "4 VALUE CHANGE", "M Download", "M Reboot"):
        assert seen["events"][event] >= 10, event
    assert seen["rpcs"] == seen["rpcs_answered"]
    assert seen["faults"] == {}


@pytest.mark.slow
def test_4_the_engine(tmp_path: Path) -> None:
    """A rate's arrivals add up, what is owed is not dropped, Ctrl-C drains."""
    with acs(tmp_path, "--delay", "300ms") as url:
        rate = ["-n", "100", "-r", "40", "-d", "5s", "--in-flight", "10"]
        counts = quick(tmp_path, url, *rate)["sessions"]
        assert counts["wanted"] == pytest.approx(200, abs=4)
        settled = counts["started"] + counts["dropped"] + counts["not_started"]
        assert counts["wanted"] == settled
        assert counts["dropped"] > 0
        assert counts["started"] == counts["done"]

        owed = ["-n", "60", "--ramp", "1s", "-d", "6s", "--in-flight", "10"]
        counts = quick(tmp_path, url, *owed)["sessions"]
        assert counts["dropped"] == counts["not_started"] == 0
        assert counts["done"] >= 60
        assert counts["late"] > 0

        words = ["quick", url, "-n", "50", "--ui", "plain", "--out", "int", "-d", "60s"]
        with started(*words, where=tmp_path) as process:
            until(lambda: any(tmp_path.glob("int/*/timeline.ndjson")))
            time.sleep(2)
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=40)
    assert process.returncode == 130
    assert "exit 130" in out
    (summary,) = tmp_path.glob("int/*/summary.json")
    assert json.loads(summary.read_text(encoding="utf-8"))["exit"]["code"] == 130


@pytest.mark.slow
def test_5_measuring(tmp_path: Path) -> None:
    """Percentiles are the ACS's own delay, and the standard log reader reads them."""
    with acs(tmp_path, "--delay", "100ms") as url:
        found = quick(tmp_path, url, "-n", "500", "-r", "50", "-d", "5s")
    for kind in ("Inform", "empty POST"):
        for percentile in ("p50", "p95", "p99"):
            assert found["latency"][kind][percentile] == pytest.approx(0.1, abs=0.02)
    assert found["latency"]["session"]["count"] == found["sessions"]["done"]
    assert found["generator"]["verdict"] == "OK"

    (log,) = tmp_path.glob("out/*/latency.hlog")
    total = HdrHistogram(1, 3_600_000_000, 3)
    reader = HistogramLogReader(str(log), HdrHistogram(1, 3_600_000_000, 3))
    with reader.input_file:
        while (interval := reader.get_next_interval_histogram()) is not None:
            if interval.get_tag() == "Inform":
                total.add(interval)
    assert total.get_total_count() == found["latency"]["Inform"]["count"]


def test_6_what_a_person_sees(tmp_path: Path) -> None:
    """The dashboard at 80x24 answers to p, + and q, and leaves the terminal whole."""
    words = ("-n", "200", "-r", "20", "-d", "60s")
    with acs(tmp_path) as url, terminal("quick", url, *words, where=tmp_path) as seen:
        before = termios.tcgetattr(seen.number)
        assert seen.shows("from intended start")
        assert all(len(line) == 80 for line in seen.screen.display)
        assert seen.shows("RUNNING")
        seen.type("p")
        assert seen.shows("PAUSED")
        seen.type("p+")
        assert seen.shows("RUNNING")
        seen.type("q")
        assert seen.shows("exit 130", 40.0)
        assert seen.ended() == 130
        assert termios.tcgetattr(seen.number)[3] == before[3]


@pytest.mark.slow
def test_7_the_reference_acs(tmp_path: Path) -> None:
    """It asks for Digest, fails on demand, and tells what it saw."""
    faults = ["--fail-503", "20%", "--drop", "10%", "--garbage", "10%"]
    with acs(tmp_path, "--auth", "digest", "--password", "pw", *faults) as url:
        words = ["-n", "60", "--ramp", "2s", "-d", "8s", "--password-env", "PW"]
        os.environ["PW"] = "pw"
        try:
            found = quick(tmp_path, url, *words)
        finally:
            del os.environ["PW"]
        seen = stats(url)
    assert seen["cpes"] > 0
    assert seen["auth"]["ok"] > 0
    assert {"503", "drop", "garbage"} <= set(seen["injected"])
    assert found["failures"]
    labels = " ".join(found["failures"])
    assert "http 503" in labels
    assert "disconnected" in labels
    assert found["sessions"]["retried"] > 0
    assert seen["violations"]["count"] == 0


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_8_numbers_to_reach(tmp_path: Path) -> None:
    """20,000 CPEs boot, and all reach their periodic rhythm; none fails."""
    with acs(tmp_path) as url:
        found = quick(
            *(tmp_path, url, "-n", "20000", "--ramp", "60s", "-d", "140s"),
            *("--interval", "60s"),
        )
        seen = stats(url)
    assert found["sessions"]["failed"] == found["sessions"]["dropped"] == 0
    assert seen["cpes"] == seen["cpes_with_boot"] == 20_000
    assert seen["cpes_with_periodic"] == 20_000
    assert seen["violations"]["count"] == 0
