"""
What the diagnostics of a kind of device find: its line, its road, its neighbours.

Rule: plain values of a profile, each with a sound default.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """The `diagnostics:` of a profile; times in seconds, bandwidths in bytes."""

    rtt: float = 0.012  # to a host in the middle of the road
    jitter: float = 0.003
    loss: float = 0.01  # share of packets
    interval: float = 1.0  # between two pings
    hops: int = 6
    lookup: float = 0.02  # an answer of a DNS server
    unresolvable: tuple[str, ...] = ()  # patterns of names, beside *.invalid
    unreachable: tuple[str, ...] = ()  # patterns of hosts that never answer
    neighbours: int = 8  # Wi-Fi networks around
    scan: float = 4.0  # how long looking for them takes
    download: float | None = None  # None: the bandwidth of the firmware
    upload: float | None = None
