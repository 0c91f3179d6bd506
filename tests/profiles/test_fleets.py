"""
What an ACS sees of the shipped profiles: sizes, values, devices that differ.

Rule: no data model is asked here; `test_data_models.py` does that.
"""

from __future__ import annotations

import re
from functools import cache

import pytest

from cpesim.device.catalog import find_profiles_dir, load_profile, profile_names
from cpesim.device.check import check
from cpesim.device.model import Model
from cpesim.device.profile import Profile
from cpesim.device.world import World

DAY = 86_400.0
LEAST = {
    "enterprise-router": 400,
    "gpon-ont": 400,
    "residential-gateway-tr098": 400,
    "residential-gateway-tr181": 400,
    "set-top-box": 200,
    "voip-gateway": 200,
}
IGD = "InternetGatewayDevice."
EVERYWHERE = (
    "DeviceInfo.Manufacturer",
    "DeviceInfo.UpTime",
    "DeviceInfo.MemoryStatus.Free",
    "ManagementServer.URL",
    "ManagementServer.Username",
    "ManagementServer.Password",
    "ManagementServer.PeriodicInformEnable",
    "ManagementServer.PeriodicInformInterval",
    "ManagementServer.PeriodicInformTime",
    "ManagementServer.ConnectionRequestUsername",
    "ManagementServer.ConnectionRequestPassword",
    "ManagementServer.UpgradesManaged",
    "ManagementServer.CWMPRetryMinimumWaitInterval",
    "ManagementServer.CWMPRetryIntervalMultiplier",
    "Time.CurrentLocalTime",
)
# What makes each kind of device that kind.
ITS_OWN = {
    "residential-gateway-tr098": (
        "LANDevice.1.WLANConfiguration.4.SSID",
        "LANDevice.1.WLANConfiguration.1.AssociatedDevice.1.AssociatedDeviceMACAddress",
        "LANDevice.1.Hosts.Host.1.Active",
        "LANDevice.1.LANHostConfigManagement.DHCPServerEnable",
        "WANDevice.1.WANDSLInterfaceConfig.DownstreamNoiseMargin",
        "WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.Stats.EthernetBytesSent",
        "Layer3Forwarding.Forwarding.1.GatewayIPAddress",
        "IPPingDiagnostics.DiagnosticsState",
        "X_00D09E_Device.LEDBrightness",
    ),
    "residential-gateway-tr181": (
        "PPP.Interface.1.ConnectionStatus",
        "WiFi.Radio.2.Channel",
        "WiFi.AccessPoint.2.AssociatedDevice.4.SignalStrength",
        "Bridging.Bridge.1.Port.7.LowerLayers",
        "Hosts.Host.8.Active",
        "IP.Diagnostics.IPPing.DiagnosticsState",
        "X_00D09E_Mesh.Enable",
    ),
    "gpon-ont": (
        "Optical.Interface.1.OpticalSignalLevel",
        "XPON.ONU.1.ANI.1.TC.ONUActivation.ONUState",
        "WiFi.SSID.1.SSID",
        "X_1A5C40_GPON.RxPowerDbm",
    ),
    "set-top-box": (
        "Services.STBService.1.Components.FrontEnd.1.IP.IGMP.ClientVersion",
        "Services.STBService.1.ServiceMonitoring.MainStream.1.Total.RTPStats.PacketsLost",
        "X_1E7B02_Disk.UsedPercent",
    ),
    "voip-gateway": (
        "Services.VoiceService.1.SIP.Client.4.Status",
        "Services.VoiceService.1.CallControl.Line.1.Stats.IncomingCalls.CallsReceived",
        "X_2A9E11_DSP.Load",
    ),
    "enterprise-router": (
        "IP.Interface.7.IPv4Address.1.IPAddress",
        "Ethernet.VLANTermination.4.VLANID",
        "Routing.Router.1.IPv4Forwarding.24.DestIPAddress",
        "QoS.QueueStats.1.OutputBytes",
        "Firewall.Chain.1.Rule.6.Target",
        "Users.User.4.Username",
        "IPsec.Tunnel.2.TunnelInterface",
        "X_3AD4C8_OSPF.RouterID",
    ),
}
MAY_BE_EMPTY = ("ProvisioningCode", "ParameterKey")
MAC = re.compile(r"(?:[0-9A-F]{2}:){5}[0-9A-F]{2}\Z")


