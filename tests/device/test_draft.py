"""What is written as a profile reads back as the same profile."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cpesim.cwmp.names import XSD_TYPES
from cpesim.device.catalog import compile_profile
from cpesim.device.draft.compiled import draft_of, named
from cpesim.device.draft.draft import Draft, Entry, Shape
from cpesim.device.draft.scalar import MOST_COMMENT, comment, scalar
from cpesim.device.draft.secrets import is_secret
from cpesim.device.draft.write import write
from cpesim.device.dumps.dump import compile_dump
from cpesim.device.dumps.text import Dump
from cpesim.device.dumps.text import Entry as Row
from cpesim.yamltext import parse
from tests.device.profiletext import compiled
from tests.device.reading import same, tables, told, values

ODD = ["", " ", "~", "= x", "{hex:4}", "}}", "a: b", "a #b", "\t", "\r\n", "- x", "*a"]
ODD += ["yes", "null", "'", '"', "%x", "@a", "1e3", "0x1F", "\\", "é\u2028", "\ufeff"]
ODD += [
    "12:30:45",
    "a\n\nb\n ",
    "😀",
    "\x85",
    "x:",
    "<<",
    "=",
    "!!str x",
    "|",
    "{",
    "***",
]
TEXTS = st.one_of(
    st.sampled_from(ODD),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
)


@settings(deadline=None)
@given(TEXTS)
def test_a_scalar_reads_back(text: str) -> None:
    """Whatever the text is: alone, as a value, and after a sign of a line."""
    for written in (text, f"string = {text}", f"= {text}"):
        node = parse(f"a: {scalar(written)}\n", "x.yaml")
        assert node.members["a"].text == written
        assert node.members["a"].kind == "str" or not node.members["a"].style


@settings(deadline=None)
@given(st.text(max_size=2 * MOST_COMMENT))
def test_a_comment_keeps_to_its_line(text: str) -> None:
    """A device's own words cannot leave it."""
    written = comment(text)
    assert written.startswith("#")
    assert len(written.splitlines()) == 1
    assert parse(f"{written}\na: b\n", "x.yaml").members["a"].text == "b"


# Compiling takes some milliseconds, and more on a machine that others use.
SLOWLY = settings(
    suppress_health_check=[HealthCheck.too_slow], max_examples=100, deadline=None
)
NAMES = st.sampled_from(["A", "Enable", "X_ACME-COM_Z", "802-1pMark", "a_b", "Host"])
ROWS = st.dictionaries(
    st.tuples(
        st.sampled_from(
            [
                "Device.",
                "Device.Hosts.",
                "Device.Hosts.Table.1.",
                "Device.Hosts.Table.2.",
                "Device.Hosts.Table.3.",
                "Device.Hosts.Table.2.Inner.7.",
                "Device.Hosts.Table.3.Inner.7.",
                "Device.X_Odd.Deep.",
            ]
        ),
        NAMES,
    ),
    st.tuples(st.sampled_from([*XSD_TYPES, ""]), st.booleans(), TEXTS),
    max_size=12,
)
OBJECTS = st.dictionaries(
    st.sampled_from(
        [
            "Device.Hosts.Table",
            "Device.Hosts.Table.1",
            "Device.Hosts.Table.2",
            "Device.Hosts.Table.2.Inner",
            "Device.Empty",
            "Device.X_Odd",
            "Device.Plain",
        ]
    ),
    st.booleans(),
)


@SLOWLY
@given(ROWS, OBJECTS)
def test_what_is_written_reads_back(rows, objects) -> None:
    """Odd names, types, values that are none of their type, objects that boast."""
    entries = [
        Row("Device.DeviceInfo.SerialNumber", False, False, "AB12345678", "string")
    ]
    entries += [
        Row(above + name, False, writable, text, type)
        for (above, name), (type, writable, text) in rows.items()
    ]
    # A table and its instances agree: one flag in the language stands for both.
    writable = objects.get("Device.Hosts.Table", False)
    inner = objects.get("Device.Hosts.Table.2.Inner", False)
    for path in objects:
        flag = objects[path]
        if ".Table" in path:
            flag = inner if "Inner" in path else writable
        entries.append(Row(path, True, flag))
    for number in (1, 2, 3):
        entries.append(Row(f"Device.Hosts.Table.{number}", True, writable))
    for number in (2, 3):
        above = f"Device.Hosts.Table.{number}.Inner"
        entries += [Row(above, True, inner), Row(above + ".7", True, inner)]
    entries.append(Row("Device.Hosts.Table", True, writable))
    unique = {row.path: row for row in entries}
    profile = compile_dump(Dump("x.csv", list(unique.values()), recorded=True))
    again = compile_profile(write(draft_of(profile)), "x.yaml")
    same(profile, again)


