"""Scenarios, limits, reports, section by section, with the program as users have it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from junitparser import JUnitXml

from cpesim.quantity import parse_duration
from tests.acceptance.scaled import SMALL, Ran, Together, scaled, together
from tests.cli.program import acs, both, ran, started, until
from tests.conftest import SHARED
from tests.e2e.nginx import free_port

PROVISIONS = ("--script", "0 BOOTSTRAP: provision")
FILES = ("--files-size", "200000")
SOAKED = ("--scale", "0.002", "--time-scale", "0.002")
SHIPPED = {
    "smoke": ((), ("--scale", "0.5", "--time-scale", "0.2")),
    "boot-storm": ((), SMALL),
    "firmware-campaign": (FILES, SMALL),
    "connection-request-sweep": (("--knock-rate", "50/s"), SMALL),
    "provisioning-churn": (PROVISIONS, ("--scale", "0.2", "--time-scale", "0.1")),
    "soak": ((), SOAKED),
    "acs-outage": ((), SMALL),
    "mixed-fleet": ((), SMALL),
}
# The longest first: it takes six minutes.
EXAMPLES = {"firmware-campaign": SMALL, "boot-storm": SMALL, "soak": SOAKED}
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Together]:
    """All scenarios that ship and the examples, scaled down, four at a time."""
    where, examples = tmp_path_factory.mktemp("scenarios"), SHARED / "design/scenarios"
    with pytest.MonkeyPatch.context() as patch, together() as them:
        patch.setenv("CPE_PASSWORD", "secret")
        for name, scale in EXAMPLES.items():
            if (path := examples / f"{name}.yaml").is_file():
                them.begin(where / "examples", str(path), FILES, scale)
        for name, (options, scale) in SHIPPED.items():
            them.begin(where / "shipped", name, options, scale)
        yield them


def sound(run: Ran) -> None:
    """It ran to its planned end, and no limit failed."""
    assert run.code == 0, run.out
    assert {limit["state"] for limit in run.summary["limits"]} <= {"ok", "too few"}


@pytest.mark.parametrize("name", ["boot-storm", "firmware-campaign", "soak"])
def test_1_language(name: str, shared: Path, tmp_path: Path) -> None:
    """The examples are checked as they stand; a mistake is told with its place."""
    path = shared / "design" / "scenarios" / f"{name}.yaml"
    told = ran("check", str(path), where=tmp_path)
    assert told.returncode == 0, told.stderr
    wrong = tmp_path / "wrong.yaml"
    text = path.read_text(encoding="utf-8")
    wrong.write_text(
        text.replace("thresholds:", "treshholds:").replace("fleet:", "fleat:", 1),
        encoding="utf-8",
    )
    told = ran("check", str(wrong), where=tmp_path)
    assert told.returncode == 2
    assert re.search(r"wrong\.yaml:\d+:\d+: .*thresholds", told.stderr)
    assert re.search(r"wrong\.yaml:\d+:\d+: .*fleet", told.stderr)


@pytest.mark.parametrize("name", EXAMPLES)
def test_1_examples_run(name: str, shared: Path, runs: Together) -> None:
    """Scaled, they run; the numbers that they promise are there."""
    path = shared / "design" / "scenarios" / f"{name}.yaml"
    run = runs.of(str(path))
    assert run.code in (0, 99), run.out
    if name == "firmware-campaign":
        assert run.limit("campaign(2.0.0) done")["value"] >= 0.9
        assert run.limit("conn_request.answered")["state"] == "ok"
    assert len(run.summary["limits"]) == text_limits(path)
    assert run.summary["sessions"]["done"] > 0
    if name == "boot-storm":
        dark = run.summary["recovery"]["dark"]
        assert dark["t100"] is not None
        assert dark["never"] == 0
        assert run.summary["faults"]["injected"]["flaky-wan"]["started"] > 0
    assert "secret" not in (run.folder / "scenario.yaml").read_text(encoding="utf-8")


def text_limits(path: Path) -> int:
    """How many limits a scenario's text has."""
    text = path.read_text(encoding="utf-8").partition("\nthresholds:\n")[2]
    return len(re.findall(r"^  - ", text.partition("\n\n")[0], re.MULTILINE))


def test_2_smoke(runs: Together) -> None:
    """All boot and report."""
    run = runs.of("smoke")
    sound(run)
    assert run.summary["sessions"]["failed"] == 0
    assert run.summary["done_by"]["boot"] == 50


def test_2_storm(runs: Together) -> None:
    """Everybody whose power was cut is back."""
    run = runs.of("boot-storm")
    sound(run)
    dark = run.summary["recovery"]["dark"]
    assert dark["size"] == 360  # 90 % of the scaled homes
    assert dark["t100"] is not None
    assert dark["never"] == 0
    assert run.limit("recovery(dark) t100")["state"] == "ok"


