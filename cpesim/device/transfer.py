"""
A file on its way to or from a device.

Rule: plain state; who moves the file is engine/transfer.py, what follows from it is
behaviour/transfer.py.
"""

from __future__ import annotations

from cpesim.cwmp.session import Request

FIRMWARE = "1 Firmware Upgrade Image"
WAITING, MOVING, DONE = 1, 2, 3  # the states of GetQueuedTransfers (T7)


class Transfer:
    """
    One Download under way: an Errand for the engine.

    *started* and *completed* are dateTimes in UTC, *code* the fault that its
    TransferComplete tells (0: success), *request* that TransferComplete.
    """

    done = "transferred"
    __slots__ = (
        "code",
        "completed",
        "file_type",
        "key",
        "password",
        "request",
        "size",
        "started",
        "state",
        "target",
        "url",
        "username",
    )

    def __init__(
        self,
        key: str,
        file_type: str,
        url: str,
        *,
        username: str = "",
        password: str = "",
        size: int = 0,
        target: str = "",
    ) -> None:
        self.key = key
        self.file_type = file_type
        self.url = url
        self.username = username
        self.password = password
        self.size = size
        self.target = target
        self.state = WAITING
        self.started = ""
        self.completed = ""
        self.code = 0
        self.request: Request | None = None

    def __repr__(self) -> str:
        return f"<Transfer {self.file_type} state={self.state}>"
