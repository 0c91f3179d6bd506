"""Dumps of real devices as profiles: nothing lost, every device its own."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from cpesim.device.catalog import load_profile
from cpesim.device.dumps.dump import load_dump
from cpesim.device.dumps.unique import Unique, renumbered, serial_of
from cpesim.device.identity import identity
from cpesim.device.living import AcsUrl, Counter, Entries, Uptime, Url
from cpesim.device.model import Model
from cpesim.device.profile import Profile
from cpesim.device.values import Mac, Ref
from cpesim.device.world import World

WORLD = World(1, epoch=1.7e9, acs_url="http://acs/", url=lambda n: f"http://cpe/{n}")
ROOT = "InternetGatewayDevice"
HEAD = "Parameter,Object,Writable,Value,Value type\n"
SMALL = (
    HEAD
    + f"""\
DeviceID.Manufacturer,false,false,"Huawei, Co.",xsd:string
DeviceID.OUI,false,false,202BC1,xsd:string
DeviceID.ProductClass,false,false,BM,xsd:string
DeviceID.SerialNumber,false,false,8KA8WA1151100043,xsd:string
Events.Inform,false,false,2023-03-28T15:42:30.057Z,xsd:dateTime
{ROOT},true,false,,
{ROOT}.DeviceSummary,false,false,Gateway:1.1[](Baseline:1),xsd:string
{ROOT}.DeviceInfo,true,false,,
{ROOT}.DeviceInfo.UpTime,false,false,1000,xsd:unsignedint
{ROOT}.DeviceInfo.Log,false,false,"a, ""b""
c",xsd:string
{ROOT}.DeviceInfo.SoftwareVersion,false,false,V1,xsd:string
{ROOT}.Time.CurrentLocalTime,false,false,2013-01-01T00:00:00Z,
{ROOT}.Small.Guess,false,true,-5,
{ROOT}.Small.Yes,false,true,true,
{ROOT}.Small.Odd,false,true,7,xsd:Int
{ROOT}.Small.Mac,false,false,20-2b-c1-e0-06-66,xsd:string
{ROOT}.Small.Macs,false,false,"20:2B:C1:E0:06:66,20:2B:C1:E0:06:68",xsd:string
{ROOT}.Small.BareMAC,false,false,202BC1E00666,xsd:string
{ROOT}.Small.NoMac,false,false,00:00:00:00:00:00,xsd:string
{ROOT}.Small.Id,false,false,x-8ka8wa1151100043-y,xsd:string
{ROOT}.Small.DNSServers,false,true,8.8.8.8,xsd:string
{ROOT}.LANDevice.1.Hosts.HostNumberOfEntries,false,false,2,xsd:unsignedInt
{ROOT}.LANDevice.1.Hosts.Host,true,true,,
{ROOT}.LANDevice.1.Hosts.Host.1,true,true,,
{ROOT}.LANDevice.1.Hosts.Host.1.IPAddress,false,true,192.168.1.7,xsd:string
{ROOT}.LANDevice.1.Hosts.Host.1.Stats.BytesSent,false,false,5000,xsd:unsignedInt
{ROOT}.LANDevice.1.Hosts.Host.2,true,true,,
{ROOT}.LANDevice.1.Hosts.Host.2.IPAddress,false,true,192.168.1.8,xsd:string
{ROOT}.LANDevice.1.Empty,true,true,,
{ROOT}.WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.ExternalIPAddress,\
false,true,0.0.0.0,xsd:string
{ROOT}.WANDevice.1.WANConnectionDevice.1.WANIPConnection.2.ExternalIPAddress,\
false,true,192.168.88.59,xsd:string
{ROOT}.WANDevice.1.WANConnectionDevice.1.WANIPConnection.2.RemoteAddress,\
false,true,192.168.88.59,xsd:string
{ROOT}.WANDevice.1.WANConnectionDevice.1.WANIPConnection.2.SubnetMask,\
false,true,255.255.0.0,xsd:string
{ROOT}.ManagementServer.URL,false,true,http://192.168.1.6:7547,xsd:string
{ROOT}.ManagementServer.Username,false,true,8KA8WA1151100043,xsd:string
{ROOT}.ManagementServer.PeriodicInformInterval,false,true,10,xsd:unsignedInt
"""
)


def small() -> Profile:
    """The dump above."""
    return load_dump(SMALL, "small.csv")


def device(profile: Profile, n: int = 0) -> Model:
    """One device of a profile."""
    return Model(profile, n, WORLD)


def get(model: Model, name: str, now: float = 0.0) -> str:
    """A value below the root."""
    return model.get(f"{ROOT}.{name}", now)


def test_every_parameter_is_kept_with_its_access_and_type():
    """Types as the standard spells them; empty ones are guessed; the ACS's own go."""
    profile = small()
    found = {
        name.removeprefix(ROOT + "."): (p.type, p.writable)
        for name, p in profile.parameters.items()
    }

    assert found["DeviceInfo.UpTime"] == ("unsignedInt", False)
    assert found["Small.Guess"] == ("int", True)
    assert found["Small.Yes"] == ("boolean", True)
    assert found["Small.Odd"] == ("int", True)
    assert found["Time.CurrentLocalTime"] == ("dateTime", False)
    assert not [n for n in profile.names if n.startswith(("DeviceID", "Events"))]
    assert get(device(profile), "DeviceInfo.Log") == 'a, "b"\nc'
    assert profile.root == ROOT + "."
    assert profile.name == "small"


