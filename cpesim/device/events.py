"""
Why a device informs: what delivers an event, and what outlives what.

Rule: the fate of every event code is in DELIVERED_BY and KEPT (CHECKLIST E5, E7).
An event is (code, CommandKey).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cpesim.cwmp import names
from cpesim.cwmp.session import Request

Event = tuple[str, str]

# Events that go when another response than the InformResponse comes.
DELIVERED_BY: Mapping[str, str] = {
    names.TRANSFER_COMPLETE: "TransferComplete",
    names.M_DOWNLOAD: "TransferComplete",
    names.M_SCHEDULE_DOWNLOAD: "TransferComplete",
    names.M_UPLOAD: "TransferComplete",
    names.AUTONOMOUS_TRANSFER_COMPLETE: "AutonomousTransferComplete",
    names.REQUEST_DOWNLOAD: "RequestDownload",
    names.DU_STATE_CHANGE_COMPLETE: "DUStateChangeComplete",
    names.M_CHANGE_DU_STATE: "DUStateChangeComplete",
    names.AUTONOMOUS_DU_STATE_CHANGE_COMPLETE: "AutonomousDUStateChangeComplete",
    names.KICKED: "Kicked",
}
ALWAYS, UNTIL_REBOOT, NEVER = "always", "until reboot", "never"
# How long an undelivered event is kept; M events always.
KEPT: Mapping[str, str] = {
    names.BOOTSTRAP: ALWAYS,
    names.BOOT: UNTIL_REBOOT,
    names.PERIODIC: ALWAYS,
    names.SCHEDULED: ALWAYS,
    names.VALUE_CHANGE: UNTIL_REBOOT,
    names.KICKED: NEVER,
    names.CONNECTION_REQUEST: NEVER,
    names.TRANSFER_COMPLETE: ALWAYS,
    names.DIAGNOSTICS_COMPLETE: UNTIL_REBOOT,
    names.REQUEST_DOWNLOAD: NEVER,
    names.AUTONOMOUS_TRANSFER_COMPLETE: ALWAYS,
    names.DU_STATE_CHANGE_COMPLETE: ALWAYS,
    names.AUTONOMOUS_DU_STATE_CHANGE_COMPLETE: ALWAYS,
    names.WAKEUP: ALWAYS,
    names.HEARTBEAT: ALWAYS,
}
# E2: the order in which events stand in an Inform.
_ORDER = {code: place for place, code in enumerate(names.EVENTS)}
MOST = 64  # EventStruct[1..64] (I1)


def add(queue: tuple[Event, ...], code: str, key: str = "") -> tuple[Event, ...]:
    """
    The queue with one event more (E2).

    A single event stands in it once, an M event once with each CommandKey, while
    there is room for it.
    """
    if (code, key) in queue or (code[0] == "M" and len(queue) >= MOST):
        return queue
    return (*queue, (code, key))


def after_reboot(queue: Iterable[Event]) -> tuple[Event, ...]:
    """What of the queue outlives a reboot (E7)."""
    return tuple(e for e in queue if KEPT.get(e[0], ALWAYS) == ALWAYS)


def outlives(request: Request) -> bool:
    """Whether a request of ours is still asked after a reboot (E7, T8)."""
    return request.kept and all(
        KEPT.get(code, ALWAYS) != UNTIL_REBOOT for code, _ in request.events
    )


def undelivered(told: Iterable[Event], informed: bool) -> tuple[Event, ...]:
    """What of an Inform's own events stays: nothing once it was answered (E5)."""
    if informed:
        return ()
    return tuple(e for e in told if KEPT.get(e[0], ALWAYS) != NEVER)


def ordered(events: Iterable[Event]) -> list[Event]:
    """Events as an Inform lists them: by code, the M events behind, 64 at most."""
    return sorted(events, key=lambda e: _ORDER.get(e[0], len(_ORDER)))[:MOST]
