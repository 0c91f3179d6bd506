"""Profiles in YAML: what they become, and what is told of wrong ones."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from cpesim.cwmp.fault import Fault
from cpesim.device.catalog import (
    compile_profile,
    find_profiles_dir,
    load_profile,
    profile_names,
)
from cpesim.device.fitting import with_behaviours
from cpesim.device.identity import identity
from cpesim.device.living import Counter, Entries, Present, Uptime
from cpesim.device.model import Model
from cpesim.device.profile import Behaviour, Profile
from cpesim.device.values import Ref
from cpesim.device.world import World
from cpesim.errors import ConfigError, Problem

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


def problems(body: str, head: str = HEAD, lines: int | None = None) -> list[str]:
    """What is told of a text; lines count from the parameters' first."""
    first = head.count("\n") if lines is None else lines
    with pytest.raises(ConfigError) as caught:
        compiled(body, head)
    return [
        f"{p.line - first}:{p.column}: {p.message}"
        for p in caught.value.problems
        if isinstance(p, Problem)
    ]


def model(profile: Profile, n: int = 0) -> Model:
    """One device of a profile."""
    return Model(profile, n, World(1, epoch=1.7e9))


def test_the_sections_become_the_profiles_fields():
    """Durations, rates and bandwidths as plain numbers."""
    profile = compiled()

    assert (profile.name, profile.root, profile.cwmp) == ("test", "Device.", "1.2")
    assert (profile.interval, profile.reboot) == (600.0, 90.0)
    assert (profile.set_status, profile.exchanges) == (1, 50)
    assert (profile.empty_inform, profile.deny_active) == (False, True)
    assert (profile.knock_rate, profile.knock_in_session) == (20, False)
    firmware = profile.firmware
    assert (firmware.bandwidth, firmware.flash, firmware.least) == (1e6, 40.0, 7)
    assert profile.manufacturer == "Acme & Co"


def test_ranges_become_instances_and_later_keys_merge_over_them():
    """`Host[2]` changes one value and keeps the type."""
    profile = compiled()

    assert profile.names == tuple(sorted(profile.names))
    assert profile.parameters["Device.Hosts.Host.1.Name"].default == "host-1"
    second = profile.parameters["Device.Hosts.Host.2.Name"]
    assert (second.default, second.type, second.writable) == ("other", "string", True)
    assert profile.instances["Device.Hosts.Host."] == (1, 2)
    assert profile.inform == (
        "Device.DeviceInfo.SoftwareVersion",
        "Device.ManagementServer.ParameterKey",
    )


def test_objects_know_whether_they_may_be_added_to_or_deleted():
    """The `+` is the table's and its instances'; parents are implied."""
    objects = compiled().objects

    assert list(objects) == sorted(objects)
    assert objects["Device."] is False
    assert objects["Device.Hosts."] is False
    assert objects["Device.Hosts.Host."] is True
    assert objects["Device.Hosts.Host.2."] is True
    assert objects["Device.Hosts.Host.1.Lease."] is False
    assert objects["Device.Empty."] is True
    assert not [path for path in objects if "{i}" in path]


def test_a_new_instance_has_the_types_values_and_those_that_live():
    """Fixed values of the first instance are its own; templates and counters stay."""
    table = compiled().tables["Device.Hosts.Host.{i}."]
    new = {name: p.default for name, p in table.template.items()}

    assert table.writable
    assert table.most == 4
    assert (new["Kind"], new["Count"]) == ("Ethernet", "5")
    assert isinstance(new["Stats.Bytes"], Counter)
    assert isinstance(new["IPAddress"], Present)
    assert table.objects == ("Lease.", "Stats.")
    assert compiled().tables["Device.Hosts.Host.{i}.Lease.{i}."].writable is False


def test_added_objects_read_with_their_own_numbers():
    """{i} of a template is the new instance's number; entries follow."""
    device = model(compiled())

    assert device.add("Device.Hosts.Host.") == 3
    assert device.get("Device.Hosts.Host.3.Name", 0.0) == "host-3"
    assert device.get("Device.Hosts.HostNumberOfEntries", 0.0) == "3"
    assert device.has_object("Device.Hosts.Host.3.Lease.")
    assert device.add("Device.Empty.") == 1
    # A [] block is written for new instances: its values are theirs.
    assert device.get("Device.Empty.1.Enable", 0.0) == "1"
    assert device.get("Device.Empty.1.Port", 0.0) == "port-1"
    assert device.add("Device.Hosts.Host.") == 4
    with pytest.raises(Fault):
        device.add("Device.Hosts.Host.")


