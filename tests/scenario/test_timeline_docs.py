"""What the page on timelines shows is true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from cpesim.engine.deeds.table import DEEDS
from cpesim.engine.deeds.words import PLACEHOLDERS
from cpesim.scenario.forms.timeline import AnyStep
from cpesim.scenario.load import load_scenario

PAGE = (Path(__file__).parents[2] / "docs" / "timeline.md").read_text(encoding="utf-8")


def actions() -> list[str]:
    """Every `do` that a scenario may have."""
    union = get_args(AnyStep)[0]
    forms = [get_args(one)[0] for one in get_args(union)]
    found = [form.model_fields["do"] for form in forms if "do" in form.model_fields]
    return [get_args(field.annotation)[0] for field in found]


def test_the_scenario_that_is_shown_is_right(tmp_path: Path) -> None:
    """It is taken as it stands."""
    (shown,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "shown.yaml"
    path.write_text(shown, encoding="utf-8")
    scenario = load_scenario(str(path), {})
    assert len(scenario.phases) == 3
    assert len(scenario.steps) == 7
    assert scenario.duration == 600.0


@pytest.mark.parametrize("action", actions())
def test_every_action_is_told(action: str) -> None:
    """In one of the two tables."""
    assert re.search(rf"^\| .*`{action}`.* \|", PAGE, re.MULTILINE)


def test_what_is_done_to_cpes_can_be_asked_for() -> None:
    """The engine's table and the scenario's forms name the same."""
    assert set(DEEDS) | {"add"} <= set(actions())


@pytest.mark.parametrize("word", PLACEHOLDERS)
def test_every_placeholder_is_told(word: str) -> None:
    """By its name."""
    assert f"`{{{word}}}`" in PAGE
