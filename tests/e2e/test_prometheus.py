"""A real Prometheus asks a run for its metrics, and answers questions about it."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import acs, started
from tests.e2e.nginx import free_port

_CONFIGURATION = """\
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: cpesim
    static_configs:
      - targets: ["127.0.0.1:{port}"]
"""


def program() -> str:
    """The path of prometheus."""
    found = shutil.which("prometheus")
    if found is None:
        pytest.skip("prometheus is not there: apt-get install prometheus")
    return found


@contextmanager
def prometheus(where: Path, port: int) -> Iterator[str]:
    """A Prometheus that asks *port* each second; its own URL."""
    file, own = where / "prometheus.yml", free_port()
    file.write_text(_CONFIGURATION.format(port=port), encoding="utf-8")
    words = [
        program(),
        f"--config.file={file}",
        f"--storage.tsdb.path={where / 'data'}",
        f"--web.listen-address=127.0.0.1:{own}",
        "--log.level=error",
    ]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL) as process:
        try:
            yield f"http://127.0.0.1:{own}"
        finally:
            process.terminate()


def asked(url: str, query: str) -> list[dict[str, Any]]:
    """What Prometheus answers; nothing while it is not yet there."""
    words = urllib.parse.urlencode({"query": query})
    try:
        with urllib.request.urlopen(f"{url}/api/v1/query?{words}", timeout=5) as answer:
            found = json.load(answer)
    except OSError:
        return []
    assert found["status"] == "success"
    result: list[dict[str, Any]] = found["data"]["result"]
    return result


def until(url: str, query: str, least: float) -> float:
    """The one value of a query, once it is at least that much."""
    for _ in range(300):
        found = asked(url, query)
        value = float(found[0]["value"][1]) if found else 0.0
        if value >= least:
            return value
        time.sleep(0.1)
    raise AssertionError(f"{query}: {asked(url, query)}, not {least}")


@pytest.mark.slow
def test_prometheus_asks_a_run(tmp_path: Path) -> None:
    """Counters, gauges and a percentile by its own functions agree with the run."""
    program()
    port = free_port()
    words = ("-n", "40", "-r", "20/s", "-d", "16s", "--ui", "none", "--grace", "2s")
    with (
        acs(tmp_path) as acs_url,
        prometheus(tmp_path, port) as url,
        started(
            "quick", acs_url, *words, "--metrics", f"127.0.0.1:{port}", where=tmp_path
        ) as run,
    ):
        try:
            done = 'cpesim_sessions_total{state="done"}'
            seen = until(url, done, 100)
            assert 15 <= until(url, f"rate({done}[5s])", 15) <= 26
            assert until(url, 'cpesim_devices{state="total"}', 40) == 40
            bucket = 'cpesim_latency_seconds_bucket{series="session"}'
            quantile = f"histogram_quantile(0.95, sum by (le) ({bucket}))"
            assert 0.0 < until(url, quantile, 1e-6) < 5
            assert until(url, 'cpesim_run_state{state="RUNNING"}', 1) == 1
            count = 'cpesim_exchange_seconds_count{rpc="Inform"}'
            assert until(url, count, seen) >= seen
            out, errors = run.communicate(timeout=60)
        finally:
            run.kill()
        assert run.returncode == 0, out + errors
        assert until(url, "max_over_time(up[5m])", 1) == 1


def test_a_port_that_is_taken_ends_the_run_before_it_begins(tmp_path: Path) -> None:
    """Exit code 3, and one line that says why."""
    with acs(tmp_path) as acs_url:
        where = urllib.parse.urlsplit(acs_url).netloc
        run = started(
            "quick", acs_url, "-n", "5", "-d", "5s", "--metrics", where, where=tmp_path
        )
        out, errors = run.communicate(timeout=60)
    assert run.returncode == 3, out + errors
    assert f"--metrics {where}: cannot listen: Address already in use" in errors
    assert not list(tmp_path.glob("reports/*"))
