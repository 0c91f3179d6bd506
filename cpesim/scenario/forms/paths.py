"""
Files that a scenario names: they are meant from its own folder.

Rule: names only; whether a file is there is found where it is read.
"""

from __future__ import annotations

from pathlib import Path


def beside(folder: str, written: str | None) -> str | None:
    """A path is meant from the scenario's own folder, unless it begins with /."""
    return str(Path(folder) / written) if written else None


def profile(folder: str, written: str) -> str:
    """A profile's name stays; a file is meant from the scenario's own folder."""
    is_file = "/" in written or written.endswith((".yaml", ".yml", ".csv", ".json"))
    return str(Path(folder) / written) if is_file else written


def plugin(folder: str, written: str) -> str:
    """``FILE.py:CLASS`` with the file's absolute path."""
    if not written:
        return ""
    file, _, name = written.rpartition(":")
    return f"{(Path(folder) / file).resolve()}:{name}"
