"""A small profile in YAML for the tests of the language and of the catalog."""

from __future__ import annotations

from cpesim.device.catalog import compile_profile
from cpesim.device.model import Model
from cpesim.device.profile import Profile
from cpesim.device.world import World

HEAD = """\
version: 1
name: test
root: Device.
cwmp: "1.2"
device: {manufacturer: Acme & Co, oui: "00D09E", product_class: X1, serial: "S{n:06}"}
inform: {interval: 10m}
session: {set_status: 1, exchanges: 50, empty_inform: false, deny_active: true}
connection_request: {rate: 20/min, in_session: false}
reboot: 1m30s
firmware: {pattern: 'X1-([0-9.]+)', bandwidth: 8Mbit, flash: 40s, least: 7}
parameters:
"""
BODY = """\
  DeviceInfo:
    Manufacturer: string(64) = {manufacturer}
    SoftwareVersion: inform always string(64) = 1.4.2
    UpTime: unsignedInt ~ uptime
    Note: rw string = a < b & c
  ManagementServer:
    PeriodicInformInterval: rw unsignedInt[1:]
    ParameterKey: inform string ~ key
    Password: rw hidden string = {password}
  Hosts:
    HostNumberOfEntries: unsignedInt ~ entries Host
    Host[1-2]+4:
      Active: boolean ~ presence 60%
      IPAddress: string ~ present 192.168.1.{i}
      Name: rw string = host-{i}
      Kind: rw string{Ethernet,Wi-Fi} = Wi-Fi
      Count: rw unsignedInt[5:] = 9
      Stats: {Bytes: unsignedInt ~ counter 1Mbit}
      Lease[]: {Until: dateTime}
    Host[2]:
      Name: = other
  Empty[]+:
    Enable: rw boolean = 1
    Port: string = port-{i}
"""


def compiled(body: str = BODY, head: str = HEAD) -> Profile:
    """A profile of a text."""
    return compile_profile(head + body, "x.yaml")


def model(profile: Profile, n: int = 0) -> Model:
    """One device of a profile."""
    return Model(profile, n, World(1, epoch=1.7e9))
