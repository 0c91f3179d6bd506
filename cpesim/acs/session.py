"""
One session, from the ACS's side: what a CPE's message is answered with.

Rule: pure. Messages go in, envelopes come out; sockets, cookies and HTTP statuses are
others'. Whatever a CPE sends, the session goes on or ends: it raises nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Protocol

from cpesim.acs import calls
from cpesim.acs.answers import Inform, Message, code_of, read_fault
from cpesim.acs.calls import Request
from cpesim.acs.cpe import Cpe, Register
from cpesim.acs.judge import TRANSFER_EVENTS, Found, judge_fault
from cpesim.acs.script import LEAVING, SCRIPTS, Answer, Script
from cpesim.acs.settings import AcsSettings
from cpesim.acs.tally import Tally
from cpesim.cwmp import names


class Line(Protocol):
    """The connection by which a session comes."""

    session: Session | None

    @property
    def local(self) -> str:
        """Our own end, as HOST:PORT."""

    def alive(self) -> bool:
        """Whether the CPE still holds it open."""


# What a CPE may call, and what it gets; by the namespace that has it (V1).
_RESPONSES_1_0 = {
    "TransferComplete": "<cwmp:TransferCompleteResponse/>",
    "RequestDownload": "<cwmp:RequestDownloadResponse/>",
    "Kicked": "<cwmp:KickedResponse><NextURL></NextURL></cwmp:KickedResponse>",
}
_RESPONSES_1_1 = {
    **_RESPONSES_1_0,
    "AutonomousTransferComplete": "<cwmp:AutonomousTransferCompleteResponse/>",
}
_RESPONSES: Mapping[str, Mapping[str, str]] = {
    names.NAMESPACES["1.0"]: _RESPONSES_1_0,
    names.NAMESPACES["1.1"]: _RESPONSES_1_1,
    names.NAMESPACES["1.2"]: {
        **_RESPONSES_1_1,
        "DUStateChangeComplete": "<cwmp:DUStateChangeCompleteResponse/>",
        "AutonomousDUStateChangeComplete": (
            "<cwmp:AutonomousDUStateChangeCompleteResponse/>"
        ),
    },
}
# T5; 0 is success.
_TRANSFER_FAULTS = {
    names.NAMESPACES["1.0"]: frozenset({0, 9001, 9002, 9010, 9011, 9012}),
    names.NAMESPACES["1.1"]: frozenset({0, 9001, 9002, *range(9010, 9020)} - {9013}),
    names.NAMESPACES["1.2"]: frozenset({0, 9001, 9002, *range(9010, 9021)} - {9013}),
}

# Numbers of requests and keys: one count for all, so that none comes twice.
_NUMBERS = count(1)


class Session:
    """The conversation with one CPE, opened by its Inform."""

    __slots__ = (
        "_known",
        "_pending",
        "_pending_id",
        "_resting",
        "_script",
        "_word",
        "cpe",
        "files",
        "found",
        "inform",
        "link",
        "namespace",
        "offered",
        "register",
        "settings",
        "tally",
        "token",
        "touched",
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
        self.offered = False  # the empty POST came: the floor is ours
        self._pending: Request | None = None
        self._pending_id = ""
        self._script: Script | None = None
        self._word = ""
        self._resting = False  # nothing more is asked in this session
        self._known = cpe.parameter_key  # before the request under way

    def key(self) -> str:
        """A CommandKey or ParameterKey that was never used before."""
        return f"{self._word[:12]}-{next(_NUMBERS)}"

    def greet(self, message: Message) -> bytes:
        """The InformResponse."""
        header = ""
        for entry in message.headers:
            if entry.tag.endswith("}SupportedCWMPVersions"):
                self.versions = entry.text or ""
                offered = {v.strip() for v in self.versions.split(",")}
                both = [
                    v
                    for v in offered & names.NAMESPACES.keys()
                    if v <= self.settings.cwmp
                ]
                header = calls.use_version(max(both)) if both else ""
        return calls.envelope(self.namespace, message.id, calls.INFORM_RESPONSE, header)

    def receive(self, message: Message | None) -> bytes | None:
        """Take a message, None for an empty POST; None: nothing is left to say."""
        if message is None:
            self.offered = True
            if self._pending is not None:
                self.found.append(("S6 no answer", self._pending.method))
                self._drop_script()
            return self._next()
        if message.method == "Fault" or message.method.endswith("Response"):
            return self._answered(message)
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
        if pending is None:
            self.found.append(("S14 an answer to nothing", message.method))
            return self._next() if self.offered else None
        if message.id != self._pending_id:
            self.found.append(
                ("S6 cwmp:ID not echoed", f"{message.id!r} for {self._pending_id!r}")
            )
        if message.method == "Fault":
            told = read_fault(message.element)
            fault = told.code or -1
            self.tally.faults[str(told.code) if 9000 <= fault < 10000 else "other"] += 1
            judge_fault(message, told.code, self.found)
            if fault == 9003 and pending.method == "SetParameterValues":
                self._judge_entries(told.parameters)
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
        return self._next(Answer(message, fault))

    def _judge_entries(self, entries: list[tuple[str, str]]) -> None:
        """P3: which entries were bad, with one of these codes each."""
        if not entries:
            self.found.append(("P3 9003 without a SetParameterValuesFault", ""))
        for name, code in entries:
            if code_of(code) not in (9001, 9002, 9003, 9005, 9006, 9007, 9008):
                self.found.append(
                    ("P3 code of a SetParameterValuesFault", f"{name} {code}")
                )

    def _called(self, message: Message) -> bytes:
        method = message.method
        self._follow(message)
        if self.offered:
            self.found.append(("S7 a request after the empty POST", method))
        responses = _RESPONSES[self.namespace]
        if method == "GetRPCMethods":
            self.tally.called[method] += 1
            body = calls.methods_response(("Inform", method, *responses))
        elif method in responses:
            self.tally.called[method] += 1
            body = responses[method]
            if method == "TransferComplete":
                self._transferred(message)
        else:
            self.tally.called["other"] += 1
            self.found.append(("F unknown request", method))
            body = calls.fault(8000, "Method not supported")
        return calls.envelope(self.namespace, message.id, body)

    def _transferred(self, message: Message) -> None:
        element, cpe, found = message.element, self.cpe, self.found
        key = element.findtext("CommandKey") or ""
        code = code_of(element.findtext("FaultStruct/FaultCode") or "-")
        text = element.findtext("FaultStruct/FaultString") or ""
        known = code == 0 or 9000 <= code < 10000
        self.tally.transfers[str(code) if known else "other"] += 1
        if code not in _TRANSFER_FAULTS[self.namespace]:
            found.append(("T5 fault code", f"{code} in {self.namespace}"))
        if not code and text:
            found.append(("T4 FaultString of a success", text))
        if not code and element.findtext("CompleteTime") == names.UNKNOWN_TIME:
            found.append(("T4 a success without times", key))
        codes = [event for event, _ in self.inform.events]
        if names.TRANSFER_COMPLETE not in codes:
            found.append(("T4 TransferComplete without 7 TRANSFER COMPLETE", key))
        command = (names.M_DOWNLOAD, key)
        if not any((event, key) in self.inform.events for event in TRANSFER_EVENTS):
            found.append(("T4 TransferComplete without its M event", key))
        if command not in cpe.commands:
            if cpe.informs > 1:
                found.append(("T4 TransferComplete of an unknown transfer", repr(key)))
        elif not code and (
            cpe.commands[command] == cpe.software != self.settings.firmware_version
        ):
            found.append(("T4 SoftwareVersion as before the upgrade", cpe.software))

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
        return calls.envelope(self.namespace, self._pending_id, request.body)

    def _ask(self, answer: Answer | None) -> Request | None:
        cpe = self.cpe
        while True:
            if self._script is None:
                # After a word that sends the CPE away, the others wait.
                if not cpe.owed or self._resting or self._busy():
                    return None
                self._word = cpe.owed[0]
                self._script, answer = SCRIPTS[self._word](self), None
            try:
                if answer is None:
                    return next(self._script)
                return self._script.send(answer)
            except StopIteration:
                self._script = None
                self._resting = self._word in LEAVING
                cpe.owed = tuple(w for w in cpe.owed if w != self._word)

    def _busy(self) -> bool:
        """The CPE still has a transfer or a reboot before it that we asked for."""
        told = self.inform.events
        if not self.cpe.commands or (names.BOOT, "") in told:
            return False
        return any(
            command[0] in (names.M_DOWNLOAD, names.M_REBOOT) and command not in told
            for command in self.cpe.commands
        )

    def _drop_script(self) -> None:
        """Give a word up in its middle: it is owed still, but not in this session."""
        if self._script is not None:
            self._script.close()
        self._script = self._pending = None
        self._resting = True