def test_2_campaign(runs: Together) -> None:
    """Most CPEs have the new version; those that fail do so as planned."""
    run = runs.of("firmware-campaign")
    assert run.code == 0, run.out
    assert run.limit("campaign(2.0.0) done")["value"] >= 0.9
    assert run.summary["steps"]["done"] >= 3
    assert run.summary["transfers"]["done"] > 0


def test_2_sweep(runs: Together) -> None:
    """Each CPE that was called came."""
    run = runs.of("connection-request-sweep")
    sound(run)
    devices = run.summary["plan"]["devices"]
    assert run.summary["knocks"]["answered"] >= devices
    assert run.summary["latency"]["knock"]["count"] >= devices * 0.99


def test_2_churn(runs: Together) -> None:
    """CPEs came, began anew, and left."""
    run = runs.of("provisioning-churn")
    sound(run)
    assert run.summary["fleet"]["all"]["total"] > run.summary["plan"]["devices"]
    assert run.summary["done_by"]["boot"] > run.summary["plan"]["devices"]


def test_2_soak(runs: Together) -> None:
    """A day in three minutes: nothing failed, nothing grew."""
    run = runs.of("soak")
    assert run.code in (0, 99), run.out
    assert run.limit("acs.connections_refused")["state"] == "ok"
    assert run.limit("session.failed")["state"] in ("ok", "too few")
    assert run.summary["steps"]["done"] > 20


def test_2_outage(runs: Together) -> None:
    """Sessions failed, and then all CPEs were back."""
    run = runs.of("acs-outage")
    sound(run)
    assert run.summary["sessions"]["failed"] > 0
    everyone = run.summary["recovery"]["everyone"]
    assert everyone["t100"] is not None
    assert everyone["never"] == 0


def test_2_mixed_fleet(runs: Together) -> None:
    """All six kinds of device, each with its sessions."""
    run = runs.of("mixed-fleet")
    sound(run)
    assert len(run.summary["plan"]["profiles"]) == 6
    groups = [group["name"] for group in run.summary["plan"]["groups"]]
    assert len(groups) == 6
    for name in groups:
        assert run.summary["tagged"][f"sessions.done{{group={name}}}"] > 0


FAULTY = """\
version: 1
name: faulty
duration: 8s
acs: {url: "http://127.0.0.1:1/"}
fleet:
  start: {state: known}
  groups: {homes: {count: 40, inform: {interval: 2s, phase: spread}}}
load: [{name: timers, executor: fleet}]
faults:
  - name: resets
    devices: {group: homes, pick: 50%}
    tcp_reset_before_response: {p: 50%}
thresholds:
  - session.failed rate < 1%
grace: 3s
"""


def test_3_faults(tmp_path: Path) -> None:
    """What misbehaves by plan is measured apart: the healthy sessions are all good."""
    (tmp_path / "faulty.yaml").write_text(FAULTY, encoding="utf-8")
    run = scaled(tmp_path / "run", str(tmp_path / "faulty.yaml"), (), ())
    assert run.code == 0, run.out
    resets = run.summary["faults"]["injected"]["resets"]
    assert resets["failed"] > 0
    assert run.summary["sessions"]["failed"] == 0
    assert "FAULTS INJECTED" in run.out


def test_4_thresholds(tmp_path: Path) -> None:
    """A limit that fails is 99; a metric that is none is 2, before anything runs."""
    with acs(tmp_path, "--delay", "50ms") as url:
        words = ("quick", url, "-n", "20", "--ramp", "1s", "-d", "4s", "--ui", "none")
        done = ran(*words, "--threshold", "session.time max < 1ms", where=tmp_path)
        assert done.returncode == 99, done.stdout
        done = ran(*words, "--threshold", "session.tiem p99 < 1s", where=tmp_path)
        assert done.returncode == 2
        assert "session.time" in done.stderr
        done = ran(*words, "--threshold", "session.time p99 < 1s", where=tmp_path)
        assert done.returncode == 0
        assert "too few" in done.stdout
        strict = ("--threshold", "session.time p99 < 1s", "--strict")
        assert ran(*words, *strict, where=tmp_path).returncode == 97


def test_5_recovery(runs: Together) -> None:
    """t50 to t100 stand in order, in the summary and on the screen."""
    run = runs.of("acs-outage")
    times = [
        run.summary["recovery"]["everyone"][f"t{n}"] for n in (50, 90, 95, 99, 100)
    ]
    assert times == sorted(times)
    assert "RECOVERY of 'everyone'" in run.out


