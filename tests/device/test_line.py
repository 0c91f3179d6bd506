"""The parameter line: what it says, what is wrong with it, and the way back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.cwmp.names import XSD_TYPES
from cpesim.device.language.line import Line, merged, parse_line, type_default
from cpesim.device.language.spell import spell_line
from cpesim.device.living import Counter, Drift, Entries, Flip, Presence, Present
from cpesim.device.profile import Parameter
from cpesim.device.values import Digits, Template
from cpesim.errors import ConfigError, Problem


def told(text: str) -> list[tuple[int, str]]:
    """Column and message of each problem of a line."""
    with pytest.raises(ConfigError) as caught:
        parse_line(text)
    return [(p.column, p.message) for p in caught.value.problems if p.line == 1]


def test_a_line_says_access_type_limits_and_value():
    """Every part of the grammar arrives in the Parameter."""
    line = parse_line(
        "rw hidden inform always deny string(64){a,b\\,c}/[a-c]/ list = a"
    )

    assert line.parameter == Parameter(
        "string",
        writable=True,
        default="a",
        notify="always",
        deny=True,
        hidden=True,
        inform=True,
        length=64,
        choices=("a", "b,c"),
        patterns=("[a-c]",),
        list=True,
    )


def test_ranges_may_be_open_and_several():
    """Each as (low, high)."""
    parameter = parse_line("int[:-5,3,10:20,99:] = 3").parameter

    assert parameter.ranges == ((None, -5), (3, 3), (10, 20), (99, None))


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("string", ""),
        ("string{Up,Down}", "Up"),
        ("string{Up,Down} list", ""),
        ("unsignedInt", "0"),
        ("unsignedInt[5:10,2:3]", "2"),
        ("int[:-7]", "-7"),
        ("boolean", "0"),
        ("dateTime", "0001-01-01T00:00:00Z"),
        ("base64", ""),
        ("hexBinary", ""),
        ("decimal", "0"),
    ],
)
def test_without_a_value_the_type_gives_one(line, value):
    """Empty, zero, false, the first choice, the number nearest to zero."""
    assert parse_line(line).parameter.default == value


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("counter 2Mbit", Counter(250_000.0)),
        ("counter 150/s", Counter(150.0)),
        ("drift -61.5 6 10m", Drift(-61.5, 6.0, 600.0, 1)),
        ("presence 60%", Presence(0.6)),
        ("present a b", Present("a b")),
        ("entries Host", Entries("Host")),
        ("flip Up|Down 99% 10m", Flip("Up", "Down", 0.99, 600.0)),
    ],
)
def test_living_sources_are_made_of_their_arguments(source, value):
    """What stands behind the tilde."""
    assert parse_line(f"string ~ {source}").parameter.default == value


def test_a_value_alone_keeps_the_type_of_the_earlier_line():
    """`= VALUE` changes nothing but the value."""
    old, new = parse_line("rw string(32) = a"), parse_line("= b-{hex:4}")

    both = merged(old, new)

    assert both is not None
    assert both.type == "string"
    assert both.parameter.writable
    assert both.parameter.default == Template(("b-", Digits(4)))
    assert merged(None, new) is None
    assert merged(old, parse_line("int")) == parse_line("int")


@pytest.mark.parametrize(
    ("line", "problems"),
    [
        ("rw strnig(4) = x", [(4, "unknown word 'strnig' (did you mean string?)")]),
        ("wr string", [(1, "unknown word 'wr' (did you mean rw?)")]),
        ("string list2", [(8, "unknown word 'list2' (did you mean list?)")]),
        ("int ~ uptme", [(7, "unknown living source 'uptme' (did you mean uptime?)")]),
        (
            "string = a{hx:4}",
            [(12, "unknown function 'hx' (did you mean hex?)")],
        ),
        (
            "rw rw string(x) = {",
            [
                (4, "'rw' stands twice"),
                (13, "expected a length, as (64), not (x)"),
                (19, "a single '{': expected {FUNCTION …}, or '{{' for a brace"),
            ],
        ),
        ("always active int", [(8, "always and active exclude each other")]),
        ("int rw", [(5, "'rw' stands after the type")]),
        ("int string", [(5, "a second type 'string' after int")]),
        ("int list", [(5, "only a string can be a list")]),
        ("int(4)", [(4, "a length of int: only string, base64, hexBinary")]),
        ("string(4)(5)", [(10, "a second length of string")]),
        ("int{a}", [(4, "choices of int: only string")]),
        ("string{a,a}", [(7, "expected different choices, as {Up,Down}")]),
        ("string{a}{b}", [(10, "a second list of choices")]),
        ("int[1:2,x]", [(9, "expected a range, as 1:100, :10, 0: or 5, not 'x'")]),
        ("int[2:1]", [(5, "expected a range, as 1:100, :10, 0: or 5, not '2:1'")]),
        ("int/a/", [(4, "a pattern of int: only string")]),
        ("string{a", [(7, "'{' is not closed: expected '}'")]),
        ("(4) string", [(1, "'(' before any type")]),
        ("string ! = x", [(8, "'!': expected flags, a type, = or ~")]),
        ("string[1]", None),
        ("rw", None),
        ("", None),
        ("rw = x", None),
        ("string /(/", None),
        ("int ~ drift 1 2", None),
        ("int ~ drift 1 2 0", None),
        ("int ~ counter much", None),
        ("int ~ uptime 5", None),
        ("int ~ presence 2", None),
        ("int ~ entries a b", None),
        ("int ~ flip a 5% 1m", None),
        ("int ~ present", None),
        ("string ~ present {x}", None),
        ("string = {mac+16}", None),
        ("string = {ipv4 10.0.0.1/8}", None),
        ("string = {ipv6 x}", None),
        ("string = {pick a}", None),
        ("string = {int 5-1}", None),
        ("string = {hex}", None),
        ("string = {n:x}", None),
        ("string = {serial 4}", None),
        ("string = {serial @x}", None),
        ("string = {}", None),
    ],
)
def test_what_is_wrong_is_told_with_its_column(line, problems):
    """All of it at once; `None`: something is told."""
    found = told(line)

    assert found
    if problems is not None:
        assert found == problems


def test_a_problem_in_a_value_stands_at_its_sign():
    """Columns of living sources and templates count from the line's start."""
    assert told("string = abc{hex:4}{int 9-1}")[0][0] == 21
    assert told("int  ~  drift 1 x 5m")[0][0] == 15
    assert told("string ~ present 10.{j}")[0][0] == 22


