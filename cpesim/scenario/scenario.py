"""
A run's plan, resolved: what `load.py` or the options of `quick` made.

Rule: plain frozen values that can be pickled; no file, no clock, no default that
depends on the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cpesim.scenario.shape import Shape
from cpesim.scenario.step import Injection, Phase, Step
from cpesim.scenario.threshold import Threshold

DEFAULT_PROFILE = "residential-gateway-tr098"
DEFAULT_IN_FLIGHT = 4_000
DEFAULT_DURATION = 300.0
DEFAULT_LATE_START = 0.01
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
    spread: bool = False  # periodic Informs begin anywhere in the interval
    oui: str | None = None
    serial: str | None = None
    tag: str | None = None  # the ProvisioningCode
    values: Mapping[str, str] = field(default_factory=dict)  # `set:` over the profile's
    listens: bool = True  # takes connection requests
    answer_after: Shape | None = None  # from a connection request to its session
    behaviour: Behaviour | None = None  # None: the profile's own


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a share of the downloads; the rest succeed."""

    share: float
    fault: int = 0  # told in the TransferComplete
    at: str = "transfer"  # or flash: when the fault shows
    silent: bool = False  # never comes back
    keep_version: bool = False  # boots with the old software


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What CPEs do when the ACS says Download; None is the profile's own way."""

    fetch: bool | None = None  # really get the file
    keep: bool | None = None  # keep the bytes
    bandwidth: Shape | None = None  # bits a second
    flash: Shape | None = None
    reboot: Shape | None = None
    then: Mapping[str, str] = field(default_factory=dict)  # "{download.version}"
    complete_inform: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """
    How the fleet begins: *new* CPEs boot over the ramp, *known* ones were there
    before and only run their timers.
    """

    known: bool = False
    ramp: float | None = None  # None: ramp_seconds(); inf: when they are told to


@dataclass(frozen=True, slots=True)
class Stage:
    """For *length* seconds the rate goes in a straight line to *to* a second."""

    length: float
    to: float


@dataclass(frozen=True, slots=True)
class Load:
    """
    One of the things that start sessions; all may run at once.

    *executor*: ``fleet`` (the CPEs' own timers), ``arrival-rate`` (*rate*, *stages*),
    ``in-flight`` (always *number* sessions open), ``at-once`` (one session of each CPE,
    or of *number* of them, at *at*). *groups* empty is every group.
    """

    name: str = "timers"
    executor: str = "fleet"
    groups: tuple[str, ...] = ()
    rate: float | None = None  # sessions a second, at its beginning
    stages: tuple[Stage, ...] = ()
    poisson: bool = False
    number: int | None = None
    at: float = 0.0
    events: tuple[str, ...] = ()  # what its sessions tell; empty: 2 PERIODIC
    params: tuple[str, ...] = ()  # told with them
    plugin: str = ""  # FILE.py:CLASS with rate(t)


@dataclass(frozen=True, slots=True)
class Report:
    """What is written of a run, and how finely."""

    percentiles: tuple[float, ...] = (50.0, 90.0, 95.0, 99.0, 99.9)
    formats: tuple[str, ...] = ("html", "json", "junit", "hlog")
    snapshot: float | None = None  # rewrite the reports each so many seconds
    keep_detail: Mapping[int, float] = field(default_factory=dict)  # span -> seconds
    trace_failures: int = 20  # of each kind: their last exchange is kept


NEW, TIMERS, WHOLE = Start(), Load(), Report()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run, wholly described but for secrets and the run's identity."""

    name: str
    acs: Acs
    groups: tuple[Group, ...]
    description: str = ""
    seed: int = 1
    duration: float = DEFAULT_DURATION
    start: Start = NEW
    loads: tuple[Load, ...] = (TIMERS,)
    in_flight: int | None = None  # None: DEFAULT_IN_FLIGHT, or what open files allow
    late_start: float = DEFAULT_LATE_START  # more starts > 100 ms late: SUSPECT
    grace: float = 30.0
    trace_device: int | None = None
    phases: tuple[Phase, ...] = ()
    steps: tuple[Step, ...] = ()
    injections: tuple[Injection, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    asked: tuple[Threshold, ...] = ()  # what else whoever leads the run judges by
    report: Report = WHOLE
    plugin: str = ""  # FILE.py:CLASS with on_session(device, session)
    # What the profiles' own timers (periodic interval, retries, flash, reboot) and the
    # default ramp are multiplied by; those that are named here are scaled already.
    timer_scale: float = 1.0

    @property
    def count(self) -> int:
        """All devices of all groups."""
        return sum(group.count for group in self.groups)

    @property
    def timers(self) -> bool:
        """Whether CPEs run their own timers."""
        return any(load.executor == "fleet" for load in self.loads)

    @property
    def rate(self) -> float | None:
        """The planned arrivals a second in all; None where no load has a rate."""
        rates = [load.rate for load in self.loads if load.rate is not None]
        return sum(rates) if rates else None
