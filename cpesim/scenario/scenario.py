"""
A run's plan, resolved: what `load.py` or the options of `quick` made.

Rule: plain frozen values that can be pickled; no file, no clock, no default that
depends on the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT_PROFILE = "residential-gateway-tr098"
DEFAULT_IN_FLIGHT = 4_000
TLS_VERSIONS = ("1.2", "1.3")


@dataclass(frozen=True, slots=True)
class Acs:
    """The ACS under load, and how to get to it."""

    url: str
    username: str | None = None  # a pattern, "{oui}-{serial}"; None: the profile's
    password_env: str | None = None  # the NAME of the variable, never the secret
    connect_timeout: float = 10.0
    response_timeout: float = 30.0
    session_timeout: float = 300.0
    ca: str | None = None
    insecure: bool = False
    client_certs: str | None = None  # folder, pattern or file; None: the profile's
    tls_least: str = "1.2"
    tls_most: str = "1.3"
    tls_resume: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    resolve: Mapping[str, str] = field(default_factory=dict)  # host -> address
    source_addresses: tuple[str, ...] = ()
    listen: str | None = None  # ADDRESS:PORT for connection requests
    advertise: str | None = None  # HOST[:PORT] that the CPEs tell the ACS


@dataclass(frozen=True, slots=True)
class Group:
    """*count* devices of one kind; their numbers begin with *first*."""

    name: str
    count: int
    profile: str = DEFAULT_PROFILE  # a shipped name or a path
    first: int = 0
    identities: str | None = None  # path of a CSV
    interval: float | None = None
    oui: str | None = None
    serial: str | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What starts sessions: devices' own timers after a ramp, or a rate."""

    ramp: float | None = None  # None: default_ramp(); no meaning with a rate
    rate: float | None = None  # sessions a second in all


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run, wholly described but for secrets and the run's identity."""

    name: str
    acs: Acs
    groups: tuple[Group, ...]
    description: str = ""
    seed: int = 1
    duration: float = 300.0
    load: Load = field(default_factory=Load)
    in_flight: int | None = None  # None: DEFAULT_IN_FLIGHT, or what open files allow
    grace: float = 30.0
    trace_device: int | None = None

    @property
    def count(self) -> int:
        """All devices of all groups."""
        return sum(group.count for group in self.groups)
