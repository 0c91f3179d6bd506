"""A small CPE side for tests of the conversation alone: no device, no profile."""

from __future__ import annotations

from typing import Any

from cpesim.cwmp import names, write
from cpesim.cwmp.fault import Fault
from cpesim.cwmp.read import Call
from cpesim.cwmp.session import Request, Session
from tests.play import Play

DONE = write.transfer_complete("k", 0, names.UNKNOWN_TIME, names.UNKNOWN_TIME)


def inform(namespace: str) -> bytes:
    """A small Inform."""
    value = write.value("Device.X", "string", "1").encode()
    maker = write.device_id("Maker", "00D09E", "Box")
    told, time = [("2 PERIODIC", "")], "2026-01-01T00:00:00Z"
    return write.inform(maker, "1", told, time, 0, [value])


def answer(call: Call, now: float) -> bytes:
    """A device that knows two methods, and refuses a third with a late code."""
    if call.method == "Reboot":
        return b"<cwmp:RebootResponse/>"
    if call.method == "GetRPCMethods":
        return write.rpc_methods(["GetRPCMethods"])
    raise Fault(9000)


def a_request() -> Request:
    """A TransferComplete that waits."""
    return Request("TransferComplete", lambda namespace: DONE)


def play(*requests: Request, version: str = "1.0", **options: Any) -> Play:
    """The session of such a device, begun."""
    header = write.inform_header(version, 30)
    session = Session(version, inform, requests, answer, header=header, **options)
    return Play(session)


def kinds(played: Play) -> list[str]:
    """What the ACS did wrong, by kind."""
    return [kind for kind, _ in played.session.flaws]
