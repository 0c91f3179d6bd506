"""
What a CPE says of transfers: text templates -> bytes.

Rule: as in write.py, everything that came from outside passes `escape` once, here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cpesim.cwmp import names
from cpesim.cwmp.fault import FAULTS
from cpesim.cwmp.write import escape


class Told(NamedTuple):
    """A transfer as GetAllQueuedTransfers and AutonomousTransferComplete tell it."""

    is_download: bool
    file_type: str
    size: int
    target: str

    def xml(self) -> str:
        """Its four elements, in the order of both."""
        return (
            f"<IsDownload>{int(self.is_download)}</IsDownload>"
            f"<FileType>{escape(self.file_type)}</FileType>"
            f"<FileSize>{self.size}</FileSize>"
            f"<TargetFileName>{escape(self.target)}</TargetFileName>"
        )


def ordered(method: str, started: str = "", completed: str = "") -> bytes:
    """The answer to a Download or Upload: done (0) with its times, or not yet (1)."""
    return (
        f"<cwmp:{method}Response><Status>{int(not completed)}</Status>"
        f"<StartTime>{started or names.UNKNOWN_TIME}</StartTime>"
        f"<CompleteTime>{completed or names.UNKNOWN_TIME}</CompleteTime>"
        f"</cwmp:{method}Response>"
    ).encode()


def queued(transfers: Sequence[tuple[str, int]]) -> bytes:
    """A GetQueuedTransfersResponse of (CommandKey, state)."""
    return _list("", [_state(key, state) for key, state in transfers])


def all_queued(transfers: Sequence[tuple[str, int, Told]]) -> bytes:
    """A GetAllQueuedTransfersResponse of (CommandKey, state, transfer)."""
    return _list("All", [_state(key, s) + told.xml() for key, s, told in transfers])


def _state(key: str, state: int) -> str:
    return f"<CommandKey>{escape(key)}</CommandKey><State>{state}</State>"


def _list(which: str, items: Sequence[str]) -> bytes:
    struct = f"{which}QueuedTransferStruct"
    return (
        f"<cwmp:Get{which}QueuedTransfersResponse>"
        f'<TransferList soap-enc:arrayType="cwmp:{struct}[{len(items)}]">'
        + "".join(f"<{struct}>{item}</{struct}>" for item in items)
        + f"</TransferList></cwmp:Get{which}QueuedTransfersResponse>"
    ).encode()


def autonomous_transfer_complete(
    announce: str, url: str, told: Told, code: int, started: str, completed: str
) -> bytes:
    """An AutonomousTransferComplete request; *code* 0 is success (T9)."""
    words = escape(FAULTS[code]) if code else ""
    return (
        "<cwmp:AutonomousTransferComplete>"
        f"<AnnounceURL>{escape(announce)}</AnnounceURL>"
        f"<TransferURL>{escape(url)}</TransferURL>{told.xml()}"
        f"<FaultStruct><FaultCode>{code}</FaultCode><FaultString>{words}</FaultString>"
        f"</FaultStruct><StartTime>{started}</StartTime>"
        f"<CompleteTime>{completed}</CompleteTime></cwmp:AutonomousTransferComplete>"
    ).encode()


def request_download(file_type: str, arguments: Sequence[tuple[str, str]]) -> bytes:
    """A RequestDownload request."""
    structs = "".join(
        f"<ArgStruct><Name>{escape(name)}</Name><Value>{escape(value)}</Value>"
        "</ArgStruct>"
        for name, value in arguments
    )
    return (
        f"<cwmp:RequestDownload><FileType>{escape(file_type)}</FileType>"
        f'<FileTypeArg soap-enc:arrayType="cwmp:ArgStruct[{len(arguments)}]">{structs}'
        "</FileTypeArg></cwmp:RequestDownload>"
    ).encode()
