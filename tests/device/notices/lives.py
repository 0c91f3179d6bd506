"""A test box whose values live: an address, clients, a counter, a state that flips."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network

from cpesim.device.device import Device
from cpesim.device.language.template import ipv4_pool
from cpesim.device.living import (
    VISIT,
    Counter,
    Entries,
    Flip,
    Lease,
    Presence,
    Present,
    Uptime,
)
from cpesim.device.profile import Parameter, Profile, Table, Value
from cpesim.device.world import World
from tests.factory import HOSTS, ROOT, WAN, hold, make_profile
from tests.play import reply

ADDRESS = WAN + "ExternalIPAddress"
STATUS = WAN + "Status"
SENT = WAN + "Sent"
UPTIME = ROOT + "DeviceInfo.UpTime"
COUNT = ROOT + "LANDevice.1.Hosts.HostNumberOfEntries"
HERE, NAME = HOSTS + "1.Active", HOSTS + "1.Name"
FLIP = 600.0
POOL = ipv4_pool(IPv4Network("100.64.0.0/10"))
LIVING: dict[str, tuple[str, Value]] = {
    STATUS: ("string", Flip("Up", "Down", 0.5, FLIP)),
    SENT: ("unsignedInt", Counter(1000.0)),
    UPTIME: ("unsignedInt", Uptime()),
    COUNT: ("unsignedInt", Entries("Host")),
    HERE: ("boolean", Presence(0.5)),
    NAME: ("string", Present("laptop", 0.5)),
}
PERIODIC = ROOT + "ManagementServer.PeriodicInformEnable"


TABLES = {
    ROOT + "LANDevice.{i}.Hosts.Host.{i}.": Table(
        True,
        4,
        {
            "Name": Parameter("string", True, ""),
            "Active": Parameter("boolean", default=Presence(0.5)),
        },
    )
}


def make_profile_that_lives(
    address: str = "active", more: int = 0, tables: dict[str, Table] = TABLES
) -> Profile:
    """
    The test box's profile with LIVING, and as many *more* values that flip.

    *address* is how the WAN address notifies.
    """
    profile = make_profile()
    parameters = dict(profile.parameters)
    for name, (type, value) in LIVING.items():
        parameters[name] = Parameter(type, default=value)
    parameters[STATUS] = replace(parameters[STATUS], writable=True)
    parameters[ADDRESS] = replace(
        parameters[ADDRESS], default=Lease(POOL, 3600.0), notify=address
    )
    parameters[PERIODIC] = replace(parameters[PERIODIC], default="0")
    for k in range(more):
        parameters[f"{WAN}Lane{k}"] = Parameter("string", default=LIVING[STATUS][1])
    fixed = parameters.keys() - {*LIVING, ADDRESS, PERIODIC}
    rendered = {n: r for n, r in profile.rendered.items() if n in fixed}
    return replace(
        profile,
        parameters=parameters,
        names=tuple(sorted(parameters)),
        rendered=rendered,
        tables=tables,
    )


def make_device_that_lives(
    n: int = 0, address: str = "", more: int = 0, tables: dict[str, Table] = TABLES
) -> Device:
    """A booted device of it that has said so; no timer of its own rings."""
    profile = make_profile_that_lives(address, more, tables)
    device = Device(profile, n, World(1, epoch=1_767_225_600.0))
    device.boot(0.0)
    hold(device, 0.0)
    return device


def asked(device: Device, now: float, *entries: tuple[str, int]) -> None:
    """The ACS sets notifications, in a session of its own."""
    wanted = [(name, True, level, None) for name, level in entries]
    hold(device, now, reply("SetParameterAttributes", wanted))


def change(device: Device, name: str, after: float, step: float = 1.0) -> float:
    """The first moment after *after*, in steps, at which a value reads otherwise."""
    old, now = device.model.get(name, after), after
    while device.model.get(name, now) == old:
        now += step
        assert now < after + 400 * VISIT, f"{name} never changes"
    return now
