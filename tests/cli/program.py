"""Runs cpesim as a program."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PROFILE = """\
version: 1
name: least
root: InternetGatewayDevice.
device: {manufacturer: A, oui: "00D09E", product_class: HG, serial: "HG{n:08}"}
parameters:
  DeviceInfo:
    Manufacturer: string(64) = {manufacturer}
    SoftwareVersion: inform always string(64) = 1.4.2
    ProvisioningCode: rw inform always string(64) =
  ManagementServer:
    URL: rw string(256) ~ acs
    Username: rw string(256) = {username}
    Password: rw hidden string(256) = {password}
    PeriodicInformEnable: rw boolean = 1
    PeriodicInformInterval: rw unsignedInt = 300
    ConnectionRequestURL: inform active string(256) ~ url
    ConnectionRequestUsername: rw string(256) = {oui}-{serial}
    ConnectionRequestPassword: rw hidden string(256) = {hex:16}
    ParameterKey: inform string(32) ~ key
"""


def environment() -> dict[str, str]:
    """Ours, with the checkout before anything that is installed."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"}


def started(
    *words: str, where: Path, errors: int = subprocess.PIPE
) -> subprocess.Popen[str]:
    """The program, running in a folder of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "cpesim", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        cwd=where,
        env=environment(),
    )


def ran(
    *words: str, where: Path, timeout: float = 60.0
) -> subprocess.CompletedProcess[str]:
    """The program, run to its end."""
    with started(*words, where=where) as process:
        try:
            out, errors = process.communicate(timeout=timeout)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(words, process.returncode, out, errors)


def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for something, not for ever."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds:g} s"
        time.sleep(0.05)


def begun(process: subprocess.Popen[str], where: Path) -> Path:
    """The folder of a run that has begun: its timeline has a line."""
    found: list[Path] = []

    def told() -> bool:
        assert process.poll() is None
        timelines = where.glob("reports/*/timeline.ndjson")
        found[:] = [path.parent for path in timelines if path.stat().st_size]
        return bool(found)

    until(told)
    (folder,) = found
    return folder


@contextmanager
def acs(where: Path, *options: str) -> Iterator[str]:
    """The URL of `cpesim acs`."""
    with _serving(where, *options) as process:
        yield _url(process)


@contextmanager
def both(where: Path, *options: str) -> Iterator[tuple[str, str]]:
    """The URLs of `cpesim acs`: for CPEs, and of its northbound interface."""
    with _serving(where, "--nbi", "127.0.0.1:0", *options) as process:
        yield _url(process), _url(process).rstrip("/")


@contextmanager
def _serving(where: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    words = ("acs", "--port", "0", *options)
    with started(*words, where=where, errors=subprocess.STDOUT) as process:
        try:
            yield process
        finally:
            process.terminate()


def _url(process: subprocess.Popen[str]) -> str:
    """That of the next line."""
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://\S+", line)
    assert found is not None, line
    return found[0]


def nobody() -> str:
    """A URL at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/"