def test_what_all_devices_read_alike_is_rendered_once():
    """Escaped, with the true type; hidden ones empty; what lives is not."""
    profile = compiled()

    assert profile.rendered["Device.DeviceInfo.Note"] == (
        b"<ParameterValueStruct><Name>Device.DeviceInfo.Note</Name>"
        b'<Value xsi:type="xsd:string">a &lt; b &amp; c</Value></ParameterValueStruct>'
    )
    hidden = profile.rendered["Device.ManagementServer.Password"]
    assert b'"xsd:string"></Value>' in hidden
    assert "Device.Hosts.Host.1.Name" in profile.rendered
    assert "Device.DeviceInfo.UpTime" not in profile.rendered
    assert isinstance(profile.parameters["Device.DeviceInfo.UpTime"].default, Uptime)
    assert profile.parameters["Device.DeviceInfo.Manufacturer"].default == Ref(
        "manufacturer"
    )
    assert profile.parameters["Device.Hosts.HostNumberOfEntries"].default == Entries(
        "Host"
    )


def test_counters_wrap_as_their_type_does():
    """A 32-bit counter at 2**32."""
    default = compiled().parameters["Device.Hosts.Host.1.Stats.Bytes"].default

    assert isinstance(default, Counter)
    assert default.wrap == 2**32


def test_an_interval_without_a_value_is_the_informs():
    """`inform.interval` and PeriodicInformInterval are one thing."""
    path = "Device.ManagementServer.PeriodicInformInterval"

    assert compiled().parameters[path].default == "600"
    assert compiled("  ManagementServer.PeriodicInformInterval: unsignedInt = 600\n")
    assert problems(
        "  ManagementServer.PeriodicInformInterval: unsignedInt = 60\n"
    ) == ["1:58: expected 600, which inform.interval says, or no value"]


def test_pools_are_made_for_those_who_ask():
    """A profile without names carries none."""
    assert compiled().pools == {}
    pools = compiled("  Name: string = {name}\n  A[1].B: string = {company}\n").pools
    assert sorted(pools) == ["company", "name"]


def test_a_finished_profile_travels_to_the_workers():
    """Pickled and back, with all its values and behaviours."""
    profile = with_behaviours(compiled())

    again = pickle.loads(pickle.dumps(profile))

    assert again == profile
    assert identity(model(again, 7)).serial == "S000007"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("  A: rw strnig\n", "1:9: unknown word 'strnig' (did you mean string?)"),
        ('  A: "int ~ uptme"\n', "1:13: unknown living source 'uptme'"),
        ("  A: = x\n", "1:6: Device.A has no type yet: expected TYPE = x"),
        ("  A: [1]\n", "1:6: expected a mapping of names to parameters"),
        ("  A:\n", "1:5: no type: expected a type"),
        ("  A[1]: string\n", "1:3: A[…] is an object: expected a mapping"),
        ("  A.1.B: string\n", "1:5: instances stand in brackets: expected Name[1]"),
        ("  A[x]: {B: int}\n", "1:5: expected instances, as 1, 1-4 or 1,3, not 'x'"),
        ("  A[3-1]: {B: int}\n", "1:5: expected instances"),
        ("  A[0]: {B: int}\n", "1:5: expected instances"),
        ("  A[1-999999]: {B: int}\n", "1:5: expected instances"),
        ("  A[1-9999].B[1-9999]: {C: int}\n", "1:3: more than 200,000 objects"),
        ("  A.: {B: int}\n", "1:4: a key ends without a dot"),
        ("  A+4: {B: int}\n", "1:4: only a table can grow: expected Name[…]+"),
        ("  -A: {B: int}\n", "1:3: expected Name, Name[1], Name[1-4]"),
        ("  A: int\n  A.B: int\n", "2:3: Device.A is a parameter already"),
        ("  A.B: int\n  A: int\n", "2:3: Device.A is an object already"),
        ("  A[1-3]+2: {B: int}\n", "1:3: 3 instances: expected at most 2"),
        ("  A: unsignedInt[5:9] = 12\n", "1:25: '12' is no value of A: expected"),
        ("  A: string{Up,Down} = up\n", "1:24: 'up' is no value of A: expected string"),
        ("  A: string(2) = {hex:4}\n", "1:18: it may read"),
        ("  A: unsignedInt ~ presence 1%\n  B: int ~ clock\n", "2:12: it may read"),
        ("  A: string ~ counter 1/s\n", "1:15: a counter cannot be a string"),
        ("  A: int ~ drift 1.5 1 5m\n", "1:12: expected a whole number"),
        ("  A: unsignedInt ~ entries B\n", "1:20: there is no table Device.B. beside"),
        ("  A[1].B: string ~ present x\n", "1:20: expected a parameter ~ presence"),
    ],
)
def test_a_wrong_parameter_is_told_with_its_place(body, told):
    """Line and column, in quotes too, and what was expected."""
    assert problems(body)[0].startswith(told)


