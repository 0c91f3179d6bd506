"""What notifies by the model, and for how long (CHECKLIST I7)."""

from __future__ import annotations

from functools import cache
from math import inf

import pytest

from cpesim.device.catalog import load_profile, profile_names
from cpesim.device.device import Device
from cpesim.device.profile import Parameter, Profile
from cpesim.device.world import World
from tests.factory import ROOT, SERVER, WAN, hold, make_device, with_parameters
from tests.play import Play, reply

URL = SERVER + "ConnectionRequestURL"
JABBER = SERVER + "ConnReqJabberID"
STATUS = ROOT + "SoftwareModules.ExecutionUnit.1.Status"
VERSION, CODE = (
    ROOT + "DeviceInfo.SoftwareVersion",
    ROOT + "DeviceInfo.ProvisioningCode",
)
ENABLE = SERVER + "HTTPConnectionRequestEnable"


@cache
def shipped(name: str) -> Profile:
    return load_profile(name)


def notifications(device: Device, *names: str) -> list[int]:
    """What GetParameterAttributes tells of them."""
    play = Play(device.begin(1.0), 1.0) << reply("InformResponse")
    play = play << reply("GetParameterAttributes", *names)
    found = [int(e.text) for e in play.sent.iter("Notification")]
    device.end((play << b"").session, 1.0)
    return found


def attributes(device: Device, *entries: tuple[str, int]) -> str:
    """The ACS sets notifications: what it is answered."""
    play = Play(device.begin(1.0), 1.0) << reply("InformResponse")
    wanted = [(name, True, level, None) for name, level in entries]
    play = play << reply("SetParameterAttributes", wanted)
    method = play.method
    device.end((play << b"").session, 1.0)
    return method


def box() -> Device:
    """A test box with each parameter that notifies by the model."""
    return make_device(
        **with_parameters(
            {
                JABBER: Parameter("string", default="a@b", notify="active"),
                STATUS: Parameter("string", default="Idle", notify="active"),
                ENABLE: Parameter("boolean", True, "1"),
                SERVER + "PeriodicInformEnable": Parameter("boolean", True, "0"),
            }
        )
    )


FORCED = (VERSION, CODE)
BY_DEFAULT = (URL, JABBER, WAN + "ExternalIPAddress", STATUS)


@pytest.mark.rule("I7")
@pytest.mark.parametrize("name", profile_names())
def test_the_shipped_kinds_notify_as_their_models_say(name: str) -> None:
    """Actively, what the model forces and what it has as its default."""
    device = Device(shipped(name), 1, World(1))
    device.boot(0.0)
    hold(device, 0.0)
    root = device.profile.root
    paths = [
        root + "DeviceInfo.SoftwareVersion",
        root + "DeviceInfo.ProvisioningCode",
        root + "ManagementServer.ConnectionRequestURL",
    ]
    paths += [p for p in device.profile.names if p.endswith("ConnReqJabberID")]
    if root != "Device.":
        paths += [p for p in device.profile.names if p.endswith(".ExternalIPAddress")]
        assert len(paths) > 3
    assert notifications(device, *paths) == [2] * len(paths)
    assert notifications(device, root + "DeviceInfo.Manufacturer") == [0]


@pytest.mark.rule("I7")
@pytest.mark.parametrize("name", FORCED)
@pytest.mark.parametrize("level", [0, 1])
def test_a_forced_notification_cannot_be_changed(name: str, level: int) -> None:
    """By its own path, a partial one, or the root; a change opens a session."""
    device = box()
    attributes(device, (name, level))
    attributes(device, (ROOT + "DeviceInfo.", level), (ROOT, level))
    assert notifications(device, name) == [2]
    device.changed(name, 5.0)
    assert device.wanted == 5.0
    assert device.changes == (name,)


@pytest.mark.rule("I7")
@pytest.mark.parametrize("name", BY_DEFAULT)
def test_a_default_notification_lasts_until_it_is_changed(name: str) -> None:
    """Then it is what the ACS set, off or passive, until a factory reset."""
    device = box()
    assert notifications(device, name) == [2]
    device.changed(name, 5.0)
    assert (device.wanted, device.changes) == (5.0, (name,))

    device = box()
    attributes(device, (name, 0))
    assert notifications(device, name) == [0]
    device.changed(name, 5.0)
    assert (device.wanted, device.changes) == (inf, ())
    attributes(device, (name, 1))
    device.changed(name, 6.0)
    assert (device.wanted, device.changes) == (inf, (name,))

    hold(device, 7.0, reply("FactoryReset"))
    device.wake(60.0)
    hold(device, 60.0)
    assert notifications(device, name) == [2]


@pytest.mark.rule("I7", "I4")
def test_another_connection_request_url_opens_a_session_by_itself() -> None:
    """With `4 VALUE CHANGE` and the URL: empty where requests are switched off."""
    device = box()
    for given, url in (("0", ""), ("1", "http://127.0.0.1:7547/x")):
        hold(device, 5.0, reply("SetParameterValues", [(ENABLE, "boolean", given)]))
        assert (device.wanted, device.cause) == (5.0, "value change")
        play = Play(device.begin(6.0), 6.0)
        assert play.events() == [("4 VALUE CHANGE", "")]
        assert play.values()[URL] == url
        device.end((play << reply("InformResponse") << b"").session, 6.0)
        assert device.wanted == inf


@pytest.mark.rule("P5", "I7")
def test_active_notification_may_be_denied() -> None:
    """9009 where model and profile let a CPE deny it, and then nothing changes."""
    names = (WAN + "Secret", WAN + "Mode")
    for denies in (True, False):
        device = make_device(deny_active=denies)
        method = attributes(device, (names[1], 2), (names[0], 2))
        assert method == ("Fault" if denies else "SetParameterAttributesResponse")
        assert notifications(device, *names) == ([0, 0] if denies else [2, 2])
        assert attributes(device, (names[0], 1)) == "SetParameterAttributesResponse"
        assert attributes(device, (names[1], 2)) == "SetParameterAttributesResponse"
