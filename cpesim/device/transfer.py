"""
A file on its way to or from a device, and what a kind of device does with files.

Rule: plain state; who moves the file is engine/transfer.py, what follows from it is
behaviour/files/.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from cpesim.cwmp.names import M_DOWNLOAD
from cpesim.cwmp.session import Request

FIRMWARE = "1 Firmware Upgrade Image"
CONFIGURATION = "3 Vendor Configuration File"
LOG = "4 Vendor Log File"  # in the words of GetAllQueuedTransfers
# What a TransferComplete may tell of a file that did not come (T5).
FAULTS = (9001, 9002, *range(9010, 9021))
WAITING, MOVING, DONE = 1, 2, 3  # the states of GetQueuedTransfers (T7)


class Window(NamedTuple):
    """A time window of ScheduleDownload, in the seconds of the run (T6)."""

    start: float
    end: float
    mode: str
    retries: int  # after the first try; negative: as many as there is time for


@dataclass(frozen=True, slots=True)
class Autonomous:
    """Transfers that a device makes by itself (T9)."""

    every: float = 86_400.0  # seconds
    share: float = 1.0  # of the devices
    download: bool = False
    type: str = LOG  # in the words of AutonomousTransferComplete
    url: str = ""
    announce: str = ""  # AnnounceURL
    target: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """Downloads that a device asks its ACS for (T9)."""

    every: float = 86_400.0  # seconds
    share: float = 1.0  # of the devices
    type: str = FIRMWARE
    arguments: tuple[tuple[str, str], ...] = ()
    keep: bool = False  # until it is answered, though a session failed (E7)


@dataclass(frozen=True, slots=True)
class Transfers:
    """How a kind of device moves files."""

    queue: int = 16  # transfers at once (T10)
    upload: str = "PUT"  # or "POST"
    in_session: bool = False  # a Download without delay ends before its answer (T1)
    cancel: bool = False  # one that is under way may be canceled (T7)
    retry: float = 60.0  # seconds to the next try in a time window
    idle: float = 600.0  # seconds that a device is in use, at the most (mode 3)
    confirm: float = 1.0  # share of users who agree (mode 4)
    answer: float = 120.0  # seconds until a user has said yes or no
    unsigned: float = 0.0  # share of images whose signature is wrong (9019)
    own_format: bool = False  # configuration files other than its own are unusable
    log: int = 32_768  # bytes of a log file, at the most
    autonomous: Autonomous | None = None
    request: Wish | None = None


class Transfer:
    """
    One file under way: an Errand for the engine.

    *event* is the M event that tells its end ("" for one that no ACS asked for),
    *began* when it started to move, *started* and *completed* dateTimes in UTC,
    *code* the fault that its end tells (0: success), *request* what tells it. The
    engine leaves the bytes that it moved in *moved*, and of a configuration file
    the start of it in *content*.
    """

    done = "transferred"
    __slots__ = (
        "announce",
        "began",
        "code",
        "completed",
        "content",
        "event",
        "file_type",
        "key",
        "moved",
        "password",
        "request",
        "size",
        "started",
        "state",
        "target",
        "tries",
        "upload",
        "url",
        "username",
        "windows",
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
        upload: bool = False,
        event: str = M_DOWNLOAD,
        announce: str = "",
        windows: tuple[Window, ...] = (),
    ) -> None:
        self.key = key
        self.file_type = file_type
        self.url = url
        self.username = username
        self.password = password
        self.size = size
        self.target = target
        self.upload = upload
        self.event = event
        self.announce = announce
        self.windows = windows  # those that are not over; () for any time
        self.tries = 0  # in the first of the windows
        self.state = WAITING
        self.began = 0.0
        self.started = ""
        self.completed = ""
        self.code = 0
        self.moved = 0
        self.content = b""
        self.request: Request | None = None

    def again(self) -> Transfer:
        """
        The same order, not yet begun.

        What the engine still brings of an earlier try is not mistaken for its end.
        """
        new = Transfer(
            self.key,
            self.file_type,
            self.url,
            username=self.username,
            password=self.password,
            size=self.size,
            target=self.target,
            upload=self.upload,
            event=self.event,
            announce=self.announce,
            windows=self.windows,
        )
        new.tries, new.code = self.tries, self.code
        return new

    def __repr__(self) -> str:
        return f"<Transfer {self.file_type} state={self.state}>"