def test_6_live(tmp_path: Path) -> None:
    """A run is changed from another terminal, and knows that it was."""
    with acs(tmp_path) as url:
        words = ("-n", "50", "-r", "20", "-d", "60s", "--ui", "none", "--out", "runs")
        with started("quick", url, *words, where=tmp_path) as run:
            try:
                until(lambda: list(tmp_path.glob("runs/*/control.sock")))
                (sock,) = tmp_path.glob("runs/*/control.sock")
                assert sock.stat().st_mode & 0o777 == 0o600
                name = sock.parent.name
                for asked in (("rate", "+50%"), ("mark", "here"), ("stop",)):
                    told = ran("ctl", name, *asked, "--out", "runs", where=tmp_path)
                    assert told.returncode == 0, told.stderr
                assert run.wait(30) == 130
            finally:
                run.kill()
    (folder,) = (tmp_path / "runs").iterdir()
    events = (folder / "events.ndjson").read_text(encoding="utf-8")
    assert "rate 30/s" in events
    assert "mark: here" in events
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["manual"]


def test_7_reports(runs: Together, tmp_path: Path) -> None:
    """All files are there, can be read by others, and made again."""
    run = runs.of("acs-outage")
    suite = JUnitXml.fromfile(str(run.folder / "junit.xml"))
    assert suite.tests >= 3 + len(run.summary["limits"])
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    assert not re.search(r'<(?:script|img|link)\s[^>]*="https?://', page)
    for name in ("summary.md", "metrics.txt", "latency.hlog", "timeline.ndjson"):
        assert (run.folder / name).stat().st_size > 0
    told = ran("report", str(run.folder), "--json", "again.json", where=tmp_path)
    assert told.returncode == 0, told.stderr
    again = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))
    assert again["sessions"] == run.summary["sessions"]
    assert again["limits"] == run.summary["limits"]
    listed = ran("runs", "--out", str(run.folder.parent), where=tmp_path)
    assert "acs-outage" in listed.stdout


def test_8_compare(runs: Together, tmp_path: Path) -> None:
    """Runs of another scenario are not comparable; the same one is the same."""
    outage, storm = runs.of("acs-outage"), runs.of("boot-storm")
    told = ran("compare", str(outage.folder), str(storm.folder), where=tmp_path)
    assert told.returncode == 2, told.stdout
    # Several runs at a time make each other's generators SUSPECT.
    same = ("compare", str(outage.folder), str(outage.folder), "--anyway")
    told = ran(*same, where=tmp_path)
    assert told.returncode == 0, told.stdout + told.stderr


def test_9_metrics(tmp_path: Path) -> None:
    """A run answers Prometheus; a port that is taken is this machine's fault."""
    port = free_port()
    with acs(tmp_path) as url, both(tmp_path) as (_, north):
        taken = north.removeprefix("http://")
        words = ("quick", url, "-n", "20", "-d", "6s", "--ramp", "1s", "--ui", "none")
        refused = ran(*words, "--metrics", taken, where=tmp_path)
        assert refused.returncode == 3, refused.stderr
        with started(*words, "--metrics", f"127.0.0.1:{port}", where=tmp_path) as run:
            text = ""

            def asked() -> bool:
                nonlocal text
                try:
                    with urlopen(
                        f"http://127.0.0.1:{port}/metrics", timeout=2
                    ) as reply:
                        text = reply.read().decode()
                except OSError:
                    return False
                return "_bucket" in text

            until(asked)
            assert run.wait(30) == 0
        assert "cpesim_sessions_total" in text


def test_10_plug_in(tmp_path: Path) -> None:
    """The fixtures that the package brings, in a test suite of somebody's own."""
    (tmp_path / "test_mine.py").write_text(
        "def test_it(cpesim_acs, cpesim_fleet):\n"
        "    acs = cpesim_acs()\n"
        "    assert cpesim_fleet(acs.url)[0].session().ok\n",
        encoding="utf-8",
    )
    told = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "test_mine.py",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.returncode == 0, told.stdout


@pytest.mark.timeout(900)
def test_12_capacity(tmp_path: Path) -> None:
    """The capacity that the ACS was given is found, within 10 %."""
    with acs(tmp_path, "--capacity", "300/s") as url:
        done = ran(
            *("capacity", url, "--until", "session.time p95 < 500ms"),
            *("--start", "240/s", "--ui", "none", "--out", "runs"),
            where=tmp_path,
            timeout=850.0,
        )
    (path,) = tmp_path.glob("runs/*/summary.json")
    found = json.loads(path.read_text(encoding="utf-8"))["capacity"]
    assert done.returncode in (0, 97), done.stdout + done.stderr
    if done.returncode == 0:
        assert found["held"] == pytest.approx(300, rel=0.1)
        assert found["failed"] > found["held"]
        assert found["broke"].startswith("session.time p95 < 500ms")
    else:  # the generator gave in first
        assert found["at_least"]
        assert found["held"] > 0
    assert parse_duration("5m") * found["held"] == pytest.approx(
        found["fleets"]["300"], abs=1
    )
