"""The Inform of each kind of device that ships (CHECKLIST I1, I2, R5)."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
from lxml import etree

from cpesim.cwmp import names
from cpesim.device.catalog import load_profile, profile_names
from cpesim.device.device import Device
from cpesim.device.profile import Profile
from cpesim.device.world import World
from tests.play import Play, reply

TR098 = "residential-gateway-tr098"
SERVICE = "InternetGatewayDevice.Layer3Forwarding.DefaultConnectionService"
WAN = "InternetGatewayDevice.WANDevice.1.WANConnectionDevice.{}.{}.{}"
OTHER = WAN.format(2, "WANIPConnection", 1)
ADDRESS = ".ExternalIPAddress"
ARRAY = f"{{{names.ENC}}}arrayType"


@cache
def profile(name: str) -> Profile:
    return load_profile(name)


def booted(name: str, n: int = 5) -> Device:
    """A device of it that has just booted, with a URL to be called at."""
    world = World(1, epoch=1_767_225_600.0, url=lambda n: f"http://127.0.0.1:7547/{n}")
    device = Device(profile(name), n, world)
    device.boot(10.0)
    return device


def asked(device: Device, now: float, message: bytes) -> Any:
    """What the device answers to a message of the ACS, in a session of its own."""
    play = Play(device.begin(now), now) << reply("InformResponse") << message
    told = play.sent
    play = play << b""
    device.end(play.session, now)
    device.wake(now)
    return told


@pytest.mark.rule("I1")
@pytest.mark.parametrize("name", profile_names())
def test_the_device_id_is_device_info_s(name: str) -> None:
    """Manufacturer, OUI, ProductClass and SerialNumber read the same in both."""
    device = booted(name)
    play = Play(device.begin(11.0), 11.0) >> "Inform"
    told = play.sent.find("DeviceId")
    info = device.profile.root + "DeviceInfo."
    for place, parameter in (
        ("Manufacturer", "Manufacturer"),
        ("OUI", "ManufacturerOUI"),
        ("ProductClass", "ProductClass"),
        ("SerialNumber", "SerialNumber"),
    ):
        assert told.findtext(place)
        assert told.findtext(place) == device.model.get(info + parameter, 11.0)


@pytest.mark.rule("I1")
@pytest.mark.parametrize("name", profile_names())
def test_an_inform_is_whole(name: str) -> None:
    """Counts are right, time has a zone, each value a type, no name stands twice."""
    device = booted(name)
    sent = (Play(device.begin(11.0), 11.0) >> "Inform").sent
    events, values = sent.find("Event"), sent.find("ParameterList")

    assert events.get(ARRAY) == f"cwmp:EventStruct[{len(events)}]"
    assert len(events) == 2
    assert values.get(ARRAY) == f"cwmp:ParameterValueStruct[{len(values)}]"
    told = [struct.findtext("Name") for struct in values]
    assert len(told) == len(set(told)) == len(device.profile.inform)
    for struct in values:
        assert struct.find("Value").get(f"{{{names.XSI}}}type")
    assert sent.findtext("MaxEnvelopes") == "1"
    assert sent.findtext("RetryCount") == "0"
    assert re.fullmatch(r"2026-01-01T00:00:11Z", sent.findtext("CurrentTime"))
    assert [etree.QName(e).localname for e in sent] == [
        "DeviceId",
        "Event",
        "MaxEnvelopes",
        "CurrentTime",
        "RetryCount",
        "ParameterList",
    ]


@pytest.mark.rule("I2")
@pytest.mark.parametrize("name", profile_names())
def test_the_forced_parameters_are_there(name: str) -> None:
    """Those of the root's model, and AliasBasedAddressing where it is known."""
    device = booted(name)
    root = device.profile.root
    play = Play(device.begin(11.0), 11.0)
    expected = {
        "DeviceInfo.HardwareVersion",
        "DeviceInfo.SoftwareVersion",
        "DeviceInfo.ProvisioningCode",
        "ManagementServer.ConnectionRequestURL",
        "ManagementServer.ParameterKey",
    }
    if root == "Device.":
        expected |= {"RootDataModelVersion"}
    else:
        expected |= {"DeviceSummary", "DeviceInfo.SpecVersion"}
    if root + "ManagementServer.AliasBasedAddressing" in device.profile.parameters:
        expected |= {"ManagementServer.AliasBasedAddressing"}
    told = {n.removeprefix(root) for n in play.values()}
    assert told - expected == (
        set()
        if root == "Device."
        else {WAN.format(1, "WANIPConnection", 1).removeprefix(root) + ADDRESS}
    )
    assert expected <= told


@pytest.mark.rule("I2")
@pytest.mark.parametrize(
    ("service", "told"),
    [
        (OTHER, OTHER),
        (OTHER + ".", OTHER),
        ("", WAN.format(1, "WANIPConnection", 1)),
        (WAN.format(9, "WANIPConnection", 9), WAN.format(1, "WANIPConnection", 1)),
    ],
)
def test_the_address_is_the_default_connection_s(service: str, told: str) -> None:
    """The one that DefaultConnectionService names, where there is such a one."""
    device = booted(TR098)
    values = [(SERVICE, "string", service)]
    asked(device, 11.0, reply("SetParameterValues", values))
    device.knock(12.0)
    found = (Play(device.begin(12.0), 12.0) >> "Inform").values()
    addresses = {name: value for name, value in found.items() if ADDRESS in name}
    assert addresses == {told + ADDRESS: device.model.get(told + ADDRESS, 12.0)}


@pytest.mark.rule("I2")
def test_a_ppp_connection_may_be_the_default() -> None:
    """One that the ACS added, with the address that it has."""
    device = booted(TR098)
    table = WAN.format(1, "WANPPPConnection", "")
    added = asked(device, 11.0, reply("AddObject", table, ""))
    number = added.findtext("InstanceNumber")
    assert number
    values = [(SERVICE, "string", table + number)]
    asked(device, 12.0, reply("SetParameterValues", values))
    device.knock(13.0)
    found = (Play(device.begin(13.0), 13.0) >> "Inform").values()
    assert [n for n in found if ADDRESS in n] == [f"{table}{number}{ADDRESS}"]


@pytest.mark.rule("R5")
@pytest.mark.parametrize("name", profile_names())
@pytest.mark.parametrize(
    ("parameter", "least"),
    [("CWMPRetryMinimumWaitInterval", 1), ("CWMPRetryIntervalMultiplier", 1000)],
)
def test_the_retry_table_has_its_bounds(name: str, parameter: str, least: int) -> None:
    """Both ends are taken, what lies beyond is 9007 and changes nothing."""
    device = booted(name)
    path = device.profile.root + "ManagementServer." + parameter
    for given, code in (
        (least, 0),
        (65535, 0),
        (least - 1, 9007),
        (65536, 9007),
        (0, 9007),
    ):
        before = device.model.get(path, 11.0)
        values = [(path, "unsignedInt", str(given))]
        told = asked(device, 11.0, reply("SetParameterValues", values))
        found = told.findtext(".//SetParameterValuesFault/FaultCode") or "0"
        assert int(found) == code
        after = device.model.get(path, 11.0)
        assert after == (before if code else str(given))
