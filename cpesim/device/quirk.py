"""
Traits of devices in the field that no standard foresaw, each by its name.

Rule: QUIRKS is all of them; each is off until a profile names it, with its share of the
fleet. A device without quirks runs none of this: its session is the plain Session.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any

from cpesim.chance import chance
from cpesim.cwmp import names
from cpesim.cwmp.fault import Fault
from cpesim.cwmp.pause import Pause
from cpesim.cwmp.read import Call, items
from cpesim.cwmp.session import Session
from cpesim.cwmp.state import State
from cpesim.errors import HungUp

if TYPE_CHECKING:
    from cpesim.device.device import Device


@dataclass(frozen=True, slots=True)
class Quirk:
    """A quirk as a profile has it: *share* of its devices, and *how* it shows."""

    name: str
    share: float = 1.0
    how: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kind:
    """
    What a quirk does, at the points where it may.

    *asked* sees an RPC before it is answered and may raise a Fault; *said* makes of an
    envelope what is sent in its place; *delay* gives the seconds before an answer;
    *ends* says whether the CPE hangs up after its Inform.
    """

    words: str
    asked: Callable[[Device, Call, Mapping[str, Any]], None] | None = None
    said: Callable[[bytes, Mapping[str, Any]], bytes] | None = None
    delay: Callable[[Device, float, Mapping[str, Any]], float] | None = None
    ends: Callable[[Device, float, Mapping[str, Any]], bool] | None = None


def refuse_listed(device: Device, call: Call, how: Mapping[str, Any]) -> None:
    """Fault 9005 for a parameter that GetParameterNames lists."""
    if call.method != "GetParameterValues":
        return
    for entry in items(call.element, "ParameterNames"):
        name = entry.text or ""
        if any(fnmatchcase(name, pattern) for pattern in how["paths"]):
            raise Fault(9005)


def retype(body: bytes, how: Mapping[str, Any]) -> bytes:
    """Values under another xsi:type than their own."""
    for right, wrong in how["types"].items():
        old, new = f'xsi:type="xsd:{right}"', f'xsi:type="xsd:{wrong}"'
        body = body.replace(old.encode(), new.encode())
    return body


_ARRAY_TYPE = re.compile(rb' soap-enc:arrayType="[^"]*"')
_TAG = re.compile(rb"<[^>]*>|(?<=<faultcode>)[^<]*")
_TIMES = re.compile(rb"<(CurrentTime|StartTime|CompleteTime)>([^<]*)Z</")


def leave_out_array_type(body: bytes, how: Mapping[str, Any]) -> bytes:
    """Arrays that do not say how long they are."""
    return _ARRAY_TYPE.sub(b"", body)


def rename_prefixes(body: bytes, how: Mapping[str, Any]) -> bytes:
    """Other namespace prefixes; the namespaces are the same."""

    def renamed(tag: re.Match[bytes]) -> bytes:
        text = tag[0]
        for old, new in how["names"].items():
            was, now = old.encode(), new.encode()
            text = text.replace(was + b":", now + b":").replace(
                b"xmlns:" + was + b"=", b"xmlns:" + now + b"="
            )
        return text

    return _TAG.sub(renamed, body)


def shift_clock(body: bytes, how: Mapping[str, Any]) -> bytes:
    """Times of a device whose clock is wrong."""

    def shifted(found: re.Match[bytes]) -> bytes:
        name, text = found[1].decode(), found[2].decode()
        if f"{text}Z" == names.UNKNOWN_TIME:
            return found[0]
        try:
            time = datetime.fromisoformat(text) + timedelta(seconds=how["by"])
        except (ValueError, OverflowError):
            return found[0]
        return f"<{name}>{time.isoformat(timespec='seconds')}Z</".encode()

    return _TIMES.sub(shifted, body)


def answer_slowly(device: Device, now: float, how: Mapping[str, Any]) -> float:
    """Seconds that an answer takes."""
    model = device.model
    drawn = chance(model.world.seed, model.n, f"slow/{now}")
    return float(how["least"] + (how["most"] - how["least"]) * drawn)


def hang_up(device: Device, now: float, how: Mapping[str, Any]) -> bool:
    """Whether this session ends with its Inform."""
    model = device.model
    return chance(model.world.seed, model.n, f"hang up/{now}") < float(how["odds"])


NO_BOOTSTRAP, DOUBLE_INFORM = "no_bootstrap", "double_inform"
QUIRKS: Mapping[str, Kind] = {
    "refuses_listed": Kind(
        "GetParameterValues of a parameter that is listed answers 9005",
        asked=refuse_listed,
    ),
    "wrong_types": Kind("values bear another xsi:type than their own", said=retype),
    "no_array_type": Kind(
        "arrays bear no soap-enc:arrayType", said=leave_out_array_type
    ),
    "slow_answers": Kind("answers to RPCs take their time", delay=answer_slowly),
    NO_BOOTSTRAP: Kind("the first session tells 1 BOOT without 0 BOOTSTRAP"),
    "wrong_clock": Kind(
        "CurrentTime, StartTime, CompleteTime are off", said=shift_clock
    ),
    DOUBLE_INFORM: Kind("each good session is held a second time, at once"),
    "hangs_up": Kind("the CPE breaks off after the InformResponse", ends=hang_up),
    "prefixes": Kind("the envelope has other namespace prefixes", said=rename_prefixes),
}


def of(device: Device) -> list[Quirk]:
    """The quirks that this device has: the same ones for ever."""
    model = device.model
    return [
        quirk
        for quirk in device.profile.quirks
        if chance(model.world.seed, model.n, f"quirk/{quirk.name}") < quirk.share
    ]


def has(device: Device, name: str) -> bool:
    """Whether this device has the quirk of that name."""
    return any(quirk.name == name for quirk in of(device))


def session_of(device: Device, now: float) -> Callable[..., Session]:
    """What makes this device's session: the plain one where nothing is odd."""
    found = of(device)
    return partial(OddSession, device, found, now) if found else Session


