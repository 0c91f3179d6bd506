"""docs/thresholds.md tells what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cpesim.scenario.limits.grammar import parse
from cpesim.scenario.limits.metrics import AGGREGATES, METRICS

PAGE = (Path(__file__).parents[2] / "docs" / "thresholds.md").read_text("utf-8")


def told() -> dict[str, list[str]]:
    """The cells of the table of metrics, by metric."""
    rows = re.findall(
        r"^\| `([a-z_.]+)(?:\([A-Z]+\))?` \| (.+) \|$", PAGE, re.MULTILINE
    )
    return {name: cells.split(" | ") for name, cells in rows if name in METRICS}


def test_every_metric_is_told_and_no_other() -> None:
    """In the order of the table."""
    assert list(told()) == list(METRICS)


@pytest.mark.parametrize("name", METRICS)
def test_what_is_told_of_a_metric_is_so(name: str) -> None:
    """What it is of, its aggregates, its denominator and its tags."""
    metric = METRICS[name]
    words, aggregates, share, tags = told()[name]
    assert words == metric.words
    assert aggregates == ", ".join(AGGREGATES[metric.kind])
    assert share == (metric.share or "-")
    assert re.findall(r"`(\w+)`", tags) == [*metric.tags, *metric.by]
    assert re.findall(r"`(\w+)`!", tags) == ([metric.needs] if metric.needs else [])
    form = f"{name}({metric.takes.upper()})" if metric.takes else name
    assert f"| `{form}` |" in PAGE


def test_the_limits_that_are_shown_are_read() -> None:
    """Each of the YAML and of the command."""
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    shown = re.findall(r"(?:- |expr: )([a-z_]+\..*|recovery.*)", block)
    shown += re.findall(r"--threshold '([^']+)'", PAGE)
    assert len(shown) == 7
    for text in shown:
        assert parse(text).subject in text
