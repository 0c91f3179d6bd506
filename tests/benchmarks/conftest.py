"""The sink and the floor, compiled and run beside the program."""

from __future__ import annotations

import json
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Ran:
    """What one run of the program did: its summary, the CPU of all its processes."""

    summary: dict[str, Any]
    cpu: float

    @property
    def done(self) -> int:
        return int(self.summary["sessions"]["done"])


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Bench:
    """One machine's worth of measuring: the sink, the floor, the program."""

    def __init__(self, shared: Path, folder: Path) -> None:
        self.shared = shared
        self.folder = folder
        self._sink = folder / "sink_acs"
        compiler = shutil.which("cc") or pytest.skip("no C compiler")
        source = shared / "bench" / "sink_acs.c"
        subprocess.run([compiler, "-O2", "-o", self._sink, source], check=True)

    @contextmanager
    def sink(self, dialogue: str = "") -> Iterator[int]:
        """A sink ACS on a free port."""
        port = free_port()
        process = subprocess.Popen(
            [self._sink, str(port), dialogue], stdout=subprocess.DEVNULL
        )
        try:
            for _ in range(100):
                with socket.socket() as sock:
                    if not sock.connect_ex(("127.0.0.1", port)):
                        break
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()
            process.wait()

    def floor(self, port: int, sessions: int, *rate: str) -> float:
        """Sessions per CPU second of floor_client."""
        script = self.shared / "bench" / "floor_client.py"
        found = subprocess.run(
            [sys.executable, script, str(port), str(sessions), "100", *rate],
            check=True,
            capture_output=True,
            text=True,
        )
        return float(found.stdout.split()[-1])

    def quick(self, port: int, *options: str) -> Ran:
        """Run `cpesim quick` to its end."""
        out = self.folder / f"run-{time.monotonic_ns()}"
        before = children()
        command = [sys.executable, "-m", "cpesim", "quick", f"http://127.0.0.1:{port}/"]
        command += ["--ui", "none", "--out", str(out), *options]
        found = subprocess.run(command, capture_output=True, text=True)
        cpu = children() - before
        # A generator that is driven to its limit says so: that is what is wanted here.
        assert found.returncode in (0, 97), found.stdout + found.stderr
        (summary,) = out.glob("*/summary.json")
        return Ran(json.loads(summary.read_text(encoding="utf-8")), cpu)


@pytest.fixture(scope="session")
def bench(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(shared, tmp_path_factory.mktemp("bench"))


@pytest.fixture
def figure(capsys: pytest.CaptureFixture[str]) -> Callable[..., None]:
    """Print a figure beside its bound, and fail on the wrong side of it."""

    def tell(name: str, value: float, *, least: float = 0.0, most: float = 0.0) -> None:
        bound = f"at least {least:g}" if least else f"at most {most:g}"
        with capsys.disabled():
            print(f"\n{name}: {value:.3g} ({bound})", flush=True)
        assert value >= least if least else value <= most

    return tell
