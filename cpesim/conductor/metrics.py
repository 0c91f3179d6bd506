"""
What a run tells Prometheus while it runs.

Rule: everything is made of the Result when somebody asks; a run that nobody asks pays
nothing. What an ACS may make up is told by MOST names: of counters and gauges the rest
is told as one, of histograms, which cost more to read, not at all. This is the one
place that knows Prometheus; it is loaded when it is asked for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from functools import partial

import trio
from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import start_wsgi_server
from prometheus_client.registry import Collector

from cpesim.conductor.told import LONG, METRICS, Labels, counted, gauged, timed
from cpesim.errors import ConfigError, MachineError
from cpesim.measure.recovery import HUNDREDTHS
from cpesim.measure.result import Result, State
from cpesim.quantity import parse_place

MOST = 200  # names of one label; what is beyond is told as OTHERS
OTHERS = "other"
# Upper ends in seconds: from an answer of the same machine to one given up.
BUCKETS = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0),
)
# Of what takes minutes to hours: the recovery of a fleet, a campaign.
LONG_BUCKETS = (
    *(1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0),
    *(1_800.0, 3_600.0, 7_200.0, 14_400.0, 28_800.0, 86_400.0),
)


def bounded(
    found: Iterable[tuple[Labels, float]], width: int
) -> Mapping[Labels, float]:
    """Values by their labels; those after the first MOST together, as OTHERS."""
    values: dict[Labels, float] = {}
    for labels, value in found:
        if labels not in values and len(values) >= MOST:
            labels = (OTHERS,) * width
        values[labels] = values.get(labels, 0.0) + value
    return values


def families(result: Result) -> Iterator[Metric]:
    """Every metric of a run, as it is now."""
    numbers: dict[str, list[tuple[Labels, float]]] = {}
    for name, number in result.counters.items():
        metric, labels = counted(name)
        numbers.setdefault(metric, []).append((labels, float(number)))
    for name, value in result.gauges().items():
        metric, labels = gauged(name)
        numbers.setdefault(metric, []).append((labels, value))
    facts = result.facts
    numbers["cpesim_run_info"] = [((facts.name, facts.run_id, facts.version), 1.0)]
    numbers["cpesim_run_seconds"] = [((), result.now)]
    numbers["cpesim_run_state"] = [
        ((state.value,), float(state is result.state)) for state in State
    ]
    for told in METRICS:
        if told.kind == "histogram":
            continue
        kind = CounterMetricFamily if told.kind == "counter" else GaugeMetricFamily
        family = kind(told.name, told.words, labels=told.labels)
        found = bounded(numbers.get(told.name, ()), len(told.labels))
        for labels, value in found.items():
            family.add_metric(labels, value)
        yield family
    yield from _histograms(result)


def _histograms(result: Result) -> Iterator[Metric]:
    made = {
        told.name: HistogramMetricFamily(told.name, told.words, labels=told.labels)
        for told in METRICS
        if told.kind == "histogram"
    }
    for series in (*result.series()[:MOST], *result.long_series()[:MOST]):
        name, labels = timed(series)
        long = name == LONG
        scale, bounds = (HUNDREDTHS, LONG_BUCKETS) if long else (1.0, BUCKETS)
        histogram = result.histogram(series)
        assert histogram is not None
        below = histogram.below([bound / scale for bound in bounds])
        made[name].add_metric(
            labels,
            [
                *zip(map(repr, bounds), map(float, below), strict=True),
                ("+Inf", float(histogram.total_count)),
            ],
            histogram.sum / 1e6 * scale,
        )
    yield from made.values()


class _Asked(Collector):
    """Makes the metrics in the run's own thread, where nothing changes meanwhile."""

    def __init__(self, result: Result) -> None:
        self._result = result
        self._token = trio.lowlevel.current_trio_token()

    def collect(self) -> Iterable[Metric]:
        try:
            return trio.from_thread.run_sync(self._made, trio_token=self._token)
        except trio.RunFinishedError:
            return []

    def _made(self) -> list[Metric]:
        return list(families(self._result))


def place(where: str) -> tuple[str, int]:
    """Address and port of --metrics; raises ConfigError."""
    try:
        host, port = parse_place(where)
    except ValueError:
        port = None
    if not port:
        raise ConfigError(
            f"--metrics {where!r}: expected ADDRESS:PORT, as 127.0.0.1:9464"
        )
    return host, port


@asynccontextmanager
async def serving(where: str, result: Result) -> AsyncIterator[None]:
    """
    Serve the metrics of a run within the block.

    Raises ConfigError for what is no address, MachineError for a port that is taken.
    """
    host, port = place(where)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Asked(result))
    start = partial(start_wsgi_server, port, host, registry)
    try:
        # The name of the host is looked up, which may take its time.
        server, _ = await trio.to_thread.run_sync(start)
    except OSError as error:
        reason = error.strerror or error
        raise MachineError(f"--metrics {where}: cannot listen: {reason}") from None
    try:
        yield
    finally:
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(server.shutdown)
        server.server_close()
