"""Quantities: what is read, what is refused with which words, what is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.quantity import (
    parse_bandwidth,
    parse_count,
    parse_duration,
    parse_place,
    parse_rate,
    parse_share,
    show_bytes,
    show_clock,
    show_count,
    show_duration,
    show_rate,
    show_share,
    spell_duration,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500ms", 0.5),
        ("310ms", 0.31),
        ("10s", 10),
        ("2m", 120),
        ("1h", 3600),
        ("1d", 86400),
        ("1h30m", 5400),
        ("1.5s", 1.5),
        (" 0 ", 0),
        ("250us", 0.00025),
    ],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    """A duration with its units becomes seconds, exactly."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "1.5", "s", "10 parsecs", "-5s", "1h 30m"])
def test_a_duration_without_unit_is_refused(text: str) -> None:
    """A bare number says nothing of its unit, so the message asks for one."""
    with pytest.raises(ValueError, match="expected a duration with its unit"):
        parse_duration(text)


def test_a_bare_number_gets_a_suggestion() -> None:
    """Who writes 10 most often means seconds."""
    with pytest.raises(ValueError, match=r"did you mean 10s\?"):
        parse_duration("10")


@given(st.integers(0, 10 * 86_400_000_000))
def test_a_spelt_duration_reads_back(microseconds: int) -> None:
    """spell_duration and parse_duration agree to the microsecond."""
    seconds = microseconds / 1e6
    assert parse_duration(spell_duration(seconds)) == pytest.approx(seconds, abs=5e-7)


@pytest.mark.parametrize(
    ("text", "number"),
    [("500", 500), ("18k", 18000), ("1.5M", 1_500_000), ("1_000", 1000), ("2K", 2000)],
)
def test_counts_are_read(text: str, number: int) -> None:
    """A count may be shortened by k and M."""
    assert parse_count(text) == number


@pytest.mark.parametrize("text", ["", "1.5", "k", "-1", "18kk", "0.0001k"])
def test_a_count_is_whole(text: str) -> None:
    """Half a device is refused."""
    with pytest.raises(ValueError, match="expected a count"):
        parse_count(text)


@given(st.integers(0, 10**9))
def test_a_shown_count_reads_back(number: int) -> None:
    """Thousands parted by commas are understood again."""
    assert parse_count(show_count(number)) == number


@pytest.mark.parametrize(
    ("text", "rate"),
    [("2/s", 2), ("120/min", 2), ("7.2k/h", 2), ("50", 50), ("0.5/s", 0.5)],
)
def test_rates_are_read(text: str, rate: float) -> None:
    """A rate is per second, minute or hour; a bare one is per second."""
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "2/d", "-1/s", "fast"])
def test_other_rates_are_refused(text: str) -> None:
    """The message shows what a rate looks like."""
    with pytest.raises(ValueError, match="expected a rate, as 50/s"):
        parse_rate(text)


@pytest.mark.parametrize(
    ("text", "share"), [("90%", 0.9), ("0.25", 0.25), ("100 %", 1), ("1", 1), ("0", 0)]
)
def test_shares_are_read(text: str, share: float) -> None:
    """A share is a percentage or a fraction."""
    assert parse_share(text) == share


@pytest.mark.parametrize("text", ["", "101%", "1.5", "-3%", "%"])
def test_more_than_all_is_refused(text: str) -> None:
    """A share above the whole is a mistake."""
    with pytest.raises(ValueError, match="expected a share"):
        parse_share(text)


@pytest.mark.parametrize(
    ("text", "bytes_a_second"),
    [("20Mbit", 2.5e6), ("20Mbit/s", 2.5e6), ("500kB/s", 5e5), ("1 GB", 1e9)],
)
def test_bandwidths_are_read(text: str, bytes_a_second: float) -> None:
    """Bits are eighths of bytes, prefixes are decimal."""
    assert parse_bandwidth(text) == bytes_a_second


@pytest.mark.parametrize("text", ["", "20", "20mbit", "Mbit"])
def test_a_bandwidth_has_a_unit(text: str) -> None:
    """20 what? and mbit would be millibits."""
    with pytest.raises(ValueError, match="expected a bandwidth"):
        parse_bandwidth(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0µs"),
        (0.000085, "85µs"),
        (0.0023, "2.3ms"),
        (0.00999, "10ms"),
        (0.31, "310ms"),
        (0.9996, "1.0s"),
        (8.4, "8.4s"),
        (99.96, "1m40s"),
        (672, "11m12s"),
        (3600, "1h00m"),
        (7290, "2h02m"),
        (400 * 3600, "16d16h"),
    ],
)
def test_durations_are_shown(seconds: float, text: str) -> None:
    """A shown duration has two or three digits that tell."""
    assert show_duration(seconds) == text


@given(st.floats(0, 100 * 3600))
def test_a_shown_duration_is_short(seconds: float) -> None:
    """Six cells are enough in every table."""
    assert len(show_duration(seconds)) <= 6


def test_other_quantities_are_shown() -> None:
    """Clock, rate, share and bytes as a person reads them."""
    assert show_clock(672) == "11:12"
    assert show_clock(3723) == "1:02:03"
    assert show_rate(312.3) == "312/s"
    assert show_rate(2.5) == "2.5/s"
    assert show_rate(2) == "2/s"
    assert show_share(0) == "0.0 %"
    assert show_share(0.0004) == "< 0.1 %"
    assert show_share(0.002) == "0.2 %"
    assert show_share(0.63) == "63 %"
    assert show_bytes(512) == "512 B"
    assert show_bytes(999_960) == "1.0 MB"
    assert show_bytes(1.2e9) == "1.2 GB"


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:9464", "127.0.0.1", 9464),
        ("acs.lab", "acs.lab", None),
        ("[::1]:80", "::1", 80),
        ("[::1]", "::1", None),
        ("a:0", "a", 0),
    ],
)
def test_places(text: str, host: str, port: int | None) -> None:
    """Where something listens, with a port or without."""
    assert parse_place(text) == (host, port)


@pytest.mark.parametrize(
    "text", ["", ":80", "::1", "a:b", "a:70000", "a:-1", "a/b", "u:p@a:80", "[::1"]
)
def test_what_is_no_place(text: str) -> None:
    """It is said what was expected."""
    with pytest.raises(ValueError, match="expected HOST or HOST:PORT, not "):
        parse_place(text)
