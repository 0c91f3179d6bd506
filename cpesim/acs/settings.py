"""
What a reference ACS is told to do: options, and scripts by event.

Rule: plain values, checked when they are made; a wrong one is a ConfigError. Each
comment is the help text of the command-line option of the same name.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Literal, NamedTuple

from cpesim.cwmp import names
from cpesim.errors import ConfigError

Scheme = Literal["none", "basic", "digest"]

# What each word of a script asks of a CPE. The functions are in words.SCRIPTS.
WORDS: Mapping[str, str] = {
    "greet": "nothing but the answer to the Inform",
    "audit": "GetRPCMethods, GetParameterNames and GetParameterValues of everything",
    "provision": "SetParameterValues, AddObject, attributes, DeleteObject",
    "credentials": "SetParameterValues of the connection request's name and password",
    "notifications": "Set- and GetParameterAttributes: every notification, access"
    " lists, partial paths",
    "aliases": "parameters by * and [alias], where the CPE says that it can",
    "upgrade": "Download of a firmware image from this ACS",
    "download-web": "Download of web content",
    "download-config": "Download of a vendor configuration file",
    "download-tone": "Download of a tone file",
    "download-ringer": "Download of a ringer file",
    "download-stored": "Download of a firmware image that is stored only",
    "schedule-download": "ScheduleDownload of web content within two windows",
    "upload": "Upload of the vendor configuration file to this ACS",
    "upload-log": "Upload of the vendor log file",
    "cancel": "Download with a long delay, then CancelTransfer",
    "queued": "Download with a delay, then GetQueuedTransfers",
    "du-install": "ChangeDUState: install a deployment unit",
    "du-update": "ChangeDUState: update it",
    "du-uninstall": "ChangeDUState: uninstall it",
    "ping": "IPPing diagnostics, and their results",
    "traceroute": "TraceRoute diagnostics",
    "nslookup": "NSLookup diagnostics",
    "download-diagnostics": "Download diagnostics, from this ACS",
    "upload-diagnostics": "Upload diagnostics, to this ACS",
    "neighbours": "neighbouring Wi-Fi diagnostics",
    "diagnostics": "all six of them, one after another",
    "reboot": "Reboot",
    "delay-reboot": "SetParameterValues of DelayReboot, where the CPE has it",
    "schedule-reboot": "SetParameterValues of ScheduleReboot, where the CPE has it",
    "factory-reset": "FactoryReset",
    "schedule-inform": "ScheduleInform",
    "options": "GetOptions and SetVouchers, which are deprecated: 9000",
    "wrong": "wrong requests of all kinds, and whether the right faults come",
    "must-understand": "a request with an unknown header, with mustUnderstand and"
    " without",
    "hold": "HoldRequests in the InformResponse and one request, then let go",
    "versions": "cwmp-1-0 in the InformResponse, whatever the CPE speaks",
    "retry-request": "8005 to each message of the CPE's own in one session",
    "redirect": "302 or 307 in answer to the Inform, to this ACS again",
}
# Words that stand for others.
MEANING: Mapping[str, tuple[str, ...]] = {
    "greet": (),  # it happens anyway
    "diagnostics": (
        "ping",
        "traceroute",
        "nslookup",
        "download-diagnostics",
        "upload-diagnostics",
        "neighbours",
    ),
}


class Plan(NamedTuple):
    """Which words each CPE owes: once, and whenever it tells of an event."""

    once: tuple[str, ...]
    on: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class AcsSettings:
    """Everything that `cpesim acs` can be told."""

    # --host: address to listen on
    host: str = "127.0.0.1"
    # --port: TCP port to listen on; 0 takes any free one
    port: int = 7547
    # --auth: what to ask of CPEs: none, basic or digest
    auth: Scheme = "none"
    # --username: the name that CPEs must give; empty: any name
    username: str = ""
    # --password, --password-env: the password of all CPEs; {username} stands for the
    # name given
    password: str = field(default="{username}", repr=False)
    # --script: words for each CPE, once and in order: "audit,provision"; or by event,
    # each time: "0 BOOTSTRAP: provision; 1 BOOT: audit"; both kinds joined by ";"
    script: str = "greet"
    # --interval: PeriodicInformInterval (s) that provision sets
    interval: int = 300
    # --schedule: seconds until what schedule-inform, delay-reboot, schedule-reboot and
    # queued ask for; length of each window of schedule-download
    schedule: int = 60
    # --window-mode: mode of the first window of schedule-download, 1 to 4
    window_mode: int = 2
    # --patience: what was asked for and has not come so long after its time (s) is
    # a violation
    patience: float = 600.0
    # --tls-cert, --tls-key: files of the server's certificate and key: HTTPS
    tls_cert: str = ""
    tls_key: str = ""
    # --tls-client-ca: file of the CAs that must have issued a CPE's certificate
    tls_client_ca: str = ""
    # --strict: folder of the Broadband Forum's cwmp-1-*.xsd; judge messages by them
    strict: str = ""
    # --cwmp: newest CWMP version that this ACS speaks, 1.0 to 1.4
    cwmp: str = "1.4"
    # --delay: hold each answer to a CPE back for so long (s)
    delay: float = 0.0
    # --fail-503: share of a CPE's POSTs answered with 503
    fail_503: float = 0.0
    # --retry-after: Retry-After (s) that comes with the 503; none: left out
    retry_after: int | None = None
    # --hold: share of sessions that begin with HoldRequests
    hold: float = 0.0
    # --retry-request: share of the CPEs' own messages answered with 8005
    retry_request: float = 0.0
    # --retry-times: so often for each message
    retry_times: int = 1
    # --redirect-status: the status of the word redirect, 302 or 307
    redirect_status: int = 307
    # --redirects: so many in a row
    redirects: int = 1
    # --drop: share of a CPE's POSTs whose connection is closed without an answer
    drop: float = 0.0
    # --garbage: share of a CPE's POSTs answered with rubbish
    garbage: float = 0.0
    # --stall AT,FOR: answer nothing for FOR seconds, AT seconds after the first POST
    stall: tuple[float, float] | None = None
    # --capacity: serve so many sessions a second, in order of coming, from a queue
    # without end; none: as many as there are
    capacity: float | None = None
    # --nbi: address and port of the northbound interface: campaigns, wake, outage
    nbi: tuple[str, int] | None = None
    # --knock-every: send each known CPE a connection request so often (s); 0: never
    knock_every: float = 0.0
    # --knock-rate: at most so many connection requests a second
    knock_rate: float = 100.0
    # --knock-username, --knock-password-env: for connection requests to CPEs that were
    # given no credentials; left out: each CPE is given its own before the first knock
    knock_username: str = ""
    knock_password: str = field(default="", repr=False)
    # --files-size, --firmware-size: bytes of each file under /files/
    firmware_size: int = 1_000_000
    # --firmware-version: version in the image's name; empty: the CPE's last number + 1
    firmware_version: str = ""
    # --files-auth: what to ask of whom fetches files: none, basic or digest
    files_auth: Scheme = "none"
    # --files-username, --files-password-env: the credentials for that, told in Download
    files_username: str = "files"
    files_password: str = field(default="files", repr=False)
    # --files-url: where CPEs reach /files/; empty: the Host that they call us by
    files_url: str = ""
    # --record: walk through the first CPE that informs, and do nothing else
    record: bool = False
    # --upload-limit: most bytes of a file that is uploaded
    upload_limit: int = 67_108_864
    # --seed: chance behind the shares of faults
    seed: int = 1
    plan: Plan = field(init=False)

    def __post_init__(self) -> None:
        wrong = [
            f"{f.name}: expected a number that is not negative, not {value}"
            for f in fields(self)
            if isinstance(value := getattr(self, f.name, 0), int | float) and value < 0
        ]
        for share in ("fail_503", "drop", "garbage", "hold", "retry_request"):
            if getattr(self, share) > 1:
                wrong.append(f"{share}: expected a share, at most 1")
        if self.fail_503 + self.drop + self.garbage > 1:
            wrong.append("fail_503, drop and garbage: together more than 1")
        for scheme in ("auth", "files_auth"):
            if getattr(self, scheme) not in ("none", "basic", "digest"):
                wrong.append(f"{scheme}: expected none, basic or digest")
        if self.stall is not None and min(self.stall) < 0:
            wrong.append("stall: expected AT,FOR, both not negative")
        if self.cwmp not in names.NAMESPACES:
            wrong.append(f"cwmp: expected one of {', '.join(names.NAMESPACES)}")
        if not 0 <= self.port <= 65535:
            wrong.append("port: expected 0 to 65535")
        if (self.knock_every or self.nbi) and not self.knock_rate:
            wrong.append("knock_rate: expected more than 0 with knock_every or nbi")
        if self.capacity == 0:
            wrong.append("capacity: expected more than 0")
        if self.nbi is not None and not 0 <= self.nbi[1] <= 65535:
            wrong.append("nbi: expected a port of 0 to 65535")
        if self.interval < 1:
            wrong.append("interval: expected at least 1 s")
        if self.schedule < 1:
            wrong.append("schedule: expected at least 1 s")
        if self.window_mode not in (1, 2, 3, 4):
            wrong.append("window_mode: expected 1 to 4")
        if self.redirect_status not in (302, 307):
            wrong.append("redirect_status: expected 302 or 307")
        if bool(self.tls_cert) != bool(self.tls_key):
            wrong.append("tls_cert and tls_key: expected both or none")
        if self.tls_client_ca and not self.tls_cert:
            wrong.append("tls_client_ca: expected tls_cert with it")
        plan = Plan((), {})
        try:
            plan = parse_script(self.script)
        except ConfigError as error:
            wrong += map(str, error.problems)
        if self.record and (plan.once or plan.on or self.knock_every or self.nbi):
            wrong.append("record: it only looks; expected no script, knocks or nbi")
        if wrong:
            raise ConfigError(*wrong)
        if self.record:
            plan = plan._replace(once=("record a CPE", *plan.once))
        object.__setattr__(self, "plan", plan)

    @property
    def namespace(self) -> str:
        """The newest namespace that this ACS answers in."""
        return names.NAMESPACES[self.cwmp]


def parse_script(text: str) -> Plan:
    """
    The plan of a script's text: ``WORDS``, ``EVENT: WORDS``, joined by ``;``.

    WORDS are joined by commas. An event may be short ("0", "boot"), "on" before it is
    skipped. Raises ConfigError with all that is wrong.
    """
    once: list[str] = []
    on: dict[str, tuple[str, ...]] = {}
    wrong: list[str] = []
    for part in filter(None, map(str.strip, text.split(";"))):
        event, colon, listed = part.rpartition(":")
        words: list[str] = []
        for word in filter(None, map(str.strip, listed.split(","))):
            words += MEANING.get(word, (word,))
            if word not in WORDS:
                near = difflib.get_close_matches(word, WORDS, 1)
                hint = f" (did you mean {near[0]}?)" if near else ""
                wrong.append(
                    f"script: no word {word!r}{hint}; expected {', '.join(WORDS)}"
                )
        if not colon:
            once += words
            continue
        code = _event(event.strip().removeprefix("on ").strip())
        if code:
            on[code] = (*on.get(code, ()), *words)
        else:
            wrong.append(f"script: no event {event.strip()!r}, as in 0 BOOTSTRAP")
    if wrong:
        raise ConfigError(*wrong)
    return Plan(tuple(once), on)


def _event(text: str) -> str:
    folded = text.casefold()
    for code in (*names.EVENTS, names.M_REBOOT, names.M_SCHEDULE_INFORM):
        number, _, name = code.partition(" ")
        if folded in (code.casefold(), name.casefold()) or text == number != "M":
            return code
    return ""
