"""Telling afterwards: each report is a function of the Result, and a line here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from cpesim.measure.result import Result
from cpesim.report.as_json import summary_text
from cpesim.report.console import console_text
from cpesim.report.errors import errors_text
from cpesim.report.junit import junit_text
from cpesim.report.manifest import manifest_text
from cpesim.report.markdown import markdown_text
from cpesim.report.openmetrics import openmetrics_text
from cpesim.report.page.page import page_text

# File name -> its text; written at the end of a run.
REPORTS: Mapping[str, Callable[[Result], str]] = {
    "manifest.json": manifest_text,
    "summary.json": summary_text,
    "summary.txt": console_text,
    "errors.ndjson": errors_text,
    "summary.md": markdown_text,
    "junit.xml": junit_text,
    "metrics.txt": openmetrics_text,
    "report.html": page_text,
}
# What a scenario's `report: {formats: [...]}` names -> its file. Others always come.
FORMATS: Mapping[str, str] = {
    "html": "report.html",
    "json": "summary.json",
    "junit": "junit.xml",
    "hlog": "latency.hlog",
}


def left_out(formats: Collection[str]) -> set[str]:
    """The files that are not wanted."""
    return {file for name, file in FORMATS.items() if name not in formats}