def test_all_problems_are_told_at_once():
    """Sections, keys and values of one file, in its order."""
    head = HEAD.replace("reboot: 1m30s", "rebot: 5").replace("S{n:06}", "S{n:x6}")
    found = problems("  A: strng\n  B[x]: {}\n  C: int = x\n", head, lines=0)

    assert [line.partition(": ")[0] for line in found] == [
        "5:85",
        "9:1",
        "12:6",
        "13:5",
        "14:12",
    ]
    assert "unknown key 'rebot' (did you mean reboot?)" in found[1]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"00D09E"', "001122", 'octal number to YAML: write "001122"'),
        ('"00D09E"', '"00d09e"', "expected an OUI of six digits 0-9 A-F"),
        ('"1.2"', "1.2", 'a number to YAML: write "1.2"'),
        ("10m", "600", "expected a duration with its unit"),
        ("8Mbit", "8", "expected a bandwidth"),
        ("20/min", "0/min", "greater than or equal to 1"),
        ("set_status: 1", "set_status: 2", "expected 0 or 1, not '2'"),
        ("root: Device.\n", "", "'root' is missing"),
        ("root: Device.", "root: Gateway.", "expected 'Device.' or"),
        ("version: 1", "version: 2", "expected 1, not '2'"),
        (", product_class: X1", "", "'device.product_class' is missing"),
        ("S{n:06}", "", "expected a serial number"),
        ("S{n:06}", "{serial}", "device.serial is made of itself"),
        ("Acme & Co", "A" * 65, "expected at most 64 characters"),
    ],
)
def test_a_wrong_section_is_told(old, new, told):
    """What YAML or the standard does not allow."""
    assert told in problems("  A: int\n", HEAD.replace(old, new), lines=0)[0]


# -- one on top of another


def derived(tmp_path: Path, text: str) -> Profile:
    """A profile that extends the one of HEAD and BODY."""
    (tmp_path / "base.yaml").write_text(HEAD + BODY)
    path = tmp_path / "new.yaml"
    path.write_text("version: 1\nname: new\nextends: ./base.yaml\n" + text)
    return load_profile(str(path))


def test_extending_changes_only_what_is_named(tmp_path):
    """Sections key by key, parameters line by line."""
    profile = derived(
        tmp_path,
        "device: {oui: 'AABBCC'}\ninform: {interval: 1m}\n"
        "remove:\n- Hosts.Host[2].\n- Device.DeviceInfo.Note\n- Empty.\n"
        "parameters: {DeviceInfo: {SoftwareVersion: = 2.0}, New: int = 5}\n",
    )

    assert (profile.name, profile.oui, profile.manufacturer) == (
        "new",
        "AABBCC",
        "Acme & Co",
    )
    assert (profile.interval, profile.reboot) == (60.0, 90.0)
    path = "Device.ManagementServer.PeriodicInformInterval"
    assert profile.parameters[path].default == "60"
    version = profile.parameters["Device.DeviceInfo.SoftwareVersion"]
    assert (version.default, version.inform) == ("2.0", True)
    assert "Device.New" in profile.names
    assert "Device.DeviceInfo.Note" not in profile.names
    assert profile.instances["Device.Hosts.Host."] == (1,)
    assert "Device.Empty.{i}." not in profile.tables


