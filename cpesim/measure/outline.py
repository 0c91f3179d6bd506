"""
Which series a table of latencies shows, in which order, under which name.

Rule: console, dashboard and later reports take their rows from `outline`, so that the
same series stands at the same place everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Series that are no kind of exchange, as they stand above and below the exchanges.
HEAD = ("session", "session.service")
TAIL = ("connect", "tls", "ttfb", "knock", "download", "upload")
_FULL = {
    "session.service": "service (actual start)",
    "Inform": "Inform",
    "tls": "TLS handshake",
    "ttfb": "first byte of an answer",
    "knock": "connection request to Inform",
    "download": "file download",
    "upload": "file upload",
}
_SHORT = {
    "session.service": "service",
    "Inform": "inform",
    "empty POST": "empty post",
    "GetRPCMethods": "rpc methods",
    "GetParameterNames": "get names",
    "GetParameterValues": "get values",
    "SetParameterValues": "set values",
    "GetParameterAttributes": "get attribs",
    "SetParameterAttributes": "set attribs",
    "AddObject": "add object",
    "DeleteObject": "del object",
    "FactoryReset": "reset",
    "ScheduleInform": "schedule",
    "TransferComplete": "transfer end",
    "AutonomousTransferComplete": "auto end",
    "RequestDownload": "want file",
    "Download": "download rpc",
    "Upload": "upload rpc",
    "ScheduleDownload": "window rpc",
    "CancelTransfer": "cancel",
    "GetQueuedTransfers": "get queue",
    "GetAllQueuedTransfers": "all queue",
    "ChangeDUState": "modules rpc",
    "DUStateChangeComplete": "modules end",
    "ttfb": "first byte",
    "knock": "knock",
    "download": "file",
    "upload": "file up",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a latency table."""

    series: str
    branch: str
    full: str
    short: str


def outline(series: Sequence[str], most: int | None = None) -> list[Line]:
    """
    The rows for these *series* (the most used first), at most *most* of them.

    Where not all fit, the session and the most used exchanges stay.
    """
    # One with a tag is a part of another.
    exchanges = [n for n in series if n not in (*HEAD, *TAIL) and "{" not in n]
    # Inform opens each session and the empty POST hands over: the others follow.
    exchanges.sort(key=lambda name: ("Inform", "empty POST", name).index(name))
    ranked = ["session", *exchanges[:4], "connect", "session.service"]
    ranked += [name for name in (*exchanges, *TAIL) if name not in ranked]
    kept = [name for name in ranked if name in series][:most]
    head = [name for name in HEAD if name in kept]
    branches = [name for name in (*exchanges, *TAIL) if name in kept]
    lines = [Line(name, "", _name(_FULL, name), _name(_SHORT, name)) for name in head]
    for name in branches:
        branch = "└ " if name == branches[-1] else "├ "
        lines.append(Line(name, branch, _name(_FULL, name), _name(_SHORT, name)))
    return lines


def _name(names: Mapping[str, str], series: str) -> str:
    return names.get(series, series)
