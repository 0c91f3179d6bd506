"""What is a value of which type, against other judges of the same (CHECKLIST P4)."""

from __future__ import annotations

import binascii
import re
from datetime import datetime
from decimal import Decimal, InvalidOperation

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cpesim.device.check import check
from cpesim.device.profile import Parameter

TYPE, VALUE = 9006, 9007
BOUNDS = {
    "int": (-2147483648, 2147483647),
    "unsignedInt": (0, 4294967295),
    "long": (-9223372036854775808, 9223372036854775807),
    "unsignedLong": (0, 18446744073709551615),
}
NUMBERS = st.sampled_from(sorted(BOUNDS))
ODD = st.text(st.sampled_from("0123456789+-.eE xX_,٣²"), max_size=24)


@pytest.mark.rule("P4")
@given(NUMBERS, st.integers(-(2**65), 2**65))
def test_whole_numbers(type: str, number: int) -> None:
    """Each of them is in the bounds of its type, or 9007."""
    low, high = BOUNDS[type]
    expected = 0 if low <= number <= high else VALUE
    assert check(Parameter(type), str(number)) == expected
    assert check(Parameter(type), f" {number}\n") == expected


@pytest.mark.rule("P4")
@pytest.mark.parametrize("type", BOUNDS)
def test_the_bounds_of_whole_numbers(type: str) -> None:
    """The last one is good, the next one is not."""
    low, high = BOUNDS[type]
    assert [check(Parameter(type), str(n)) for n in (low, high)] == [0, 0]
    for number in (low - 1, high + 1):
        assert check(Parameter(type), str(number)) == VALUE


@pytest.mark.rule("P4")
@given(NUMBERS, ODD)
def test_what_is_no_whole_number(type: str, text: str) -> None:
    """Any other form is 9006: no point, no exponent, no other alphabet's digits."""
    form = re.fullmatch(r"[+-]?[0-9]{1,20}", text.strip())
    assert (check(Parameter(type), text) == TYPE) is (form is None)


@pytest.mark.rule("P4")
@given(
    NUMBERS,
    st.lists(
        st.tuples(st.none() | st.integers(0, 50), st.none() | st.integers(0, 50)),
        max_size=3,
    ),
    st.integers(0, 60),
)
def test_ranges(
    type: str, ranges: list[tuple[int | None, int | None]], number: int
) -> None:
    """In one of the model's ranges, either end open, or 9007."""
    parameter = Parameter(type, ranges=tuple(ranges))
    inside = not ranges or any(
        number in range(low or 0, 61 if high is None else high + 1)
        for low, high in ranges
    )
    assert check(parameter, str(number)) == (0 if inside else VALUE)


@pytest.mark.rule("P4")
@given(st.text(st.sampled_from("01truefalsTF "), max_size=6))
@example("true")
@example("false")
@example("1")
@example(" 0 ")
@example("True")
@example("")
def test_booleans(text: str) -> None:
    """0, 1, true and false; no other word and no other case."""
    good = text.strip() in {"0", "1", "true", "false"}
    assert check(Parameter("boolean"), text) == (0 if good else TYPE)


@pytest.mark.rule("P4")
@given(ODD | st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str))
@example(".")
@example("-.5")
@example("1.")
@example("1e3")
@example("")
def test_decimals(text: str) -> None:
    """What Decimal reads, but for exponents and other alphabets (XML Schema)."""
    try:
        Decimal(text.strip())
        plain = set(text.strip()) <= set("0123456789+-.")
    except InvalidOperation:
        plain = False
    assert check(Parameter("decimal"), text) == (0 if plain else TYPE)


@pytest.mark.rule("P4")
@given(st.datetimes(datetime(1000, 1, 1)), st.sampled_from(["Z", "+00:00", "-00:00"]))
def test_times_in_utc(moment: datetime, zone: str) -> None:
    """Any moment with Z or a zero offset, with a fraction or without."""
    assert check(Parameter("dateTime"), moment.isoformat() + zone) == 0
    assert check(Parameter("dateTime"), moment.isoformat()) == VALUE
    assert check(Parameter("dateTime"), moment.isoformat() + "+02:00") == VALUE


@pytest.mark.rule("P4")
@given(
    st.integers(1000, 2400),
    st.integers(0, 14),
    st.integers(0, 33),
    st.integers(0, 26),
    st.integers(0, 61),
    st.integers(0, 59),
)
def test_moments_that_never_were(
    year: int, month: int, day: int, hour: int, minute: int, second: int
) -> None:
    """What no calendar has is 9007."""
    try:
        datetime(year, month, day, hour, minute, second)
        expected = 0
    except ValueError:
        expected = VALUE
    text = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
    assert check(Parameter("dateTime"), text) == expected


