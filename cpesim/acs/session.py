"""
One session, from the ACS's side: what a CPE's message is answered with.

Rule: pure. Messages go in, envelopes come out; sockets, cookies and HTTP statuses are
others'. Whatever a CPE sends, the session goes on or ends: it raises nothing.
"""

from __future__ import annotations

import re
from itertools import count
from typing import Protocol

from lxml import etree

from cpesim.acs import calls
from cpesim.acs.answers import Inform, Message, read_fault
from cpesim.acs.calls import Request
from cpesim.acs.cpe import Cpe, Register
from cpesim.acs.findings import Found
from cpesim.acs.judge import judge_entries, judge_fault, judge_misunderstood
from cpesim.acs.reports import REPORTS, RESPONSES
from cpesim.acs.settings import AcsSettings
from cpesim.acs.tally import Tally
from cpesim.acs.words import LEAVING, SCRIPTS, TURNS, Answer, Script
from cpesim.cwmp import names


class Line(Protocol):
    """The connection by which a session comes."""

    session: Session | None

    @property
    def local(self) -> str:
        """Our own end, as HOST:PORT."""

    def alive(self) -> bool:
        """Whether the CPE still holds it open."""


RETRY_REQUEST = 8005
_MOST_REPORTS = 100  # of one session, that are remembered
_NONE: frozenset[tuple[str, str]] = frozenset()
# What may differ when a CPE sends a message again: its clock goes on.
_CLOCK = re.compile(rb"<CurrentTime>[^<]*</CurrentTime>")

# What a namespace says of the version, without the header elements of 1.3 and 1.4.
_VERSIONS = {names.NAMESPACES[version]: version for version in ("1.0", "1.1", "1.2")}
# Numbers of requests and keys: one count for all, so that none comes twice.
_NUMBERS = count(1)


