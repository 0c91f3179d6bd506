"""
What the workers of a run say, and which of them are still there.

Rule: each kind of message has its line in the table; what follows from it is the run's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cpesim.errors import ConfigError, MachineError
from cpesim.measure.health import own
from cpesim.measure.snapshot import Snapshot
from cpesim.scenario.limits.check import PARENT

if TYPE_CHECKING:
    from cpesim.conductor.conductor import Run


class Workers:
    """The workers of one run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.left = {f"worker-{order.shard.index}" for order in run.plan.orders}
        self.about: dict[str, object] = {}  # each that is ready
        self._own = run.plan.processes
        self.refused: ConfigError | MachineError | None = None
        self._hears: dict[str, Callable[[str, Any], None]] = {
            "ready": self._ready,
            "refused": self._refused,
            "snapshot": self._snapshot,
            "event": lambda _, text: run.event(text),
            "deed": run.steps.heard,
            "violation": lambda _, found: run.result.example(*found),
            "campaign": lambda _, begun: run.result.begin_campaign(*begun),
            "trace": lambda _, message: run.records.trace(*message),
            "failed": lambda _, one: run.records.failed(one),
            "said": lambda who, text: run.records.said(who, text),
            "bug": self._bug,
            "end": self._end,
            "lost": self.lost,
        }

    def hear(self, who: str, kind: str, content: Any) -> None:
        """Take one message."""
        self._hears[kind](who, content)

    def _snapshot(self, who: str, encoded: bytes) -> None:
        found = Snapshot.from_bytes(encoded)
        self._run.result.feed(who, own(who, found) if who in self._own else found)

    def feed_parent(self, found: Snapshot) -> None:
        """Take what the parent measured of itself."""
        named = PARENT in self._own
        self._run.result.feed_parent(own(PARENT, found) if named else found)

    def _ready(self, who: str, about: dict[str, Any]) -> None:
        run = self._run
        self.about[who] = about
        if len(self.about) == len(run.plan.orders):
            run.prepared.set()

    def _refused(self, who: str, content: tuple[str, str]) -> None:
        name, text = content
        kind = ConfigError if name == "ConfigError" else MachineError
        self.refused = kind(text)
        self.left.clear()

    def _bug(self, who: str, text: str) -> None:
        path = self._run.records.bug(text)
        self._run.course.bugs.append(path)
        self._run.event(f"a bug in cpesim: {path}")

    def _end(self, who: str, content: object) -> None:
        self.left.discard(who)
        self._run.result.left(who)

    def lost(self, who: str, why: str) -> None:
        """A worker is gone, or will not end by itself."""
        run = self._run
        self.left.discard(who)
        run.result.left(who)
        run.course.lost.append(f"{who} ({why})")
        run.event(f"lost {who}: {why}")
        if run.began and self.left:
            run.nursery.start_soon(run.stop)
