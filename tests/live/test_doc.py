"""What docs/live.md shows is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cpesim.live.keys import KEYS
from cpesim.scenario.asked import asked
from cpesim.scenario.deed import ACTIONS

LIVE = Path(__file__).parents[2] / "docs" / "live.md"
TEXT = LIVE.read_text(encoding="utf-8")
SHOWN = re.findall(r"^cpesim ctl RUN ([^#\n]+)", TEXT, re.MULTILINE)


@pytest.mark.parametrize("words", SHOWN)
def test_every_change_that_is_shown_is_understood(words: str) -> None:
    """What stands behind RUN is a step."""
    assert asked(words)


def test_every_key_and_action_is_told() -> None:
    """In the tables of keys and actions."""
    assert len(SHOWN) == 9
    letters = set(KEYS) - {"\t", "\x03", "\x1c"} - set("02346789")
    for key in (*letters, "Tab", "Esc"):
        assert f"`{key}`" in TEXT, key
    for action in ACTIONS:
        assert f"`{action}`" in TEXT, action
