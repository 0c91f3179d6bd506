"""YAML text: positions, suggestions, traps, bounds."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, field_validator

from cpesim.errors import ConfigError, Problem
from cpesim.yamltext import Node, load, parse


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Stage(Strict):
    to: int
    for_: str = Field("", alias="for")


class Load(Strict):
    rate: int | str = 0
    stages: list[Stage] = []


class Plan(Strict):
    name: str
    count: int = 1
    kind: Literal["boot", "soak"] = "soak"
    load: Load | str | None = None
    groups: dict[str, Stage] = {}
    on: bool = False
    wait: str = ""

    @field_validator("wait")
    @classmethod
    def _unit(cls, wait: str) -> str:
        if wait.isdigit():
            raise ValueError(f"expected a duration, not {wait!r}")
        return wait


def told(text: str) -> list[str]:
    """What is wrong with a plan, as line:column: message."""
    with pytest.raises(ConfigError) as caught:
        load(text, "plan.yaml", Plan)
    return [str(p).removeprefix("plan.yaml:") for p in caught.value.problems]


def problems_of(text: str, model: type[BaseModel] | None = None) -> tuple[object, ...]:
    """The problems of a text; anything but a ConfigError is the test's failure."""
    try:
        if model is None:
            assert isinstance(parse(text, "f"), Node)
        else:
            load(text, "f", model)
    except ConfigError as error:
        return error.problems
    return ()


def test_a_sound_text_becomes_the_model():
    """Numbers, texts and nested models arrive; a key `on` is a key, not True."""
    plan = load(
        "name: x\ncount: 0x10\non: yes\nload: {stages: [{to: 5, for: 1m}]}", "f", Plan
    )

    assert (plan.name, plan.count, plan.on) == ("x", 16, True)
    assert isinstance(plan.load, Load)
    assert plan.load.stages[0].to == 5


def test_all_problems_come_at_once_in_the_order_of_the_text():
    """A mistyped key, a wrong type and a missing key, each with its place."""
    assert told("cuont: 3\nkind: bot\nload:\n  stages:\n  - tow: 1\n") == [
        "1:1: 'name' is missing: expected it here",
        "1:1: unknown key 'cuont' (did you mean count?)",
        "2:7: expected 'boot' or 'soak', not 'bot' (did you mean boot?)",
        "5:5: 'to' is missing: expected it here",
        "5:5: unknown key 'tow' (did you mean to?)",
    ]


def test_an_unknown_key_with_no_neighbour_names_those_there_are():
    """Where nothing resembles it, the known keys are told."""
    (problem,) = told("name: x\ngroups: {a: {to: 1, zzz: 2}}")

    assert problem == "2:21: unknown key 'zzz': expected to, for"


def test_a_union_is_one_expectation():
    """What a union tried in vain is not told once for each member."""
    assert told("name: x\nload: {rate: [1]}") == [
        "2:14: expected a whole number or a text, not a list"
    ]


def test_the_member_of_a_union_that_was_meant_is_told_of():
    """A mapping with a mistyped key is not also 'no text'."""
    assert told("name: x\nload: {raet: 5}") == [
        "2:8: unknown key 'raet' (did you mean rate?)"
    ]


def test_a_validator_tells_its_own_words():
    """A ValueError of ours is passed on as it is."""
    assert told("name: x\nwait: '10'") == ["2:8: expected a duration, not '10'"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("name: 001122", 'octal number to YAML: write "001122"'),
        ("name: 10:30", 'base 60 to YAML: write "10:30"'),
        ("name: 1.10", 'which is a number to YAML: write "1.10"'),
        ("name: no", 'which is true or false to YAML: write "no"'),
        ("name: 112233", 'which is a number to YAML: write "112233"'),
        ("name:", "expected a text, not nothing"),
    ],
)
def test_the_traps_of_yaml_are_told_of(line, message):
    """A text that YAML takes for something else says how to write it."""
    (problem,) = told(line)

    assert message in problem


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", "1:1", "empty"),
        ("name: x\nname: y", "2:1", "'name' stands twice: first in line 1"),
        ("name: a: b", "1:8", "stands in quotes"),
        ("name: [1", "2:1", "did not find expected"),
        ("name: !!python/name:os.system x", "1:7", "without a tag"),
        ("a: 1\n---\nb: 2", "2:1", "a second document"),
        ("? [1]\n: 2", "1:3", "a key that is no text"),
        ("<<: 1", "1:1", "not understood"),
        ("name: *x", "1:7", "no anchor"),
        ("name: \x07", "1:7", ""),
    ],
)
def test_what_is_no_plain_yaml_is_refused(text, place, message):
    """Each with its place."""
    with pytest.raises(ConfigError) as caught:
        parse(text, "f")

    first = str(caught.value.problems[0])
    assert first.startswith(f"f:{place}:")
    assert message in first


def test_depth_is_bounded_before_recursion():
    """A text nested a hundred thousand deep is refused, not a crash."""
    with pytest.raises(ConfigError, match="deeper than"):
        parse("[" * 900, "f")
    with pytest.raises(ConfigError):
        parse("[" * 100_000, "f")


def test_aliases_cannot_explode():
    """Nine lines of aliases that stand for 10^9 values are refused."""
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]

    with pytest.raises(ConfigError, match="more than"):
        parse("\n".join(rows), "f")


def test_an_alias_is_its_anchors_value():
    """Plain use of anchors works."""
    assert parse("a: &x {b: 1}\nc: *x", "f").plain() == {"a": {"b": 1}, "c": {"b": 1}}


@pytest.mark.parametrize(
    ("text", "offset", "place"),
    [
        ("k: abcdef", 3, (1, 7)),
        ("k: 'ab''cdef'", 4, (1, 10)),
        ('k: "a\\tb\\u0041cd"', 4, (1, 15)),
        ("k: abc\n  def ghi", 4, (2, 3)),
        ("k: 'abc\n\n  def'", 5, (3, 4)),
        ("k: |\n  abc\n  def", 5, (3, 4)),
        ('k: "ab\\\n   cd"', 3, (2, 5)),
    ],
)
def test_a_sign_of_a_scalar_has_its_place(text, offset, place):
    """Escapes, quotes and folded lines are counted."""
    assert parse(text, "f").members["k"].place(offset) == place


@given(st.text(alphabet="ab'\"\\ \n:é", max_size=20), st.sampled_from("'\""))
def test_every_sign_of_a_quoted_scalar_is_found(text, quote):
    """The place of each plain letter holds that letter in the source."""
    if quote == "'":
        written = "'" + re.sub(r"\n", " ", text).replace("'", "''") + "'"
    else:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        written = f'"{escaped}"'
    node = parse("k: " + written, "f").members["k"]

    for offset, sign in enumerate(node.text):
        line, column = node.place(offset)
        assert line == 1
        if sign in "abé:":
            assert ("k: " + written)[column - 1] == sign


@given(st.text(max_size=200))
def test_any_text_is_a_tree_or_a_config_error(text):
    """Nothing else leaves."""
    assert all(isinstance(p, Problem) and p.line > 0 for p in problems_of(text))


@given(st.text(alphabet="name: count\nload{}[]-0123'\"&*!|>,#", max_size=80))
def test_any_text_is_a_plan_or_a_config_error(text):
    """Nothing else leaves the model either."""
    problems_of(text, Plan)
