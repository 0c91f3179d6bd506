"""
How a kind of device changes its software modules: the `modules:` of a profile.

Rule: plain values, shared by all devices of a profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Autonomous:
    """What a device does to its modules by itself: *operation* each *every* seconds."""

    every: float
    operation: str = "Update"  # Install, Update or Uninstall
    url: str = ""  # of what it installs


@dataclass(frozen=True, slots=True)
class Modules:
    """How this kind of device changes its software modules (ChangeDUState)."""

    install: float = 20.0  # seconds, after the file has come
    update: float = 20.0
    uninstall: float = 5.0
    start: float = 2.0  # of an execution unit, its stop too
    fetch: bool = True  # the file is really fetched from its URL
    bandwidth: float = 2_500_000.0  # bytes a second
    least: int = 1  # a file of fewer bytes is corrupt (9018)
    most: int = 16  # deployment units; more are 9027
    downgrade: bool = False  # an older version may follow a newer one (9030)
    version: str = r"[-_]v?(\d[0-9.]*)"  # a regex: its group 1 in the file's name
    # ExecEnv's instance number -> a regex for the names of the files that it runs
    environments: Mapping[str, str] = field(default_factory=dict)
    failures: float = 0.0  # the share of operations that fail at their end,
    code: int = 9027  # with this fault
    autonomous: Autonomous | None = None
