"""
The figures of sessions that have a fault, kept apart from the healthy ones.

Rule: the base figures hold healthy sessions alone. What a session with a fault would
add to them goes to `injected.…` and to the names of its faults; its exchanges are in
no latency. What is a plain sum of the run (bytes, transfers) stays that.
"""

from __future__ import annotations

from cpesim.measure.meter import Meter

# Counters that a faulty session has under "injected." in place of its own.
_OWN = ("fault.", "mended.", "acs.", "auth.", "redirects", "reconnects")


class Apart(Meter):
    """What the Meter *whole* is to healthy sessions, for those with these faults."""

    __slots__ = ("_tags", "_whole")

    def __init__(self, whole: Meter, names: tuple[str, ...]) -> None:
        super().__init__()
        self._whole = whole
        self._tags = [f"{{fault={name}}}" for name in names]

    def exchange(
        self, kind: str, took: float, status: int, sent: int, received: int
    ) -> None:
        """Count its status and its bytes."""
        count = self._whole.count
        for tag in self._tags:
            count(f"injected.status.{status}{tag}")
        count("bytes.sent", sent)
        count("bytes.received", received)

    def connect(self, took: float) -> None:
        """Nothing: its connections are no measure of the ACS."""

    def tls(self, took: float) -> None:
        """Nothing either."""

    def record(self, series: str, seconds: float) -> None:
        """Count a latency under its faults."""
        for tag in self._tags:
            self._whole.record(series + tag, seconds)

    def count(self, name: str, by: int = 1) -> None:
        """Raise a counter: a session's own among the injected ones."""
        if name.startswith("sessions."):
            self._injected(name.removeprefix("sessions."), by)
        elif name.startswith(_OWN):
            self._whole.count(f"injected.{name}", by)
        else:
            self._whole.count(name, by)

    def start(self, cause: str, late: float, why: str = "") -> None:
        """Count a session that starts."""
        self._injected("started")

    def session(
        self, cause: str, late: float, took: float, *, intended: bool = True
    ) -> None:
        """Count a session that went well in spite of its faults."""
        self._injected("done")
        if intended:
            self.record("session", late + took)

    def failure(self, label: str, kind: str = "") -> None:
        """Count a session that failed, by what the ACS or its fault made of it."""
        self._injected("failed")
        for tag in self._tags:
            self._whole.count(f"injected.failed.{label}{tag}")

    def shown(self, name: str) -> None:
        """Count a session in which a fault of that name really showed."""
        self._whole.count(f"injected.shown{{fault={name}}}")

    def _injected(self, what: str, by: int = 1) -> None:
        self._whole.count(f"injected.{what}", by)
        for tag in self._tags:
            self._whole.count(f"injected.{what}{tag}", by)
