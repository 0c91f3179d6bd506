"""
The options that say which limits a run has, and how strictly it is judged.

Rule: an option adds to the limits of the file; nothing heavy is imported here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from cpesim.scenario.scenario import Scenario

Thresholds = Annotated[
    list[str] | None,
    typer.Option(
        "--threshold",
        metavar="EXPR",
        help="A limit, as 'session.time p99 < 2s' or 'session.failed rate over 30s <"
        " 5%'; one that fails makes the exit code 99. Repeatable, beside the file's.",
    ),
]
NoThresholds = Annotated[
    bool, typer.Option("--no-thresholds", help="Judge no limit of the file.")
]
FailFast = Annotated[
    bool, typer.Option("--fail-fast", help="The first limit that fails ends the run.")
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        help="Exit 97 also for a SUSPECT generator, or a limit of too few samples.",
    ),
]


def limited(scenario: Scenario, given: Mapping[str, Any]) -> Scenario:
    """The scenario with the limits that were given as options."""
    from cpesim.scenario.step import Place
    from cpesim.scenario.threshold import Threshold

    own = () if given.get("no_thresholds") else scenario.thresholds
    place = Place("--threshold")
    more = tuple(Threshold(text, place=place) for text in given.get("threshold") or ())
    return replace(scenario, thresholds=(*own, *more))
