"""
Everything that is known of a run: what each report, view and verdict reads.

Rule: no report reads anything but a Result, and a Result knows no report. Totals of
several processes are exact, in whatever order their snapshots come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from math import inf

from cpesim.measure.capacity import Capacity
from cpesim.measure.facts import Exit, GroupFacts, RunFacts, State, without_credentials
from cpesim.measure.health import Health
from cpesim.measure.history import History, Stretch, spans
from cpesim.measure.kept.rows import Row
from cpesim.measure.latency import NOTHING, Figures, Interval, Latency
from cpesim.measure.limit import Limit
from cpesim.measure.part import Part, Watch
from cpesim.measure.phases import Phases
from cpesim.measure.recovery import Recovery, hundredths, named, of_set, of_version
from cpesim.measure.snapshot import Snapshot, merge_gauges
from cpesim.measure.tally import Tally, Traces, tally
from cpesim.quantity import show_count

__all__ = [
    "FLEET_STATES",
    "SESSION_COUNTS",
    "Exit",
    "GroupFacts",
    "Result",
    "RunFacts",
    "State",
    "Tally",
    "without_credentials",
]

# A row is closed without the workers that have not told of it after so long.
PATIENCE = 4.0
# Each CPE is in one of these.
FLEET_STATES = ("new", "ok", "busy", "waiting", "retry", "off")
SESSION_COUNTS = (
    *("wanted", "started", "done", "failed", "dropped", "not_started"),
    *("retried", "late", "interrupted"),
)


class Result:
    """A run's facts, counters, latencies, rows, events and verdict."""

    def __init__(self, facts: RunFacts) -> None:
        self.facts = facts
        self.state = State.PREPARING
        self.now = 0.0
        self.until: float | None = None
        self.whole = Part()
        self.counters = self.whole.counters
        self.phases = Phases()
        self.limits: list[Limit] = []
        self.watches: list[Watch] = []
        self.history = History()
        self.health = Health(facts.late_start)
        self.events: deque[tuple[float, str]] = deque(maxlen=1_000)
        self.manifest: dict[str, object] = {}  # what the conductor knows besides
        self.errors: dict[str, Tally] = {}
        self.traces = Traces()  # of failed sessions
        self.faults: dict[str, bool] = {}  # the plan's injections: whether each is on
        self.examples: dict[str, str] = {}  # of each kind of ACS violation
        self.peak: tuple[float, int] = (0.0, 0)  # sessions done in a second, which
        self.exit: Exit | None = None
        self.capacity: Capacity | None = None  # of a search for it
        self.cut_off = ""  # why a stored run has no end
        self.scenario = ""  # as YAML, without a secret
        self.folder = ""
        self.files: list[str] = []
        self._new_events: deque[tuple[float, str]] = deque(maxlen=10_000)
        self._latency = self.whole.latency
        self._parent: Mapping[str, float] = {}
        self._began: dict[str, float] = {}  # recoveries and campaigns
        self._figures: dict[str, Figures] = {}
        self._gauges: dict[str, Mapping[str, float]] = {}
        self._heard: dict[str, float] = {}

    # What the conductor calls.

    def keep_detail(self, detail: Mapping[int, float]) -> None:
        """Keep rows of these spans so many seconds; called before the run begins."""
        self.history = History(spans(detail), self.history.asked)

    def feed(self, who: str, snapshot: Snapshot) -> None:
        """
        Add what a worker measured; *who* names it.

        Raises ValueError, and adds nothing, when a histogram is not whole.
        """
        intervals = {name: Interval(told) for name, told in snapshot.latency.items()}
        self.whole.feed(snapshot.counters, intervals)
        for series in intervals:
            self._figures.pop(series, None)
        self.phases.feed(snapshot.second, snapshot.counters, intervals)
        self.history.feed(who, snapshot, intervals)
        self.health.feed(who, snapshot)
        tally(self.errors, snapshot)
        self._gauges[who] = snapshot.gauges
        self._heard[who] = max(self._heard.get(who, 0.0), snapshot.at)
        self.now = max(self.now, snapshot.at)

    def feed_parent(self, snapshot: Snapshot) -> None:
        """Judge the parent's own health; it runs no CPEs and makes no row."""
        self.health.feed("parent", snapshot)
        self.history.feed_parent(snapshot)
        self._parent = snapshot.gauges

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

    def begin_phase(self, name: str, at: float) -> None:
        """Cut the statistics: what comes from now on is of the phase *name*."""
        self.phases.begin(name, at)

    def begin_recovery(self, name: str, at: float | None) -> None:
        """A set's recovery begins anew as power comes back; None: it has none."""
        series = of_set(name)
        for of_series in (self._began, self._latency, self._figures):
            of_series.pop(series, None)
        if at is not None:
            self._began[series] = at

    def begin_campaign(self, version: str, at: float) -> None:
        """A worker heard its first order of a version: the earliest one counts."""
        series = of_version(version)
        self._began[series] = min(at, self._began.get(series, at))

    def keep_by_phase(self, series: Iterable[str], *gauges: tuple[str, ...]) -> None:
        """Measure these in each phase; each sum of gauges in the whole run too."""
        self.phases.series.update(series)
        for names in gauges:
            if names and names not in self.phases.gauges:
                self.phases.gauges.append(names)

    def watch(self, watch: Watch, series: Iterable[str]) -> None:
        """Tell a watch of each row of its span, in which these series are measured."""
        self.watches.append(watch)
        self.history.ask(watch.span, series)

    def event(self, at: float, text: str) -> None:
        """Note what happened, for the dashboard and events.ndjson."""
        noted = (at, without_credentials(text))
        self.events.append(noted)
        self._new_events.append(noted)

    def example(self, kind: str, text: str) -> None:
        """Keep the first example of a kind of ACS violation."""
        self.examples.setdefault(kind, without_credentials(text))

    def close(self, now: float) -> list[Row]:
        """Close all rows and the last phase: nothing more will come."""
        self.now = max(self.now, now)
        self.phases.finish(now)
        return self._close(inf)

    def finish(self, now: float, outcome: Exit) -> list[Row]:
        """End the run: close all rows; what was still open comes back."""
        self.enter(State.ENDED, now)
        self.exit = Exit(outcome.code, without_credentials(outcome.reason))
        return self.close(now)

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
        names = [name for name in found if not hundredths(name)]
        return sorted(names, key=lambda name: (-found[name].total_count, name))

    def long_series(self) -> list[str]:
        """Those of recoveries and campaigns, whose values are hundredths."""
        return sorted(name for name in self._latency if hundredths(name))

    def part(self, phase: str = "") -> Part | None:
        """What was measured in a phase, or in all; None where it did not begin."""
        return self.phases.parts.get(phase) if phase else self.whole

    def recovery(self, name: str) -> Recovery:
        """How the CPEs of a set came back after their power did."""
        gauge = f"set.size{{set={name}}}"
        size = sum(gauges.get(gauge, 0) for gauges in self._gauges.values())
        return self._reached(of_set(name), int(size))

    def recovered(self) -> dict[str, Recovery]:
        """How each set came back: one whose power did, or of which a CPE is there."""
        return {name: self.recovery(name) for name in self._named("recovery{set=")}

    def campaign(self, version: str) -> Recovery:
        """How the CPEs came to a version."""
        return self._reached(of_version(version), self.facts.devices)

    def campaigns(self) -> dict[str, Recovery]:
        """How the CPEs came to each version."""
        return {v: self.campaign(v) for v in self._named("campaign{version=")}

    def _named(self, before: str) -> list[str]:
        """The tags of the series that are called so and began, or have a sample."""
        return named(before, {*self._began, *self._latency})

    def _reached(self, series: str, size: int) -> Recovery:
        times = self._latency.get(series)
        back = times.total_count if times else 0
        return Recovery(max(size, back), back, self._began.get(series), times)

    def total(self, series: str, phase: str = "") -> Figures:
        """A series' figures over the whole run, or over a phase that keeps it."""
        if phase:
            part = self.part(phase)
            histogram = part.histogram((series,)) if part else None
            return histogram.figures() if histogram else NOTHING
        known = self._figures.get(series)
        if known is None:
            histogram = self._latency.get(series)
            known = histogram.figures() if histogram else NOTHING
            self._figures[series] = known
        return known

    def histogram(self, series: str) -> Latency | None:
        """A series' counts over the whole run, to be read and not written."""
        return self._latency.get(series)

    def window(self, series: str) -> Figures:
        """A series' figures over the last ten closed seconds."""
        return self.history.window(series)

    def gauges(self) -> dict[str, float]:
        """The workers' latest gauges as one."""
        return merge_gauges(self._gauges.values())

    def fleet(self) -> dict[str, dict[str, float]]:
        """CPEs by group and state, with their total; the whole fleet is ``all``."""
        groups = {
            group.name: {"total": float(group.count)} for group in self.facts.groups
        }
        gauges = self.gauges()
        # CPEs come and go during a run.
        everything = {"total": gauges.get("fleet.total", float(self.facts.devices))}
        for name, value in gauges.items():
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
        new = self.history.new_rows
        return [new.popleft() for _ in range(len(new))]

    def take_stretches(self) -> list[Stretch]:
        """The five seconds' histograms closed since the last call, for the log."""
        new = self.history.new_stretches
        return [new.popleft() for _ in range(len(new))]

    def take_events(self) -> list[tuple[float, str]]:
        """The events noted since the last call, for events.ndjson."""
        new = self._new_events
        return [new.popleft() for _ in range(len(new))]

    def _close(self, until: float) -> list[Row]:
        closed = self.history.close(until, self.now, self._tell)
        for row in closed:
            reached = row.rate("sessions.done"), row.second
            self.peak = max(self.peak, reached, key=lambda peak: peak[0])
        return closed

    def _tell(self, row: Row, histograms: dict[str, Latency]) -> None:
        """A row was closed: gauges are looked at, and watches told."""
        watches = [watch for watch in self.watches if watch.span == row.span]
        if not watches and row.span > 1:
            return
        gauges = merge_gauges((row.gauges, self._parent))
        if row.span == 1:
            self.whole.seconds += 1
            self.whole.look(gauges, self.phases.gauges)
            self.phases.look(row, gauges)
        part = Part(row.span, row.counters, histograms)
        for watch in watches:
            watch.feed(row.second, part, gauges)