@cache
def _profile(name: str) -> Profile:
    return load_profile(name)


def _world(seed: int = 1) -> World:
    return World(
        seed,
        epoch=1.7e9,
        acs_url="http://acs.example:7547/",
        url=lambda n: f"http://127.0.0.1:30005/{n}",
    )


def _values(model: Model, now: float) -> dict[str, str]:
    return {name: model.get(name, now) for name in model.profile.names}


def _kind(table: str) -> str:
    """The path of a table's instances, as a Profile knows it."""
    return re.sub(r"(?<=\.)\d+(?=\.)", "{i}", table) + "{i}."


def test_all_six_kinds_are_shipped() -> None:
    """The profiles that the README names are there."""
    assert set(LEAST) <= set(profile_names())


@pytest.mark.parametrize("name", LEAST)
def test_a_profile_is_large_enough(name: str) -> None:
    """Gateways carry 400 parameters and more, the others 200."""
    assert len(_profile(name).names) >= LEAST[name]
    assert _profile(name).name == name


@pytest.mark.parametrize("name", LEAST)
def test_a_profile_has_what_its_kind_has(name: str) -> None:
    """Management, identity and the objects that make the device what it is."""
    profile = _profile(name)
    for path in (*EVERYWHERE, *ITS_OWN[name]):
        assert profile.root + path in profile.parameters
    assert profile.root == (IGD if name.endswith("tr098") else "Device.")


@pytest.mark.parametrize("name", [n for n in LEAST if n != "set-top-box"])
def test_gateways_say_whether_they_know_aliases(name: str) -> None:
    """AliasBasedAddressing is in a gateway's Informs."""
    profile = _profile(name)
    assert f"{profile.root}ManagementServer.AliasBasedAddressing" in profile.inform


@pytest.mark.rule("X10")
def test_the_oldest_profile_speaks_the_oldest_cwmp() -> None:
    """TR-098 goes with CWMP 1.0, TR-181 with 1.2, the enterprise router with 1.4."""
    versions = {name: _profile(name).cwmp for name in LEAST}
    assert versions.pop("residential-gateway-tr098") == "1.0"
    assert versions.pop("enterprise-router") == "1.4"
    assert set(versions.values()) == {"1.2"}


@pytest.mark.parametrize("name", LEAST)
def test_vendor_objects_bear_the_devices_own_oui(name: str) -> None:
    """There are X_ objects, and none of another maker."""
    profile = _profile(name)
    vendors = {
        part.split("_")[1]
        for path in profile.names
        for part in path.split(".")
        if part.startswith("X_")
    }
    assert vendors == {profile.oui}


@pytest.mark.rule("I1", "I2")
@pytest.mark.parametrize("name", LEAST)
def test_forced_parameters_say_something(name: str) -> None:
    """Nothing in an Inform is empty but what an ACS has yet to give."""
    model = Model(_profile(name), 7, _world())
    for path in model.profile.inform:
        if not path.endswith(MAY_BE_EMPTY):
            assert model.get(path, 10.0), path


@pytest.mark.parametrize("name", LEAST)
def test_two_hundred_devices_are_two_hundred(name: str) -> None:
    """No two share a serial number, a user name, a password or a MAC address."""
    profile, world = _profile(name), _world()
    paths = [
        profile.root + path
        for path in (
            "DeviceInfo.SerialNumber",
            "ManagementServer.Username",
            "ManagementServer.Password",
            "ManagementServer.ConnectionRequestPassword",
        )
    ]
    seen: dict[str, int] = {}
    for n in range(200):
        model = Model(profile, n, world)
        own = {path: model.get(path, 0.0) for path in paths}
        for text in own.values():
            assert seen.setdefault(text, n) == n, text
        for path in profile.names:
            if path.endswith(("MACAddress", "BSSID")):
                text = model.get(path, 0.0)
                if MAC.match(text):
                    assert seen.setdefault(text, n) == n, (path, text)
        assert len(set(own.values())) == len(own)


@pytest.mark.parametrize("name", LEAST)
def test_the_same_seed_is_the_same_device(name: str) -> None:
    """Another process that loads the profile sees the same values; another seed not."""
    one = _values(Model(_profile(name), 42, _world()), 5_000.0)
    two = _values(Model(load_profile(name), 42, _world()), 5_000.0)
    other = _values(Model(_profile(name), 42, _world(seed=2)), 5_000.0)
    assert one == two
    assert one != other


