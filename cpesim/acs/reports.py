"""
What a CPE reports by requests of its own, and what is wrong with it.

Rule: one function a request; each looks at what the CPE was asked and at the events of
the session's Inform, and finds something to count. The answer is the session's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from cpesim.acs.answers import Element, code_of, texts
from cpesim.acs.judge import ZONED
from cpesim.cwmp import names

if TYPE_CHECKING:
    from cpesim.acs.session import Session

_NEWEST = names.NAMESPACES["1.2"]
# What a CPE may call, and what it gets; by the namespace that has it (V1).
_RESPONSES_1_0 = {
    "TransferComplete": "<cwmp:TransferCompleteResponse/>",
    "RequestDownload": "<cwmp:RequestDownloadResponse/>",
    "Kicked": "<cwmp:KickedResponse><NextURL></NextURL></cwmp:KickedResponse>",
}
_RESPONSES_1_1 = {
    **_RESPONSES_1_0,
    "AutonomousTransferComplete": "<cwmp:AutonomousTransferCompleteResponse/>",
}
RESPONSES: Mapping[str, Mapping[str, str]] = {
    names.NAMESPACES["1.0"]: _RESPONSES_1_0,
    names.NAMESPACES["1.1"]: _RESPONSES_1_1,
    _NEWEST: {
        **_RESPONSES_1_1,
        "DUStateChangeComplete": "<cwmp:DUStateChangeCompleteResponse/>",
        "AutonomousDUStateChangeComplete": (
            "<cwmp:AutonomousDUStateChangeCompleteResponse/>"
        ),
    },
}
# T5; 0 is success.
_TRANSFER_FAULTS = {
    names.NAMESPACES["1.0"]: frozenset({0, 9001, 9002, 9010, 9011, 9012}),
    names.NAMESPACES["1.1"]: frozenset({0, 9001, 9002, *range(9010, 9020)} - {9013}),
    _NEWEST: frozenset({0, 9001, 9002, *range(9010, 9021)} - {9013}),
}
# B4, and the schema's DeploymentUnitCPEFaultCodeType.
_UNIT_FAULTS = frozenset({0, 9001, 9003, 9012, 9013, *range(9015, 9019)}).union(
    range(9022, 9033)
)
# Which request must follow when an event is told (E5), for TransferComplete.
TRANSFER_EVENTS = {names.M_DOWNLOAD, names.M_SCHEDULE_DOWNLOAD, names.M_UPLOAD}
# The same for the others.
REPORTED_BY = {
    names.REQUEST_DOWNLOAD: "RequestDownload",
    names.AUTONOMOUS_TRANSFER_COMPLETE: "AutonomousTransferComplete",
    names.DU_STATE_CHANGE_COMPLETE: "DUStateChangeComplete",
    names.AUTONOMOUS_DU_STATE_CHANGE_COMPLETE: "AutonomousDUStateChangeComplete",
}
# E7: a RequestDownload's event is kept or not, as the CPE's maker likes.
_KEPT = {e: method for e, method in REPORTED_BY.items() if e != names.REQUEST_DOWNLOAD}
# All events that want a request of the CPE's.
WANTING = frozenset({*TRANSFER_EVENTS, *REPORTED_BY, names.M_CHANGE_DU_STATE})
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_STATES = {"Install": "Installed", "Update": "Installed", "Uninstall": "Uninstalled"}
_BOOLEAN = ("0", "1", "true", "false")


def _transferred(session: Session, element: Element) -> None:
    """TransferComplete."""
    cpe, found = session.cpe, session.found
    key = element.findtext("CommandKey") or ""
    code = _judge_end(session, element, key)
    events = session.inform.events
    if (names.TRANSFER_COMPLETE, "") not in events:
        found.append(("T4 TransferComplete without 7 TRANSFER COMPLETE", key))
    if not any((event, key) in events for event in TRANSFER_EVENTS):
        found.append(("T4 TransferComplete without its M event", key))
    told = [(event, key) for event in TRANSFER_EVENTS if (event, key) in cpe.commands]
    if not told:
        if cpe.informs > 1 and key not in cpe.doubts:
            found.append(("T4 TransferComplete of an unknown transfer", repr(key)))
        return
    due = cpe.commands[told[0]]
    if code:
        return
    fixed = session.settings.firmware_version
    if due.away and due.software == cpe.software != fixed:
        found.append(("T4 SoftwareVersion as before the upgrade", cpe.software))
    if told[0][0] == names.M_UPLOAD and not session.tally.arrived(key):
        found.append(("T4 an upload that never arrived", key))


def _judge_end(session: Session, element: Element, key: str) -> int:
    """FaultStruct and times of what ends a transfer (T4, T5); the fault's code."""
    found = session.found
    code = code_of(element.findtext("FaultStruct/FaultCode") or "-")
    text = element.findtext("FaultStruct/FaultString") or ""
    known = code == 0 or 9000 <= code < 10000
    session.tally.transfers[str(code) if known else "other"] += 1
    if code not in _TRANSFER_FAULTS[session.namespace]:
        found.append(("T5 fault code", f"{code} in {session.namespace}"))
    if not code and text:
        found.append(("T4 FaultString of a success", text))
    _judge_times(session, element, "T4", real=not code, key=key)
    return code


