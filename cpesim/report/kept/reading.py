"""
The files of a stored run that grew with it, read back line by line.

Rule: a last line that a kill cut off is left out; every other one that is not what was
written is a ConfigError with its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cpesim.errors import ConfigError, Problem
from cpesim.measure.latency import Interval


@dataclass(frozen=True, slots=True)
class Logged:
    """A line of a histogram log: one series over some seconds, in seconds."""

    line: int
    tag: str
    begin: float
    length: float
    greatest: float
    text: str

    def interval(self, total: int = 0, clamped: int = 0) -> Interval:
        """Its counts, and what the log does not hold; raises ValueError."""
        return Interval.from_log(self.text, self.greatest, total, clamped)


def whole_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that were written to their end, from line 1 on."""
    try:
        with path.open(encoding="utf-8") as file:
            for line, text in enumerate(file, 1):
                if text.endswith("\n"):
                    yield line, text.rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error


def objects(path: Path) -> Iterator[tuple[int, Any]]:
    """What each line of JSON says."""
    for line, text in whole_lines(path):
        try:
            yield line, json.loads(text)
        except ValueError as error:
            raise wrong(path, line, f"not JSON: {error}") from error


def logged(path: Path) -> Iterator[Logged]:
    """The tagged lines of a histogram log; all others are its head."""
    for line, text in whole_lines(path):
        if not text.startswith("Tag="):
            continue
        try:
            # A tag of another's making may hold a comma: the other fields do not.
            tag, begin, length, greatest, encoded = text[4:].rsplit(",", 4)
            told = float(begin), float(length), float(greatest) / 1e3
        except ValueError as error:
            raise wrong(path, line, "not a line of a histogram log") from error
        yield Logged(line, tag, *told, encoded)


def wrong(path: Path, line: int, message: str) -> ConfigError:
    """The error of a line."""
    return ConfigError(Problem(str(path), line, 1, message))
