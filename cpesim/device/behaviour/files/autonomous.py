"""
Files that no ACS ordered, and files that a device asks its ACS for (T9).

Rule: only where the profile says so, and each device at a moment of its own.
"""

from __future__ import annotations

from functools import partial

from cpesim.chance import chance
from cpesim.cwmp import names, transfers
from cpesim.cwmp.session import Request
from cpesim.device.behaviour.files.transfer import has_room, queue, start
from cpesim.device.device import Device
from cpesim.device.moment import following
from cpesim.device.profile import Behaviour
from cpesim.device.transfer import Autonomous, Transfer, Wish


def schedule(device: Device, now: float) -> None:
    """At every boot: the next file of its own, and the next wish."""
    ways = device.profile.transfers
    # V1: cwmp-1-0 has no word for what no ACS ordered.
    if ways.autonomous is not None and device.profile.cwmp != "1.0":
        _next(device, "autonomous", ways.autonomous, now)
    if ways.request is not None:
        _next(device, "request download", ways.request, now)


def _next(device: Device, name: str, way: Autonomous | Wish, now: float) -> None:
    device.silence(name)
    seed = device.model.world.seed
    if chance(seed, device.n, f"{name}/share") < way.share:
        phase = chance(seed, device.n, name) * way.every
        device.alarm(following(now, phase, way.every), name)


def ring_autonomous(device: Device, key: object, now: float) -> None:
    """The device moves a file of its own accord; with a full queue this time not."""
    way = device.profile.transfers.autonomous
    assert way is not None
    under_way = any(t.event == "" and t.request is None for t in device.transfers)
    if not under_way and has_room(device):
        transfer = Transfer(
            "",
            way.type,
            way.url,
            target=way.target,
            upload=not way.download,
            event="",
            announce=way.announce,
        )
        queue(device, transfer)
        start(device, transfer, now)
    _next(device, "autonomous", way, now)


def ring_request(device: Device, key: object, now: float) -> None:
    """`9 REQUEST DOWNLOAD`: one wish at a time."""
    wish = device.profile.transfers.request
    assert wish is not None
    if not any(r.method == "RequestDownload" for r in device.requests):
        render = partial(_request, wish)
        told = ((names.REQUEST_DOWNLOAD, ""),)
        asked = Request("RequestDownload", render, told, kept=wish.keep)
        device.requests = (*device.requests, asked)
        device.want(now, "request download")
    _next(device, "request download", wish, now)


def _request(wish: Wish, namespace: str) -> bytes:
    return transfers.request_download(wish.type, wish.arguments)


AUTONOMOUS = Behaviour(
    "autonomous",
    alarms={"autonomous": ring_autonomous, "request download": ring_request},
    starts=(schedule,),
)
