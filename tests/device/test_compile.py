"""A profile's parameters, compiled."""

from __future__ import annotations

import pickle

import pytest

from cpesim.cwmp.fault import Fault
from cpesim.device.fitting import with_behaviours
from cpesim.device.identity import identity
from cpesim.device.living import Counter, Entries, Present, Uptime
from cpesim.device.values import Ref
from tests.device.profiletext import compiled, model


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
