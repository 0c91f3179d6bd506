"""
Which diagnostics there are: their objects in both data models, and who does them.

Rule: one line in KINDS for each object of each family. What a model lists of
DiagnosticsState decides the words (CHECKLIST B5).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cpesim.device.diagnostics import neighbours, packets, throughput
from cpesim.device.diagnostics.ask import Ask
from cpesim.device.diagnostics.run import CANCELED, COMPLETE, Outcome, Test
from cpesim.device.profile import Parameter

# How long a diagnostic that is not in the table takes: a self test, a line test.
OTHER_TAKES = 5.0


@dataclass(frozen=True, slots=True)
class Kind:
    """
    A diagnostic: *measure* tells its outcome at once, or *test* what the engine does.

    *table* holds its results, below its object; *success* is the word of its model.
    """

    name: str
    measure: Callable[[Ask], Outcome] | None = None
    test: Callable[[Ask], Test | Outcome] | None = None
    table: str = ""
    success: str = COMPLETE


def other(ask: Ask) -> Outcome:
    """A diagnostic whose results stand in the profile: done after a while."""
    return Outcome(took=OTHER_TAKES)


PING = Kind("IPPing", packets.ping)
TRACE = Kind("TraceRoute", packets.trace_route, table="RouteHops.")
LOOKUP = Kind("NSLookup", packets.look_up, table="Result.")
NEIGHBOURS = Kind("NeighboringWiFi", neighbours.scan, table="Result.")
DOWNLOAD = Kind("Download", test=throughput.download, table="PerConnectionResult.")
UPLOAD = Kind("Upload", test=throughput.upload, table="PerConnectionResult.")
OTHER = Kind("Other", other)

KINDS: Mapping[str, Mapping[str, Kind]] = {
    "Device.": {
        "IP.Diagnostics.IPPing.": PING,
        "IP.Diagnostics.TraceRoute.": TRACE,
        "IP.Diagnostics.DownloadDiagnostics.": DOWNLOAD,
        "IP.Diagnostics.UploadDiagnostics.": UPLOAD,
        "DNS.Diagnostics.NSLookupDiagnostics.": LOOKUP,
        "WiFi.NeighboringWiFiDiagnostic.": NEIGHBOURS,
    },
    # TR-098 1.8 knows no diagnostic of the neighbours' Wi-Fi.
    "InternetGatewayDevice.": {
        "IPPingDiagnostics.": PING,
        "TraceRouteDiagnostics.": TRACE,
        "NSLookupDiagnostics.": LOOKUP,
        # Its throughput tests alone say Completed.
        "DownloadDiagnostics.": Kind(
            "Download", test=throughput.download, success="Completed"
        ),
        "UploadDiagnostics.": Kind(
            "Upload", test=throughput.upload, success="Completed"
        ),
    },
}

# What stands for an error that a model lacks; any model has one of the last.
INSTEAD: Mapping[str, tuple[str, ...]] = {
    "Error_CannotResolveHostName": ("Error_InitConnectionFailed",),
    "Error_NoRouteToHost": ("Error_InitConnectionFailed",),
    "Error_Timeout": ("Error_TransferFailed", "Error_NoTransferComplete"),
    "Error_TransferFailed": ("Error_NoTransferComplete",),
}
ANY_ERROR = ("Error_Other", "Error_Internal", "Error")


def kind_of(root: str, path: str) -> Kind:
    """The diagnostic of that object; OTHER for one that is not in the table."""
    return KINDS.get(root, {}).get(path[len(root) :], OTHER)


def word(kind: Kind, state: str, listed: tuple[str, ...]) -> str:
    """What a model that lists those words calls the end of a run."""
    if state == COMPLETE:
        words: tuple[str, ...] = (kind.success, COMPLETE, "Completed")
    else:
        words = (state, *INSTEAD.get(state, ()), *ANY_ERROR)
        words += tuple(error for error in listed if error.startswith("Error"))
    return next((w for w in words if not listed or w in listed), words[0])


def may_write(parameter: Parameter, text: str) -> bool:
    """Whether an ACS may write that into DiagnosticsState."""
    return text == "Requested" or (text == CANCELED and CANCELED in parameter.choices)
