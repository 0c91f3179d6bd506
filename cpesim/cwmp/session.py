"""
The conversation of one session, without a socket.

Rule: every transition is in TRANSITIONS. If a state changes anywhere else in
cpesim, that is a bug. (TR-069 A6 3.7.2; CHECKLIST S.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from cpesim.cwmp import names, write
from cpesim.cwmp.fault import RETRY_REQUEST, Fault
from cpesim.cwmp.pause import Pause
from cpesim.cwmp.read import Call, read
from cpesim.errors import AcsProtocolError

# S9: a choice of ours; an ACS that asks a sixth time will not stop asking.
MOST_RESENDS = 5
EMPTY_POST = "empty POST"
UNKNOWN_RPC = "unknown RPC"
_RPCS = frozenset(names.RPCS)


class State(Enum):
    """Where a session stands."""

    INFORMING = "informing"  # our Inform waits for its response
    REQUESTING = "requesting"  # a request of ours, or an empty POST under a hold, waits
    SERVING = "serving"  # the ACS has the floor
    DONE = "done"
    FAILED = "failed"

    # Enum's own hash is a Python function, and the table is asked at each message.
    __hash__ = object.__hash__


class Request:
    """
    An RPC of ours: its method, and how its body is rendered late (S12).

    *events*, each (code, CommandKey), stand in every Inform until its response (E5).
    One that is not *kept* goes with the session that tells it, answered or not (E7).
    """

    __slots__ = ("events", "kept", "method", "render")

    def __init__(
        self,
        method: str,
        render: Callable[[str], bytes],
        events: tuple[tuple[str, str], ...] = (),
        kept: bool = True,
    ) -> None:
        self.method = method
        self.render = render  # (namespace) -> the body
        self.events = events
        self.kept = kept


Answer = Callable[[Call, float], bytes]


class Session:
    """
    One conversation with the ACS.

    `saying` names what the next post is, for the counters. `pending` are the requests
    that it has to ask, `delivered` those that got their response, `informed` says
    whether the Inform did. `notes` are counters of what went by on the way.
    """

    __slots__ = (
        "_answer",
        "_asked",
        "_exchanges",
        "_id",
        "_inform",
        "_left",
        "_offered",
        "_resends",
        "delivered",
        "empty_inform",
        "hold",
        "informed",
        "most",
        "namespace",
        "notes",
        "pending",
        "saying",
        "state",
    )

    def __init__(
        self,
        namespace: str,
        inform: Callable[[str], bytes],
        requests: Sequence[Request],
        answer: Answer,
        *,
        empty_inform: bool = True,
        most: int = 1000,
    ) -> None:
        self.namespace = namespace
        self.state = State.INFORMING
        self.saying = "Inform"
        self.hold = False
        self.informed = False
        self.delivered: list[Request] = []
        self.notes: list[str] = []
        self.empty_inform = empty_inform
        self.most = most
        self._inform = inform
        self._answer = answer
        self.pending = requests
        self._left = 0  # index of the next request
        self._asked: Request | None = None
        self._id = 0
        self._resends = 0
        self._exchanges = 0
        self._offered = False  # the empty POST of S7 was sent

    def start(self) -> bytes:
        """The Inform."""
        self._id = 1
        return write.envelope(self.namespace, "1", self._inform(self.namespace))

    def receive(self, body: bytes, now: float) -> bytes | None:
        """
        Take the ACS's reply and return what to post next.

        ``b""`` is the empty POST that offers the ACS the floor; ``None`` ends the
        session. Raises AcsProtocolError when the reply has no place in this state, and
        Pause when the answer waits for something outside.
        """
        self._exchanges += 1
        if self._exchanges >= self.most:
            raise self.failed("endless session", f"{self.most} exchanges")  # X8
        if not body or body.isspace():
            self.hold = False  # S5
            return TRANSITIONS[self.state, "empty"](self, None, now)
        try:
            call = read(body)
        except AcsProtocolError:
            self.state = State.FAILED
            raise
        for what in call.mended:
            self.notes.append(f"mended.{what}")
        self.hold = call.hold
        if call.method == "Fault":
            what = "fault"
            self.notes.append(f"fault.received.{call.code}")
        else:
            what = "response" if call.method.endswith("Response") else "rpc"
        return TRANSITIONS[self.state, what](self, call, now)

    def resume(self, pause: Pause, outcome: object, now: float) -> bytes:
        """What to post when the errand of a Pause is done."""
        try:
            body = pause.answer(outcome, now)
        except Fault as fault:
            body = self._fault(fault)
        return write.envelope(self.namespace, pause.id, body)

    def _fault(self, fault: Fault) -> bytes:
        self.notes.append(f"fault.sent.{fault.code}")
        return write.fault(fault)

    def failed(self, label: str, detail: str = "") -> AcsProtocolError:
        """The session is over, unsuccessfully; raise what comes back."""
        self.state = State.FAILED
        return AcsProtocolError(label, detail)

    def _next(self) -> bytes:
        """The next request of ours, or the empty POST (S4, S5, S7)."""
        self._asked = None
        if self.hold:
            self.state = State.REQUESTING
            self.saying = EMPTY_POST
            return b""
        while self._left < len(self.pending):
            request = self.pending[self._left]
            self._left += 1
            if request.method in names.RPCS_LACKING[self.namespace]:
                continue  # V1: the ACS is older than what there is to tell
            self._asked = request
            self.state = State.REQUESTING
            self._id += 1
            self._resends = 0
            return self._ask(request)
        self.state = State.SERVING
        self._offered = True
        self.saying = EMPTY_POST
        return b""

    def _ask(self, request: Request) -> bytes:
        self.saying = request.method
        body = request.render(self.namespace)
        return write.envelope(self.namespace, str(self._id), body)

    def _resend(self) -> None:
        """Count one more 8005 to the same message (S9)."""
        self._resends += 1
        if self._resends > MOST_RESENDS:
            raise self.failed("retry requests", f"8005 more than {MOST_RESENDS} times")

    def _own_id(self, call: Call) -> None:
        # One ACS always sends "null": never required to match (X3).
        if call.id.strip() != str(self._id):
            self.notes.append("acs.violation.wrong ID")


def _informed(session: Session, call: Call | None, now: float) -> bytes:
    assert call is not None
    if call.method != "InformResponse":
        raise session.failed("no InformResponse", call.method[:40])
    session._own_id(call)
    if call.namespace in names.NAMESPACE_ORDER:
        order = names.NAMESPACE_ORDER.index
        # S12: down with the ACS, never up.
        if order(call.namespace) < order(session.namespace):
            session.namespace = call.namespace
    session.informed = True
    return session._next()


def _inform_refused(session: Session, call: Call | None, now: float) -> bytes:
    assert call is not None
    if call.code != RETRY_REQUEST:
        raise session.failed(f"fault {call.code} to the Inform")
    session._resend()
    return session.start()


def _inform_unanswered(session: Session, call: Call | None, now: float) -> bytes:
    session.notes.append("acs.violation.empty answer to the Inform")
    if not session.empty_inform:
        raise session.failed("no InformResponse", "an empty answer")
    return session._next()


def _no_inform_response(session: Session, call: Call | None, now: float) -> bytes:
    raise session.failed("no InformResponse", call.method[:40] if call else "")


def _responded(session: Session, call: Call | None, now: float) -> bytes:
    assert call is not None
    asked = session._asked
    if asked is None or call.method != asked.method + "Response":
        raise session.failed("unexpected response", call.method[:40])
    session._own_id(call)
    session.delivered.append(asked)
    return session._next()


def _request_refused(session: Session, call: Call | None, now: float) -> bytes:
    assert call is not None
    asked = session._asked
    if asked is None:  # S14: a fault to an empty POST answers nothing
        session.notes.append("acs.violation.fault without a request")
    elif call.code == RETRY_REQUEST:
        session._resend()
        return session._ask(asked)
    return session._next()


def _request_unanswered(session: Session, call: Call | None, now: float) -> bytes:
    if session._asked is not None:
        session.notes.append("acs.violation.empty answer to a request")
    return session._next()


def _answered(session: Session, call: Call | None, now: float) -> bytes:
    """Answer an RPC; a request of ours that it overtook stays undelivered."""
    assert call is not None
    session._asked = None
    session.state = State.SERVING
    session.saying = call.method if call.method in _RPCS else UNKNOWN_RPC
    try:
        body = session._answer(call, now)
    except Fault as fault:
        body = session._fault(fault)
    except Pause as pause:
        pause.id = call.id
        raise
    return write.envelope(session.namespace, call.id, body)


def _unexpected(session: Session, call: Call | None, now: float) -> bytes:
    raise session.failed("unexpected response", call.method[:40] if call else "")


def _floor_empty(session: Session, call: Call | None, now: float) -> bytes | None:
    if session._offered:
        session.state = State.DONE
        return None
    return session._next()


def _fault_while_serving(session: Session, call: Call | None, now: float) -> bytes:
    session.notes.append("acs.violation.fault without a request")  # S14
    if not session._offered:
        return session._next()
    session.saying = EMPTY_POST
    return b""


Transition = Callable[[Session, Call | None, float], bytes | None]

TRANSITIONS: Mapping[tuple[State, str], Transition] = {
    (State.INFORMING, "response"): _informed,
    (State.INFORMING, "rpc"): _no_inform_response,
    (State.INFORMING, "empty"): _inform_unanswered,
    (State.INFORMING, "fault"): _inform_refused,
    (State.REQUESTING, "response"): _responded,
    (State.REQUESTING, "rpc"): _answered,
    (State.REQUESTING, "empty"): _request_unanswered,
    (State.REQUESTING, "fault"): _request_refused,
    (State.SERVING, "response"): _unexpected,
    (State.SERVING, "rpc"): _answered,
    (State.SERVING, "empty"): _floor_empty,
    (State.SERVING, "fault"): _fault_while_serving,
}