def test_tables_are_objects_with_numbers_below_them():
    """Writable ones can be added to; a new instance has the type's values."""
    profile = small()
    model = device(profile)

    assert profile.objects[f"{ROOT}.LANDevice.1.Hosts.Host."] is True
    assert profile.objects[f"{ROOT}.LANDevice."] is False
    assert get(model, "LANDevice.1.Hosts.HostNumberOfEntries") == "2"
    assert model.add(f"{ROOT}.LANDevice.1.Hosts.Host.") == 3
    assert get(model, "LANDevice.1.Hosts.Host.3.IPAddress") == ""
    assert get(model, "LANDevice.1.Hosts.HostNumberOfEntries") == "3"
    assert model.add(f"{ROOT}.LANDevice.1.Empty.") == 1


def test_what_an_acs_needs_is_added():
    """And what is informed is what the standard forces, and the WAN's address."""
    profile = small()
    model = device(profile)

    assert get(model, "ManagementServer.PeriodicInformInterval") == "10"
    assert profile.interval == 10.0
    assert get(model, "ManagementServer.PeriodicInformEnable") == "true"
    assert get(model, "ManagementServer.URL") == "http://acs/"
    assert get(model, "ManagementServer.ConnectionRequestURL") == "http://cpe/0"
    assert len(get(model, "ManagementServer.ConnectionRequestPassword")) == 16
    assert profile.parameters[f"{ROOT}.ManagementServer.Password"].hidden
    assert get(model, "DeviceInfo.Manufacturer") == "Huawei, Co."
    assert [n.removeprefix(ROOT + ".") for n in profile.inform] == [
        "DeviceSummary",
        "DeviceInfo.HardwareVersion",
        "DeviceInfo.SoftwareVersion",
        "DeviceInfo.ProvisioningCode",
        "ManagementServer.ConnectionRequestURL",
        "ManagementServer.ParameterKey",
        "WANDevice.1.WANConnectionDevice.1.WANIPConnection.2.ExternalIPAddress",
    ]
    assert profile.parameters[f"{ROOT}.DeviceInfo.SoftwareVersion"].notify == "always"


def test_what_lives_does_so_again():
    """Uptime, clock and counters go on from the boot."""
    model = device(small())

    assert get(model, "DeviceInfo.UpTime", 50.0) == "50"
    assert get(model, "Time.CurrentLocalTime").startswith("2023-11-14T")
    sent = f"{ROOT}.LANDevice.1.Hosts.Host.1.Stats.BytesSent"
    assert model.profile.parameters[sent].default == Counter(5.0, 2**32)


