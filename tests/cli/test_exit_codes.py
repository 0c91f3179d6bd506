"""Every exit code that can occur, by running the program."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import acs, begun, environment, ran, started

# The program is run many times over: a minute and more.
pytestmark = pytest.mark.slow

SHORT = ("-n", "20", "--ramp", "1s", "-d", "3s", "--ui", "plain", "--grace", "1s")


def summary(where: Path) -> dict[str, Any]:
    """The summary of the one run that is stored."""
    (path,) = where.glob("reports/*/summary.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def children(pid: int) -> list[int]:
    """The worker processes of a run."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in path.read_text().split()]


def test_0_to_the_planned_end(tmp_path: Path, profile: str) -> None:
    """The code and its reason are in the summary, on the screen and in the files."""
    with acs(tmp_path, "--script", "audit") as url:
        done = ran("quick", url, *SHORT, "--profile", profile, where=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "exit 0: ran to its planned end" in done.stdout
    found = summary(tmp_path)
    assert found["exit"]["code"] == 0
    assert found["sessions"]["done"] == 20
    assert found["sessions"]["failed"] == 0


def test_0_with_failed_sessions(tmp_path: Path, profile: str) -> None:
    """A failed session alone never changes the code."""
    with acs(tmp_path, "--fail-503", "40%") as url:
        done = ran("quick", url, *SHORT, "--profile", profile, where=tmp_path)
    assert done.returncode == 0, done.stderr
    found = summary(tmp_path)["sessions"]
    assert found["failed"] > 0
    assert found["done"] > 0


def test_1_a_bug_of_ours(tmp_path: Path, profile: str) -> None:
    """The traceback's path is printed, and the file is there."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "if any('worker' in word for word in sys.orig_argv):\n"
        "    import cpesim.engine.shard as shard\n"
        "    def build(order, world):\n"
        "        raise RuntimeError('planted')\n"
        "    shard.build = build\n"
    )
    with acs(tmp_path) as url:
        path = f"{tmp_path}{os.pathsep}{environment()['PYTHONPATH']}"
        done = subprocess.run(
            [
                *(sys.executable, "-m", "cpesim", "quick", url, *SHORT),
                *("--profile", profile),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={**environment(), "PYTHONPATH": path},
            timeout=60,
        )
    assert done.returncode == 1
    (bug,) = tmp_path.glob("reports/*/bug-1.txt")
    assert str(bug.relative_to(tmp_path)) in done.stdout
    assert "planted" in bug.read_text()


def test_3_too_few_files(tmp_path: Path, profile: str) -> None:
    """A run that needs more open files says so before it starts."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256));"
        "sys.argv = ['cpesim', *sys.argv[1:]];"
        "from cpesim.cli.app import main; main()"
    )
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] >= 256
    done = subprocess.run(
        [
            *(sys.executable, "-c", code, "quick", "http://127.0.0.1:9/"),
            *("--in-flight", "1000", "--profile", profile),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=environment(),
    )
    assert done.returncode == 3
    assert "open files" in done.stderr
    assert "ulimit" in done.stderr
    assert done.stderr.count("\n") == 1


def test_3_a_port_in_use(tmp_path: Path, profile: str) -> None:
    """--listen on a port that somebody has: one line, nothing stored."""
    with acs(tmp_path) as url:
        port = url.rstrip("/").rpartition(":")[2]
        done = ran(
            *("quick", url, *SHORT, "--profile", profile),
            *("--listen", f"127.0.0.1:{port}"),
            where=tmp_path,
        )
    assert done.returncode == 3
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr


def test_3_no_folder_for_the_reports(tmp_path: Path, profile: str) -> None:
    """--out is a file."""
    with acs(tmp_path) as url:
        done = ran(
            *("quick", url, *SHORT, "--profile", profile, "--out", profile),
            where=tmp_path,
        )
    assert done.returncode == 3
    assert "--out" in done.stderr


def test_4_not_one_session(tmp_path: Path, profile: str) -> None:
    """An ACS that refuses everybody: tested nothing."""
    with acs(tmp_path, "--fail-503", "100%") as url:
        done = ran("quick", url, *SHORT, "--profile", profile, where=tmp_path)
    assert done.returncode == 4
    assert "tested nothing" in done.stdout
    assert summary(tmp_path)["exit"]["code"] == 4


def test_97_a_lost_worker(tmp_path: Path, profile: str) -> None:
    """What was measured is stored, and is not valid."""
    with (
        acs(tmp_path) as url,
        started(
            *("quick", url, "-n", "50", "--ramp", "20s", "-d", "1m", "--ui", "plain"),
            *("--profile", profile),
            where=tmp_path,
        ) as process,
    ):
        begun(process, tmp_path)
        (worker,) = children(process.pid)
        os.kill(worker, signal.SIGKILL)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 97
    assert "lost worker-0 (killed by signal 9)" in out
    assert summary(tmp_path)["sessions"]["done"] > 0


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_130_and_143_interrupted(
    number: signal.Signals, code: int, tmp_path: Path, profile: str
) -> None:
    """A run cut short drains, writes its reports, and is never 0."""
    with (
        acs(tmp_path) as url,
        started(
            *("quick", url, "-n", "50", "--ramp", "20s", "-d", "1m", "--ui", "plain"),
            *("--profile", profile),
            where=tmp_path,
        ) as process,
    ):
        begun(process, tmp_path)
        workers = children(process.pid)
        process.send_signal(number)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == code
    assert "before the planned end" in out
    assert summary(tmp_path)["exit"]["code"] == code
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
