"""
Everything that is known of a run: what each report, view and verdict reads.

Rule: no report reads anything but a Result, and a Result knows no report. Totals of
several processes are exact, in whatever order their snapshots come.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

from cpesim.measure.health import Health
from cpesim.measure.history import History, Row, Stretch, add_counters, spans
from cpesim.measure.latency import NOTHING, Figures, Interval, Latency
from cpesim.measure.snapshot import Snapshot, merge_gauges
from cpesim.measure.told import NOTHING_TOLD, Told
from cpesim.quantity import show_count

# A row is closed without the workers that have not told of it after so long.
PATIENCE = 4.0
_USER_INFO = re.compile(r"(\w+://)[^/\s]*@")
# Each CPE is in one of these.
FLEET_STATES = ("new", "ok", "busy", "waiting", "retry", "off")
SESSION_COUNTS = (
    "wanted",
    "started",
    "done",
    "failed",
    "dropped",
    "not_started",
    "retried",
    "late",
    "interrupted",
)


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


@dataclass(slots=True)
class Tally:
    """Failures under one label."""

    label: str
    count: int = 0
    first: float = inf
    last: float = 0.0
    exchanges: dict[str, int] = field(default_factory=dict)

    @property
    def exchange(self) -> str:
        """The exchange that most of them failed on; empty where none was told."""
        return max(self.exchanges, key=lambda kind: self.exchanges[kind], default="")


class Result:
    """A run's facts, counters, latencies, rows, events and verdict."""

    def __init__(self, facts: RunFacts) -> None:
        self.facts = facts
        self.state = State.PREPARING
        self.now = 0.0
        self.until: float | None = None
        self.counters: dict[str, int] = {}
        self.history = History()
        self.health = Health()
        self.events: deque[tuple[float, str]] = deque(maxlen=1_000)
        self.manifest: dict[str, object] = {}  # what the conductor knows besides
        self.errors: dict[str, Tally] = {}
        self.examples: dict[str, str] = {}  # of each kind of ACS violation
        self.peak: tuple[float, int] = (0.0, 0)  # sessions done in a second, which
        self.exit: Exit | None = None
        self.told: Told = NOTHING_TOLD
        self.cut_off = ""  # why a stored run has no end
        self.scenario = ""  # as YAML, without a secret
        self.folder = ""
        self.files: list[str] = []
        self._new_events: deque[tuple[float, str]] = deque(maxlen=10_000)
        self._latency: dict[str, Latency] = {}
        self._figures: dict[str, Figures] = {}
        self._gauges: dict[str, Mapping[str, float]] = {}
        self._heard: dict[str, float] = {}

    # What the conductor calls.

    def keep(self, detail: Mapping[int, float]) -> None:
        """Keep rows of these spans so many seconds; called before the run begins."""
        self.history = History(spans(detail))

    def feed(self, who: str, snapshot: Snapshot) -> None:
        """
        Add what a worker measured; *who* names it.

        Raises ValueError, and adds nothing, when a histogram is not whole.
        """
        intervals = {
            series: Interval(encoded) for series, encoded in snapshot.latency.items()
        }
        add_counters(self.counters, snapshot.counters)
        for series, interval in intervals.items():
            total = self._latency.get(series)
            if total is None:
                total = self._latency[series] = Latency()
            total.add_interval(interval)
            self._figures.pop(series, None)
        self.history.feed(who, snapshot, intervals)
        self.health.feed(who, snapshot)
        self._tally(snapshot)
        self._gauges[who] = snapshot.gauges
        self._heard[who] = max(self._heard.get(who, 0.0), snapshot.at)
        self.now = max(self.now, snapshot.at)

    def feed_parent(self, snapshot: Snapshot) -> None:
        """Judge the parent's own health; it runs no CPEs and makes no row."""
        self.health.feed("parent", snapshot)
        self.history.feed_parent(snapshot)

    def tick(self, now: float) -> list[Row]:
        """Close the seconds that all workers have told of; these come back."""
        self.now = max(self.now, now)
        until = now - PATIENCE
        if len(self._heard) >= self.facts.workers:
            # A snapshot may be taken a little before its second is full.
            until = max(until, min(self._heard.values(), default=0.0) + 0.05)
        return self._close(until)

    def left(self, who: str) -> None:
        """Expect nothing more of a worker: it ended, or was lost."""
        self._heard[who] = inf

    def enter(self, state: State, now: float, until: float | None = None) -> None:
        """Change the state; *until* is when a drain is cut off."""
        self.state = state
        self.until = until
        self.now = max(self.now, now)

    def event(self, at: float, text: str) -> None:
        """Note what happened, for the dashboard and events.ndjson."""
        noted = (at, without_credentials(text))
        self.events.append(noted)
        self._new_events.append(noted)

    def example(self, kind: str, text: str) -> None:
        """Keep the first example of a kind of ACS violation."""
        self.examples.setdefault(kind, without_credentials(text))

    def finish(self, now: float, outcome: Exit) -> list[Row]:
        """End the run: close all rows; what was still open comes back."""
        self.enter(State.ENDED, now)
        self.exit = Exit(outcome.code, without_credentials(outcome.reason))
        return self._close(inf)

    # What reports and views read.

    def count(self, name: str) -> int:
        """A counter's total."""
        return self.counters.get(name, 0)

    def by(self, prefix: str) -> dict[str, int]:
        """The counters that begin with *prefix*, without it, the largest first."""
        found = {
            name.removeprefix(prefix): number
            for name, number in self.counters.items()
            if name.startswith(prefix)
        }
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def violations(self) -> dict[str, tuple[int, str]]:
        """What the ACS did wrong, by rule and kind: how often, and one example."""
        found = self.by("acs.violation.")
        # What had to be mended to be read at all is rule X4.
        found |= {f"X4 {what}": number for what, number in self.by("mended.").items()}
        return {
            kind: (number, self.examples.get(kind, ""))
            for kind, number in sorted(found.items(), key=lambda item: -item[1])
        }

    def sessions(self) -> dict[str, int]:
        """What became of all sessions."""
        return {name: self.count(f"sessions.{name}") for name in SESSION_COUNTS}

    def series(self) -> list[str]:
        """The names of all series that have a sample, the most used first."""
        found = self._latency
        return sorted(found, key=lambda name: (-found[name].total_count, name))

    def total(self, series: str) -> Figures:
        """A series' figures over the whole run."""
        known = self._figures.get(series)
        if known is None:
            histogram = self._latency.get(series)
            known = histogram.figures() if histogram else NOTHING
            self._figures[series] = known
        return known

    def window(self, series: str) -> Figures:
        """A series' figures over the last ten closed seconds."""
        return self.history.window().get(series, NOTHING)

    def gauges(self) -> dict[str, float]:
        """The workers' latest gauges as one."""
        return merge_gauges(self._gauges.values())

    def fleet(self) -> dict[str, dict[str, float]]:
        """CPEs by group and state, with their total; the whole fleet is ``all``."""
        groups = {
            group.name: {"total": float(group.count)} for group in self.facts.groups
        }
        everything = {"total": float(self.facts.devices)}
        for name, value in self.gauges().items():
            path = name.split("/")
            if path[0] != "fleet" or len(path) < 3:
                continue
            group, state = "/".join(path[1:-1]), path[-1]
            groups.setdefault(group, {})[state] = value
            if state != "total":
                everything[state] = everything.get(state, 0.0) + value
        return {**groups, "all": everything}

    def share_late(self) -> float:
        """The share of starts that were more than 100 ms late, whoever's doing."""
        return self.count("sessions.late") / max(1, self.count("sessions.started"))

    def left_out(self) -> str:
        """What the percentiles of sessions leave out: ``350 dropped, 2 failed``."""
        return ", ".join(
            f"{show_count(self.count(f'sessions.{name}'))} {words}"
            for name, words in (
                ("dropped", "dropped"),
                ("not_started", "not started"),
                ("interrupted", "interrupted"),
                ("failed", "failed"),
            )
            if self.count(f"sessions.{name}")
        )

    def take_rows(self) -> list[Row]:
        """The seconds that were closed since the last call, for the timeline."""
        rows = list(self.history.new_rows)
        self.history.new_rows.clear()
        return rows

    def take_stretches(self) -> list[Stretch]:
        """The ten seconds' histograms closed since the last call, for the log."""
        stretches = list(self.history.new_stretches)
        self.history.new_stretches.clear()
        return stretches

    def take_events(self) -> list[tuple[float, str]]:
        """The events noted since the last call, for events.ndjson."""
        events = list(self._new_events)
        self._new_events.clear()
        return events

    def _close(self, until: float) -> list[Row]:
        closed = self.history.close(until, self.now)
        for row in closed:
            done = row.rate("sessions.done")
            if done > self.peak[0]:
                self.peak = (done, row.second)
        return closed

    def _tally(self, snapshot: Snapshot) -> None:
        for name, number in snapshot.counters.items():
            kind = ""
            if name.startswith("failed."):
                label = name.removeprefix("failed.")
            elif name.startswith("failed_on."):
                label, _, kind = name.removeprefix("failed_on.").rpartition("@")
            else:
                continue
            tally = self.errors.setdefault(label, Tally(label))
            if kind:
                tally.exchanges[kind] = tally.exchanges.get(kind, 0) + number
            else:
                tally.count += number
                tally.first = min(tally.first, snapshot.since)
                tally.last = max(tally.last, snapshot.at)


def without_credentials(text: str) -> str:
    """The text with no user and password in any URL of it, as it may be shown."""
    return _USER_INFO.sub(r"\1", text)
