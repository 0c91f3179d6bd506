"""
What a run leaves on disk beside its reports: its scenario, traces, bugs, last words.

Rule: nothing grows without bound, and nothing is written before the run can start.
"""

from __future__ import annotations

from math import inf
from pathlib import Path

from cpesim.conductor.failed import FailureTraces
from cpesim.conductor.plan import kept
from cpesim.conductor.trace import exchange
from cpesim.engine.order import Failed
from cpesim.errors import MachineError
from cpesim.measure.result import Result
from cpesim.report import REPORTS
from cpesim.report.folder import RunFolder, folder_name, write_whole
from cpesim.report.page.page import ready
from cpesim.scenario.scenario import Scenario

# Bytes of one trace, and of what workers wrote to stderr.
MOST_TRACE = 50_000_000
MOST_SAID = 1_000_000


class Records:
    """The run's folder."""

    def __init__(self, result: Result, scenario: Scenario, out: Path) -> None:
        self._result = result
        self._scenario = scenario
        self._out = out
        self._folder: RunFolder | None = None
        self._bugs = 0
        self._broken = ""
        self._snapshot_at = 0.0
        result.keep_detail(scenario.report.keep_detail)
        result.scenario = kept(scenario)
        self._written: dict[str, int] = {}
        self._failures = FailureTraces(result, scenario.report.trace_failures)

    def open(self) -> None:
        """Make the folder; raises MachineError when the disk does not let it."""
        if self._folder is not None:
            return
        path = self._out / folder_name(self._result.facts)
        try:
            formats = self._scenario.report.formats
            self._folder = RunFolder(path, self._result, formats)
            write_whole(path / "scenario.yaml", self._result.scenario)
        except OSError as error:
            raise MachineError(
                f"{path}: the reports cannot be written: {error.strerror or error};"
                " name another folder with --out"
            ) from error
        self._result.files.append("scenario.yaml")
        if self._scenario.report.snapshot and "html" in formats:
            ready()

    def append(self) -> str:
        """Write what is new in the result; why not, when it first cannot be."""
        try:
            self._append()
        except OSError as error:
            if not self._broken:
                self._broken = f"the reports cannot be written: {error}"
                return self._broken
        return ""

    def _append(self) -> None:
        if self._folder is not None:
            self._failures.write(self._folder.path)
            self._folder.append()
            every, now = self._scenario.report.snapshot, self._result.now
            if every and now >= self._snapshot_at + every:
                self._snapshot_at = now
                self._folder.snapshot()

    def write(self, name: str) -> str:
        """Write one report as it is now; its path comes back. Raises OSError."""
        assert self._folder is not None
        path = self._folder.path / name
        write_whole(path, REPORTS[name](self._result))
        return str(path)

    def finish(self) -> None:
        """Write every report."""
        if self._folder is not None:
            self._failures.write(self._folder.path, inf)
            self._folder.finish()

    def close(self) -> None:
        """Write no more."""
        if self._folder is not None:
            self._folder.close()

    def bug(self, text: str) -> str:
        """Keep a traceback; where it is comes back."""
        self.open()
        self._bugs += 1
        return self._add(f"bug-{self._bugs}.txt", text, MOST_SAID)

    def said(self, who: str, text: str) -> None:
        """Keep what a worker wrote to its stderr."""
        if self._folder is not None:
            lines = "".join(f"{who}: {line}\n" for line in text.splitlines())
            self._add("workers.log", lines, MOST_SAID)

    def trace(self, at: float, direction: str, head: bytes, body: bytes) -> None:
        """Add one message of the traced CPE."""
        if self._folder is not None:
            number = self._scenario.trace_device
            text = "\n".join(exchange(at, direction, head, body)) + "\n\n"
            self._add(f"trace-{number}.txt", text, MOST_TRACE)

    def failed(self, one: Failed) -> None:
        """Keep the last exchange of a session that failed."""
        self._failures.hear(one)

    def _add(self, name: str, text: str, most: int) -> str:
        assert self._folder is not None
        path = self._folder.path / name
        written = self._written.get(name, 0)
        if name not in self._written:
            self._result.files.append(name)
        if written < most:
            text = text[: most - written]
            with path.open("a", encoding="utf-8") as file:
                file.write(text)
        self._written[name] = written + len(text)
        return str(path)
