"""
What each kind of fault does, at five points of a session.

Rule: one function a kind, one line in KINDS; the names and arguments are those of
scenario/injection.py. A function says of its Drawn that it *shows* when it does.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from cpesim.chance import chance
from cpesim.cwmp import names
from cpesim.cwmp.fault import Fault
from cpesim.cwmp.read import Call
from cpesim.device.quirk import shift_clock
from cpesim.errors import ConnectFailed
from cpesim.scenario.injection import ANSWER, INFORM
from cpesim.wire.ways.faulty import CONNECTED, NAME, SOCKET, FaultyLink

if TYPE_CHECKING:
    from cpesim.engine.injection.session import FaultySession

Edit = Callable[[bytes], bytes]  # of an envelope that is going to be sent
TRANSFER_FAILED, INTERNAL = 9010, 9002
LAST_TRANSFER_CODE = 9020
# P3: codes that SetParameterValues tells of one parameter, under a 9003.
OF_A_PARAMETER = range(9005, 9009)
NARROW = 2048  # bytes; Linux doubles it and takes at least 2,304
_COOKIE = re.compile(rb"\r\nCookie: [^\r]*", re.IGNORECASE)
_END = re.compile(rb"</[^<>]*Envelope>\s*$")


class Drawn:
    """A fault that a session has: of which injection, which kind, and how."""

    __slots__ = ("_n", "_salt", "_seed", "how", "kind", "name", "shown")

    def __init__(
        self, name: str, kind: str, how: Mapping[str, Any], seed: int, n: int, salt: str
    ) -> None:
        self.name = name
        self.kind = kind
        self.how = how
        self.shown = False
        self._seed, self._n, self._salt = seed, n, salt

    def shows(self) -> None:
        """It has been seen by the ACS, or kept from it what it should have seen."""
        self.shown = True

    def draw(self, what: str) -> float:
        """A number in [0, 1) of this session's own."""
        return chance(self._seed, self._n, f"{self._salt}/{what}")


# -- begin: the Inform is about to be written


def duplicate_inform(session: FaultySession, drawn: Drawn) -> None:
    """The Inform once more when it was answered."""
    session.repeat()
    drawn.shows()


def clock_skew(session: FaultySession, drawn: Drawn) -> Edit:
    """Another CurrentTime."""
    drawn.shows()
    return partial(shift_clock, how={"by": drawn.how["by"]})


def spoilt_inform(edit: Callable[[Drawn], Edit]) -> Begin:
    """What spoils the Inform, if that is what the scenario wants spoilt."""

    def begin(session: FaultySession, drawn: Drawn) -> Edit | None:
        return edit(drawn) if drawn.how["message"] == INFORM else None

    return begin


def spoilt_answer(edit: Callable[[Drawn], Edit]) -> Answer:
    """What spoils answers to RPCs, if they are what the scenario wants spoilt."""

    def answer(session: FaultySession, call: Call, drawn: Drawn) -> Edit | None:
        return edit(drawn) if drawn.how["message"] == ANSWER else None

    return answer


