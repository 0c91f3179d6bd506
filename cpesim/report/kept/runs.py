"""
The stored runs of a folder: found by name, listed, tidied up.

Rule: only a folder with one of our manifests is a run. Nothing is removed that is a
link, or that does not lie in the folder itself.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cpesim.errors import ConfigError, MachineError
from cpesim.quantity import show_duration
from cpesim.report.manifest import SCHEMA
from cpesim.report.seen import VERDICTS

MANIFEST = "manifest.json"


def find(name: str, out: Path) -> Path:
    """
    The folder of a run: a folder, or a run's id or the beginning of a name in *out*.

    Raises ConfigError when there is none, or more than one.
    """
    path = Path(name)
    if (path / MANIFEST).is_file():
        return path
    if path.is_dir():
        raise ConfigError(f"{name}: no run is stored here (no {MANIFEST})")
    folders = [folder for folder in within(out) if _is(folder, name)]
    exact = [folder for folder in folders if folder.name.endswith(f"-{name}")]
    found = exact if len(exact) == 1 else folders
    if not found:
        raise ConfigError(f"{name}: no such run in {out}; `cpesim runs` lists them")
    if len(found) > 1:
        names = ", ".join(folder.name for folder in found[:5])
        raise ConfigError(f"{name}: several runs begin so: {names}")
    return found[0]


def within(out: Path) -> list[Path]:
    """The runs that a folder holds, by name: the oldest of a scenario first."""
    if not out.is_dir():
        return []
    return sorted(path for path in out.iterdir() if (path / MANIFEST).is_file())


def _is(folder: Path, name: str) -> bool:
    run_id = folder.name.rpartition("-")[2]
    return bool(name) and (folder.name.startswith(name) or run_id.startswith(name))


def manifest(folder: Path) -> dict[str, Any]:
    """What manifest.json says; raises ConfigError when it is none of ours."""
    path = folder / MANIFEST
    told = read_object(path)
    if told.get("schema") != SCHEMA:
        raise ConfigError(f"{path}: expected schema {SCHEMA}")
    return told


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object of a file; raises ConfigError when it holds none."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if not isinstance(told, dict):
        raise ConfigError(f"{path}: expected an object")
    return told


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One line of the list; *code* is None for a run without an end."""

    folder: Path
    name: str
    run_id: str
    epoch: float
    verdict: str
    p99: float | None
    code: int | None


def listed(out: Path) -> list[StoredRun]:
    """The runs in a folder, the newest first; what is no run of ours is not told."""
    found = []
    for folder in within(out):
        # A link may lead anywhere: it is not ours to list, nor to delete.
        if folder.is_symlink():
            continue
        try:
            found.append(_run(folder))
        except (ConfigError, KeyError, TypeError, ValueError, AttributeError):
            continue
    return sorted(found, key=lambda run: -run.epoch)


def _run(folder: Path) -> StoredRun:
    told = manifest(folder)
    path = folder / "summary.json"
    summary = read_object(path) if path.is_file() else {}
    session = summary.get("latency", {}).get("session")
    over = summary.get("state") == "ENDED"
    code = int(summary["exit"]["code"]) if over else None
    return StoredRun(
        folder,
        str(told["name"]),
        str(told["run_id"]),
        datetime.fromisoformat(told["started"]).timestamp(),
        "no end" if code is None else VERDICTS.get(code, "NOT RUN"),
        float(session["p99"]) if session else None,
        code,
    )


def table(runs: Sequence[StoredRun]) -> list[str]:
    """The list as people read it."""
    rows = [("run", "name", "when (UTC)", "verdict", "p99", "exit")]
    rows += [
        (
            run.run_id,
            run.name,
            datetime.fromtimestamp(run.epoch, UTC).strftime("%Y-%m-%d %H:%M"),
            run.verdict,
            "-" if run.p99 is None else show_duration(run.p99),
            "-" if run.code is None else str(run.code),
        )
        for run in runs
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    return [
        "  ".join(
            cell.ljust(size) for cell, size in zip(row, widths, strict=True)
        ).rstrip()
        for row in (rows if runs else [])
    ]


def remove(folder: Path) -> None:
    """
    Delete a run's folder; links in it go, what they lead to stays.

    Raises ConfigError when it is no run's, and MachineError when it cannot be deleted.
    """
    if folder.is_symlink():
        raise ConfigError(f"{folder}: a link, and not a run's folder")
    manifest(folder)
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise MachineError(f"{folder}: {error.strerror or error}") from error
