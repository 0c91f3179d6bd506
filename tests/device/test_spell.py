"""Lines and values as text, and back: {unique}, {char}, foreign MACs, TYPE!, Name!."""

from __future__ import annotations

import pytest

from cpesim.device.language.line import merged, parse_line
from cpesim.device.language.spell import spell_line, spell_text, spell_value
from cpesim.device.language.template import compile_template
from cpesim.device.model import Model
from cpesim.device.values import Mac, Ref, Renumbered, text_of
from cpesim.errors import ConfigError
from tests.device.profiletext import compiled
from tests.device.reading import WORLD

SAME = [
    "{n}",
    "{n:06}-x",
    "{i} {i1} {i2:02}",
    "{hex:8}{HEX:4 @a}{digits:6}",
    "{mac}",
    "{mac+3}",
    "{mac+1 20-2B-C1 lower}",
    "{mac 202BC1}",
    "{ipv4 100.64.0.0/10 @wan}",
    "{ipv4 10.0.0.0/31}",
    "{ipv4 10.0.0.4/32}",
    "{ipv6 2001:db8::/32}",
    "{pick a|b|c d}",
    "{int -70--40}",
    "{word}-{name @x}",
    "{device_id}",
    "{serial}{serial -8}{serial lower}{serial -4 upper}",
    "AB{unique 00XxAa}",
    "{{a}} }}",
    "{char 20}x{char 0A}",
]


@pytest.mark.parametrize("text", SAME)
def test_a_template_is_spelled_as_it_was_written(text: str) -> None:
    """And what is spelled reads as the same value."""
    value = compile_template(text)
    assert spell_text(value) == text
    assert compile_template(spell_text(value)) == value


@pytest.mark.parametrize(
    "source",
    [
        "~ uptime",
        "~ clock",
        "~ counter 250000/s",
        "~ counter 0.00040125/s",
        "~ drift -61 6 10m",
        "~ drift 51.25 0.5 1h30m",
        "~ presence 0.6",
        "~ present host-{i}{hex:4}",
        "~ entries Host",
        "~ flip Up|Down 0.99 10m",
        "~ url",
        "~ acs",
        "~ key",
        "= {char 09}a b",
    ],
)
def test_a_value_is_spelled_as_it_was_written(source: str) -> None:
    """What lives, and what does not."""
    line = parse_line(f"string {source}")
    assert spell_value(line.parameter.default) == source
    assert parse_line(spell_line(line)) == line


def test_a_unique_text_is_unique_and_in_its_form() -> None:
    """Digits, hex and letters where the form has them; no two CPEs share one."""
    value = compile_template("ZTE{unique 0X0a}")
    profile = compiled()
    found = {text_of(value, Model(profile, n, WORLD), "s") for n in range(500)}
    assert len(found) == 500
    for text in found:
        assert text.startswith("ZTE")
        assert text[3].isdigit()
        assert text[4] in "0123456789ABCDEF"
        assert text[5].isdigit()
        assert text[6].islower()
    assert compile_template("{unique 0A}") == Renumbered(
        "", ("0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    )


def test_a_mac_below_another_oui() -> None:
    """In the form it is written in."""
    assert compile_template("{mac+2 20:2B:C1}") == Mac(2, "202BC1", ":", True)
    assert compile_template("{mac 20-2B-C1 lower}") == Mac(0, "202BC1", "-", False)
    assert compile_template("{serial -6 lower}") == Ref("serial", "lower", 6)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{unique}", "expected unique FORM"),
        ("{unique 0Z}", "expected unique FORM"),
        ("{unique " + "0" * 33 + "}", "expected unique FORM"),
        ("{char}", "expected char CODE in hex"),
        ("{char D800}", "expected char CODE in hex"),
        ("{char 110000}", "expected char CODE in hex"),
        ("{mac+16 202BC1}", "K up to 15"),
        ("{mac 20-2B:C1}", "expected mac or mac+K"),
        ("{mac 20-2B}", "expected mac or mac+K"),
        ("{serial -0}", "takes nothing but -8"),
        ("{oui title}", "takes nothing but -8"),
    ],
)
def test_what_is_wrong_is_told(text: str, told: str) -> None:
    """With what was expected."""
    with pytest.raises(ConfigError) as caught:
        compile_template(text)
    assert told in str(caught.value)


def test_a_loose_type_takes_any_value() -> None:
    """TYPE!: as a device tells it; the type stays, and an override stays loose."""
    profile = compiled(
        "  A: int! = many\n  B: rw dateTime! =\n  C[1-2]: {D: boolean! = 1}\n"
        "  C[2].D: = perhaps\n  E: string!(3) ~ uptime\n"
    )
    p = profile.parameters
    assert (p["Device.A"].type, p["Device.A"].default) == ("int", "many")
    assert (p["Device.B"].type, p["Device.B"].default) == ("dateTime", "")
    assert p["Device.C.2.D"].default == "perhaps"
    line = parse_line("rw int![1:5] = x")
    assert line.loose
    assert spell_line(line) == "rw int![1:5] = x"
    assert merged(line, parse_line("= y")).loose  # type: ignore[union-attr]
    with pytest.raises(ConfigError, match="no value of A"):
        compiled("  A: int = many\n")


def test_an_object_that_boasts() -> None:
    """Name!: writable in GetParameterNames, though it is no table."""
    profile = compiled("  Plain!: {A: int}\n  Fair: {A: int}\n  Table[1]+!: {}\n"[:37])
    assert profile.objects["Device.Plain."] is True
    assert profile.objects["Device.Fair."] is False
    assert "Device.Plain.{i}." not in profile.tables
    for wrong, told in (
        ("  A!: int\n", "! is for objects, not for parameters"),
        ("  A![1]: {B: int}\n", "! is for what is no table"),
    ):
        with pytest.raises(ConfigError, match="!") as caught:
            compiled(wrong)
        assert told in str(caught.value)


def test_names_that_begin_with_a_digit() -> None:
    """802-1pMark is one; a number alone is an instance."""
    assert compiled("  802-1pMark: int = 3\n").names == ("Device.802-1pMark",)
    with pytest.raises(ConfigError, match="instances stand in brackets"):
        compiled("  Host.1.Name: int\n")
