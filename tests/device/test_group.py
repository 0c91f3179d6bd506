"""What a run sets over a kind of device for a group; CPEs that were there before."""

from __future__ import annotations

from math import inf

import pytest

from cpesim.cwmp import names
from cpesim.device.device import UP, Device
from cpesim.device.fitting import with_tag, with_values, with_ways
from cpesim.device.group.ways import Ways
from cpesim.device.world import World
from cpesim.errors import ConfigError
from cpesim.scenario.parts import Ramp
from cpesim.scenario.shape import Shape
from tests.device.transfers import GATEWAY, shipped
from tests.factory import SERVER, hold, make_device, make_profile
from tests.play import Play, judged, reply


def known(n: int = 0, ways: Ways | None = None) -> Device:
    """A test box that was there before the run."""
    device = Device(make_profile(ways=ways or Ways()), n, World(1))
    device.known(0.0)
    return device


def test_known_cpes_have_nothing_to_tell() -> None:
    """No 0 BOOTSTRAP, no 1 BOOT; the first that is told is 2 PERIODIC."""
    device = known()
    assert (device.life, device.wanted, device.events) == (UP, inf, ())
    due = device.due()
    assert 0 < due <= 300
    device.wake(due)
    play = Play(device.begin(due), due) >> "Inform"
    assert play.events() == [("2 PERIODIC", "")]
    assert play.body
    judged(play.body)
    assert device.model.booted <= 0


def test_spread_puts_them_anywhere_in_the_interval() -> None:
    """As evenly as draws are."""
    due = sorted(known(n).due() for n in range(1000))
    assert 0 <= due[0] < 3
    assert due[500] == pytest.approx(150, abs=15)
    assert 297 < due[-1] <= 300


def test_without_spread_one_interval_after_their_turn() -> None:
    """On the ramp's places, one interval later, and in that phase from then on."""
    ramp = Ramp(10, 20.0)
    ways = Ways(phase=ramp)
    assert sorted(known(n, ways).due() for n in range(10)) == [
        300.0 + 2 * k for k in range(10)
    ]
    device = known(3, ways)
    for k in (1, 2, 3):
        due = device.due()
        assert due == ramp(3) + 300 * k
        device.wake(due)
        hold(device, due)


def test_a_group_without_timers() -> None:
    """No periodic Inform, whatever its interval."""
    device = make_device(ways=Ways(timers=False))
    assert device.due() == inf
    assert known(0, Ways(timers=False)).due() == inf


@pytest.mark.rule("C8")
def test_a_group_that_does_not_listen() -> None:
    """No URL is told, and switching connection requests on brings none."""
    profile = with_ways(make_profile(), Ways(listens=False))
    device = Device(profile, 0, World(1, url=lambda n: f"http://cpe/{n}"))
    device.boot(0.0)
    url = SERVER + "ConnectionRequestURL"
    inform = Play(device.begin(0.0), 0.0)
    assert inform.values()[url] == ""
    assert inform.body
    judged(inform.body)
    profile.writes["*.ManagementServer.HTTPConnectionRequestEnable"](
        device, SERVER + "HTTPConnectionRequestEnable", "1", 1.0
    )
    assert device.model.get(url, 1.0) == ""


@pytest.mark.rule("C3")
def test_a_knock_is_answered_after_a_while() -> None:
    """The session is wanted later, by a draw for each request; two are one session."""
    shape = Shape("uniform", 0.02, 0.4)
    waits = set()
    for n in range(5):
        device = make_device(n, ways=Ways(timers=False, answer_after=shape))
        for now in (10.0, 20.0):
            assert device.knock(now)
            wait = device.due() - now
            assert 0.02 <= wait <= 0.4
            assert device.knock(now)
            assert device.due() == now + wait
            waits.add(round(wait, 6))
            play = Play(device.begin(device.due()), now)
            assert play.events() == [(names.CONNECTION_REQUEST, "")]
            device.end((play << reply("InformResponse") << b"").session, now + 1)
    assert len(waits) == 10


def test_values_of_a_group() -> None:
    """Texts and templates over the profile's defaults, in the Inform too."""
    version = "Device.DeviceInfo.SoftwareVersion"
    name = "Device.WiFi.SSID.1.SSID"
    profile = with_tag(
        with_values(shipped(GATEWAY), {version: "1.0.0", name: "home-{n}"}), "gw{1}"
    )
    for n in (4, 5):
        device = Device(profile, n, World(1))
        device.boot(0.0)
        inform = Play(device.begin(0.0), 0.0)
        assert inform.values()[version] == "1.0.0"
        assert device.model.get(name, 0.0) == f"home-{n}"
        assert device.model.get("Device.DeviceInfo.ProvisioningCode", 0.0) == "gw{1}"


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"Device.DeviceInfo.SoftwareVersoin": "1"}, "SoftwareVersion"),
        ({"Device.ManagementServer.PeriodicInformInterval": "soon"}, "'soon' is no"),
        ({"Device.DeviceInfo.SoftwareVersion": "{nix}"}, "nix"),
    ],
)
def test_wrong_values(values: dict[str, str], wrong: str) -> None:
    """One error that says what was expected."""
    with pytest.raises(ConfigError, match=wrong):
        with_values(shipped(GATEWAY), values)
