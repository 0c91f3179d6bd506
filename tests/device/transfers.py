"""What the tests of transfers share: a shipped device, and an order that runs."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from cpesim.device.catalog import load_profile
from cpesim.device.device import Device
from cpesim.device.profile import Profile
from cpesim.device.transfer import Transfer, Transfers
from cpesim.device.world import World
from tests.play import EMPTY, Play, reply

GATEWAY = "residential-gateway-tr181"
INFO = "Device.DeviceInfo."
POLICY = "Device.ManagementServer.AutonomousTransferCompletePolicy."
FILE = "http://127.0.0.1:1/files/new.cfg"
WEB = "2 Web Content"


@cache
def shipped(name: str) -> Profile:
    """A shipped profile, compiled once."""
    return load_profile(name)


def gateway(cwmp: str = "1.2", n: int = 0, **ways: object) -> Device:
    """A shipped gateway after its boot, that moves files in these *ways*."""
    profile = replace(
        shipped(GATEWAY),
        cwmp=cwmp,
        transfers=Transfers(**ways),  # type: ignore[arg-type]
    )
    device = Device(profile, n, World(1, epoch=1_767_225_600.0))
    device.boot(0.0)
    hold(device, 0.0)
    return device


def asked(device: Device, message: bytes, now: float = 1.0) -> Play:
    """A session at *now* in which the ACS sends one message: the Play, answered."""
    version = device.profile.cwmp
    play = Play(device.begin(now), now) << reply("InformResponse", version=version)
    while play.body and play.method in OURS:
        play = play << reply(f"{play.method}Response", version=version)
    play = play << message
    device.end(play.session, now)
    return play


def hold(device: Device, now: float, *messages: bytes) -> None:
    """A whole session in the profile's version, in which the ACS sends *messages*."""
    version = device.profile.cwmp
    play = told(device, now, version)
    while play.body and play.method in OURS:
        play = play << reply(f"{play.method}Response", version=version)
    for message in messages:
        play = play << message
        assert play.method != "Fault"
    device.end((play << EMPTY).session, now)
    device.wake(now)


OURS = ("TransferComplete", "AutonomousTransferComplete", "RequestDownload")


def under_way(device: Device, now: float, message: bytes) -> Transfer:
    """The transfer that an order at *now* starts: the engine's to move."""
    hold(device, now, message)
    (transfer,) = device.errands
    device.errands = ()
    return transfer


def brought(device: Device, transfer: Transfer, code: int, now: float) -> None:
    """The engine is back with a code."""
    device.returned(transfer, code, now)
    device.wake(now)


def told(device: Device, now: float, version: str = "1.2") -> Play:
    """The next session, up to the first request of the device's own."""
    return Play(device.begin(now), now) << reply("InformResponse", version=version)


def answered(device: Device, play: Play, version: str = "1.2") -> None:
    """The rest of a session in which every request is answered."""
    while play.body:
        play = play << reply(f"{play.method}Response", version=version)
    play = play << EMPTY
    device.end(play.session, play.now)