def _judge_times(
    session: Session, element: Element, rule: str, *, real: bool, key: str
) -> None:
    start, end = element.findtext("StartTime") or "", element.findtext("CompleteTime")
    found, end = session.found, end or ""
    if real and names.UNKNOWN_TIME in (start, end):
        found.append((f"{rule} a success without times", key))
    if not (ZONED.fullmatch(start) and ZONED.fullmatch(end)):
        found.append((f"{rule} times that are none", f"{key}: {start} {end}"))
    elif not (_utc(start) and _utc(end)):
        found.append((f"{rule} times not in UTC", f"{key}: {start} {end}"))
    elif start[:19] > end[:19] and end != names.UNKNOWN_TIME:
        found.append((f"{rule} an end before the start", f"{key}: {start} {end}"))


def _utc(time: str) -> bool:
    return time.endswith(("Z", "+00:00", "-00:00"))


def _autonomous(session: Session, element: Element) -> None:
    """AutonomousTransferComplete."""
    _judge_end(session, element, element.findtext("TransferURL") or "")
    _beside(session, names.AUTONOMOUS_TRANSFER_COMPLETE)
    if (element.findtext("IsDownload") or "") not in _BOOLEAN:
        session.found.append(("T9 IsDownload", str(element.findtext("IsDownload"))))


def _beside(session: Session, event: str) -> None:
    if (event, "") not in session.inform.events:
        session.found.append((f"E5 {REPORTED_BY[event]} without its event", event))


def _wants_download(session: Session, element: Element) -> None:
    """RequestDownload."""
    _beside(session, names.REQUEST_DOWNLOAD)
    if not (element.findtext("FileType") or ""):
        session.found.append(("T9 RequestDownload without FileType", ""))


def _changed(session: Session, element: Element) -> None:
    """DUStateChangeComplete."""
    cpe, found = session.cpe, session.found
    _beside(session, names.DU_STATE_CHANGE_COMPLETE)
    key = element.findtext("CommandKey") or ""
    told = (names.M_CHANGE_DU_STATE, key)
    if told not in session.inform.events:
        found.append(("B4 DUStateChangeComplete without its M event", key))
    results = element.findall("Results")
    due = cpe.commands.get(told)
    if due is None:
        if cpe.informs > 1 and key not in cpe.doubts:
            found.append(("B4 DUStateChangeComplete of an unknown change", repr(key)))
        due_states: Collection[str] = _STATES.values()
    else:
        if len(results) < len(due.operations):
            found.append(("B7 fewer Results than operations", f"{key}: {len(results)}"))
        due_states = {_STATES[kind] for kind in due.operations}
    for result in results:
        _judge_unit(session, result, due_states)


def _changed_by_itself(session: Session, element: Element) -> None:
    """AutonomousDUStateChangeComplete."""
    _beside(session, names.AUTONOMOUS_DU_STATE_CHANGE_COMPLETE)
    results = element.findall("Results")
    if not results:
        session.found.append(("B7 no Results", "AutonomousDUStateChangeComplete"))
    for result in results:
        _judge_unit(session, result, _STATES.values())
        if not result.findtext("OperationPerformed"):
            session.found.append(("B7 no OperationPerformed", ""))


def _judge_unit(session: Session, result: Element, states: Collection[str]) -> None:
    """One Results of a change: who, what became of it, when."""
    found, told = session.found, texts(result)
    unit, state = told.get("UUID", ""), told.get("CurrentState", "")
    code = code_of(result.findtext("Fault/FaultCode") or "-")
    if code not in _UNIT_FAULTS:
        found.append(("B4 fault code", str(code)))
    if not _UUID.fullmatch(unit):
        found.append(("B7 UUID", unit))
    if not code and state not in states:
        found.append(("B7 CurrentState", f"{unit}: {state!r}, not {sorted(states)}"))
    if code and state not in (*_STATES.values(), "Failed"):
        found.append(("B7 CurrentState", f"{unit}: {state!r}"))
    if told.get("Resolved") not in _BOOLEAN:
        found.append(("B7 Resolved", str(told.get("Resolved"))))
    _judge_times(session, result, "B7", real=not code, key=unit)


REPORTS: Mapping[str, Callable[[Session, Element], None]] = {
    "TransferComplete": _transferred,
    "AutonomousTransferComplete": _autonomous,
    "RequestDownload": _wants_download,
    "DUStateChangeComplete": _changed,
    "AutonomousDUStateChangeComplete": _changed_by_itself,
}


def judge_ended(session: Session) -> None:
    """What an Inform told and no request of the session reported (S4, T4)."""
    found, reported = session.found, session.reported
    for event, key in session.inform.events:
        if event in TRANSFER_EVENTS:
            if ("TransferComplete", key) not in reported:
                found.append(
                    ("T4 an M event without TransferComplete", f"{event} {key}")
                )
        elif event == names.M_CHANGE_DU_STATE:
            if ("DUStateChangeComplete", key) not in reported:
                found.append(("B4 M ChangeDUState without its report", key))
        elif event in REPORTED_BY:
            method = REPORTED_BY[event]
            if not any(method == told for told, _ in reported):
                found.append((f"E5 an event without {method}", event))


def undelivered(session: Session) -> tuple[tuple[str, str], ...]:
    """Events of the Inform whose own response never left us: they come again."""
    reported = session.reported
    methods = {"", *(method for method, _ in reported)}
    left = []
    for event, key in session.inform.events:
        if event in TRANSFER_EVENTS:
            if ("TransferComplete", key) not in reported:
                left += [(event, key), (names.TRANSFER_COMPLETE, "")]
        elif event == names.M_CHANGE_DU_STATE:
            if ("DUStateChangeComplete", key) not in reported:
                left.append((event, key))
        elif _KEPT.get(event, "") not in methods:
            left.append((event, key))
    return tuple(left)
