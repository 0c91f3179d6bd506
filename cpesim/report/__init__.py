"""Telling afterwards: each report is a function of the Result, and a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cpesim.measure.result import Result
from cpesim.report.as_json import summary_text
from cpesim.report.console import console_text
from cpesim.report.manifest import manifest_text

# File name -> its text; written at the end of a run.
REPORTS: Mapping[str, Callable[[Result], str]] = {
    "manifest.json": manifest_text,
    "summary.json": summary_text,
    "summary.txt": console_text,
}
