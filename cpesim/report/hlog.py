"""
latency.hlog: tagged five-second histograms for the standard HdrHistogram log readers.

Rule: format 1.3, written with our own lines. hdrh 0.10.8's writer drops the tag,
claims 1.2 and raises in output_start_time.
"""

from __future__ import annotations

from collections.abc import Iterable

from cpesim.measure.history import Stretch
from cpesim.report.as_json import when


def header(epoch: float) -> str:
    """The lines before the first interval; *epoch* is the unix time of the run's 0."""
    return (
        "#[Histogram log format version 1.3]\n"
        "#[values in microseconds, Interval_Max in milliseconds]\n"
        f"#[StartTime: {epoch:.3f} (seconds since epoch), {when(epoch)}]\n"
        f"#[BaseTime: {epoch:.3f} (seconds since epoch)]\n"
        '"StartTimestamp","Interval_Length","Interval_Max",'
        '"Interval_Compressed_Histogram"\n'
    )


def lines(stretches: Iterable[Stretch]) -> str:
    """One line for each series of each stretch."""
    return "".join(
        f"Tag={tag(series)},{stretch.begin:.3f},{stretch.length:.3f},"
        f"{greatest * 1e3:.3f},{encoded}\n"
        for stretch in stretches
        for series, (greatest, encoded) in stretch.series.items()
    )


def tag(series: str) -> str:
    """The series as a tag, which may hold no comma, space or line break."""
    return "_".join(series.replace(",", " ").split())
