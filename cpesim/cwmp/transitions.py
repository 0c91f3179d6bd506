"""
What each message of the ACS leads to, state by state.

Rule: every transition is in TRANSITIONS. If a state changes anywhere else in cpesim
but at the next thing to say (session.go_on), that is a bug.
(TR-069 A6 3.7.2; CHECKLIST S.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from cpesim.cwmp import flaws, names, write
from cpesim.cwmp.fault import RETRY_REQUEST, Fault, known_as
from cpesim.cwmp.pause import Pause
from cpesim.cwmp.read import Call
from cpesim.cwmp.state import EMPTY_POST, State
from cpesim.errors import AcsProtocolError

if TYPE_CHECKING:
    from cpesim.cwmp.session import Session

UNKNOWN_RPC = "unknown RPC"
_RPCS = frozenset(names.RPCS)


def _informed(session: Session, call: Call | None, now: float) -> bytes:
    assert call is not None
    if call.method != "InformResponse":
        raise _no_inform_response(session, call)
    session.check_id(call)
    if call.version or call.namespace != session.namespace:
        session.follow(call)
    session.informed = True
    return session.go_on()


def _no_inform_response(session: Session, call: Call) -> AcsProtocolError:
    session.flaw(flaws.NO_INFORM_RESPONSE, call.method)
    return session.failed("no InformResponse", call.method[:40])


def _inform_refused(session: Session, call: Call | None, now: float) -> bytes:
    assert call is not None
    if call.code != RETRY_REQUEST:
        raise session.failed(f"fault {known_as(call.code)} to the Inform")
    session.resend()
    return session.start()


def _inform_unanswered(session: Session, call: Call | None, now: float) -> bytes:
    session.flaw(flaws.EMPTY_TO_INFORM, "an empty body")
    if not session.empty_inform:
        raise session.failed("no InformResponse", "an empty answer")
    return session.go_on()


def _called_at_once(session: Session, call: Call | None, now: float) -> bytes:
    assert call is not None
    raise _no_inform_response(session, call)


def _responded(session: Session, call: Call | None, now: float) -> bytes:
    assert call is not None
    asked = session.asked
    if asked is None or call.method != asked.method + "Response":
        return _unexpected(session, call, now)
    session.check_id(call)
    session.delivered.append(asked)
    return session.go_on()


def _request_refused(session: Session, call: Call | None, now: float) -> bytes:
    assert call is not None
    asked = session.asked
    if asked is None:  # S14: a fault to an empty POST answers nothing
        session.flaw(flaws.FAULT_TO_NOTHING, f"code {call.code}")
    elif call.code == RETRY_REQUEST:
        session.resend()
        return session.ask(asked)
    return session.go_on()


def _request_unanswered(session: Session, call: Call | None, now: float) -> bytes:
    if session.asked is not None:
        session.flaw(flaws.EMPTY_TO_REQUEST, session.asked.method)
    return session.go_on()


def _answered(session: Session, call: Call | None, now: float) -> bytes:
    """Answer an RPC; a request of ours that it overtook stays undelivered."""
    assert call is not None
    _take_floor(session, call)
    if call.method in flaws.ARRAYS:
        _look_at_array(session, call)
    try:
        body = session.answer(call, now)
    except Fault as fault:
        body = session.fault(fault)
    except Pause as pause:
        pause.id = call.id
        raise
    return write.envelope(session.namespace, call.id, body)


def _not_understood(session: Session, call: Call | None, now: float) -> bytes:
    """An RPC under a header that must be understood is not even looked at (S13)."""
    assert call is not None
    _take_floor(session, call)
    session.notes.append("fault.sent.MustUnderstand")
    return write.envelope(session.namespace, call.id, write.NOT_UNDERSTOOD)


def _take_floor(session: Session, call: Call) -> None:
    """The ACS has the floor, whatever was said before."""
    if session.asked is not None:
        session.flaw(flaws.OVERTAKEN, f"{call.method} to {session.saying}")
        session.asked = None
    if not call.id:
        session.flaw(flaws.NO_ID, call.method)
    session.state = State.SERVING
    session.saying = call.method if call.method in _RPCS else UNKNOWN_RPC


def _look_at_array(session: Session, call: Call) -> None:
    """Whether the array argument says what it is (X4)."""
    array = next(iter(call.element), None)
    if array is None:
        return
    said = array.get(flaws.ARRAY_TYPE)
    if said is None:
        session.flaw(flaws.NO_ARRAY_TYPE, call.method)
    elif not said.rstrip().endswith(f"[{len(array)}]"):
        session.flaw(flaws.WRONG_ARRAY_TYPE, f"{said} in {call.method}")


def _unexpected(session: Session, call: Call | None, now: float) -> bytes:
    assert call is not None
    session.flaw(flaws.UNEXPECTED, call.method)
    raise session.failed("unexpected response", call.method[:40])


def _floor_empty(session: Session, call: Call | None, now: float) -> bytes | None:
    if session.offered:
        session.state = State.DONE
        return None
    return session.go_on()


def _fault_while_serving(session: Session, call: Call | None, now: float) -> bytes:
    assert call is not None
    session.flaw(flaws.FAULT_TO_NOTHING, f"code {call.code}")  # S14
    if not session.offered:
        return session.go_on()
    session.saying = EMPTY_POST
    return b""


Transition = Callable[["Session", Call | None, float], bytes | None]

TRANSITIONS: Mapping[tuple[State, str], Transition] = {
    (State.INFORMING, "response"): _informed,
    (State.INFORMING, "rpc"): _called_at_once,
    (State.INFORMING, "strange"): _called_at_once,
    (State.INFORMING, "empty"): _inform_unanswered,
    (State.INFORMING, "fault"): _inform_refused,
    (State.REQUESTING, "response"): _responded,
    (State.REQUESTING, "rpc"): _answered,
    (State.REQUESTING, "strange"): _not_understood,
    (State.REQUESTING, "empty"): _request_unanswered,
    (State.REQUESTING, "fault"): _request_refused,
    (State.SERVING, "response"): _unexpected,
    (State.SERVING, "rpc"): _answered,
    (State.SERVING, "strange"): _not_understood,
    (State.SERVING, "empty"): _floor_empty,
    (State.SERVING, "fault"): _fault_while_serving,
}