def test_problems_of_both_files_come_together(tmp_path):
    """Each with its own file's name."""
    with pytest.raises(ConfigError) as caught:
        derived(tmp_path, "remove: [Hosts.Hst.]\nparameters: {A: strng}\n")
    (tmp_path / "base.yaml").write_text(HEAD + "  B: intt\n")
    with pytest.raises(ConfigError) as both:
        load_profile(str(tmp_path / "new.yaml"))

    told = [str(p).removeprefix(str(tmp_path)) for p in caught.value.problems]
    assert told == [
        "/new.yaml:4:10: there is no Device.Hosts.Hst."
        " (did you mean Device.Hosts.Host.?) to remove",
        "/new.yaml:5:17: unknown word 'strng' (did you mean string?)",
    ]
    assert any(
        "/base.yaml:12:6: unknown word 'intt'" in str(p) for p in both.value.problems
    )


def test_a_circle_of_profiles_is_an_error(tmp_path):
    """Two that extend each other end with a message."""
    for one, other in (("a", "b"), ("b", "a")):
        (tmp_path / f"{one}.yaml").write_text(
            HEAD.replace("name: test", f"name: {one}\nextends: ./{other}.yaml")
            + "  A: int\n"
        )

    with pytest.raises(ConfigError, match="extends itself in the end"):
        load_profile(str(tmp_path / "a.yaml"))


# -- the catalog


def test_every_shipped_profile_is_found_by_its_name():
    """In a checkout the top-level folder's."""
    assert (find_profiles_dir() / "residential-gateway-tr098.yaml").is_file()
    for name in profile_names():
        assert load_profile(name).name == name


def test_a_wrong_name_suggests_a_right_one(tmp_path):
    """And a missing file says so."""
    with pytest.raises(ConfigError, match="did you mean gpon-ont"):
        load_profile("gpon-ant")
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_profile(str(tmp_path / "x.yaml"))
    (tmp_path / "latin.yaml").write_bytes(b"version: 1\nname: caf\xe9\n")
    with pytest.raises(ConfigError, match=r"latin.yaml:2:10: not UTF-8 text"):
        load_profile(str(tmp_path / "latin.yaml"))


def test_behaviours_are_merged_and_none_owns_anothers(tmp_path):
    """Two owners of one RPC are an error that names both."""

    def answer(*_: object) -> bytes:
        return b""

    one = Behaviour("one", rpcs={"Reboot": answer}, starts=(print,))
    two = Behaviour("two", rpcs={"Reboot": answer})
    path = tmp_path / "x.yaml"
    path.write_text(HEAD + BODY)

    profile = load_profile(str(path), behaviours=[one])

    assert profile.rpcs == {"Reboot": answer}
    assert profile.starts == (print,)
    assert "GetParameterValues" in load_profile(str(path)).rpcs
    with pytest.raises(ConfigError, match=r"RPC Reboot has two owners: .* one and two"):
        load_profile(str(path), behaviours=[one, two])


def test_a_group_sets_its_own_over_the_profile(tmp_path):
    """Patterns of the identity, a literal password, an interval."""
    path = tmp_path / "x.yaml"
    path.write_text(
        HEAD
        + "  DeviceInfo: {ManufacturerOUI: string = 00D09E, SerialNumber: string}\n"
        + "  ManagementServer: {PeriodicInformInterval: unsignedInt}\n"
    )

    profile = load_profile(
        str(path),
        oui="AABBCC",
        serial="H{n:04}",
        password="{not a template",
        interval=60,
    )
    device = model(profile, 3)

    assert device.get("Device.DeviceInfo.ManufacturerOUI", 0.0) == "AABBCC"
    assert device.get("Device.DeviceInfo.SerialNumber", 0.0) == "H0003"
    assert device.get("Device.ManagementServer.PeriodicInformInterval", 0.0) == "60"
    assert profile.interval == 60.0
    assert identity(device).password == "{not a template"
    with pytest.raises(ConfigError, match="did you mean serial"):
        load_profile(str(path), username="{seriel}", oui="xyz")
