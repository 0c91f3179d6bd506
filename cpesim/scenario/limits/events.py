"""
The events of an Inform, as a limit may write them: {event=1 BOOT}.

Rule: pure. A code is known by its number, its words or both, in any case; what begins
with X is a vendor's own and taken as it stands.
"""

from __future__ import annotations

from difflib import get_close_matches

# TR-069 Amendment 6, table 8; tests hold it against cwmp/names.py.
EVENTS = (
    "0 BOOTSTRAP",
    "1 BOOT",
    "2 PERIODIC",
    "3 SCHEDULED",
    "4 VALUE CHANGE",
    "5 KICKED",
    "6 CONNECTION REQUEST",
    "7 TRANSFER COMPLETE",
    "8 DIAGNOSTICS COMPLETE",
    "9 REQUEST DOWNLOAD",
    "10 AUTONOMOUS TRANSFER COMPLETE",
    "11 DU STATE CHANGE COMPLETE",
    "12 AUTONOMOUS DU STATE CHANGE COMPLETE",
    "13 WAKEUP",
    "14 HEARTBEAT",
    "M Reboot",
    "M ScheduleInform",
    "M Download",
    "M ScheduleDownload",
    "M Upload",
    "M ChangeDUState",
)


def _plain(written: str) -> str:
    return " ".join(written.strip("\"'").replace("_", " ").upper().split())


def _spellings() -> dict[str, str]:
    found = {}
    for code in EVENTS:
        number, _, words = code.partition(" ")
        found[_plain(code)] = found[_plain(words)] = code
        if number != "M":
            found[number] = code
    return found


_KNOWN = _spellings()


def event_of(written: str) -> str | None:
    """The code that is meant, as CPEs tell it; None where there is none such."""
    known = _KNOWN.get(_plain(written))
    if known is not None:
        return known
    return written if written[:2] in ("X ", "X_") else None


def nearest(written: str) -> str:
    """`` (did you mean 1 BOOT?)``, or nothing where nothing is alike."""
    if written.isdecimal():
        return ""
    close = get_close_matches(_plain(written), _KNOWN, n=1, cutoff=0.6)
    return f" (did you mean {_KNOWN[close[0]]}?)" if close else ""
