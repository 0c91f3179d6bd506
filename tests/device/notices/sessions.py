"""Sessions that go well or fail, for tests of what is told in them."""

from __future__ import annotations

from cpesim.cwmp.session import Request, State
from cpesim.device.device import Device
from tests.factory import make_device
from tests.play import Play, reply


def key_of(code: str) -> str:
    """M events have a CommandKey, the others an empty one (E2)."""
    return "key" if code[0] == "M" else ""


def failed(device: Device, now: float) -> list[tuple[str, str]]:
    """The events of the next session, which fails before an InformResponse."""
    play = Play(device.begin(now), now)
    told = play.events()
    play.session.state = State.FAILED
    device.end(play.session, now)
    return told


def good(device: Device, now: float) -> list[tuple[str, str]]:
    """The events of the next session, in which nothing is asked but the Inform."""
    play = Play(device.begin(now), now)
    told = play.events()
    play = play << reply("InformResponse", version="1.4")
    while play.body:
        play = play << reply("Fault", 8002)
    play = play << b""
    assert play.body is None
    device.end(play.session, now)
    return told


def make_modern() -> Device:
    """A test box of CWMP 1.4, which knows every event."""
    return make_device(cwmp="1.4")


def request_of(method: str, *told: tuple[str, str]) -> Request:
    """A request of ours that tells these events."""
    return Request(method, lambda ns: f"<cwmp:{method}/>".encode(), told)
