"""Latency gives hdrhistogram's figures and bytes, quicker; and loses nothing."""

from __future__ import annotations

import gc
import struct
import sys
import weakref
import zlib
from pathlib import Path

import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from cpesim.measure.latency import (
    HIGHEST,
    NOTHING,
    PERCENTILES,
    Interval,
    Latency,
    index_of,
)

MICROSECONDS = st.integers(1, HIGHEST) | st.integers(1, 5_000_000)


def filled(values: list[int]) -> Latency:
    """A Latency with these microseconds."""
    latency = Latency()
    for value in values:
        latency.record(value / 1e6)
    return latency


def reference(values: list[int]) -> HdrHistogram:
    """hdrhistogram's own, with the same."""
    histogram = HdrHistogram(1, HIGHEST, 3)
    for value in values:
        assert histogram.record_value(value)
    return histogram


@given(MICROSECONDS)
def test_the_index_is_hdrhistograms(value: int) -> None:
    """Each value falls into the slot that hdrhistogram gives it."""
    assert index_of(value) == reference([]).get_counts_array_index(value)


@given(st.lists(MICROSECONDS, max_size=60))
def test_encoding_is_byte_identical(values: list[int]) -> None:
    """What hdrhistogram would write, we write, to the byte."""
    assert filled(values).encode() == reference(values).encode()


@given(st.lists(MICROSECONDS, min_size=1, max_size=60))
def test_figures_are_hdrhistograms(values: list[int]) -> None:
    """The same percentiles, but never above the greatest value that came."""
    ours, theirs = filled(values), reference(values)
    expected = theirs.get_percentile_to_value_dict(list(PERCENTILES))
    assert ours.percentiles(PERCENTILES) == [
        min(expected[p], max(values)) / 1e6 for p in PERCENTILES
    ]
    figures = ours.figures()
    assert figures.count == len(values)
    assert figures.max == max(values) / 1e6
    assert figures.mean == pytest.approx(sum(values) / len(values) / 1e6)
    assert ours.get_min_value() == theirs.get_min_value()


@given(st.lists(st.lists(MICROSECONDS, max_size=30), max_size=5))
def test_merging_is_exact(parts: list[list[int]]) -> None:
    """Parts added as bytes are what one histogram would have held."""
    merged = Latency()
    for part in parts:
        merged.add_bytes(filled(part).to_bytes())
    whole = filled([value for part in parts for value in part])
    assert merged.encode() == whole.encode()
    assert merged.figures() == whole.figures()


@given(st.lists(MICROSECONDS, max_size=30), st.lists(MICROSECONDS, max_size=30))
def test_reset_forgets_everything(before: list[int], after: list[int]) -> None:
    """A reset histogram is as a new one."""
    latency = filled(before)
    latency.reset()
    assert latency.figures() == NOTHING
    for value in after:
        latency.record(value / 1e6)
    assert latency.encode() == filled(after).encode()
    assert latency.figures() == filled(after).figures()


def test_out_of_range_is_clamped_and_counted() -> None:
    """hdrhistogram would lose these without a word."""
    latency = Latency()
    for seconds in (-1.0, 0.0, 0.5, 4_000.0):
        latency.record(seconds)
    assert latency.figures().count == 4
    assert latency.figures().clamped == 3
    assert latency.figures().max == 3_600
    other = Latency()
    other.add_bytes(latency.to_bytes())
    assert other.figures() == latency.figures()


def test_an_empty_one_has_no_figures() -> None:
    """No samples: zeros, and nothing to add."""
    latency = Latency()
    assert latency.figures() == NOTHING
    assert latency.percentiles([50.0, 99.0]) == [0.0, 0.0]
    assert latency.get_min_value() == 0
    latency.add_bytes(Latency().to_bytes())
    assert latency.encode() == HdrHistogram(1, HIGHEST, 3).encode()
    assert latency.min_value == sys.maxsize


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"x" * 24,
        struct.pack("<QQQ", 1, 1, 0) + b"not zlib",
        struct.pack("<QQQ", 1, 1, 0) + zlib.compress(b"short"),
        struct.pack("<QQQ", 1, HIGHEST * 2, 0) + zlib.compress(b"x" * 80),
        struct.pack("<QQQ", 1, 5, 0) + filled([3_000_000]).to_bytes()[24:],
    ],
)
def test_broken_bytes_are_refused(encoded: bytes) -> None:
    """Nothing half-read is added."""
    with pytest.raises(ValueError, match="not a latency interval"):
        Interval(encoded)


@given(st.lists(MICROSECONDS), st.lists(MICROSECONDS))
def test_what_is_taken_away_leaves_the_rest(gone: list[int], stay: list[int]) -> None:
    """As if it had never been added."""
    latency = filled(stay)
    taken = Interval(filled(gone).to_bytes())
    latency.add_interval(taken)
    latency.take_interval(taken, max(stay, default=0))
    assert latency.to_bytes() == filled(stay).to_bytes()
    assert latency.figures() == filled(stay).figures()


def resident() -> int:
    """Bytes of this process."""
    return 4096 * int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])


def test_many_series_take_what_they_use() -> None:
    """200 series of some milliseconds: not 184 KiB each; and nothing when they go."""
    before = resident()
    many = [Latency() for _ in range(200)]
    for n, latency in enumerate(many):
        for took in range(20):
            latency.record(0.0002 + 0.0002 * took + n * 1e-6)
    assert resident() - before < 16 * 2**20
    gone = weakref.ref(many[0])
    gc.disable()
    try:
        many.clear()
        del latency
        assert gone() is None
    finally:
        gc.enable()
