"""
What every word works with: answers, the scene, and what a kind of CPE has.

Rule: a word is a generator that yields requests and gets answers; it opens nothing
and waits for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Generator, Mapping
from typing import NamedTuple, Protocol

from cpesim.acs import calls
from cpesim.acs.answers import Element, Inform, Message, read_names, read_values
from cpesim.acs.calls import File, Request
from cpesim.acs.cpe import Cpe, Due, Kind, Register
from cpesim.acs.findings import Found
from cpesim.acs.settings import AcsSettings
from cpesim.acs.tally import Tally
from cpesim.cwmp import names

MOST_TABLES = 10


class Answer(NamedTuple):
    """What came back: a response, or a fault's code (-1: nothing at all)."""

    message: Message
    fault: int = 0
    entries: tuple[tuple[str, str], ...] = ()  # of single parameters

    @property
    def element(self) -> Element:
        """The response's element."""
        return self.message.element

    def text(self, name: str) -> str:
        """Text of a child of the response."""
        return self.element.findtext(name) or ""

    def values(self) -> dict[str, str]:
        """The values of a GetParameterValuesResponse; none of a fault."""
        listed = read_values(self.element.find("ParameterList"))
        return {name: text for name, text, _ in listed}


Script = Generator[Request, Answer, None]


class Scene(Protocol):
    """Whom a script talks to, and with what."""

    cpe: Cpe
    inform: Inform
    settings: AcsSettings
    register: Register
    tally: Tally
    found: Found  # what is wrong with the answers goes here
    files: str  # URL of our files, as this CPE reaches them
    namespace: str
    version: str  # the newest CWMP version that the CPE is known to speak
    versions: str  # SupportedCWMPVersions, if it told them
    touched: float  # now
    hold: bool  # HoldRequests stands in what we send

    def key(self) -> str:
        """A CommandKey or ParameterKey that was never used before."""


def due(scene: Scene, delay: float = 0.0, *, then: str = "", away: bool = False) -> Due:
    """What to know of an event that is to come after *delay* seconds."""
    until = scene.touched + delay + scene.settings.patience
    return Due(until, scene.cpe.software, then, away)


def file(scene: Scene, type: str, name: str, size: int | None = None) -> File:
    """A file of ours, with the credentials for it."""
    settings = scene.settings
    guarded = settings.files_auth != "none"
    return File(
        type,
        f"{scene.files}/files/{name}",
        settings.files_username if guarded else "",
        settings.files_password if guarded else "",
        settings.firmware_size if size is None else size,
        name,
    )


def wanted(
    scene: Scene, answer: Answer, codes: Collection[int], what: str, detail: str = ""
) -> bool:
    """Judge that the fault is one of *codes* (0: a response); whether it was."""
    right = answer.fault in codes
    if not right:
        expected = " or ".join(str(code) for code in sorted(codes))
        text = f"{detail + ': ' if detail else ''}{answer.fault}, not {expected}"
        scene.found.append((what, text))
    return right


# The names and objects of a model that decide which words have something to do;
# after the root object.
Paths = Mapping[str, str]
PING: Paths = {
    "Device.": "IP.Diagnostics.IPPing.",
    "InternetGatewayDevice.": "IPPingDiagnostics.",
}
TRACE: Paths = {
    "Device.": "IP.Diagnostics.TraceRoute.",
    "InternetGatewayDevice.": "TraceRouteDiagnostics.",
}
LOOKUP: Paths = {
    "Device.": "DNS.Diagnostics.NSLookupDiagnostics.",
    "InternetGatewayDevice.": "NSLookupDiagnostics.",
}
FETCH: Paths = {
    "Device.": "IP.Diagnostics.DownloadDiagnostics.",
    "InternetGatewayDevice.": "DownloadDiagnostics.",
}
PUT: Paths = {
    "Device.": "IP.Diagnostics.UploadDiagnostics.",
    "InternetGatewayDevice.": "UploadDiagnostics.",
}
# TR-098 has none of its own; what vendors made of TR-181's stands there too.
NEIGHBOURS: Paths = dict.fromkeys(
    ("Device.", "InternetGatewayDevice."), "WiFi.NeighboringWiFiDiagnostic."
)
ALIASES = "ManagementServer.AliasBasedAddressing"
WILDCARDS = "ManagementServer.InstanceWildcardsSupported"
DELAY_REBOOT = "ManagementServer.DelayReboot"
SCHEDULE_REBOOT = "ManagementServer.ScheduleReboot"
MODULES = "SoftwareModules."
INTERESTING = frozenset(
    {ALIASES, WILDCARDS, DELAY_REBOOT, SCHEDULE_REBOOT, MODULES}
).union(*(p.values() for p in (PING, TRACE, LOOKUP, FETCH, PUT, NEIGHBOURS)))
_ALIAS = re.compile(r".+\.\d+\.Alias")


def kind_of(root: str, listed: list[tuple[str, str]]) -> Kind:
    """What GetParameterNames' entries tell of a kind of CPE."""
    aliases = (n for n, _ in listed if len(n) <= 256 and _ALIAS.fullmatch(n))
    return Kind(
        addable(listed),
        frozenset(
            name.removeprefix(root)
            for name, _ in listed
            if name.removeprefix(root) in INTERESTING
        ),
        next(aliases, ""),
    )


def addable(listed: list[tuple[str, str]]) -> tuple[str, ...]:
    """The tables among GetParameterNames' entries that take AddObject."""
    return tuple(
        name
        for name, writable in listed
        if writable in ("1", "true") and re.search(r"[^\d.][^.]*\.$", name)
    )[:MOST_TABLES]


def known(scene: Scene) -> Generator[Request, Answer, Kind]:
    """What the CPE's kind has; asked of the first CPE of the kind."""
    kind = scene.register.kind(scene.inform)
    if kind is None:
        answer = yield calls.get_parameter_names(scene.cpe.root, False)
        if answer.fault:
            return Kind()
        kind = kind_of(scene.cpe.root, read_names(answer.element))
        scene.register.learn(scene.inform, kind)
    return kind


def newest(scene: Scene) -> bool:
    """Whether the session is in the namespace of CWMP 1.2 to 1.4."""
    return scene.namespace == names.NAMESPACES["1.2"]