def test_identities_are_unique_and_keep_their_form():
    """The serial wherever it stands, in its case; length and letters as they were."""
    profile = small()
    serials = set()
    for n in range(2_000):
        model = device(profile, n)
        serial = identity(model).serial
        assert re.fullmatch(r"8KA8WA115\d{7}", serial)
        serials.add(serial)
        assert get(model, "Small.Id") == f"x-{serial.lower()}-y"
        assert get(model, "DeviceInfo.SerialNumber") == serial
        assert get(model, "ManagementServer.Username") == serial
        assert identity(model).username == serial

    assert len(serials) == 2_000


def test_macs_are_unique_and_keep_their_form():
    """Case, separator and OUI; the same one twice stays the same; zeros stay."""
    profile = small()
    seen = set()
    for n in range(2_000):
        model = device(profile, n)
        dashed, bare = get(model, "Small.Mac"), get(model, "Small.BareMAC")
        first, second = get(model, "Small.Macs").split(",")
        assert re.fullmatch(r"20-2b-c1(-[0-9a-f]{2}){3}", dashed)
        assert dashed.replace("-", "").upper() == bare == first.replace(":", "")
        assert first != second
        seen |= {first, second}
        assert get(model, "Small.NoMac") == "00:00:00:00:00:00"

    assert len(seen) == 4_000


def test_wan_addresses_are_unique_and_the_lans_stay():
    """What the device told twice, ours tells twice; resolvers and masks stay."""
    profile = small()
    wan = "WANDevice.1.WANConnectionDevice.1.WANIPConnection"
    seen = set()
    for n in range(500):
        model = device(profile, n)
        address = get(model, f"{wan}.2.ExternalIPAddress")
        assert address.startswith("100.")
        assert get(model, f"{wan}.2.RemoteAddress") == address
        seen.add(address)
        assert get(model, f"{wan}.1.ExternalIPAddress") == "0.0.0.0"
        assert get(model, f"{wan}.2.SubnetMask") == "255.255.0.0"
        assert get(model, "LANDevice.1.Hosts.Host.1.IPAddress") == "192.168.1.7"
        assert get(model, "Small.DNSServers") == "8.8.8.8"

    assert len(seen) == 500


@pytest.mark.parametrize(
    ("serial", "form"),
    [
        ("2226469000523", r"222646\d{7}"),
        ("48575443A94196A5", r"48575443[0-9A-F]{8}"),
        ("ALCLFC265D6F", r"ALCL[0-9A-F]{8}"),
        ("abcdef0123", r"ab[0-9a-f]{8}"),
        ("000000", r"\d{6}"),
        ("X9ZZ1QK7", r"\w\d[A-Z]{2}\d[A-Z]{2}\d"),
        ("0", r"0\d{8}"),
        ("", r"\d{8}"),
        ("{x}", r"\{x\}\d{8}"),
    ],
)
def test_a_serial_keeps_its_form(serial, form):
    """Digits stay digits, hex stays hex; too short a one gets the number behind it."""
    value = serial_of(serial)
    assert not isinstance(value, str)
    profile = small()
    found = {value(device(profile, n), "serial", 0.0) for n in range(300)}

    assert len(found) == 300
    assert all(re.fullmatch(form, f) for f in found)
    assert renumbered("A-1") is None


def test_more_than_sixteen_macs_have_room():
    """The seventeenth stands below a prefix that the dump does not use."""
    values = [
        (f"Device.M.{i}.MACAddress", f"20:2B:C1:00:00:{i:02X}") for i in range(40)
    ]
    unique = Unique("", values)
    found = [unique.value(path, text) for path, text in values]

    assert all(isinstance(value, Mac) for value in found)
    assert len(set(found)) == 40
    assert unique.value("Device.A", "01:00:5E:00:00:01") == "01:00:5E:00:00:01"


def test_public_ipv6_addresses_are_made_unique():
    """Below the same /32; documentation and link-local ones stay."""
    unique = Unique("", [("Device.IP.IPv6Address.1.IPAddress", "2a02:908:1::5")])
    value = unique.value("Device.IP.IPv6Address.1.IPAddress", "2a02:908:1::5")

    assert not isinstance(value, str)
    assert value(device(small()), "x", 0.0).startswith("2a02:908:")
    assert unique.value("Device.A.IPAddress", "fe80::1") == "fe80::1"


