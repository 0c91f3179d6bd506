"""
A stored run as `compare` needs it: its plan, its figures, and those of each block.

Rule: read from summary.json, manifest.json, scenario.yaml, latency.hlog and
timeline.ndjson, line by line; of a block nothing is kept but the figures asked for.
Raises ConfigError for a folder that holds no whole run.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cpesim.errors import ConfigError
from cpesim.measure.latency import Interval, Latency
from cpesim.report.compare.rule import BLOCK, Gate, Measured
from cpesim.report.hlog import tag
from cpesim.report.kept.reading import logged, objects
from cpesim.report.kept.runs import manifest, read_object
from cpesim.yamltext import parse

# Metrics of thresholds and the series that they mean; others are a series' own name.
SERIES = {
    "session.time": "session",
    "session.service": "session.service",
    "inform.time": "Inform",
    "http.connect": "connect",
    "http.tls": "tls",
    "http.ttfb": "ttfb",
}
# A block that lasted less than this part of its time is left out.
WHOLE = 0.5
_RECOVERY = re.compile(r"recovery\((.*)\)")


@dataclass(slots=True)
class Block:
    """What was counted in ten seconds; *length* is how many of them there were."""

    length: float = 0.0
    done: int = 0
    failed: int = 0


@dataclass(slots=True)
class Run:
    """A stored run, or one of its phases, measured by some gates."""

    folder: Path
    summary: Mapping[str, Any]
    manifest: Mapping[str, Any]
    scenario: str  # a hash of what ran, but for names and addresses
    blocks: int
    figures: Mapping[Gate, Measured]

    @property
    def run_id(self) -> str:
        """Its id."""
        return str(self.summary["run_id"])

    @property
    def day(self) -> str:
        """The day on which it began."""
        return str(self.summary["started"])[:10]

    @property
    def name(self) -> str:
        """Its run id and day."""
        return f"{self.run_id} ({self.day})"

    @property
    def grade(self) -> str:
        """What its generator was worth."""
        return str(self.summary.get("generator", {}).get("verdict", "unknown"))

    @property
    def code(self) -> int | None:
        """How it ended."""
        code: int | None = self.summary.get("exit", {}).get("code")
        return code


def read_run(folder: Path, gates: Sequence[Gate], phase: str = "") -> Run:
    """A stored run, or one of its phases."""
    summary = read_object(folder / "summary.json")
    told = manifest(folder)
    begin, end = 0.0, math.inf
    if phase:
        phases = summary.get("phases", {})
        if phase not in phases:
            known = ", ".join(phases) or "none"
            raise ConfigError(f"{folder}: no phase {phase!r}: it has {known}")
        part = phases[phase]
        begin = float(part["begin"])
        end = math.inf if part["end"] is None else float(part["end"])
    try:
        blocks = _counted(folder, begin, end)
        timed = _timed(folder, gates, begin, end, blocks)
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{folder}: not a whole run: {error!r}") from error
    figures: dict[Gate, Measured] = {}
    for gate in gates:
        if recovery := _RECOVERY.fullmatch(gate.metric):
            known = summary.get("recovery", {}).get(recovery[1], {})
            figures[gate] = Measured(None)
            if gate.figure in known:
                found = known[gate.figure]
                # A share that was not reached took longer than any that was.
                figures[gate] = Measured(math.inf if found is None else float(found))
        elif gate.metric == "session.failed":
            figures[gate] = _rate(
                [(b.failed, b.failed + b.done) for b in blocks.values()]
            )
        elif gate.metric == "session.done":
            figures[gate] = _rate([(b.done, b.length) for b in blocks.values()])
        else:
            figures[gate] = timed.get(gate, Measured(None))
    return Run(folder, summary, told, _hash(folder), len(blocks), figures)


def _counted(folder: Path, begin: float, end: float) -> dict[int, Block]:
    blocks: dict[int, Block] = {}
    for _, row in objects(folder / "timeline.ndjson"):
        if begin <= row["at"] < end:
            block = blocks.setdefault(int(row["at"] // BLOCK), Block())
            block.length += row["span"]
            block.done += row["done"]
            block.failed += row["fail"]
    return {at: b for at, b in sorted(blocks.items()) if b.length >= BLOCK * WHOLE}


class _Series:
    """Percentiles of one series, block by block."""

    def __init__(self, gates: list[Gate]) -> None:
        self.gates = gates
        self.whole = Latency()
        self.blocks: dict[Gate, list[float]] = {gate: [] for gate in gates}
        self._block = Latency()
        self._at = -1

    def add(self, at: int, interval: Interval) -> None:
        """Add what belongs to block *at*; blocks come in order."""
        if at != self._at:
            self.close()
            self._at = at
        self._block.add_interval(interval)
        self.whole.add_interval(interval)

    def close(self) -> None:
        """The block is over."""
        if self._block.total_count:
            for gate in self.gates:
                self.blocks[gate].append(_figure(self._block, gate.figure))
        self._block.reset()


def _timed(
    folder: Path,
    gates: Sequence[Gate],
    begin: float,
    end: float,
    blocks: Container[int],
) -> dict[Gate, Measured]:
    wanted: dict[str, list[Gate]] = {}
    for gate in gates:
        if gate.figure != "rate" and not gate.figure.startswith("t"):
            wanted.setdefault(tag(SERIES.get(gate.metric, gate.metric)), []).append(
                gate
            )
    series = {name: _Series(of) for name, of in wanted.items()}
    for found in logged(folder / "latency.hlog"):
        one, at = series.get(found.tag), int(found.begin // BLOCK)
        if one is None or at not in blocks:
            continue
        if begin <= found.begin + found.length / 2 < end:
            one.add(at, found.interval())
    measured = {}
    for each in series.values():
        each.close()
        if each.whole.total_count:
            for gate in each.gates:
                figure = _figure(each.whole, gate.figure)
                measured[gate] = Measured(figure, each.blocks[gate])
    return measured


def _figure(found: Latency, figure: str) -> float:
    if figure == "max":
        return found.max_value / 1e6
    return found.percentiles([float(figure.removeprefix("p"))])[0]


def _rate(parts: Sequence[tuple[float, float]]) -> Measured:
    total = sum(under for _, under in parts)
    if not total:
        return Measured(None)
    return Measured(
        sum(over for over, _ in parts) / total,
        [over / under for over, under in parts if under],
    )


def _hash(folder: Path) -> str:
    path = folder / "scenario.yaml"
    try:
        plain = parse(path.read_text(encoding="utf-8"), str(path)).plain()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if isinstance(plain, dict):
        # How it is reported is not what ran either.
        others = ("name", "description", "report")
        plain = {k: v for k, v in plain.items() if k not in others}
        if isinstance(acs := plain.get("acs"), dict):
            plain["acs"] = {k: v for k, v in acs.items() if k != "url"}
    return hashlib.sha256(
        json.dumps(plain, sort_keys=True, default=str).encode()
    ).hexdigest()
