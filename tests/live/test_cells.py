"""Cells are counted as a terminal counts them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cpesim.live.cells import (
    clean,
    fit,
    joined,
    progress,
    rule,
    sparkline,
    width_of,
)


@given(st.text(max_size=40), st.integers(0, 50), st.booleans())
def test_fit_is_exact(text: str, width: int, right: bool) -> None:
    """Whatever the text, the width is what was asked for."""
    assert width_of(fit(clean(text), width, right)) == width


@given(st.text(max_size=40))
def test_clean_text_cannot_move_the_cursor(text: str) -> None:
    """No control character and nothing of zero width is left."""
    assert clean(text).isprintable()


def test_wide_letters_take_two() -> None:
    """A cut never leaves half of one."""
    assert width_of("网关") == 4
    assert fit("网关", 4) == "网关"
    assert fit("网关", 3) == "网…"
    assert fit("网关路", 4) == "网… "
    assert fit("abc", 5, right=True) == "  abc"
    assert fit("abc", 0) == ""


def test_escapes_become_dots() -> None:
    """A device's name may not colour the operator's screen."""
    assert clean("a\x1b[31mb\nc\u200d\u0301") == "a·[31mb·c"
    assert clean("a\u2003b\xa0c") == "a b c"


def test_curves_and_bars() -> None:
    """Blocks from nothing to the top, gaps where nothing is known."""
    assert sparkline([0, 5, 10, None], 10) == "▁▅█ "
    assert sparkline([0, None], 0) == "▁ "
    assert progress(0.5, 4) == "██··"
    assert progress(0.53, 4) == "██▏·"
    assert progress(2, 3) == "███"


def test_rules_and_joints() -> None:
    """A joint stands in the line, not in its title."""
    assert rule(10, "ab") == "─ ab ─────"
    assert rule(10, "ab", "┬", 7) == "─ ab ──┬──"
    assert rule(10, "ab", "┬", 2) == "─ ab ─────"
    assert rule(10, "ab", "┬", 10) == "─ ab ─────"
    assert rule(6, "abcdefgh") == "─ abc…"
    assert rule(3) == "───"


def test_what_may_go_goes_first() -> None:
    """A line too long drops its least part before it is cut."""
    assert joined(["a", "bb", "c"], 9) == " a  bb  c"
    assert joined(["a", "bb", "c"], 8, (1,)) == " a  c   "
    assert joined(["a", "bb", "c"], 4, (1, 2)) == " a  "
    assert joined(["abc", "bb"], 3) == " a…"
