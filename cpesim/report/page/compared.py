"""
The page of a comparison: its verdicts, and both sides' runs laid over each other.

Rule: as of page.py, whose page it shares.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cpesim.measure.recovery import PERCENTS
from cpesim.measure.result import Result
from cpesim.report import seen
from cpesim.report.compare.comparison import Comparison
from cpesim.report.compare.rule import BETTER, MISSING, NOISE, WORSE
from cpesim.report.compare.told import lines, tally
from cpesim.report.kept.stored import stored
from cpesim.report.page.overlay import BASE, MOST_RUNS, NEW, overlay
from cpesim.report.page.page import MOST_ERRORS, rendered

# How a verdict is painted; what is not here is as usual.
TONES = {WORSE: "bad", BETTER: "good", NOISE: "soft", MISSING: "warn"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A run of the comparison."""

    side: str
    result: Result
    grade: str  # of the generator

    @property
    def verdict(self) -> str:
        """How it ended, in a word."""
        return seen.verdict(self.result)

    @property
    def reached(self) -> Sequence[seen.Reached]:
        """How its sets of CPEs came back, and came to a version."""
        return seen.reached(self.result)


def compared_page(found: Comparison) -> str:
    """The text of the page; raises ConfigError for a run that cannot be read."""
    runs = [
        Shown(side, stored([run.folder]), run.grade)
        for side, of in ((BASE, found.base), (NEW, found.new))
        for run in of.runs
    ]
    base, new = ([run.result for run in runs if run.side == x] for x in (BASE, NEW))
    errors, more = _errors(base, new)
    return rendered(
        "compared.html.jinja",
        overlay(base, new),
        new[0].facts.version,
        found=found,
        lines=lines(found),
        tally=tally(found),
        tones=TONES,
        runs=runs,
        most_runs=MOST_RUNS,
        hidden=max(len(base), len(new)) > MOST_RUNS,
        shares=[f"t{share}" for share in PERCENTS],
        errors=errors,
        more_errors=more,
    )


def _errors(
    base: Sequence[Result], new: Sequence[Result]
) -> tuple[list[tuple[str, int, int]], int]:
    """Each error with its sessions of both sides, the most frequent first."""
    before, after = Counter[str](), Counter[str]()
    for counts, results in ((before, base), (after, new)):
        for result in results:
            counts.update({k: tally.count for k, tally in result.errors.items()})
    labels = [label for label, _ in (before + after).most_common()]
    told = [(label, before[label], after[label]) for label in labels]
    return told[:MOST_ERRORS], max(0, len(told) - MOST_ERRORS)
