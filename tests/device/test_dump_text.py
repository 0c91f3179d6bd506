"""The two forms of dumps: what is read of them, and what is wrong with them."""

from __future__ import annotations

import json

import pytest

from cpesim.device.dumps.dump import load_dump
from cpesim.device.model import Model
from cpesim.device.world import World
from cpesim.errors import ConfigError

HEAD = "Parameter,Object,Writable,Value,Value type\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "f.csv:1:1: empty: expected Parameter,Object"),
        ("Parameter,Object,Writable,Value\n", "f.csv:1:1: no column 'Value type'"),
        (HEAD, "f.csv:1:1: no parameters below Device. or InternetGatewayDevice."),
        (
            HEAD + "Device.A,false,false,x,xsd:string,y\n",
            "f.csv:2:35: expected 5 cells",
        ),
        (
            HEAD + "Device.A,no,false,x,\n",
            "f.csv:2:10: expected true or false, not 'no'",
        ),
        (
            HEAD + "Device.A<b,false,false,x,\n",
            "f.csv:2:1: expected a parameter's path",
        ),
        (
            HEAD + 'Device.A,false,false,"x\ny",\nDevice.A,false,false,x,\n',
            "f.csv:4:1: Device.A stands in line 2 already",
        ),
        (HEAD + 'Device.A,false,false,"x,\n', "f.csv:2:22: a quote that is not closed"),
    ],
)
def test_a_wrong_csv_is_told_with_its_place(text, told):
    """File, line and column, line breaks in cells counted."""
    with pytest.raises(ConfigError) as caught:
        load_dump(text, "f.csv")

    assert str(caught.value.problems[0]).startswith(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "f.json:1:2: not JSON"),
        ("[]", "f.json:1:1: an empty list"),
        ("5", "f.json:1:1: expected a device"),
        ('{\n "Device": {\n  "A": 5}}', "f.json:3:3: Device.A: expected an object"),
        ('{"Device": {"A<": {}}}', "f.json:1:13: Device.A<: expected a parameter's"),
        ('{"_id": "x"}', "f.json:1:1: no parameters below"),
        ("[" * 100_000, "f.json:1:1: nested too deep"),
        ('{"Device":' + '{"A":' * 99 + "5" + "}" * 100, "f.json:1:327: Device.A.A"),
    ],
)
def test_a_wrong_json_is_told_with_its_place(text, told):
    """The place of the member that is wrong."""
    with pytest.raises(ConfigError) as caught:
        load_dump(text, "f.json")

    assert str(caught.value.problems[0]).startswith(told)


def test_json_values_become_texts():
    """Numbers and booleans of any kind; one device or a list."""
    tree = {
        "Device": {
            "A": {"_value": True, "_type": "xsd:boolean", "_writable": True},
            "B": {"_value": 86400.0, "_type": "xsd:unsignedInt"},
            "C": {"_value": None, "_type": "xsd:string"},
            "T": {"_writable": True, "1": {"_writable": True, "X": {"_value": "<&>"}}},
        },
        "Tags": {"x": {"_value": True}},
    }
    profile = load_dump(json.dumps(tree), "f.json")
    model = Model(profile, 0, World(1))

    assert [model.get(f"Device.{name}", 0.0) for name in "ABC"] == ["true", "86400", ""]
    assert b"&lt;&amp;&gt;" in profile.rendered["Device.T.1.X"]
    assert profile.tables["Device.T.{i}."].writable
    assert profile.serial != ""
    assert load_dump(json.dumps([tree, 5]), "f.json").names == profile.names
