"""
What is planned of a run and how it ends, as plain values.

Rule: nothing here is measured; result.py gives these names on, and others take them
from there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

_USER_INFO = re.compile(r"(\w+://)[^/\s]*@")


class State(StrEnum):
    """Where a run is."""

    PREPARING = "PREPARING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    DRAINING = "DRAINING"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """One group of CPEs, as planned."""

    name: str
    count: int
    profile: str


@dataclass(frozen=True, slots=True)
class RunFacts:
    """
    The plan in figures: what a reader must know of a run.

    The ACS's URL is kept without user and password, whatever was given.
    """

    name: str
    run_id: str
    acs: str
    devices: int
    groups: tuple[GroupFacts, ...] = ()
    seed: int = 1
    duration: float = 0.0
    ramp: float | None = None
    rate: float | None = None
    in_flight: int = 0
    grace: float = 30.0
    tls_resume: bool = False
    workers: int = 1
    epoch: float = 0.0
    version: str = ""
    late_start: float = 0.01  # more starts than this late: SUSPECT
    phases: tuple[str, ...] = ()  # in their order
    percentiles: tuple[float, ...] = (50.0, 90.0, 95.0, 99.0, 99.9)  # of the tables

    def __post_init__(self) -> None:
        object.__setattr__(self, "acs", without_credentials(self.acs))

    @property
    def profiles(self) -> tuple[str, ...]:
        """The names of the profiles, each once."""
        return tuple(dict.fromkeys(group.profile for group in self.groups))


@dataclass(frozen=True, slots=True)
class Exit:
    """How the program ends: user-interface.md, section 2."""

    code: int
    reason: str


def without_credentials(text: str) -> str:
    """The text with no user and password in any URL of it, as it may be shown."""
    return _USER_INFO.sub(r"\1", text)


def shown(url: str) -> str:
    """A URL as it may be told: without user, password, query and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(no URL)"
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if parts.scheme else url[:200]