WORDS = st.text(alphabet="abcXYZ019 .-", max_size=8)
TEXTS = st.lists(
    st.one_of(
        WORDS,
        st.sampled_from(
            "{{ }} {hex:4} {n:06} {mac+3} {int_-70--30} {i} {i1:03} {serial} {name}"
            " {ipv4_10.0.0.0/8_@wan} {pick_a|b}".replace("_", "§").split()
        ),
    )
).map(lambda pieces: "".join(pieces).replace("§", " "))
SOURCES = st.sampled_from(
    (
        *("uptime", "clock", "url", "acs", "key", "presence 5%", "present x{i}"),
        *("entries Host", "drift 1.5 2 5m", "counter 5/s", "flip a|b 50% 1m"),
    )
)


@st.composite
def lines(draw):
    """A sound parameter line as text."""
    notify = draw(st.sampled_from(["", "always", "active"]))
    flags = draw(
        st.lists(st.sampled_from(["rw", "hidden", "inform", "deny"]), unique=True)
    )
    kind = draw(st.sampled_from(XSD_TYPES))
    text = " ".join([*flags, *filter(None, [notify]), kind])
    if kind in ("string", "base64", "hexBinary") and draw(st.booleans()):
        text += f"({draw(st.integers(0, 10**6))})"
    if kind == "string":
        choices = draw(
            st.lists(st.text("abc,}\\/ {", min_size=1, max_size=4), max_size=3)
        )
        spelt = [c.strip().replace("\\", "\\\\").replace(",", "\\,") for c in choices]
        if spelt and len({c.strip() for c in choices}) == len(spelt) and all(spelt):
            text += "{" + ",".join(c.replace("}", "\\}") for c in spelt) + "}"
        for pattern in draw(
            st.lists(st.sampled_from(["a/b", "[0-9]+", "\\.", "x{2}"]))
        ):
            text += "/" + pattern.replace("/", "\\/") + "/"
        text += draw(st.sampled_from(["", " list"]))
    if "nt" in kind or kind == "long":
        low = draw(st.integers(-99, 99))
        text += draw(
            st.sampled_from(["", f"[{low}:]", f"[:{low},{low}]", f"[{low}:999]"])
        )
    if draw(st.booleans()):
        return f"{text} = {draw(TEXTS)}"
    return f"{text} ~ {draw(SOURCES)}" if draw(st.booleans()) else text


@given(lines())
def test_a_line_survives_being_written_and_read(text):
    """parse · spell · parse is parse."""
    line = parse_line(text)

    again = parse_line(spell_line(line))

    assert again.parameter == line.parameter
    assert again.source == line.source
    assert spell_line(again) == spell_line(line)


@given(
    st.one_of(
        st.text(max_size=60),
        st.text(alphabet="rw stringunsignedInt()[]{}/\\,:-=~ 0123456789", max_size=60),
        TEXTS.map(lambda text: f"string = {text}{{"),
    )
)
def test_any_text_is_a_line_or_a_config_error(text):
    """Nothing else leaves, and each problem lies in the line."""
    try:
        assert isinstance(parse_line(text), Line)
    except ConfigError as error:
        problems = [p for p in error.problems if isinstance(p, Problem)]
        assert len(problems) == len(error.problems) > 0  # noqa: PT017
        assert all(1 <= p.column <= len(text) + 2 for p in problems)


@given(lines())
def test_the_type_gives_a_value_that_it_allows(text):
    """A default that nobody wrote satisfies its own limits, patterns aside."""
    from cpesim.device.check import check

    parameter = parse_line(text).parameter
    if not parameter.patterns and parameter.type != "unsignedInt":
        default = type_default(parameter)
        long = parameter.length is not None and len(default) > parameter.length
        assert long or check(parameter, default) == 0
