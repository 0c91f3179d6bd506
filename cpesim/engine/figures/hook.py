"""
A user's own code, called after each session.

Rule: what it raises is counted and told once, and never ends a session or a run. It
sees plain values and can change nothing.
"""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

from cpesim.cwmp.session import Session
from cpesim.device.device import Device
from cpesim.device.identity import identity
from cpesim.scenario.plugin import method


class DeviceSeen(NamedTuple):
    """The CPE whose session it was."""

    n: int
    serial: str
    group: str


class SessionSeen(NamedTuple):
    """What came of it: *label* is "" when it went well, else what it failed by."""

    label: str
    took: float  # seconds from its start


OnSession = Callable[[DeviceSeen, SessionSeen], Awaitable[None]]


class Ended(Protocol):
    """Who hears of each session's end: a user's plug-in, or the Python API."""

    async def told(
        self, device: Device, session: Session, label: str, took: float
    ) -> None:
        """A session of the device is over; *label* is "" when it went well."""


class Hook:
    """
    Calls *on_session*; *group* names the group of CPE number n.

    *count* raises a counter, *tell* gets the first error as a text.
    """

    def __init__(
        self,
        on_session: OnSession,
        *,
        group: Callable[[int], str],
        count: Callable[[str], None],
        tell: Callable[[str], None],
    ) -> None:
        self._on_session = on_session
        self._group = group
        self._count = count
        self._tell = tell
        self._told = False

    async def told(
        self, device: Device, session: Session, label: str, took: float
    ) -> None:
        """A session of the device is over."""
        n = device.n
        seen = DeviceSeen(n, identity(device.model).serial, self._group(n))
        try:
            await self._on_session(seen, SessionSeen(label, took))
        except Exception as error:
            self._count("plugin.errors")
            if not self._told:
                self._told = True
                where = traceback.extract_tb(error.__traceback__)[-1]
                self._tell(
                    f"plug-in: on_session: {type(error).__name__}: {error}"
                    f" ({where.filename}:{where.lineno})"
                )


def hook_of(
    named: str,
    group: Callable[[int], str],
    count: Callable[[str], None],
    tell: Callable[[str], None],
) -> Hook:
    """The hook of the plug-in FILE.py:CLASS; raises ConfigError."""
    return Hook(method(named, "on_session"), group=group, count=count, tell=tell)
