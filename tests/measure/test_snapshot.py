"""Snapshots travel as bytes and add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.measure.latency import Latency
from cpesim.measure.meter import Meter
from cpesim.measure.snapshot import Snapshot, merge

NAMES = st.text(min_size=1, max_size=8)
LATENCIES = st.lists(st.floats(1e-6, 3600), min_size=1, max_size=8)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """What a meter could have made."""
    meter = Meter(draw(st.floats(0, 100)))
    for name, by in draw(st.dictionaries(NAMES, st.integers(1, 9), max_size=4)).items():
        meter.count(name, by)
    series = draw(st.dictionaries(NAMES, LATENCIES, max_size=3))
    for name, latencies in series.items():
        for latency in latencies:
            meter.record(name, latency)
    gauges = draw(st.dictionaries(NAMES, st.floats(0, 1e6), max_size=4))
    return meter.snapshot(draw(st.floats(100, 200)), gauges)


@given(snapshots())
def test_bytes_bring_it_back(snapshot: Snapshot) -> None:
    """to_bytes and from_bytes lose nothing, any name goes round."""
    assert Snapshot.from_bytes(snapshot.to_bytes()) == snapshot


@given(st.lists(snapshots(), max_size=4), st.randoms())
def test_the_order_of_a_merge_is_nothing(parts, random) -> None:  # type: ignore[no-untyped-def]
    """Counters and histograms add up the same in any order and grouping."""
    shuffled = list(parts)
    random.shuffle(shuffled)
    one = merge(parts)
    other = merge([merge(shuffled[:2]), merge(shuffled[2:])]) if parts else merge([])
    assert one.counters == other.counters
    assert one.latency == other.latency
    for name in one.counters:
        assert one.counters[name] == sum(p.counters.get(name, 0) for p in parts)


def test_gauges_merge_by_their_kind() -> None:
    """The worst lag and CPU, the sum of all others."""
    merged = merge(
        [
            Snapshot(0, 1, {}, {"lag_p99": 0.2, "cpu": 0.5, "busy": 3, "rss": 10}),
            Snapshot(0, 1.2, {}, {"lag_p99": 0.1, "cpu": 0.9, "busy": 4, "fds": 1}),
        ]
    )
    assert merged.gauges == {
        "lag_p99": 0.2,
        "cpu": 0.9,
        "busy": 7,
        "rss": 10,
        "fds": 1,
    }
    assert (merged.since, merged.at) == (0, 1.2)


@pytest.mark.parametrize(
    ("since", "at", "second", "span"),
    [
        (4.0, 5.0, 4, 1),
        (4.0, 5.3, 4, 1),
        (5.3, 6.0, 5, 1),
        (12.0, 12.2, 12, 1),
        (4.0, 11.0, 7, 7),
        (-0.5, 0.1, 0, 1),
    ],
)
def test_a_late_snapshot_belongs_to_its_second(
    since: float, at: float, second: int, span: int
) -> None:
    """The middle decides, so that a lag moves nothing to the next row."""
    snapshot = Snapshot(since, at)
    assert (snapshot.second, snapshot.span) == (second, span)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\xff\xff\xff\xff",
        b"\x02\x00\x00\x00[]",
        b"\x02\x00\x00\x00{]",
        Snapshot(0, 1, latency={"a": Latency().to_bytes()}).to_bytes()[:-1],
        Snapshot(0, 1).to_bytes() + b"x",
    ],
)
def test_other_bytes_are_refused(broken: bytes) -> None:
    """A snapshot cut short is no snapshot."""
    with pytest.raises(ValueError, match="not a snapshot"):
        Snapshot.from_bytes(broken)
