"""
One run of a diagnostic, and what comes of it.

Rule: plain state; who starts and stops it is behaviour/diagnostics.py, who moves
the bytes of a throughput test is engine/diagnose.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cpesim.device.transfer import WAITING

COMPLETE = "Complete"
# Words of the data models' DiagnosticsState.
NONE, REQUESTED, CANCELED = "None", "Requested", "Canceled"
UNRESOLVED = "Error_CannotResolveHostName"


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    How a run ended: COMPLETE or an error, its values, and the rows of its table.

    Names are relative; what the device's model lacks is left out. *took* is how long
    a run that touches no network lasts.
    """

    state: str = COMPLETE
    values: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[Mapping[str, str], ...] = ()
    took: float = 0.0


@dataclass(frozen=True, slots=True)
class Test:
    """What a throughput test has to do (TR-143); an upload has a *length*."""

    url: str
    upload: bool = False
    length: int = 0
    seconds: int = 0  # a time-based test, 0: by the size of the file
    connections: int = 1
    family: str = "Any"  # or IPv4, IPv6
    bandwidth: float = 2_500_000.0  # bytes a second, all connections together


class Run:
    """
    One run: an Errand for the engine where it is a throughput test.

    *number* counts the runs of the object, so that each draws its own luck; the
    engine sets *halt*, which ends a transfer at once.
    """

    done = "diagnosed"
    __slots__ = ("halt", "number", "path", "state", "test")

    def __init__(self, path: str, number: int) -> None:
        self.path = path
        self.number = number
        self.state = WAITING
        self.test: Test | None = None
        self.halt: Callable[[], None] | None = None

    def __repr__(self) -> str:
        return f"<Run {self.path} state={self.state}>"
