"""
What a write below ManagementServer does to the device itself (H8, C8).

Rule: only what is more than a value; credentials are read from the model when they
are needed, and so need nothing here.
"""

from __future__ import annotations

from cpesim.cwmp import names
from cpesim.device import events
from cpesim.device.device import Device
from cpesim.device.notices.noticing import LIGHTWEIGHT
from cpesim.device.profile import Behaviour


def on_url(device: Device, name: str, given: str, now: float) -> None:
    """A new ACS: after the session, `0 BOOTSTRAP` at the new URL."""
    device.alarm(now, "new ACS")


def ring_new_acs(device: Device, key: object, now: float) -> None:
    """What the old ACS did not hear, the new one is not told (E3)."""
    boots = tuple(e for e in device.events if e[0] == names.BOOT)
    device.events = events.add(boots, names.BOOTSTRAP)
    device.changes = ()
    device.remember(LIGHTWEIGHT, None)
    device.transfers = tuple(t for t in device.transfers if t.request is None)
    device.requests = ()
    device.want(now, "new ACS")


def on_connection_request_enable(
    device: Device, name: str, given: str, now: float
) -> None:
    """Without connection requests there is no URL for them."""
    model = device.model
    url = model.profile.root + "ManagementServer.ConnectionRequestURL"
    if given in ("1", "true") and device.profile.ways.listens:
        model.own.pop(url, None)
        if not model.find(url, now):  # they were off when it left the factory
            model.set(url, model.world.url(model.n))
    else:
        model.set(url, "")
    device.changed(url, now)


SERVER = Behaviour(
    "server",
    writes={
        "*.ManagementServer.URL": on_url,
        "*.ManagementServer.HTTPConnectionRequestEnable": on_connection_request_enable,
    },
    alarms={"new ACS": ring_new_acs},
)
