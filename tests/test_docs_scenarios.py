"""docs/scenarios.md tells the whole language, and what it shows is right."""

from __future__ import annotations

import re

import pytest

from cpesim.scenario.load import read_scenario
from cpesim.scenario.plugin import RATE, load_plugin
from cpesim.scenario.schema import schema
from tests import reference

TEXT = reference.PAGE.read_text(encoding="utf-8")
SHOWN = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


def test_the_tables_are_up_to_date() -> None:
    """They are what `python -m tests.reference` would write."""
    assert reference.page(TEXT) == TEXT


def test_every_key_is_told() -> None:
    """Of whatever form."""
    told = set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE))
    whole = schema()
    for form in (whole, *whole["$defs"].values()):
        assert set(form.get("properties", {})) <= told
    assert len(told) > 100
    assert "restore_after" in told


@pytest.mark.parametrize("shown", SHOWN, ids=range(len(SHOWN)))
def test_what_is_shown_is_a_scenario(shown: str) -> None:
    """Each as it stands."""
    assert read_scenario(shown, "docs/scenarios.md").count > 0


def test_the_plugin_that_is_shown_works(tmp_path: object) -> None:
    """Its class has a rate."""
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    path = f"{tmp_path}/my_shapes.py"
    with open(path, "w", encoding="utf-8") as file:
        file.write(code)
    assert load_plugin(f"{path}:Waves", RATE).rate(0.0) == 20.0