# -- the dumps of shared/

DUMPS = {
    "huawei-BM632w-tr098.csv": (796, "202BC1", "BM632w"),
    "nokia-G1425GA-ont.csv": (3_196, "9075BC", "G-1425G-A"),
    "huawei-EG8145V5-ont.csv": (3_155, "00259E", "EG8145V5"),
    "tplink-EX220.csv": (4_421, "1C61B4", "Device2"),
    "genieacs-device.json": (5, "202BC1", "BM632w"),
}


@pytest.mark.parametrize("name", DUMPS)
def test_a_real_dump_is_a_profile(shared: Path, name: str):
    """All parameters, the identity, soon loaded; two devices share no identity."""
    count, oui, product_class = DUMPS[name]
    start = time.process_time()
    profile = load_profile(str(shared / "dumps" / name))
    took = time.process_time() - start
    fleet = [device(profile, n) for n in range(200)]

    assert took < 1.5
    # The ACS's own rows are left out, what is missing is added.
    assert count - 16 <= len(profile.names) <= count + 18
    assert (profile.oui, profile.product_class) == (oui, product_class)
    assert len({identity(model).serial for model in fleet}) == 200
    assert "GetParameterValues" in profile.rpcs
    assert all(name in profile.parameters for name in profile.inform)
    assert all(type(m.rendered(m.under(""), 9.0)) is list for m in fleet[:2])
    own = [
        name
        for name, p in profile.parameters.items()
        if isinstance(p.default, Mac) or p.default == Ref("serial")
    ]
    first, second = fleet[:2]
    assert own
    assert all(first.get(name, 0.0) != second.get(name, 0.0) for name in own)


def test_the_largest_dump_keeps_its_tables(shared: Path):
    """AddObject works where the device allowed it; counters and entries live."""
    profile = load_profile(str(shared / "dumps" / "tplink-EX220.csv"))
    kinds = {type(p.default) for p in profile.parameters.values()}
    model = device(profile)
    table = "Device.Bridging.Bridge."
    before = model.count(table)

    model.add(table)

    assert model.count(table) == before + 1
    assert {Counter, Entries, Mac, Uptime, Url, AcsUrl} <= kinds
    assert profile.inform[0] == "Device.RootDataModelVersion"


def rows(*lines: str) -> Profile:
    """The profile of a few rows below the root."""
    listed = "".join(f"{ROOT}.{line}\n" for line in lines)
    return load_dump(HEAD + listed, "few.csv")


def test_an_empty_instance_is_no_table():
    """Writable, and without anything in it: it may be deleted, not added to."""
    profile = rows("A,true,true,,", "A.1,true,true,,", "A.5,true,true,,")

    assert profile.instances[f"{ROOT}.A."] == (1, 5)
    assert f"{ROOT}.A.{{i}}." in profile.tables
    assert f"{ROOT}.A.{{i}}.{{i}}." not in profile.tables
    assert profile.objects[f"{ROOT}.A.5."] is True


def test_a_new_instance_is_like_the_first_by_its_number():
    """ACSs sort 10 before 2."""
    profile = rows(
        "A,true,true,,",
        "A.10.Ten,false,true,x,xsd:string",
        "A.2.Two,false,true,x,xsd:string",
    )
    assert set(profile.tables[f"{ROOT}.A.{{i}}."].template) == {"Two"}


def test_eight_zeros_are_no_serial_number():
    """The end of a serial is looked for elsewhere only if it tells something."""
    duid = "000300010200000000FF"
    assert Unique("LUMI00000000", []).value("Device.A.DUID", duid) == duid
    end = Unique("LUMI48575443", []).value("Device.A.DUID", "0003485754430001")
    assert not isinstance(end, str)


def test_a_gateways_address_is_not_the_devices_own():
    """The far end of a PPP line is the same for many homes."""
    path = "Device.PPP.Interface.1.IPCP.RemoteIPAddress"
    assert Unique("", [(path, "100.64.0.1")]).value(path, "100.64.0.1") == "100.64.0.1"
