"""A small device for tests that need one, made by hand: no YAML, no catalog."""

from __future__ import annotations

from dataclasses import replace

from cpesim.cwmp.write import value
from cpesim.device.behaviour import BEHAVIOURS
from cpesim.device.device import Device
from cpesim.device.profile import Firmware, Parameter, Profile, Table
from cpesim.device.world import World
from tests.play import EMPTY, Play, reply

ROOT = "InternetGatewayDevice."
SERVER = ROOT + "ManagementServer."
WAN = ROOT + "WANDevice.1."
HOSTS = ROOT + "LANDevice.1.Hosts.Host."

PARAMETERS = {
    "DeviceSummary": Parameter("string", default="Gateway:1.0[]()", inform=True),
    "DeviceInfo.Manufacturer": Parameter("string", default="Maker & Sons"),
    "DeviceInfo.ManufacturerOUI": Parameter("string", default="00D09E"),
    "DeviceInfo.ProductClass": Parameter("string", default="TestBox"),
    "DeviceInfo.SerialNumber": Parameter("string", default="T000001"),
    "DeviceInfo.SoftwareVersion": Parameter(
        "string", default="1.2.9", notify="always", inform=True
    ),
    "DeviceInfo.ProvisioningCode": Parameter(
        "string", True, "", notify="always", inform=True, length=64
    ),
    "DeviceInfo.UpTime": Parameter("unsignedInt", default="7"),
    "ManagementServer.URL": Parameter("string", True, "http://acs.invalid/"),
    "ManagementServer.Username": Parameter("string", True, "cpe"),
    "ManagementServer.Password": Parameter("string", True, "secret", hidden=True),
    "ManagementServer.PeriodicInformEnable": Parameter("boolean", True, "1"),
    "ManagementServer.PeriodicInformInterval": Parameter(
        "unsignedInt", True, "300", ranges=((1, None),)
    ),
    "ManagementServer.PeriodicInformTime": Parameter(
        "dateTime", True, "0001-01-01T00:00:00Z"
    ),
    "ManagementServer.ParameterKey": Parameter("string", inform=True),
    "ManagementServer.ConnectionRequestURL": Parameter(
        "string", default="http://127.0.0.1:7547/x", notify="active", inform=True
    ),
    "ManagementServer.ConnectionRequestUsername": Parameter("string", True, "acs"),
    "ManagementServer.ConnectionRequestPassword": Parameter(
        "string", True, "knock", hidden=True
    ),
    "ManagementServer.CWMPRetryMinimumWaitInterval": Parameter(
        "unsignedInt", True, "5", ranges=((1, 65535),)
    ),
    "ManagementServer.CWMPRetryIntervalMultiplier": Parameter(
        "unsignedInt", True, "2000", ranges=((1000, 65535),)
    ),
    "WANDevice.1.Mode": Parameter(
        "string", True, "Auto", choices=("Auto", "DSL", "Ethernet")
    ),
    "WANDevice.1.ExternalIPAddress": Parameter(
        "string", default="100.64.0.9", notify="active", inform=True
    ),
    "WANDevice.1.Signal": Parameter("int", True, "-60", ranges=((-100, 0),)),
    "WANDevice.1.Key": Parameter("hexBinary", True, "00ff", length=4),
    "WANDevice.1.Blob": Parameter("base64", True, "AAEC", length=16),
    "WANDevice.1.Total": Parameter("unsignedLong", True, "0"),
    "WANDevice.1.Ratio": Parameter("decimal", True, "0.5"),
    "WANDevice.1.Secret": Parameter("string", True, "", deny=True, length=8),
    "LANDevice.1.Hosts.Host.1.Name": Parameter("string", True, "one"),
    "LANDevice.1.Hosts.Host.2.Name": Parameter("string", True, "two"),
}
OBJECTS = {
    "": False,
    "DeviceInfo.": False,
    "ManagementServer.": False,
    "WANDevice.": False,
    "WANDevice.1.": False,
    "LANDevice.": False,
    "LANDevice.1.": False,
    "LANDevice.1.Hosts.": False,
    "LANDevice.1.Hosts.Host.": True,
    "LANDevice.1.Hosts.Host.1.": True,
    "LANDevice.1.Hosts.Host.2.": True,
}


def make_profile(**changes: object) -> Profile:
    """The test box's profile, with some fields changed."""
    parameters = {ROOT + name: parameter for name, parameter in PARAMETERS.items()}
    rendered = {
        name: value(name, p.type, "" if p.hidden else p.default).encode()
        for name, p in parameters.items()
        if isinstance(p.default, str)
    }
    tables = {"rpcs": {}, "writes": {}, "alarms": {}, "checks": {}}  # type: ignore[var-annotated]
    behaviours = [b for b in BEHAVIOURS if not b.needs]
    for behaviour in behaviours:
        for table, found in tables.items():
            found.update(getattr(behaviour, table))
    profile = Profile(
        name="test-box",
        root=ROOT,
        manufacturer="Maker & Sons",
        oui="00D09E",
        product_class="TestBox",
        serial="T000001",
        names=tuple(sorted(parameters)),
        parameters=parameters,
        objects={ROOT + path: writable for path, writable in OBJECTS.items()},
        tables={
            ROOT + "LANDevice.{i}.Hosts.Host.{i}.": Table(
                True, 4, {"Name": Parameter("string", True, "")}
            )
        },
        rendered=rendered,
        inform=tuple(n for n, p in parameters.items() if p.inform),
        firmware=Firmware(pattern=r"box-([0-9.]+)\.bin", flash=30.0, least=10),
        reboot=45.0,
        starts=tuple(s for b in behaviours for s in b.starts),
        stops=tuple(s for b in behaviours for s in b.stops),
        written=tuple(w for b in behaviours for w in b.written),
        **tables,
    )
    return replace(profile, **changes)  # type: ignore[arg-type]


def make_device(n: int = 0, *, booted: bool = True, **changes: object) -> Device:
    """A test box that has booted at 0 and told so, unless *booted* is False."""
    device = Device(make_profile(**changes), n, World(1, epoch=1_767_225_600.0))
    if booted:
        device.boot(0.0)
        hold(device, 0.0)
    return device


def hold(device: Device, now: float, *messages: bytes) -> Play:
    """One good session in which the ACS sends *messages*: the Play, at its end."""
    play = Play(device.begin(now), now) << reply("InformResponse")
    while device.transfers and play.body:  # its own requests
        play = play << reply(f"{play.method}Response")
    for message in messages:
        play = play << message
    play = play << EMPTY
    assert play.body is None
    device.end(play.session, now)
    device.wake(now)
    return play


def with_parameters(changes: dict[str, Parameter]) -> dict[str, object]:
    """The fields of the test box's profile with other parameters, or more."""
    profile = make_profile()
    parameters = {**profile.parameters, **changes}
    rendered = {n: r for n, r in profile.rendered.items() if n not in changes}
    return {
        "parameters": parameters,
        "names": tuple(sorted(parameters)),
        "rendered": rendered,
        "inform": tuple(n for n, p in parameters.items() if p.inform),
    }
