"""What is told of a wrong profile: all of it, each with its place."""

from __future__ import annotations

import pytest

from cpesim.errors import ConfigError, Problem
from tests.device.profiletext import HEAD, compiled


def problems(body: str, head: str = HEAD, lines: int | None = None) -> list[str]:
    """What is told of a text; lines count from the parameters' first."""
    first = head.count("\n") if lines is None else lines
    with pytest.raises(ConfigError) as caught:
        compiled(body, head)
    return [
        f"{p.line - first}:{p.column}: {p.message}"
        for p in caught.value.problems
        if isinstance(p, Problem)
    ]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("  A: rw strnig\n", "1:9: unknown word 'strnig' (did you mean string?)"),
        ('  A: "int ~ uptme"\n', "1:13: unknown living source 'uptme'"),
        ("  A: = x\n", "1:6: Device.A has no type yet: expected TYPE = x"),
        ("  A: [1]\n", "1:6: expected a mapping of names to parameters"),
        ("  A:\n", "1:5: no type: expected a type"),
        ("  A[1]: string\n", "1:3: A[…] is an object: expected a mapping"),
        ("  A.1.B: string\n", "1:5: instances stand in brackets: expected Name[1]"),
        ("  A[x]: {B: int}\n", "1:5: expected instances, as 1, 1-4 or 1,3, not 'x'"),
        ("  A[3-1]: {B: int}\n", "1:5: expected instances"),
        ("  A[0]: {B: int}\n", "1:5: expected instances"),
        ("  A[1-999999]: {B: int}\n", "1:5: expected instances"),
        ("  A[1-9999].B[1-9999]: {C: int}\n", "1:3: more than 200,000 objects"),
        ("  A.: {B: int}\n", "1:4: a key ends without a dot"),
        ("  A+4: {B: int}\n", "1:4: only a table can grow: expected Name[…]+"),
        ("  -A: {B: int}\n", "1:3: expected Name, Name[1], Name[1-4]"),
        ("  A: int\n  A.B: int\n", "2:3: Device.A is a parameter already"),
        ("  A.B: int\n  A: int\n", "2:3: Device.A is an object already"),
        ("  A[1-3]+2: {B: int}\n", "1:3: 3 instances: expected at most 2"),
        (
            "  ManagementServer.PeriodicInformInterval: unsignedInt = 60\n",
            "1:58: expected 600, which inform.interval says, or no value",
        ),
        ("  A: unsignedInt[5:9] = 12\n", "1:25: '12' is no value of A: expected"),
        ("  A: string{Up,Down} = up\n", "1:24: 'up' is no value of A: expected string"),
        ("  A: string(2) = {hex:4}\n", "1:18: it may read"),
        ("  A: unsignedInt ~ presence 1%\n  B: int ~ clock\n", "2:12: it may read"),
        ("  A: string ~ counter 1/s\n", "1:15: a counter cannot be a string"),
        ("  A: int ~ drift 1.5 1 5m\n", "1:12: expected a whole number"),
        ("  A: unsignedInt ~ entries B\n", "1:20: there is no table Device.B. beside"),
        ("  A[1].B: string ~ present x\n", "1:20: expected a parameter ~ presence"),
    ],
)
def test_a_wrong_parameter_is_told_with_its_place(body, told):
    """Line and column, in quotes too, and what was expected."""
    assert problems(body)[0].startswith(told)


def test_all_problems_are_told_at_once():
    """Sections, keys and values of one file, in its order."""
    head = HEAD.replace("reboot: 1m30s", "rebot: 5").replace("S{n:06}", "S{n:x6}")
    found = problems("  A: strng\n  B[x]: {}\n  C: int = x\n", head, lines=0)

    assert [line.partition(": ")[0] for line in found] == [
        "5:80",
        "9:1",
        "12:6",
        "13:5",
        "14:12",
    ]
    assert "unknown key 'rebot' (did you mean reboot?)" in found[1]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"00D09E"', "001122", 'octal number to YAML: write "001122"'),
        ('"00D09E"', '"00d09e"', "expected an OUI of six digits 0-9 A-F"),
        ('"1.2"', "1.2", 'a number to YAML: write "1.2"'),
        ("10m", "600", "expected a duration with its unit"),
        ("8Mbit", "8", "expected a bandwidth"),
        ("20/min", "0/min", "greater than or equal to 1"),
        ("set_status: 1", "set_status: 2", "expected 0 or 1, not '2'"),
        ("root: Device.\n", "", "'root' is missing"),
        ("root: Device.", "root: Gateway.", "expected 'Device.' or"),
        ("version: 1", "version: 2", "expected 1, not '2'"),
        (", product_class: X1", "", "'device.product_class' is missing"),
        ("S{n:06}", "", "expected a serial number"),
        ("S{n:06}", "{serial}", "device.serial is made of itself"),
        ("Acme & Co", "A" * 65, "expected at most 64 characters"),
    ],
)
def test_a_wrong_section_is_told(old, new, told):
    """What YAML or the standard does not allow."""
    assert told in problems("  A: int\n", HEAD.replace(old, new), lines=0)[0]