def malformed_xml(drawn: Drawn) -> Edit:
    """An envelope that breaks off in an element."""
    drawn.shows()
    return lambda body: body[: body.rfind(b"</", 0, len(body) * 2 // 3) + 3]


def oversize(drawn: Drawn) -> Edit:
    """An envelope of that many bytes."""

    def padded(body: bytes) -> bytes:
        end = _END.search(body)
        missing = int(drawn.how["size"]) - len(body)
        if end is None or missing <= 0:
            return body
        drawn.shows()
        return body[: end.start()] + b" " * missing + body[end.start() :]

    return padded


# -- connect: before the name is looked up, before the SYN, and when TCP stands


async def dns(link: FaultyLink | None, stage: str, drawn: Drawn) -> None:
    """No address."""
    if stage == NAME:
        drawn.shows()
        raise ConnectFailed("dns", "a fault of the scenario")


async def connect_drop(link: FaultyLink | None, stage: str, drawn: Drawn) -> None:
    """Connected, and gone."""
    if stage == CONNECTED and link is not None:
        drawn.shows()
        raise link.drop(drawn.kind)


async def tls_fail(link: FaultyLink | None, stage: str, drawn: Drawn) -> None:
    """A handshake that comes to nothing."""
    if stage == CONNECTED and link is not None:
        drawn.shows()
        raise await link.break_handshake(drawn.kind)


async def narrow(link: FaultyLink | None, stage: str, drawn: Drawn) -> None:
    """A window that is small from the SYN on, for slow_read."""
    if stage == SOCKET and link is not None:
        link.narrow(NARROW)


# -- send: a message is about to leave by its socket


async def tcp_reset_mid_body(link: FaultyLink, message: bytes, drawn: Drawn) -> bytes:
    """Half of the body, and a reset."""
    head, end, body = message.partition(b"\r\n\r\n")
    if link.saying != drawn.how["rpc"] or len(body) < 2:
        return message
    drawn.shows()
    await link.send_only(head + end + body[: len(body) // 2])
    raise link.reset(drawn.kind)


async def no_cookie(link: FaultyLink, message: bytes, drawn: Drawn) -> bytes:
    """The message without its cookies."""
    head, end, body = message.partition(b"\r\n\r\n")
    without = _COOKIE.sub(b"", head)
    if without != head:
        drawn.shows()
    return without + end + body


# -- receive: a message was sent, its answer is about to be waited for


async def tcp_reset_before_response(link: FaultyLink, drawn: Drawn) -> None:
    """A reset in place of reading."""
    if link.saying == drawn.how["rpc"]:
        drawn.shows()
        await link.send_only(b"")
        raise link.reset(drawn.kind)


async def slow_read(link: FaultyLink, drawn: Drawn) -> None:
    """A few bytes at a time."""
    drawn.shows()
    link.rate = float(drawn.how["rate"])


# -- answer: an RPC is about to be answered


def cwmp_fault(session: FaultySession, call: Call, drawn: Drawn) -> None:
    """A fault in place of doing it."""
    wanted = drawn.how["rpc"]
    if wanted and call.method != wanted:
        return
    drawn.shows()
    code = told(int(drawn.how["code"]), session.namespace)
    if call.method == "SetParameterValues" and code in OF_A_PARAMETER:
        name = call.element.findtext(".//Name") or ""
        raise Fault(9003, details=((name, code, Fault(code).text),))
    raise Fault(code)


def wrong_id(session: FaultySession, call: Call, drawn: Drawn) -> None:
    """An answer under another ID."""
    drawn.shows()
    call.id = f"{call.id}-not"


def delay_response(session: FaultySession, call: Call, drawn: Drawn) -> None:
    """An answer that comes late."""
    drawn.shows()
    session.linger(drawn.how["by"].at(drawn.draw(f"by/{session.answers}")))


def told(code: int, namespace: str) -> int:
    """V1: what the version has no word for is the nearest that it has one for."""
    if code <= names.FAULTS_UP_TO[namespace] or code > max(names.FAULTS_UP_TO.values()):
        return code
    return TRANSFER_FAILED if code <= LAST_TRANSFER_CODE else INTERNAL


Begin = Callable[["FaultySession", Drawn], Edit | None]
Connect = Callable[[FaultyLink | None, str, Drawn], Awaitable[None]]
Send = Callable[[FaultyLink, bytes, Drawn], Awaitable[bytes]]
Receive = Callable[[FaultyLink, Drawn], Awaitable[None]]
Answer = Callable[["FaultySession", Call, Drawn], Edit | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """
    What a kind does, at the points where it does something.

    *begin* and *answer* may give an edit of the envelope that comes next; *answer* may
    raise the Fault that is answered; the others may raise a WireError.
    """

    begin: Begin | None = None
    connect: Connect | None = None
    send: Send | None = None
    receive: Receive | None = None
    answer: Answer | None = None


KINDS: Mapping[str, Kind] = {
    "tcp_reset_before_response": Kind(receive=tcp_reset_before_response),
    "tcp_reset_mid_body": Kind(send=tcp_reset_mid_body),
    "delay_response": Kind(answer=delay_response),
    "slow_read": Kind(connect=narrow, receive=slow_read),
    "connect_drop": Kind(connect=connect_drop),
    "tls_fail": Kind(connect=tls_fail),
    "no_cookie": Kind(send=no_cookie),
    "duplicate_inform": Kind(begin=duplicate_inform),
    "cwmp_fault": Kind(answer=cwmp_fault),
    "wrong_id": Kind(answer=wrong_id),
    "malformed_xml": Kind(
        begin=spoilt_inform(malformed_xml), answer=spoilt_answer(malformed_xml)
    ),
    "oversize": Kind(begin=spoilt_inform(oversize), answer=spoilt_answer(oversize)),
    "clock_skew": Kind(begin=clock_skew),
    "dns": Kind(connect=dns),
}
