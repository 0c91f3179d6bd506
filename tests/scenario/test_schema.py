"""The JSON Schema says what the forms say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from cpesim.scenario.load import load_scenario
from cpesim.scenario.schema import schema
from cpesim.scenario.shipped import shipped
from tests.scenario.test_examples import WHERE
from tests.scenario.test_load import FULL, LEAST

VALIDATOR = Draft202012Validator(schema())
SHIPPED = shipped()


def wrong(text: str) -> list[str]:
    """What an editor would mark, by its path."""
    document = yaml.safe_load(text)
    return [error.json_path for error in VALIDATOR.iter_errors(document)]


def fields(node: Any, path: str = "$") -> Iterator[tuple[str, Any]]:
    """Each key that the schema knows, with what it says of it."""
    if isinstance(node, dict):
        for key, below in node.get("properties", {}).items():
            yield f"{path}.{key}", below
        for key, below in node.items():
            yield from fields(below, f"{path}.{key}")
    if isinstance(node, list):
        for below in node:
            yield from fields(below, path)


def test_it_is_a_schema() -> None:
    """By the rules of its dialect."""
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_what_ships_is_valid(name: str) -> None:
    """For the editor, and when it is read; and each has something to judge."""
    assert wrong(SHIPPED[name].read_text(encoding="utf-8")) == []
    scenario = load_scenario(str(SHIPPED[name]), {})
    assert scenario.name == name
    assert scenario.count > 0
    assert scenario.thresholds


@pytest.mark.parametrize("name", ["boot-storm", "firmware-campaign", "soak"])
def test_the_examples_are_valid(name: str) -> None:
    """As they stand."""
    path = WHERE / f"{name}.yaml"
    if not os.path.isfile(path):
        pytest.skip(f"{path} is not here: CPESIM_TEST_DESIGN names its folder")
    assert wrong(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("text", [LEAST, FULL, LEAST + "seed: ${SEED}\n"])
def test_what_is_right_is_valid(text: str) -> None:
    """Quantities, and variables in their place."""
    assert wrong(text) == []


@pytest.mark.parametrize(
    "more",
    [
        "duration: 5",
        "duration: soon",
        "sed: 1",
        "seed: x",
        "load: [{executor: flood}]",
        "load: [{executor: fleet, rate: 5/s}]",
        "timeline: [{at: 0s, do: power_cutt}]",
        "timeline: [{at: 0s, do: reboot, restore_after: 5m}]",
        "timeline: [{phase: a}]",
        "faults: [{name: a, dns: often}]",
        "faults: [{dns: 1%}]",
        "faults: [{name: a, delay_response: {by: {shape: uniform, min: 1s}}}]",
        "limits: {in_flight: many}",
        "thresholds: [{abort: true}]",
        "report: {formats: [pdf]}",
        "behaviour: {plugin: my_shapes}",
    ],
)
def test_what_is_wrong_is_not(more: str) -> None:
    """An editor marks it."""
    assert wrong(LEAST + more + "\n") != []


def test_each_key_is_told_in_a_sentence() -> None:
    """A description that begins as a sentence does, and ends as one."""
    whole = schema()
    told = dict(fields(whole))
    assert len(told) > 150
    for path, about in told.items():
        # A sentence that is the form's own stands there alone.
        form = whole["$defs"].get(about.get("$ref", "").rpartition("/")[2], {})
        text = about.get("description") or form.get("description", "")
        assert text, path
        assert text[-1] in ".:" or text.endswith(('".', "}")), f"{path}: {text}"
