"""
The folder of a stored run.

Rule: what is written whole is written beside and renamed, so that nobody reads half a
file; what grows is appended and flushed, so that a killed run loses ten seconds of it.
The errors do not grow: there is a line for each kind of them, and all are written anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from cpesim.measure.result import Result, RunFacts
from cpesim.report import FORMATS, REPORTS, hlog, left_out, timeline
from cpesim.report.errors import errors_text
from cpesim.report.manifest import manifest_text

APPENDED = ("timeline.ndjson", "events.ndjson", "latency.hlog")
# Reports that are of use while a run goes on.
SNAPSHOTS = ("summary.json", "report.html")
ERRORS = "errors.ndjson"
# Seconds between two writes of the errors of a run that goes on.
ANEW = 5.0


def folder_name(facts: RunFacts) -> str:
    """A name that sorts by time and says which run: 20261123T1801-boot-storm-7f3a."""
    began = datetime.fromtimestamp(facts.epoch, UTC).strftime("%Y%m%dT%H%M%S")
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", facts.name).strip("-.") or "run"
    return f"{began}-{name}-{facts.run_id}"


class RunFolder:
    """
    Where one run's files go; made, with its manifest, before the run starts.

    Raises OSError when the disk does not let it.
    """

    def __init__(
        self, path: Path, result: Result, formats: Collection[str] = tuple(FORMATS)
    ) -> None:
        self.path = path
        self._result = result
        off = left_out(formats)
        self._reports = {name: x for name, x in REPORTS.items() if name not in off}
        path.mkdir(parents=True, exist_ok=True)
        result.folder = str(path)
        appended = [name for name in APPENDED if name not in off]
        result.files = [*self._reports, *appended]
        write_whole(path / "manifest.json", manifest_text(result))
        self._errors, self._errors_at = "", 0.0
        write_whole(path / ERRORS, self._errors)
        self._appended: dict[str, IO[str]] = {}
        try:
            for name in appended:
                self._appended[name] = (path / name).open("w", encoding="utf-8")
            self._append("latency.hlog", hlog.header(result.facts.epoch))
        except OSError:
            self.close()
            raise

    def append(self) -> None:
        """Write what is new: seconds, events and five-second histograms."""
        result = self._result
        self._append("timeline.ndjson", self._rows())
        self._append("events.ndjson", timeline.events(result.take_events()))
        self._append("latency.hlog", hlog.lines(result.take_stretches()))
        if result.now >= self._errors_at + ANEW:
            self._errors_at = result.now
            self._tell_errors(errors_text(result))

    def finish(self) -> None:
        """Write what is left and every report; the result has ended."""
        try:
            self.append()
        finally:
            self.close()
        write_reports(self.path, self._result, self._reports)

    def snapshot(self) -> None:
        """Write what a run that goes on can tell: its page and its summary."""
        now = {name: x for name, x in self._reports.items() if name in SNAPSHOTS}
        write_reports(self.path, self._result, now)

    def close(self) -> None:
        """Close what is appended to; more than once does no harm."""
        for file in self._appended.values():
            file.close()

    def _tell_errors(self, text: str) -> None:
        if text != self._errors:
            self._errors = text
            write_whole(self.path / ERRORS, text)

    def _rows(self) -> str:
        return timeline.rows(self._result.take_rows(), self._result.history.parents)

    def _append(self, name: str, text: str) -> None:
        if text and name in self._appended:
            self._appended[name].write(text)
            self._appended[name].flush()


def write_reports(
    path: Path, result: Result, reports: Mapping[str, Callable[[Result], str]] = REPORTS
) -> None:
    """Write these reports of a result into a folder."""
    for name, text_of in reports.items():
        write_whole(path / name, text_of(result))


def tell_again(result: Result) -> None:
    """Write its reports once more: the result ended otherwise than it was told."""
    path = Path(result.folder)
    told = {name: x for name, x in REPORTS.items() if (path / name).exists()}
    write_reports(path, result, told)


def write_whole(path: Path, text: str) -> None:
    """Write a file that is there wholly or not at all."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)
