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
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cpesim.errors import ConfigError
from cpesim.measure.latency import Interval, Latency
from cpesim.report.compare.rule import BLOCK, Gate, Measured
from cpesim.report.hlog import tag
from cpesim.report.runs import read_object
from cpesim.report.seen import RAN
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
class Side:
    """One of the two runs, or one of its phases, measured by some gates."""

    folder: Path
    summary: Mapping[str, Any]
    manifest: Mapping[str, Any]
    scenario: str  # a hash of what ran, but for names and addresses
    blocks: int
    figures: Mapping[Gate, Measured]

    @property
    def name(self) -> str:
        """Its run id and day."""
        return f"{self.summary['run_id']} ({str(self.summary['started'])[:10]})"


def read_side(folder: Path, gates: Sequence[Gate], phase: str = "") -> Side:
    """A stored run, or one of its phases."""
    summary = read_object(folder / "summary.json")
    manifest = read_object(folder / "manifest.json")
    begin, end = 0.0, math.inf
    if phase:
        phases = summary.get("phases", {})
        if phase not in phases:
            known = ", ".join(phases) or "none"
            raise ConfigError(f"{folder}: no phase {phase!r}: it has {known}")
        told = phases[phase]
        begin = float(told["begin"])
        end = math.inf if told["end"] is None else float(told["end"])
    try:
        blocks = _counted(folder, begin, end)
        timed = _timed(folder, gates, begin, end, blocks)
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{folder}: not a whole run: {error!r}") from error
    figures: dict[Gate, Measured] = {}
    for gate in gates:
        if recovery := _RECOVERY.fullmatch(gate.metric):
            known = summary.get("recovery", {}).get(recovery[1], {})
            found = known.get(gate.figure)
            figures[gate] = Measured(None if found is None else float(found))
        elif gate.metric == "session.failed":
            figures[gate] = _rate(
                [(b.failed, b.failed + b.done) for b in blocks.values()]
            )
        elif gate.metric == "session.done":
            figures[gate] = _rate([(b.done, b.length) for b in blocks.values()])
        else:
            figures[gate] = timed.get(gate, Measured(None))
    return Side(folder, summary, manifest, _hash(folder), len(blocks), figures)


def differences(base: Side, new: Side) -> list[str]:
    """Why the two runs are not comparable; empty where they are."""
    found = []
    if base.scenario != new.scenario:
        found.append("they ran different scenarios")
    for key, words in (("seed", "seeds"), ("devices", "numbers of CPEs")):
        pair = [side.summary.get("plan", {}).get(key) for side in (base, new)]
        if pair[0] != pair[1]:
            found.append(f"different {words}: {pair[0]} and {pair[1]}")
    pair = [side.summary.get("version") for side in (base, new)]
    if pair[0] != pair[1]:
        found.append(f"different versions of cpesim: {pair[0]} and {pair[1]}")
    pair = [side.manifest.get("scale", 1.0) for side in (base, new)]
    if pair[0] != pair[1]:
        found.append(f"different scales: {pair[0]} and {pair[1]}")
    for side in (base, new):
        run = side.summary.get("run_id", side.folder.name)
        grade = side.summary.get("generator", {}).get("verdict", "unknown")
        if grade != "OK":
            found.append(f"{run}: the generator was {grade}")
        if side.summary.get("manual") or side.manifest.get("manual"):
            found.append(f"{run}: someone changed it by hand while it ran")
        code = side.summary.get("exit", {}).get("code")
        if code not in RAN:
            found.append(f"{run}: it did not run to its end (exit {code})")
    return found


def _counted(folder: Path, begin: float, end: float) -> dict[int, Block]:
    blocks: dict[int, Block] = {}
    for line in _lines(folder / "timeline.ndjson"):
        row = json.loads(line)
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
    for line in _lines(folder / "latency.hlog"):
        if not line.startswith("Tag="):
            continue
        # A tag may hold a comma: the other fields do not.
        named, start, length, greatest, text = line.rstrip().rsplit(",", 4)
        found = series.get(named.removeprefix("Tag="))
        at = int(float(start) // BLOCK)
        if found is None or at not in blocks:
            continue
        if begin <= float(start) + float(length) / 2 < end:
            found.add(at, Interval.from_log(text, float(greatest) / 1e3, 0, 0))
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
        plain = {k: v for k, v in plain.items() if k not in ("name", "description")}
        if isinstance(acs := plain.get("acs"), dict):
            plain["acs"] = {k: v for k, v in acs.items() if k != "url"}
    return hashlib.sha256(
        json.dumps(plain, sort_keys=True, default=str).encode()
    ).hexdigest()


def _lines(path: Path) -> Iterator[str]:
    """The lines that were written to their end."""
    try:
        with path.open(encoding="utf-8") as file:
            yield from (line for line in file if line.endswith("\n"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