class OddSession(Session):
    """
    A session of a device with quirks.

    `delay` is what the engine waits before it posts what came out last.
    """

    __slots__ = ("_device", "_ends", "_odd", "_plainly", "delay")

    def __init__(
        self, device: Device, found: list[Quirk], now: float, *whole: Any, **how: Any
    ) -> None:
        super().__init__(*whole, **how)
        self._device = device
        self._odd = [(QUIRKS[quirk.name], quirk.how) for quirk in found]
        self._ends = any(k.ends and k.ends(device, now, h) for k, h in self._odd)
        self.delay = 0.0
        self._plainly, self.answer = self.answer, self._oddly

    def _oddly(self, call: Call, now: float) -> bytes:
        for kind, how in self._odd:
            if kind.asked is not None:
                kind.asked(self._device, call, how)
        return self._plainly(call, now)

    def start(self) -> bytes:
        """The Inform, as this device writes it."""
        return self._said(super().start())

    def receive(self, body: bytes, now: float) -> bytes | None:
        """As Session's; raises HungUp where the device breaks off."""
        sent = super().receive(body, now)
        if self._ends and self.informed:
            self.state = State.FAILED
            raise HungUp
        self.delay = 0.0
        if not sent:
            return sent
        if self.state is State.SERVING:
            for kind, how in self._odd:
                if kind.delay is not None:
                    self.delay += kind.delay(self._device, now, how)
        return self._said(sent)

    def resume(self, pause: Pause, outcome: object, now: float) -> bytes:
        """As Session's."""
        return self._said(super().resume(pause, outcome, now))

    def _said(self, body: bytes) -> bytes:
        for kind, how in self._odd:
            if kind.said is not None:
                body = kind.said(body, how)
        return body
