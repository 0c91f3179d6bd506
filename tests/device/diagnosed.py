"""A device of a shipped profile whose ACS has diagnostics done."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

from cpesim.cwmp.session import State
from cpesim.device.catalog import load_profile
from cpesim.device.check import check
from cpesim.device.device import Device
from cpesim.device.profile import Profile
from cpesim.device.world import World
from tests.play import EMPTY, OVER, Play, reply

TR098, TR181 = "residential-gateway-tr098", "residential-gateway-tr181"
PING = "Device.IP.Diagnostics.IPPing."
TRACE = "Device.IP.Diagnostics.TraceRoute."
DOWNLOAD = "Device.IP.Diagnostics.DownloadDiagnostics."
UPLOAD = "Device.IP.Diagnostics.UploadDiagnostics."
LOOKUP = "Device.DNS.Diagnostics.NSLookupDiagnostics."
WIFI = "Device.WiFi.NeighboringWiFiDiagnostic."
STATE = "DiagnosticsState"
COMPLETE = ("8 DIAGNOSTICS COMPLETE", "")
EPOCH = 1_767_225_600.0


@cache
def profile_of(name: str) -> Profile:
    return load_profile(name)


class Desk:
    """A device on a desk, its ACS, and the counters of the run."""

    def __init__(self, kind: str | Profile = TR181, n: int = 0, **habits: Any) -> None:
        profile = kind if isinstance(kind, Profile) else profile_of(kind)
        profile = replace(profile, diagnostics=replace(profile.diagnostics, **habits))
        self.counters: Counter[str] = Counter()
        world = World(1, epoch=EPOCH, timers=False, count=self.count)
        self.device = Device(profile, n, world)
        self.device.boot(0.0)
        self.hold(0.0)

    def count(self, name: str, by: int) -> None:
        self.counters[name] += by

    def hold(self, now: float, *messages: bytes) -> list[tuple[str, str]]:
        """One good session in which the ACS sends *messages*; the Inform's events."""
        play = self.begin(now)
        told = play.events()
        play = play << reply("InformResponse")
        for message in messages:
            play = play << message
        self.end(play, now)
        return told

    def begin(self, now: float) -> Play:
        """A session of which the Inform has left; a periodic one for want of events."""
        device = self.device
        if not (device.events or device.changes):
            device.tell("2 PERIODIC", "", now, "periodic")
        return Play(self.device.begin(now), now) >> "Inform"

    def end(self, play: Play, now: float) -> None:
        """The ACS has nothing more to ask."""
        _ = play << EMPTY >> OVER
        self.device.end(play.session, now)
        self.device.wake(now)

    def fail(self, now: float) -> list[tuple[str, str]]:
        """A session that fails before an InformResponse; its events."""
        play = self.begin(now)
        told = play.events()
        play.session.state = State.FAILED
        self.device.end(play.session, now)
        return told

    def set(self, *pairs: tuple[str, str]) -> bytes:
        """A SetParameterValues of the device's own types."""
        parameters = self.device.profile.parameters
        return reply(
            "SetParameterValues", [(n, parameters[n].type, v) for n, v in pairs]
        )

    def request(self, path: str, now: float = 10.0, **inputs: str) -> None:
        """The ACS sets the inputs, and Requested with them."""
        pairs = [(path + name, text) for name, text in inputs.items()]
        self.hold(now, self.set(*pairs, (path + STATE, "Requested")))

    def refusal(self, message: bytes, now: float = 5.0) -> list[tuple[str, str]]:
        """The parameters that a SetParameterValues is refused for, with their codes."""
        play = self.begin(now) << reply("InformResponse")
        play = play << message
        entries = play.sent.iter("SetParameterValuesFault")
        found = [
            (e.findtext("ParameterName"), e.findtext("FaultCode")) for e in entries
        ]
        self.end(play, now)
        return found

    def finish(self, path: str) -> float:
        """Let the time pass until the diagnostic rings; when that is."""
        due = [a[0] for a in self.device.alarms if a[1] == "diagnosed"]
        assert due, f"nothing runs at {path}"
        now = min(due)
        self.device.wake(now)
        return now

    def done(self, path: str, now: float = 10.0, **inputs: str) -> dict[str, str]:
        """Request a diagnostic, let it end, and read its object."""
        self.request(path, now, **inputs)
        return self.read(path, self.finish(path))

    def read(self, path: str, now: float = 0.0) -> dict[str, str]:
        """The parameters below an object, by their relative names."""
        model = self.device.model
        return {n[len(path) :]: model.get(n, now) for n in model.under(path)}

    def state(self, path: str) -> str:
        return self.device.model.get(path + STATE, 0.0)


def sound(desk: Desk, path: str) -> None:
    """Every parameter below *path* reads a value of its type."""
    model = desk.device.model
    for name in model.under(path):
        parameter, text = model.parameter(name), model.get(name, 0.0)
        assert parameter is not None
        assert not text or not check(parameter, text), (name, text)
