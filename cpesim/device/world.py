"""
What all devices of a run share.

Rule: nothing in here belongs to one device, and nothing changes after the start
but the epoch, *do* and *upgrades*, which are set when the run begins.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import lru_cache
from time import gmtime, strftime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cpesim.device.group.ways import Upgrades


def _nowhere(n: int) -> str:
    return ""


def _uncounted(name: str, by: int) -> None:
    pass


class World:
    """
    The run as its devices see it.

    *epoch* is the Unix time at ``now == 0``; *url* gives a device's
    ConnectionRequestURL ("" where none is served); with *timers* off the periodic
    Informs rest (a load of arrivals makes the sessions). *patience* is how many
    seconds an answer of the ACS is waited for; *count* raises a counter of the run for
    what no session tells; *do* is the engine's way to do an errand of a device while
    its session waits, None where there is none; *upgrades* hears of new images.
    """

    __slots__ = (
        "acs_url",
        "count",
        "do",
        "epoch",
        "patience",
        "seed",
        "timers",
        "upgrades",
        "url",
    )

    def __init__(
        self,
        seed: int = 1,
        *,
        epoch: float = 0.0,
        acs_url: str = "",
        url: Callable[[int], str] = _nowhere,
        timers: bool = True,
        patience: int = 30,
        count: Callable[[str, int], None] = _uncounted,
    ) -> None:
        self.seed = seed
        self.epoch = epoch
        self.acs_url = acs_url
        self.url = url
        self.timers = timers
        self.patience = patience
        self.count = count
        self.upgrades: Upgrades | None = None
        self.do: Callable[[Any, Any], Awaitable[object]] | None = None

    def time(self, now: float) -> str:
        """*now* as a dateTime in UTC, to the second."""
        return _utc(int(self.epoch + now))


@lru_cache(maxsize=16)
def _utc(seconds: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(seconds))
