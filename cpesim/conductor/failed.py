"""
The traces of failed sessions, in the folder `traces` of a run.

Rule: a text as that of --trace-device, masked as it is; files, and their bytes, are
bounded, and a disk that does not take them ends no run. A burst of failures is written
little by little: the parent has a run to lead.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from cpesim.conductor.trace import ARROWS, exchange, masked, printable
from cpesim.engine.order import Failed, Part
from cpesim.measure.result import Result
from cpesim.measure.tally import Kind, Trace
from cpesim.quantity import show_clock
from cpesim.report.errors import MOST_SHOWN, TRACES

# What all of a run's traces may be.
MOST_FILES = 1_000
MOST_BYTES = 50_000_000
MOST_NAME = 80
# Seconds that writing some of them may take, each second.
AT_ONCE = 0.03


class FailureTraces:
    """Writes the first *each* of each kind, and tells the *result* of them."""

    def __init__(self, result: Result, each: int) -> None:
        self._result = result
        self._each = each
        self._heard: Counter[Kind] = Counter()
        self._waiting: deque[Failed] = deque()
        self._names: Counter[str] = Counter()
        self._left = MOST_BYTES
        self._broken = False

    def hear(self, failed: Failed) -> None:
        """Keep one, until it is written."""
        kind = Kind(*failed.kind)
        if self._heard[kind] < self._each and self._heard.total() < MOST_FILES:
            self._heard[kind] += 1
            self._waiting.append(failed)

    def write(self, run: Path, most: float = AT_ONCE) -> None:
        """Write what waits, for as long as *most* seconds."""
        end = perf_counter() + most
        while self._waiting and perf_counter() < end:
            self._write(run, self._waiting.popleft())

    def _write(self, run: Path, failed: Failed) -> None:
        kind = Kind(*failed.kind)
        if self._broken or self._left <= 0:
            return
        text = "\n".join(told(kind, failed)) + "\n"
        name = name_of(kind)
        path = f"{TRACES}/{name}-{self._names[name] + 1}.txt"
        data = text.encode()[: self._left]
        try:
            (run / TRACES).mkdir(exist_ok=True)
            (run / path).write_bytes(data)
        except OSError as error:
            self._broken = True
            why = error.strerror or error
            self._result.event(failed.at, f"{TRACES}/ cannot be written: {why}")
            return
        self._names[name] += 1
        self._left -= len(data)
        if f"{TRACES}/" not in self._result.files:
            self._result.files.append(f"{TRACES}/")
        self._result.traces.add(kind, Trace(path, text[:MOST_SHOWN]))


def name_of(kind: Kind) -> str:
    """The kind as the name of a file: ``http-503-Inform``."""
    words = " ".join(part for part in kind if part)
    return re.sub(r"[^A-Za-z0-9_.]+", "-", words).strip("-.")[:MOST_NAME] or "failed"


def told(kind: Kind, failed: Failed) -> Iterator[str]:
    """The lines of a trace."""
    whose = f"CPE {failed.n} ({failed.serial})"
    whose += f" of {kind.group}" if kind.group else ""
    why = f": {failed.why}" if failed.why and failed.why != kind.label else ""
    text = f"{kind}, {whose}, at {show_clock(failed.at)}{why}"
    yield masked(printable(" ".join(text.split())))
    if failed.sent is None:
        yield "nothing was sent"
        return
    yield "the last exchange:"
    yield ""
    yield from _message(failed.at - failed.ago, "out", failed.sent)
    yield ""
    if failed.answer is None:
        yield f"{ARROWS['in']} {failed.at:9.3f}s  (no answer)"
    else:
        yield from _message(failed.at, "in", failed.answer)


def _message(at: float, direction: str, part: Part) -> Iterator[str]:
    yield from exchange(at, direction, part.head, part.body)
    if part.size > len(part.body):
        more = part.size - len(part.body)
        yield f"{ARROWS[direction]}   … and {more:,} bytes more"
