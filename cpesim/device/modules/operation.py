"""
What a ChangeDUState asks for, and how far it has come.

Rule: plain state; credentials stand in no repr.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cpesim.device.transfer import FIRMWARE, Transfer

INSTALL, UPDATE, UNINSTALL = "Install", "Update", "Uninstall"
# What a result tells of a unit whose UUID is not known, or is none (9022).
NIL_UUID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True, repr=False)
class Operation:
    """One Operations entry (TR-069 A6 A.4.1.10); what it does not say is empty."""

    kind: str
    url: str = ""
    uuid: str = ""
    username: str = ""
    password: str = ""
    version: str = ""
    environment: str = ""  # the ExecutionEnvRef

    def __repr__(self) -> str:
        return f"<{self.kind} {self.uuid or NIL_UUID}>"


@dataclass(slots=True, repr=False)
class Job:
    """
    What an operation does to one unit: each has a result of its own (B7).

    *unit* and *environment* are object paths ("…DeploymentUnit.2."), *version* is the
    one that the unit has afterwards, *code* the fault that is certain already.
    """

    operation: Operation
    unit: str = ""
    uuid: str = ""
    version: str = ""
    environment: str = ""
    code: int = 0
    started: str = ""
    parts: tuple[str, ...] = ()  # the execution units that the result names

    def __repr__(self) -> str:
        return f"<Job {self.operation!r} {self.unit}>"


class UnitFile:
    """The file of a unit on its way: an Errand for the engine."""

    done = "module fetched"
    __slots__ = ("change", "file")

    def __init__(self, change: Change, operation: Operation, url: str) -> None:
        self.change = change
        # As an image: one that is too small is corrupt (9018).
        self.file = Transfer(
            "",
            FIRMWARE,
            url,
            username=operation.username,
            password=operation.password,
        )

    @property
    def state(self) -> int:
        """MOVING while it is wanted."""
        return self.file.state

    @state.setter
    def state(self, state: int) -> None:
        self.file.state = state


@dataclass(slots=True, eq=False, repr=False)
class Change:
    """
    One ChangeDUState under way, or what a device does by itself (*key* is None).

    *left* are the operations not begun, *jobs* what is left of the one that is,
    the job in hand first.
    """

    key: str | None
    left: tuple[Operation, ...]
    jobs: list[Job] = field(default_factory=list)
    # (kind, fault code, the rendered result) of each unit that is done with
    outcomes: list[tuple[str, int, bytes]] = field(default_factory=list)
    file: UnitFile | None = None
    busy: bool = False  # the first job is under way

    def __repr__(self) -> str:
        return f"<Change of {len(self.left) + len(self.jobs)} more>"