@pytest.mark.rule("P4")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0001-01-01T00:00:00Z", 0),  # unknown
        ("0001-01-01T00:00:00", 0),  # since boot
        ("0000-00-03T10:20:30", 0),
        ("0999-12-31T23:59:59", 0),
        ("1000-01-01T00:00:00", VALUE),
        ("0000-13-03T10:20:30", VALUE),
        ("9999-12-31T23:59:59Z", 0),
        ("2026-02-29T00:00:00Z", VALUE),
        ("2024-02-29T00:00:00Z", 0),
        ("2026-01-01T00:00:00.123456Z", 0),
        ("2026-01-01T00:00:00.Z", TYPE),
        ("2026-01-01 00:00:00Z", TYPE),
        ("2026-1-1T00:00:00Z", TYPE),
        ("2026-01-01T00:00Z", TYPE),
        ("2026-01-01", TYPE),
        ("2026-01-01T00:00:00z", TYPE),
        ("2026-01-01T00:00:00+0000", TYPE),
        ("٢026-01-01T00:00:00Z", TYPE),
        ("", TYPE),
        ("now", TYPE),
    ],
)
def test_times(text: str, code: int) -> None:
    """UTC, or a year under 1000 without a zone: the time since the boot."""
    assert check(Parameter("dateTime"), text) == code


@pytest.mark.rule("P4")
@given(st.binary(max_size=40), st.integers(0, 40))
def test_bytes(raw: bytes, most: int) -> None:
    """base64 and hexBinary are as long as the bytes in them."""
    expected = 0 if len(raw) <= most else VALUE
    for type, text in (
        ("base64", binascii.b2a_base64(raw, newline=False).decode()),
        ("base64", "\n ".join(binascii.b2a_base64(raw).decode())),
        ("hexBinary", raw.hex()),
        ("hexBinary", raw.hex().upper()),
    ):
        assert check(Parameter(type, length=most), text) == expected
        assert check(Parameter(type), text) == 0


@pytest.mark.rule("P4")
@given(st.text(st.sampled_from("ABab09+/=-_ é"), max_size=12))
@example("0000=")
@example("0000====")
def test_what_is_no_bytes(text: str) -> None:
    """A wrong alphabet, length or padding is 9006."""
    packed = "".join(text.split())
    form = r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
    good = re.fullmatch(form, packed) is not None
    assert check(Parameter("base64"), text) == (0 if good else TYPE)
    hexed = re.fullmatch(r"(?:[0-9A-Fa-f]{2})*", text.strip()) is not None
    assert check(Parameter("hexBinary"), text) == (0 if hexed else TYPE)


@pytest.mark.rule("P4", "P14")
@given(st.text(max_size=20), st.integers(0, 20))
def test_strings_are_counted_in_characters(text: str, most: int) -> None:
    """Not in bytes: the full length of any alphabet fits."""
    expected = 0 if len(text) <= most else VALUE
    assert check(Parameter("string", length=most), text) == expected
    assert check(Parameter("string"), text * 100) == 0


@pytest.mark.rule("P4")
@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        (Parameter("string", choices=("A", "B c")), ["A", "B c"], ["", "a", "A,A"]),
        (
            Parameter("string", choices=("A", "B"), list=True),
            ["", "A", "A,B", "B , A", "A,A"],
            ["C", "A,C", "A,,B", ",", "A;B"],
        ),
        (Parameter("string", patterns=("[0-9]+",)), ["0", "12"], ["", "1a", "a1"]),
        (
            Parameter("string", patterns=("[0-9]+", "none"), list=True),
            ["1,none", "2", " "],
            ["none,x", "1 2"],
        ),
        (
            Parameter("string", choices=("auto",), patterns=("[0-9]+",)),
            ["auto", "7"],
            ["aut", "7x"],
        ),
        (
            Parameter("string", choices=("A", "B"), list=True, length=3),
            ["A,B"],
            ["A, B"],
        ),
    ],
)
def test_what_the_model_narrows(
    parameter: Parameter, good: list[str], bad: list[str]
) -> None:
    """Enumerations, patterns and lists of them: 9007 outside of them."""
    assert [check(parameter, text) for text in good] == [0] * len(good)
    assert [check(parameter, text) for text in bad] == [VALUE] * len(bad)