class Session:
    """The conversation with one CPE, opened by its Inform."""

    __slots__ = (
        "_known",
        "_pending",
        "_pending_id",
        "_refused",
        "_resting",
        "_script",
        "_word",
        "cpe",
        "files",
        "found",
        "hold",
        "inform",
        "last_key",
        "link",
        "namespace",
        "offered",
        "path",
        "refusing",
        "register",
        "reported",
        "retries",
        "settings",
        "tally",
        "token",
        "touched",
        "turn",
        "version",
        "versions",
    )

    def __init__(
        self,
        token: str,
        cpe: Cpe,
        message: Message,
        inform: Inform,
        settings: AcsSettings,
        register: Register,
        tally: Tally,
    ) -> None:
        self.token = token
        self.cpe = cpe
        self.inform = inform
        self.settings = settings
        self.register = register
        self.tally = tally
        self.files = settings.files_url
        self.found: Found = []
        self.versions = ""  # SupportedCWMPVersions, if the CPE told them
        self.touched = 0.0  # when it last said something; the desk's
        self.link: Line | None = None  # the connection that it came by; the desk's
        order = names.NAMESPACE_ORDER
        spoken = message.namespace if message.namespace in order else order[0]
        # S12: never above what the CPE offers.
        self.namespace = min(spoken, settings.namespace, key=order.index)
        self.version = _VERSIONS[spoken]
        text = inform.plain.get("RetryCount", "")
        self.retries = int(text) if text.isdigit() and len(text) < 10 else 0
        # Requests of the CPE that had their response, by method and CommandKey.
        self.reported: frozenset[tuple[str, str]] = _NONE
        self.path = ""  # where it has to be held, after a redirect
        self.turn = ""  # the word that began with the answer to the Inform
        self.hold = False  # HoldRequests is what we say
        self.refusing = 0  # so often is each message of the CPE's own refused
        self._refused: tuple[str, bytes, int] | None = None
        self.offered = False  # the empty POST came: the floor is ours
        self._pending: Request | None = None
        self._script: Script | None = None
        # The word under way, its request's cwmp:ID, and the newest key of ours.
        self._word = self._pending_id = self.last_key = ""
        self._resting = False  # nothing more is asked in this session
        self._known = cpe.parameter_key  # before the request under way

    def key(self) -> str:
        """A CommandKey or ParameterKey that was never used before."""
        self.last_key = f"{self._word[:12]}-{next(_NUMBERS)}"
        return self.last_key

    def turned(self, word: str) -> None:
        """This word of words.TURNS begins with the answer to the Inform."""
        self.turn = word
        if word == "hold":
            self.hold = True
        elif word == "versions":
            self.namespace = names.NAMESPACES["1.0"]
        elif word == "retry-request":
            self.refusing = self.settings.retry_times
            self.cpe.done(word)

    def greet(self, message: Message) -> bytes:
        """The InformResponse."""
        header = calls.HOLD if self.hold else ""
        for entry in message.headers:
            if entry.tag.endswith("}SessionTimeout"):
                self.version = max(self.version, "1.3")
            elif entry.tag.endswith("}SupportedCWMPVersions"):
                self.versions = entry.text or ""
                offered = {v.strip() for v in self.versions.split(",")}
                offered &= names.NAMESPACES.keys()
                self.version = max(self.version, *offered, "1.0")
                both = [v for v in offered if v <= self.settings.cwmp]
                if both and self.namespace == names.NAMESPACES["1.2"]:
                    header += calls.use_version(max(both))
        return calls.envelope(self.namespace, message.id, calls.INFORM_RESPONSE, header)

    @property
    def waiting(self) -> str:
        """Method of the message that was refused and has to come again."""
        return self._refused[0] if self._refused else ""

    def refuse(self, message: Message) -> bytes | None:
        """8005 to a message, as often as this session refuses it (S9)."""
        times, last = 0, self._refused
        written = _CLOCK.sub(b"", etree.tostring(message.root))
        if last is not None:
            if last[0] != message.method:
                self.found.append(("S9 not sent again after 8005", last[0]))
            elif last[1] != written:
                self.found.append(("S9 another message after 8005", last[0]))
            times = last[2] if last[0] == message.method else 0
        if times >= self.refusing:
            self._refused = None
            return None
        self._refused = (message.method, written, times + 1)
        self.tally.injected["8005"] += 1
        body = calls.fault(RETRY_REQUEST, "Retry request")
        return calls.envelope(self.namespace, message.id, body)

    def receive(self, message: Message | None) -> bytes | None:
        """Take a message, None for an empty POST; None: nothing is left to say."""
        if message is None:
            if self._refused is not None:
                self.found.append(("S9 not sent again after 8005", self._refused[0]))
                self._refused = None
            # S5: what comes while we hold is no offer of the floor.
            self.offered = self.offered or not self.hold
            if self._pending is not None:
                self.found.append(("S6 no answer", self._pending.method))
                self._drop_script()
            return self._next()
        if message.method == "Fault" or message.method.endswith("Response"):
            return self._answered(message)
        if self.refusing or self._refused is not None:
            refusal = self.refuse(message)
            if refusal is not None:
                return refusal
        return self._called(message)

    def close(self) -> None:
        """It is over, well or not."""
        if self._pending is not None:
            self._drop_script()
        if self.cpe.session is self:
            self.cpe.session = None
        if self.register.recorder is not None:
            self.register.recorder.closed(self.cpe.key)

    def _answered(self, message: Message) -> bytes | None:
        pending, fault = self._pending, 0
        entries: tuple[tuple[str, str], ...] = ()
        if pending is None:
            self.found.append(("S14 an answer to nothing", message.method))
            return self._next() if self.offered or self.hold else None
        if message.id != self._pending_id:
            self.found.append(
                ("S6 cwmp:ID not echoed", f"{message.id!r} for {self._pending_id!r}")
            )
        if message.method == "Fault":
            told = read_fault(message.element)
            fault = told.code or -1
            self.tally.faults[str(told.code) if 9000 <= fault < 10000 else "other"] += 1
            if pending.must:
                judge_misunderstood(message, self.found)
            else:
                judge_fault(message, told.code, self.found)
            if fault == 9003 and pending.method == "SetParameterValues":
                judge_entries(told.parameters, self.found)
                entries = tuple(told.parameters[:100])
        else:
            self._follow(message)
            if message.method != pending.method + "Response":
                self.found.append(
                    ("S6 another answer", f"{message.method} to {pending.method}")
                )
                self._drop_script()
                return self._next()
            self.tally.answered[pending.method] += 1
        if pending.key:
            # P10: a new key on success only.
            self.cpe.parameter_key = self._known if fault else pending.key
        self._pending = None
        return self._next(Answer(message, fault, entries))

    def _called(self, message: Message) -> bytes:
        method = message.method
        self._follow(message)
        if self.offered:
            self.found.append(("S7 a request after the empty POST", method))
        elif self.hold:
            self.found.append(("S5 a request while held", method))
        responses = RESPONSES[self.namespace]
        if method == "GetRPCMethods":
            self.tally.called[method] += 1
            body = calls.methods_response(("Inform", method, *responses))
        elif method in responses:
            self.tally.called[method] += 1
            body = responses[method]
            if method in REPORTS:
                REPORTS[method](self, message.element)
            if len(self.reported) < _MOST_REPORTS:
                key = message.element.findtext("CommandKey") or ""
                if (method, key) in self.reported:
                    self.found.append(("S4 a request again after its response", method))
                self.reported |= {(method, key)}
        else:
            self.tally.called["other"] += 1
            self.found.append(("F unknown request", method))
            body = calls.fault(8000, "Method not supported")
        header = calls.HOLD if self.hold else ""
        return calls.envelope(self.namespace, message.id, body, header)

    def _follow(self, message: Message) -> None:
        if message.namespace != self.namespace:
            self.found.append(
                ("S12 another namespace than the InformResponse's", message.namespace)
            )

    def _next(self, answer: Answer | None = None) -> bytes | None:
        """The next request as an envelope, None when nothing is left to ask."""
        request = self._ask(answer)
        if request is None:
            return None
        self._pending = request
        self._pending_id = f"acs-{next(_NUMBERS)}"
        if request.key:
            self._known, self.cpe.parameter_key = self.cpe.parameter_key, None
        self.tally.asked[request.method] += 1
        header = calls.HOLD + request.header if self.hold else request.header
        return calls.envelope(self.namespace, self._pending_id, request.body, header)

    def _ask(self, answer: Answer | None) -> Request | None:
        cpe = self.cpe
        while True:
            if self._script is None and not self._begin():
                return None
            assert self._script is not None
            try:
                if answer is None:
                    return next(self._script)
                return self._script.send(answer)
            except StopIteration:
                self._script = answer = None
                # After a word that sends the CPE away, the others wait.
                self._resting = self._word in LEAVING or self._away()
                cpe.done(self._word)

    def _begin(self) -> bool:
        """Start the next word; False: none is owed, or not in this session."""
        owed = self.cpe.owed
        if self.hold:
            self._word = "hold"
        elif not owed or not self.offered or self._resting or self._busy():
            return False
        else:
            self._word = owed[0]
            if self._word in TURNS and self._word != self.turn:
                return False  # it waits for an Inform
        self._script = SCRIPTS[self._word](self)
        return True

    def _away(self) -> bool:
        """Something that the CPE goes away for was asked in this session."""
        told = self.inform.events
        return any(
            due.away and (not command[1] or command not in told)
            for command, due in self.cpe.commands.items()
        )

    def _busy(self) -> bool:
        """The CPE still has a transfer or a reboot before it that we asked for."""
        if not self.cpe.commands or (names.BOOT, "") in self.inform.events:
            return False
        return self._away()

    def _drop_script(self) -> None:
        """Give a word up in its middle: it is owed still, but not in this session."""
        if self._script is not None:
            self._script.close()
        self._script = self._pending = None
        self.hold = False
        self._resting = True
