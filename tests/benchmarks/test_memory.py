"""What one more CPE costs: bytes, and CPU to build it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cpesim.device.catalog import load_profile
from cpesim.device.world import World
from cpesim.engine.order import Order
from cpesim.engine.shard import build
from cpesim.scenario.scenario import Acs, Group, Load, Start
from tests.benchmarks.conftest import Bench

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

PROFILES = ["residential-gateway-tr098", "enterprise-router", "dumps/tplink-EX220.csv"]


def pss(pid: int) -> int:
    """Bytes of a process and all its children, shared pages by their share."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    own = next(int(x.split()[1]) for x in rollup.splitlines() if x.startswith("Pss:"))
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return own * 1024 + sum(pss(int(child)) for child in children.split())


def weighed(bench: Bench, profile: str, count: int) -> int:
    """PSS once each CPE has booted and had its values got and set."""
    out = bench.folder / f"weigh-{time.monotonic_ns()}"
    with bench.sink("gs") as port:
        command = [sys.executable, "-m", "cpesim", "quick"]
        command += [f"http://127.0.0.1:{port}/", "-n", str(count), "-d", "10m"]
        command += ["--ramp", f"{count // 1000}s", "--profile", profile]
        command += ["--interval", "1h", "--ui", "none", "--out", str(out)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            until = time.monotonic() + 300
            while time.monotonic() < until:
                time.sleep(1)
                done = 0
                for timeline in out.glob("*/timeline.ndjson"):
                    rows = timeline.read_text(encoding="utf-8").splitlines()
                    done = sum(json.loads(row).get("done", 0) for row in rows)
                if done >= count:
                    break
            else:
                raise AssertionError(f"{done} of {count} booted")
            time.sleep(2)
            return pss(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def located(bench: Bench, profile: str) -> str:
    return str(bench.shared / profile) if profile.endswith(".csv") else profile


@pytest.mark.parametrize("profile", PROFILES)
def test_bytes_of_a_further_device(
    bench: Bench, figure: Callable[..., None], profile: str
) -> None:
    """20,000 against 40,000, of any profile, dump or not."""
    small = weighed(bench, located(bench, profile), 20_000)
    large = weighed(bench, located(bench, profile), 40_000)
    print(f"\n{profile}: {small / 2**20:.0f} MiB, {large / 2**20:.0f} MiB")
    figure(f"bytes of a further CPE, {profile}", (large - small) / 20_000, most=3072)


@pytest.mark.parametrize("profile", PROFILES)
def test_cpu_to_build_a_device(
    bench: Bench, figure: Callable[..., None], profile: str
) -> None:
    """From the compiled profile to a device that waits for its boot."""
    compiled, count = load_profile(located(bench, profile)), 20_000
    group = Group("cpes", count)
    order = Order(
        "x",
        1,
        ((compiled, group),),
        Acs("http://127.0.0.1:1/"),
        Start(),
        (Load(),),
        60,
        30,
        100,
        b"s",
    )
    before = time.process_time()
    devices = build(order, World(1))
    took = time.process_time() - before
    assert len(devices) == count
    figure(f"µs to build a CPE, {profile}", took / count * 1e6, most=60)