@pytest.mark.rule("P4")
@pytest.mark.parametrize("name", LEAST)
def test_every_value_is_one_of_its_type(name: str) -> None:
    """Whatever the device, and however long it runs, an ACS reads proper values."""
    profile, world = _profile(name), _world()
    wrong = []
    for n in (0, 1, 777, 999_999):
        model = Model(profile, n, world)
        for now in (0.0, 3_601.5, 400 * DAY):
            wrong += [
                (path, text)
                for path, text in _values(model, now).items()
                # An empty text is "not set" wherever a form is asked for.
                if text and check(profile.parameters[path], text)
            ]
    assert not wrong


@pytest.mark.rule("P13")
@pytest.mark.parametrize("name", LEAST)
def test_references_lead_somewhere(name: str) -> None:
    """A value that names an object or parameter names one that the device has."""
    profile = _profile(name)
    lost = []
    for path, text in _values(Model(profile, 3, _world()), 0.0).items():
        for item in text.split(","):
            if (
                item.startswith(profile.root)
                and item + "." not in profile.objects
                and item not in profile.parameters
                # DeviceSummary names the model itself.
                and "[]" not in item
            ):
                lost.append((path, item))
    assert not lost


@pytest.mark.parametrize("name", LEAST)
def test_a_device_lives(name: str) -> None:
    """Uptime and counters rise, levels wander, and most of the device stays put."""
    model = Model(_profile(name), 5, _world())
    first, later = _values(model, 100.0), _values(model, 4_000.0)
    moved = {path for path in first if first[path] != later[path]}
    root = model.profile.root
    assert int(later[f"{root}DeviceInfo.UpTime"]) == 4_000
    assert any(path.endswith(("BytesSent", "BytesReceived")) for path in moved)
    assert 15 <= len(moved) < len(first) * 0.6


@pytest.mark.parametrize(
    "name", ["residential-gateway-tr098", "residential-gateway-tr181", "gpon-ont"]
)
def test_clients_come_and_go(name: str) -> None:
    """Over a day each host is there at times, and the Wi-Fi clients are hosts."""
    model = Model(_profile(name), 9, _world())
    hosts = [p for p in model.profile.names if re.search(r"\.Host\.\d+\.Active\Z", p)]
    assert len(hosts) >= 7
    came_and_went = [
        path
        for path in hosts
        if {model.get(path, at * 900.0) for at in range(96)} == {"0", "1"}
    ]
    assert len(came_and_went) >= 5
    values = _values(model, 0.0)
    addresses = {
        text
        for path, text in values.items()
        if re.search(r"\.Host\.\d+\.(MACAddress|PhysAddress)\Z", path)
    }
    clients = {
        text
        for path, text in values.items()
        if re.search(r"\.AssociatedDevice\.\d+\.\w*MACAddress\Z", path)
    }
    assert clients
    assert clients < addresses


@pytest.mark.rule("P6")
@pytest.mark.parametrize("name", LEAST)
def test_new_instances_are_switched_off(name: str) -> None:
    """What AddObject makes is not enabled, has proper values and is counted."""
    model = Model(_profile(name), 5, _world())
    tables = {
        path
        for path, writable in model.profile.objects.items()
        if writable and _kind(path) in model.profile.tables
    }
    assert tables
    for path in tables:
        before = model.count(path)
        if before >= model.profile.tables[_kind(path)].most:
            continue
        new = f"{path}{model.add(path)}."
        assert model.count(path) == before + 1
        for inner in model.under(new):
            parameter, text = model.parameter(inner), model.get(inner, 60.0)
            assert parameter is not None
            assert not text or not check(parameter, text), (inner, text)
            if inner == f"{new}Enable":
                assert text in ("0", "Disable"), inner
        model.reset()


@pytest.mark.parametrize("name", LEAST)
def test_a_profile_is_pleasant_to_read(name: str) -> None:
    """It begins with what the device is, and no line runs off the page."""
    lines = (find_profiles_dir() / f"{name}.yaml").read_text().splitlines()
    assert re.match(r"# An? \S.*\.\Z", lines[0])
    assert max(map(len, lines)) < 100