def test_a_profile_of_the_language_reads_back() -> None:
    """Living values, templates, choices, ranges, empty tables."""
    profile = compiled()
    again = compile_profile(write(draft_of(profile)), "x.yaml")
    assert profile.names == again.names
    assert told(profile) == told(again)
    assert tables(profile).keys() == tables(again).keys()
    for now in (0.0, 5_000.0):
        assert values(profile, 3, now) == values(again, 3, now)


def test_instances_that_are_alike_are_one_block() -> None:
    """What some of them have of their own follows in a line each."""
    draft = Draft("x", "Device.", device={})
    for number in (1, 2, 3, 4, 7):
        above = f"Device.WiFi.SSID.{number}."
        draft.objects[above] = None
        draft.entries[above + "Enable"] = Entry("rw boolean", "= 1")
        name = "= guest" if number in (2, 7) else "= home"
        draft.entries[above + "SSID"] = Entry("rw string(32)", name)
    draft.entries["Device.WiFi.SSID.9.Enable"] = Entry("boolean", "= 1")
    draft.tables["Device.WiFi.SSID.{i}."] = Shape(True, 16)
    text = write(draft)

    assert text.split("parameters:\n")[1] == (
        "\n  # WiFi: radios, networks, access points and their clients;"
        " 11 parameters\n"
        "  WiFi:\n"
        "    SSID[1-4,7]+16:\n"
        "      Enable: rw boolean = 1\n"
        "      SSID: rw string(32) = home\n"
        "    SSID[2,7].SSID: = guest\n"
        "    SSID[9]+16.Enable: boolean = 1\n"
    )


def test_secrets_are_drawn_anew() -> None:
    """In the form they had; told twice they read the same twice, wherever it was."""
    head = "Device.WiFi.AccessPoint.1.Security."
    rows = [
        Row(head + "KeyPassphrase", False, True, "hunter22secret", "string"),
        Row("Device.X_ACME_Note", False, False, "hunter22secret", "string"),
        Row(head + "WEPKey", False, True, "00FFAA11BB", "hexBinary"),
        Row(head + "PIN", False, True, "12345670", "string"),
        Row(head + "Enable", False, True, "1", "boolean"),
        Row("Device.ManagementServer.Password", False, True, "cleartext!", "string"),
    ]
    profile = compile_dump(Dump("x.csv", rows, recorded=True))
    text = write(draft_of(profile))
    again = compile_profile(text, "x.yaml")
    first, second = values(again, 0), values(again, 1)

    for secret in ("hunter22secret", "00FFAA11BB", "12345670", "cleartext!"):
        assert secret not in text
    assert first[head + "KeyPassphrase"] == first["Device.X_ACME_Note"]
    assert first[head + "KeyPassphrase"] != second[head + "KeyPassphrase"]
    assert len(first[head + "KeyPassphrase"]) == len("hunter22secret")
    assert len(first[head + "WEPKey"]) == 10
    assert first[head + "PIN"].isdigit()
    assert again.parameters["Device.ManagementServer.Password"].hidden


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("Device.A.Password", True),
        ("Device.A.X_ACME_wifiPwd", True),
        ("Device.A.WEPKey1", True),
        ("Device.A.PasswordRequired", False),
        ("Device.A.ParameterKey", False),
        ("Device.A.Username", False),
    ],
)
def test_a_secret_is_known_by_its_name(name: str, secret: bool) -> None:
    """By how it ends, not by what is in it."""
    assert is_secret(name) == secret


@SLOWLY
@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
        st.sampled_from(["A", "A.B", "²", "01", "1.B", "{i}.B", "B!", "C D"]),
        max_size=8,
    )
)
def test_whatever_a_cpe_calls_its_parameters(found: dict[str, str]) -> None:
    """What a key cannot spell is left out and told; the rest is a right profile."""
    rows = [Row("Device.DeviceInfo.UpTime", False, False, "5", "unsignedInt")]
    paths = {f"Device.{name}.{rest}" for name, rest in found.items()}
    paths |= {f"Device.{name}" for name in found}
    rows += [Row(path, False, True, "x", "string") for path in sorted(paths)]
    draft = draft_of(compile_dump(Dump("x.csv", rows, recorded=True)))
    again = compile_profile(write(draft), "x.yaml")

    assert "Device.DeviceInfo.UpTime" in again.names
    assert set(again.names) == set(draft.entries)
    lost = {r.path for r in rows} - set(again.names)
    assert not lost or any("Left out" in note for note in draft.notes)


def test_a_list_of_notes_ends() -> None:
    """Hundreds of paths stand there, thousands do not."""
    assert named("Lost:", []) == []
    assert named("Lost:", ["a", "b"]) == ["", "Lost:", "  a", "  b"]
    told = named("Lost:", [str(n) for n in range(1_500)])
    assert told[-1] == "  … and 1,000 more"
    assert len(told) == 503
