"""
Download and Upload diagnostics (TR-143): what to move, and what its times say.

Rule: the bytes are moved by engine/diagnose.py; here the parameters become a Test,
and the Flows that come back become results. Times are Unix times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import gmtime, strftime
from urllib.parse import urlsplit

from cpesim.device.diagnostics.ask import Ask
from cpesim.device.diagnostics.run import COMPLETE, UNRESOLVED, Outcome, Test

MOST_CONNECTIONS = 8
UNKNOWN = "0001-01-01T00:00:00Z"


@dataclass(slots=True)
class Flow:
    """One connection of a test: when what happened (0: never), and its bytes."""

    asked: float = 0.0  # the SYN
    opened: float = 0.0  # its ACK
    request: float = 0.0  # ROM: GET or PUT left
    begin: float = 0.0  # BOM: the first packet of the body
    end: float = 0.0  # EOM: the last of it, or the answer to an upload
    received: int = 0
    sent: int = 0


def download(ask: Ask) -> Test | Outcome:
    """The file of DownloadURL."""
    return _test(ask, "DownloadURL", upload=False)


def upload(ask: Ask) -> Test | Outcome:
    """A made file of TestFileLength bytes, to UploadURL."""
    return _test(ask, "UploadURL", upload=True)


def _test(ask: Ask, name: str, *, upload: bool) -> Test | Outcome:
    url = ask.text(name).strip()
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return Outcome("Error_InitConnectionFailed")
    # FTP is in the models, but only HTTP is what these devices list as transport.
    if parts.scheme.lower() not in ("http", "https") or not url.isprintable():
        return Outcome("Error_InitConnectionFailed")
    if not ask.resolves(host):
        return Outcome(UNRESOLVED, took=ask.habits.lookup)
    habits, firmware = ask.habits, ask.model.profile.firmware
    speed = habits.upload if upload else habits.download
    return Test(
        url,
        upload,
        length=ask.number("TestFileLength", 0),
        seconds=ask.number("TimeBasedTestDuration", 0),
        connections=min(max(ask.number("NumberOfConnections", 1), 1), MOST_CONNECTIONS),
        family=ask.text("ProtocolVersion", "Any"),
        bandwidth=firmware.bandwidth if speed is None else speed,
    )


def results(ask: Ask, state: str, flows: Sequence[Flow], *, upload: bool) -> Outcome:
    """What the connections of a test measured, as the models' parameters."""
    values = _values(flows, upload)
    # TR-181: of several connections the latest opening and the earliest request.
    values |= {
        "TCPOpenRequestTime": instant(max((f.asked for f in flows), default=0.0)),
        "TCPOpenResponseTime": instant(max((f.opened for f in flows), default=0.0)),
        "IPAddressUsed": ask.own_address(),
    }
    if state == COMPLETE and flows:
        full = min(f.end for f in flows) - max(f.begin for f in flows)
        values["PeriodOfFullLoading"] = str(max(round(full * 1e6), 0))
    rows: tuple[dict[str, str], ...] = ()
    if ask.text("EnablePerConnectionResults") in ("1", "true"):
        rows = tuple(
            _values([flow], upload)
            | {
                "TCPOpenRequestTime": instant(flow.asked),
                "TCPOpenResponseTime": instant(flow.opened),
            }
            for flow in flows
        )
    return Outcome(state, values, rows)


def _values(flows: Sequence[Flow], upload: bool) -> dict[str, str]:
    received, sent = sum(f.received for f in flows), sum(f.sent for f in flows)
    values = {
        "ROMTime": instant(_first(f.request for f in flows)),
        "BOMTime": instant(_first(f.begin for f in flows)),
        "EOMTime": instant(max((f.end for f in flows), default=0.0)),
        "TotalBytesReceived": str(_at_ip(received)),
        "TotalBytesSent": str(_at_ip(sent)),
    }
    if upload:
        values["TestBytesSent"] = str(sent)
    else:
        values["TestBytesReceived"] = str(received)
    return values


def _first(times: Iterable[float]) -> float:
    return min((time for time in times if time), default=0.0)


def _at_ip(count: int) -> int:
    """Bytes at the IP layer: each packet of 1,460 has 40 more of TCP and IP."""
    return count + 40 * -(-count // 1460)


def instant(time: float) -> str:
    """A Unix time in UTC to the microsecond (TR-143), or the unknown time."""
    if not time:
        return UNKNOWN
    whole, micro = divmod(round(time * 1_000_000), 1_000_000)
    return f"{strftime('%Y-%m-%dT%H:%M:%S', gmtime(whole))}.{micro:06d}Z"
