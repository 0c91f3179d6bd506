"""
The folder of a stored run.

Rule: what is written whole is written beside and renamed, so that nobody reads half a
file; what grows is appended and flushed, so that a killed run loses ten seconds of it.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from cpesim.measure.result import Result, RunFacts
from cpesim.report import REPORTS, hlog, timeline
from cpesim.report.manifest import manifest_text

APPENDED = ("timeline.ndjson", "events.ndjson", "latency.hlog")


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

    def __init__(self, path: Path, result: Result) -> None:
        self.path = path
        self._result = result
        path.mkdir(parents=True, exist_ok=True)
        result.folder = str(path)
        result.files = [*REPORTS, *APPENDED]
        write_whole(path / "manifest.json", manifest_text(result))
        self._appended: dict[str, IO[str]] = {}
        try:
            for name in APPENDED:
                self._appended[name] = (path / name).open("w", encoding="utf-8")
            self._append("latency.hlog", hlog.header(result.facts.epoch))
        except OSError:
            self.close()
            raise

    def append(self) -> None:
        """Write what is new: seconds, events and ten-second histograms."""
        result = self._result
        self._append("timeline.ndjson", timeline.rows(result.take_rows()))
        self._append("events.ndjson", timeline.events(result.take_events()))
        self._append("latency.hlog", hlog.lines(result.take_stretches()))

    def finish(self) -> None:
        """Write what is left and every report; the result has ended."""
        try:
            self.append()
        finally:
            self.close()
        for name, text_of in REPORTS.items():
            write_whole(self.path / name, text_of(self._result))

    def close(self) -> None:
        """Close what is appended to; more than once does no harm."""
        for file in self._appended.values():
            file.close()

    def _append(self, name: str, text: str) -> None:
        if text:
            self._appended[name].write(text)
            self._appended[name].flush()


def tell_again(result: Result) -> None:
    """Write every report once more: the result ended otherwise than it was told."""
    for name, text_of in REPORTS.items():
        write_whole(Path(result.folder) / name, text_of(result))


def write_whole(path: Path, text: str) -> None:
    """Write a file that is there wholly or not at all."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)
