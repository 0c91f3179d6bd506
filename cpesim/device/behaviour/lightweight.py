"""
Lightweight notifications: changes told in datagrams (notifications 3 to 6).

Rule: what is noted (device/notices/noticing.py) leaves here as an errand, and is then
forgotten: a datagram has no answer, so none is sent twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from cpesim.chance import draw
from cpesim.cwmp import lightweight
from cpesim.device.device import Device
from cpesim.device.identity import identity
from cpesim.device.model import HIDDEN
from cpesim.device.notices import noticing
from cpesim.device.notices.noticing import THROTTLE, WATCH
from cpesim.device.profile import Behaviour
from cpesim.device.transfer import MOVING

# Bytes of parameters in one datagram, which is to pass Ethernet in one piece.
ROOM = 900
MOST = 16  # datagrams for one change of many values


class Notification:
    """An Errand: datagrams to *host*, ready and signed."""

    done = "notified"
    __slots__ = ("datagrams", "host", "port", "state")

    def __init__(self, host: str, port: int, datagrams: tuple[bytes, ...]) -> None:
        self.host = host
        self.port = port
        self.datagrams = datagrams
        self.state = MOVING

    def __repr__(self) -> str:
        return f"<Notification to {self.host}:{self.port}>"


def ring(device: Device, key: object, now: float) -> None:
    """Tell what has changed, the passive ones along with the active."""
    if WATCH in device.memory:
        noticing.look(device, now)
        device.silence(noticing.LIGHTWEIGHT)  # what was just seen goes along
    noted = device.memory.get(noticing.LIGHTWEIGHT, ())
    device.remember(noticing.LIGHTWEIGHT, None)
    model = device.model
    server = device.profile.root + "ManagementServer."
    used = model.find(server + "LightweightNotificationProtocolsUsed", now)
    host, port = _where(device, server, now)
    if "UDP" not in used.split(",") or not host or not 0 < port < 65536:
        return  # an empty list switches them off, whatever the attributes say
    datagrams = tuple(
        lightweight.datagram(host, port, body, model.find(server + "Password", now))
        for body in _bodies(device, server, noted, now)
    )
    if datagrams:
        device.errands = (*device.errands, Notification(host, port, datagrams))
    kept = device.memory.get(THROTTLE)
    if kept is not None:
        device.remember(THROTTLE, (kept[0], kept[1], now))


def _where(device: Device, server: str, now: float) -> tuple[str, int]:
    """Host and port: the ACS's own host where none is given."""
    model = device.model
    host = model.find(server + "UDPLightweightNotificationHost", now).strip()
    if not host:
        try:
            host = urlsplit(model.find(server + "URL", now)).hostname or ""
        except ValueError:
            host = ""
    port = model.find(server + "UDPLightweightNotificationPort", now)
    return host, int(port or lightweight.PORT)


def _bodies(
    device: Device, server: str, noted: tuple[str, ...], now: float
) -> list[bytes]:
    """The notifications that tell these parameters, each of one datagram's size."""
    model, who = device.model, identity(device.model)
    return [
        lightweight.notification(
            time=int(model.world.epoch + now),
            username=model.find(server + "Username", now),
            nonce=f"{draw(model.world.seed, device.n, f'cn/{now}/{k}'):016X}",
            oui=who.oui,
            product_class=who.product_class,
            serial=who.serial,
            parameters=parameters,
        )
        for k, parameters in zip(
            range(MOST), _portions(device, noted, now), strict=False
        )
    ]


def _portions(
    device: Device, noted: tuple[str, ...], now: float
) -> Iterator[list[str]]:
    """The parameters, as many together as one datagram has room for."""
    model, portion, size = device.model, list[str](), 0
    for name in noted:
        parameter = model.parameter(name)
        if parameter is None:
            continue
        hidden = HIDDEN.get(parameter.type, "") if parameter.hidden else None
        text = model.get(name, now) if hidden is None else hidden
        told = lightweight.parameter(name, parameter.type, text)
        if portion and size + len(told) > ROOM:
            yield portion
            portion, size = [], 0
        portion.append(told)
        size += len(told)
    if portion:
        yield portion


def ring_notified(device: Device, key: object, now: float) -> None:
    """The datagrams have left, or have not: nobody knows what came of them."""


LIGHTWEIGHT = Behaviour(
    "lightweight", alarms={noticing.LIGHTWEIGHT: ring, Notification.done: ring_notified}
)
