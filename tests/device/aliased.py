"""A device whose objects have aliases: a small TR-181 router, in YAML."""

from __future__ import annotations

from functools import cache

from cpesim.device.catalog import compile_profile
from cpesim.device.device import Device
from cpesim.device.fitting import with_behaviours
from cpesim.device.profile import Profile
from cpesim.device.world import World
from tests.play import Play, judged, reply

SERVER = "Device.ManagementServer."
MAPPING = "Device.NAT.PortMapping."
INTERFACE = "Device.IP.Interface."
ROUTER = "Device.Routing.Router."
TEXT = """\
version: 1
name: aliased
root: Device.
cwmp: "1.2"
device: {manufacturer: Acme, oui: "00D09E", product_class: X1, serial: "S{n:06}"}
parameters:
  RootDataModelVersion: inform string(32) = 2.17
  DeviceInfo:
    SoftwareVersion: inform always string(64) = 1.0
  ManagementServer:
    ParameterKey: inform string(32) ~ key
    AliasBasedAddressing: inform boolean = 1
    InstanceMode: rw string{InstanceNumber,InstanceAlias} = InstanceNumber
    AutoCreateInstances: rw boolean = 0
    InstanceWildcardsSupported: boolean = 1
  NAT:
    PortMappingNumberOfEntries: unsignedInt ~ entries PortMapping
    PortMapping[1-2]+4:
      Alias: rw deny string(64) = cpe-{i}
      Enable: rw boolean = 0
      Description: rw string(256) = mapping {i}
  IP.Interface[1-3]:
    Alias: rw deny string(64) = cpe-{i}
    Status: string = Up
    Name: inform active string = eth{i}
  IP.Interface[1-2]:
    IPv4Address[1]+2:
      Alias: rw deny string(64) = cpe-{i}
      IPAddress: rw string(45) = 192.0.2.{i1}
  IP.Interface[3]:
    IPv4Address[]:
  Routing.Router[1]+4:
    Alias: rw deny string(64) = cpe-{i}
    Enable: rw boolean = 1
    IPv4Forwarding[1]+3:
      Alias: rw deny string(64) = cpe-{i}
      Metric: rw int[-1:] = -1
  Hosts.Host[]+:
    HostName: string =
    Alias: rw string(64) = cpe-{i}
  Users.User[1]+:
    Username: rw string(64) = admin
"""


@cache
def _profile() -> Profile:
    return with_behaviours(compile_profile(TEXT, "aliased.yaml"), None)


def router(n: int = 0, **values: str) -> Device:
    """The router after its boot; *values* are ManagementServer's defaults."""
    profile = _profile()
    if values:
        defaults = {SERVER + name: text for name, text in values.items()}
        profile = profile.with_defaults(defaults)
    device = Device(profile, n, World(1, epoch=1.7e9))
    device.boot(0.0)
    return device


def ask(device: Device, *message: object) -> Play:
    """What the device answers to one RPC, judged by the schemas."""
    play = Play(device.begin(10.0), 10.0) << reply("InformResponse")
    play = play << reply(*message, version="1.2")  # type: ignore[arg-type]
    judged(play.body or b"")
    device.end(play.session, 10.0)
    return play


def values(device: Device, *paths: str) -> dict[str, str]:
    """What GetParameterValues tells."""
    return (ask(device, "GetParameterValues", *paths)).values()


def give(device: Device, *pairs: tuple[str, str], key: str = "key") -> Play:
    """SetParameterValues of strings."""
    return ask(device, "SetParameterValues", [(n, "string", v) for n, v in pairs], key)


def details(play: Play) -> dict[str, int]:
    """The entries of a SetParameterValues fault."""
    return {
        d.findtext("ParameterName"): int(d.findtext("FaultCode"))
        for d in play.sent.iter("SetParameterValuesFault")
    }


def levels(play: Play) -> dict[str, int]:
    """The notifications in a GetParameterAttributesResponse."""
    return {
        a.findtext("Name"): int(a.findtext("Notification"))
        for a in play.sent.iter("ParameterAttributeStruct")
    }
