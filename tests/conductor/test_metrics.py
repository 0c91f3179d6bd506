"""What Prometheus gets of a run: every figure, few labels, and its documents."""

from __future__ import annotations

import json
import re
import socket
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import trio
from prometheus_client.core import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from cpesim.conductor.conductor import conduct
from cpesim.conductor.metrics import BUCKETS, MOST, OTHERS, families, place, serving
from cpesim.conductor.told import METRICS, counted
from cpesim.errors import ConfigError, MachineError
from cpesim.measure.meter import Meter
from cpesim.measure.result import Result, RunFacts, State
from cpesim.measure.snapshot import Snapshot
from tests.conductor.stage import Stage, placed, planned
from tests.conductor.test_conduct import acs
from tests.e2e.nginx import free_port
from tests.measure.populated import populated

DOCS = Path(__file__).parent.parent.parent / "docs"
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


class Once(Collector):
    def __init__(self, result: Result) -> None:
        self._result = result

    def collect(self) -> Any:
        return families(self._result)


def text_of(result: Result) -> str:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Once(result))
    return generate_latest(registry).decode()


def samples(text: str) -> Samples:
    """Each sample by its name and labels; no one comes twice."""
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = sample.name, tuple(sorted(sample.labels.items()))
            assert key not in found
            found[key] = sample.value
    return found


def one(found: Samples, metric: str, /, **labels: str) -> float:
    return found[metric, tuple(sorted(labels.items()))]


def hand_fed(counters: dict[str, int], gauges: dict[str, float]) -> Result:
    result = Result(RunFacts("lab", "7f3a", "http://acs/", 10, version="1.2"))
    result.enter(State.RUNNING, 0.0)
    meter = Meter()
    for name, number in counters.items():
        meter.count(name, number)
    for seconds in (0.004, 0.04, 0.4, 4.0, 400.0):
        meter.record("session", seconds)
    meter.record("session{group=homes}", 0.2)
    meter.record("Inform", 0.02)
    meter.record("recovery{set=west}", 90.0 / 100)
    result.feed("worker-0", meter.snapshot(1.0, gauges))
    return result


def test_every_figure_has_its_metric() -> None:
    """Counters, tagged ones, gauges, histograms: by name and labels."""
    result = hand_fed(
        {
            "sessions.done": 5,
            "sessions.done{group=homes}": 3,
            "injected.done{fault=slow}": 2,
            "injected.done": 2,
            "started.boot": 4,
            "done.boot": 1,
            "late.generator": 1,
            "failed.http 503": 6,
            "failed_on.http 503@Inform": 6,
            "status.503": 6,
            "bytes.sent": 700,
            "fault.sent.9005": 8,
            "fault.received.8003": 9,
            "acs.violation.X3 wrong ID": 2,
            "knocks.answered": 11,
            "tls.version.TLSv1.3": 3,
            "recovered{set=west}": 1,
        },
        {
            "fleet.ok": 7,
            "fleet/homes/ok": 7,
            "busy": 3,
            "rate": 50,
            "cpu": 0.4,
            "rss": 1e8,
            "fds": 90,
            "lag_p99": 0.002,
            "set.size{set=west}": 6,
            "at_version{group=homes,version=2.0}": 4,
        },
    )
    found = samples(text_of(result))
    told = [
        (5, "sessions_total", {"state": "done"}),
        (3, "group_sessions_total", {"group": "homes", "state": "done"}),
        (2, "injected_sessions_total", {"fault": "slow", "state": "done"}),
        (4, "session_causes_total", {"cause": "boot", "state": "started"}),
        (1, "session_causes_total", {"cause": "boot", "state": "done"}),
        (1, "late_starts_total", {"why": "generator"}),
        (6, "failures_total", {"label": "http 503"}),
        (6, "failed_exchanges_total", {"label": "http 503", "rpc": "Inform"}),
        (6, "http_responses_total", {"status": "503"}),
        (700, "http_bytes_total", {"direction": "sent"}),
        (8, "cwmp_faults_total", {"direction": "sent", "code": "9005"}),
        (9, "cwmp_faults_total", {"direction": "received", "code": "8003"}),
        (2, "acs_violations_total", {"kind": "X3 wrong ID"}),
        (11, "other_total", {"name": "knocks.answered"}),
        (2, "other_total", {"name": "injected.done"}),
        (3, "other_total", {"name": "tls.version.TLSv1.3"}),
        (1, "other_total", {"name": "recovered{set=west}"}),
        (7, "devices", {"state": "ok"}),
        (7, "group_devices", {"group": "homes", "state": "ok"}),
        (4, "devices_at_version", {"group": "homes", "version": "2.0"}),
        (6, "gauge", {"name": "set.size{set=west}"}),
        (3, "sessions_in_flight", {}),
        (50, "rate_wanted", {}),
        (0.4, "generator_cpu_cores", {}),
        (1e8, "generator_memory_bytes", {}),
        (90, "generator_open_files", {}),
        (0.002, "generator_lag_seconds", {"at": "p99"}),
        (1, "run_info", {"run": "lab", "id": "7f3a", "version": "1.2"}),
        (1, "run_state", {"state": "RUNNING"}),
        (0, "run_state", {"state": "ENDED"}),
        (1, "run_seconds", {}),
        (5, "latency_seconds_count", {"series": "session"}),
        (1, "exchange_seconds_count", {"rpc": "Inform"}),
    ]
    for value, name, labels in told:
        assert one(found, "cpesim_" + name, **labels) == value, name


