"""
The conversation of one session, without a socket.

Rule: bytes and a time go in, bytes come out; what a message leads to in which state
is in transitions.py. (TR-069 A6 3.7.2; CHECKLIST S.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cpesim.cwmp import flaws, names, write
from cpesim.cwmp.fault import Fault, known_as
from cpesim.cwmp.pause import Pause
from cpesim.cwmp.read import Call, read
from cpesim.cwmp.state import EMPTY_POST, Request, State
from cpesim.cwmp.transitions import TRANSITIONS
from cpesim.errors import AcsProtocolError

# S9: a choice of ours; an ACS that asks a sixth time will not stop asking.
MOST_RESENDS = 5
# The end of an Inform's header that offers versions.
_OFFERS = b"</cwmp:SupportedCWMPVersions>"
MOST_SEEN = 120  # characters of what was seen of a flaw

__all__ = ["EMPTY_POST", "Answer", "Request", "Session", "State"]

Answer = Callable[[Call, float], bytes]


class Session:
    """
    One conversation with the ACS.

    `saying` names what the next post is, for the counters. `pending` are the requests
    that it has to ask, `delivered` those that got their response, `informed` says
    whether the Inform did. `notes` are counters of what went by on the way, `flaws`
    what the ACS did wrong.
    """

    __slots__ = (
        "_exchanges",
        "_id",
        "_inform",
        "_left",
        "_resends",
        "answer",
        "asked",
        "delivered",
        "empty_inform",
        "flaws",
        "header",
        "hold",
        "informed",
        "most",
        "namespace",
        "notes",
        "offered",
        "pending",
        "saying",
        "state",
        "version",
    )

    delay = 0.0  # seconds that go by before the next post (device/quirk.py)

    def __init__(
        self,
        version: str,
        inform: Callable[[str], bytes],
        requests: Sequence[Request],
        answer: Answer,
        *,
        header: bytes = b"",
        empty_inform: bool = True,
        most: int = 1000,
    ) -> None:
        self.version = version  # 1.0 to 1.4, and lower where the ACS is older (S12)
        self.namespace = names.NAMESPACES[version]
        self.header = header  # the Inform's own, write.inform_header()
        self.state = State.INFORMING
        self.saying = "Inform"
        self.hold = False
        self.informed = False
        self.delivered: list[Request] = []
        self.notes: list[str] = []
        self.flaws: Sequence[flaws.Flaw] = ()
        self.empty_inform = empty_inform
        self.most = most
        self._inform = inform
        self.answer = answer
        self.pending = requests
        self._left = 0  # index of the next request
        self.asked: Request | None = None
        self._id = 0
        self._resends = 0
        self._exchanges = 0
        self.offered = False  # the empty POST of S7 was sent

    def start(self) -> bytes:
        """The Inform."""
        self._id = 1
        body = self._inform(self.namespace)
        return write.envelope(self.namespace, "1", body, self.header)

    def receive(self, body: bytes, now: float) -> bytes | None:
        """
        Take the ACS's reply and return what to post next.

        ``b""`` is the empty POST that offers the ACS the floor; ``None`` ends the
        session. Raises AcsProtocolError when the reply has no place in this state, and
        Pause when the answer waits for something outside.
        """
        self._exchanges += 1
        if self._exchanges >= self.most:
            self.flaw(flaws.ENDLESS, f"{self.most} exchanges")
            raise self.failed("endless session", f"{self.most} exchanges")  # X8
        if not body or body.isspace():
            self.hold = False  # S5
            return TRANSITIONS[self.state, "empty"](self, None, now)
        try:
            call = read(body)
        except AcsProtocolError as error:
            self.state = State.FAILED
            self.flaw(f"S8 {error.label}", str(error))
            raise
        for what in call.mended:
            self.notes.append(f"mended.{what}")
        if not call.marked and call.id:
            self.flaw(flaws.ID_UNMARKED, call.method)
        self.hold = call.hold
        if call.method == "Fault":
            what = "fault"
            self.notes.append(f"fault.received.{known_as(call.code)}")
        else:
            what = "response" if call.method.endswith("Response") else "rpc"
            if call.namespace not in names.NAMESPACE_ORDER and not call.mended:
                self.flaw(flaws.UNKNOWN_NAMESPACE, call.namespace or call.method)
        if call.strange:
            what = self._strange(call, what)
        return TRANSITIONS[self.state, what](self, call, now)

    def resume(self, pause: Pause, outcome: object, now: float) -> bytes:
        """What to post when the errand of a Pause is done."""
        try:
            body = pause.answer(outcome, now)
        except Fault as fault:
            body = self.fault(fault)
        return write.envelope(self.namespace, pause.id, body)

    def fault(self, fault: Fault) -> bytes:
        """A fault as it is sent, and counted."""
        self.notes.append(f"fault.sent.{fault.code}")
        return write.fault(fault)

    def failed(self, label: str, detail: str = "") -> AcsProtocolError:
        """The session is over, unsuccessfully; raise what comes back."""
        self.state = State.FAILED
        return AcsProtocolError(label, detail)

    def flaw(self, name: str, seen: str) -> None:
        """Note what the ACS did wrong: one of flaws.FLAWS, and what was seen of it."""
        self.flaws = (*self.flaws, (name, seen[:MOST_SEEN]))

    def _strange(self, call: Call, what: str) -> str:
        """A header that must be understood: only an RPC can be refused (S13, S14)."""
        self.flaw(flaws.NOT_UNDERSTOOD, call.strange)
        if what != "rpc":
            raise self.failed("header not understood", call.strange)
        return "strange"

    def go_on(self) -> bytes:
        """The next request of ours, or the empty POST (S4, S5, S7)."""
        self.asked = None
        if self.hold:
            self.state = State.REQUESTING
            self.saying = EMPTY_POST
            return b""
        while self._left < len(self.pending):
            request = self.pending[self._left]
            self._left += 1
            if request.method in names.REQUESTS_LACKING[self.namespace]:
                continue  # V1: the ACS is older than what there is to tell
            self.asked = request
            self.state = State.REQUESTING
            self._id += 1
            self._resends = 0
            return self.ask(request)
        self.state = State.SERVING
        self.offered = True
        self.saying = EMPTY_POST
        return b""

    def ask(self, request: Request) -> bytes:
        self.saying = request.method
        body = request.render(self.namespace)
        return write.envelope(self.namespace, str(self._id), body)

    def resend(self) -> None:
        """Count one more 8005 to the same message (S9)."""
        self._resends += 1
        if self._resends > MOST_RESENDS:
            self.flaw(flaws.ENDLESS_RETRIES, self.saying)
            raise self.failed("retry requests", f"8005 more than {MOST_RESENDS} times")

    def check_id(self, call: Call) -> None:
        # One ACS always sends "null": never required to match (X3).
        if call.id.strip() != str(self._id):
            said = f"{call.id[:40]!r} to {self.saying} with {str(self._id)!r}"
            self.flaw(flaws.WRONG_ID, said)

    def follow(self, call: Call) -> None:
        """Down with the ACS's version, never up (S12)."""
        asked = call.version
        if asked and not self.header.endswith(_OFFERS):
            self.flaw(flaws.NOT_OFFERED, asked)
        elif asked and not (asked in names.NAMESPACES and asked <= self.version):
            self.flaw(flaws.UNKNOWN_VERSION, asked)
        elif asked:
            self.version, self.namespace = asked, names.NAMESPACES[asked]
            return
        if call.namespace == self.namespace:
            return
        spoken = names.VERSION_OF.get(call.namespace)
        if spoken is not None and spoken < self.version:
            self.version, self.namespace = spoken, call.namespace
        elif spoken is not None:
            self.flaw(flaws.NEWER_NAMESPACE, call.namespace)