def test_buckets_hold_what_was_measured() -> None:
    """Cumulative, with their sum; the recovery's are in whole seconds."""
    found = samples(text_of(hand_fed({}, {})))
    name = "cpesim_latency_seconds"
    below = [
        one(found, name + "_bucket", series="session", le=repr(b)) for b in BUCKETS
    ]
    assert below == [sum(s <= b for s in (0.004, 0.04, 0.4, 4, 400)) for b in BUCKETS]
    assert one(found, name + "_bucket", series="session", le="+Inf") == 5
    assert one(found, name + "_sum", series="session") == pytest.approx(404.444)
    group = {"series": "session", "tag": "group", "value": "homes"}
    assert one(found, "cpesim_tagged_latency_seconds_count", **group) == 1
    back = {"series": "recovery", "tag": "set", "value": "west"}
    assert one(found, "cpesim_long_seconds_bucket", **back, le="60.0") == 0
    assert one(found, "cpesim_long_seconds_bucket", **back, le="120.0") == 1
    assert one(found, "cpesim_long_seconds_sum", **back) == pytest.approx(90)


def test_labels_are_few_whatever_an_acs_says() -> None:
    """Names beyond MOST are told as one, and nothing is lost or falls."""
    result = hand_fed({f"fault.received.{n}": 1 for n in range(1000)}, {})
    codes = [k for k in samples(text_of(result)) if k[0] == "cpesim_cwmp_faults_total"]
    assert len(codes) == MOST + 1
    found = samples(text_of(result))
    other = one(found, "cpesim_cwmp_faults_total", direction=OTHERS, code=OTHERS)
    assert other == 1000 - MOST
    result.feed("worker-0", Snapshot(1.0, 2.0, {"fault.received.999": 5}))
    after = samples(text_of(result))
    assert all(after[key] >= found[key] for key in codes)
    hostile = 'x"\\\n{},='
    result.feed("worker-0", Snapshot(2.0, 3.0, {f"failed.{hostile}": 5}))
    assert one(samples(text_of(result)), "cpesim_failures_total", label=hostile) == 5


def test_a_populated_run_is_told_whole() -> None:
    """Every counter and series is in some metric of the table, once."""
    result = populated()
    found = samples(text_of(result))
    assert sum(v for k, v in found.items() if k[0] == "cpesim_failures_total") == sum(
        result.by("failed.").values()
    )
    names = {told.name for told in METRICS}
    assert all(counted(name)[0] in names for name in result.counters)
    counts = {k: v for k, v in found.items() if k[0].endswith("_seconds_count")}
    assert len(counts) == len(result.series())
    assert "secret" not in text_of(result)


@pytest.mark.parametrize(
    "where", ["", "9464", ":9464", "127.0.0.1", "127.0.0.1:x", "h:70000", "u@h:1/x"]
)
def test_a_place_that_is_none(where: str) -> None:
    """One clear error."""
    with pytest.raises(ConfigError, match=r"--metrics .*expected ADDRESS:PORT"):
        place(where)


def test_places() -> None:
    """IPv4, IPv6 and names."""
    assert place("127.0.0.1:9464") == ("127.0.0.1", 9464)
    assert place("[::1]:9464") == ("::1", 9464)


async def _asked(url: str) -> str:
    def ask() -> str:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return str(answer.read().decode())

    return await trio.to_thread.run_sync(ask)


async def test_a_port_that_is_taken() -> None:
    """It is refused, by its name."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(MachineError, match=f"--metrics {where}: cannot listen"):
            async with serving(where, populated(2)):
                raise AssertionError("it is taken")


async def test_a_run_is_served_while_it_lasts(tmp_path: Path) -> None:
    """Asked in the middle it tells what came so far; after the end nobody answers."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/metrics"
    heard: list[Samples] = []

    async def script(stage: Stage) -> None:
        await stage.begin()
        for second in (1, 2):
            await stage.second(second, done=10)
            while len(heard) < second:
                found = samples(await _asked(url))
                if one(found, "cpesim_run_seconds") >= second:
                    heard.append(found)
        await stage.say("end")

    async with acs() as acs_url:
        with trio.fail_after(20):
            result = await conduct(
                planned(acs_url, duration=60.0),
                place=placed(script),
                out=tmp_path,
                metrics=f"127.0.0.1:{port}",
            )
    assert result.count("sessions.done") == 20
    done = [one(found, "cpesim_sessions_total", state="done") for found in heard]
    assert done == [10, 20]
    with pytest.raises(OSError, match="refused"):
        await _asked(url)


def test_the_table_is_documented() -> None:
    """docs/metrics.md has each metric with its kind, labels and words."""
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \| (.*?) \| (.+?) \|$", text(), re.M)
    assert rows == [
        (t.name, t.kind, ", ".join(f"`{name}`" for name in t.labels), t.words)
        for t in METRICS
    ]


def text() -> str:
    return (DOCS / "metrics.md").read_text(encoding="utf-8")


def test_the_dashboard_asks_for_what_there_is() -> None:
    """Each metric that a panel queries is in the table, with its labels."""
    board = json.loads((DOCS / "grafana-dashboard.json").read_text(encoding="utf-8"))
    asked = [t["expr"] for p in board["panels"] for t in p.get("targets", [])]
    assert len(asked) >= 10
    known = {told.name: set(told.labels) for told in METRICS}
    for told in METRICS:
        if told.kind == "histogram":
            for end in ("_bucket", "_sum", "_count"):
                known[told.name + end] = {*told.labels, "le"}
    for expression in asked:
        named = re.findall(r"\b(cpesim_\w+)(?:\{([^}]*)\})?", expression)
        assert named, expression
        labels = set()
        for name, chosen in named:
            assert name in known, expression
            labels |= known[name]
            assert set(re.findall(r"(\w+)\s*[=!]", chosen)) <= known[name]
        for by in re.findall(r"by \(([^)]*)\)", expression):
            assert {word.strip() for word in by.split(",")} <= labels, expression
