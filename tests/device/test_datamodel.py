"""Data models of the Broadband Forum as profiles."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpesim.device.catalog import compile_profile, read
from cpesim.device.check import check
from cpesim.device.draft.sources import draft_from
from cpesim.device.draft.write import write
from cpesim.device.model import Model
from cpesim.device.profile import Profile
from cpesim.errors import ConfigError
from tests.device.reading import WORLD
from tests.profiles.datamodel import general
from tests.profiles.datamodel import read as read_facts

HEAD = '<?xml version="1.0"?>\n<dm:document xmlns:dm="urn:broadband-forum-org:cwmp">\n'
TYPES = """\
<dataType name="IPAddress"><string><size maxLength="45"/></string></dataType>
<dataType name="IPv4Address" base="IPAddress"><size maxLength="15"/>\
<pattern value="[0-9.]*"/></dataType>
<dataType name="MACAddress"><string><size maxLength="17"/></string></dataType>
<dataType name="Alias"><string><size maxLength="64"/></string></dataType>
<dataType name="StatsCounter32"><unsignedInt/></dataType>
"""
BODY = """\
<model name="Device:2.17">
<object name="Device." access="readOnly" minEntries="1" maxEntries="1">
<parameter name="RootDataModelVersion" access="readOnly" forcedInform="true">
<syntax><string><size maxLength="32"/></string></syntax></parameter>
<parameter name="BoxNumberOfEntries" access="readOnly"><syntax><unsignedInt/></syntax>
</parameter>
<parameter name="GoneNumberOfEntries" access="readOnly">
<syntax><unsignedInt/></syntax></parameter></object>
<object name="Device.DeviceInfo." access="readOnly" minEntries="1" maxEntries="1">
<parameter name="SoftwareVersion" access="readOnly" activeNotify="forceEnabled"\
 forcedInform="true"><syntax><string><size maxLength="64"/></string></syntax>
</parameter>
<parameter name="UpTime" access="readOnly" activeNotify="canDeny">
<syntax><unsignedInt/></syntax></parameter></object>
<object name="Device.Gone.{i}." access="readWrite" minEntries="0"\
 maxEntries="unbounded" numEntriesParameter="GoneNumberOfEntries"/>
<object name="Device.Box.{i}." access="readWrite" minEntries="0" maxEntries="9"\
 numEntriesParameter="BoxNumberOfEntries"><description>Words <b>here</b></description>
<parameter name="Alias" access="readWrite"><syntax><dataType ref="Alias"/></syntax>
</parameter>
<parameter name="Enable" access="readWrite"><syntax><boolean/>
<default type="object" value="true"/></syntax></parameter>
<parameter name="Mode" access="readWrite"><syntax><string>
<enumeration value="Off"/><enumeration value="a,b"/><enumeration value="Old"\
 status="obsoleted"/></string><default type="object" value="a,b"/></syntax></parameter>
<parameter name="Level" access="readWrite"><syntax><int><range minInclusive="-5"\
 maxInclusive="5"/><range minInclusive="100"/></int></syntax></parameter>
<parameter name="Address" access="readWrite"><syntax><dataType ref="IPv4Address"/>
</syntax></parameter>
<parameter name="Servers" access="readWrite"><syntax><list maxItems="4">
<size maxLength="256"/></list><dataType ref="IPAddress"/></syntax></parameter>
<parameter name="MACAddress" access="readOnly"><syntax><dataType ref="MACAddress"/>
</syntax></parameter>
<parameter name="Password" access="readWrite"><syntax hidden="true"><string>
<size maxLength="8"/></string></syntax></parameter>
<parameter name="BytesSent" access="readOnly"><syntax>
<dataType ref="StatsCounter32"/></syntax></parameter>
<parameter name="Odd" access="readOnly"><syntax><string><pattern value="\\p{Lu}+"/>
</string></syntax></parameter>
<parameter name="Dead" access="readOnly" status="deleted"><syntax><int/></syntax>
</parameter>
</object>
<object name="Device.Box.{i}.Slot.{i}." access="readOnly" minEntries="2"\
 maxEntries="2"><parameter name="Name" access="readOnly"><syntax><string/></syntax>
</parameter></object>
</model></dm:document>
"""
SMALL = HEAD + TYPES + BODY


def made(text: str = SMALL, *objects: str, **instances: int) -> Profile:
    """The profile of a model's text."""
    counts = {f"Device.{name}.{{i}}.": n for name, n in instances.items()}
    draft = draft_from(text, "m.xml", objects=objects, instances=counts)
    return compile_profile(write(draft), "m.yaml")


def test_types_limits_and_access_are_the_models() -> None:
    """Enumerations, ranges, lengths, lists, hidden, notification, forced ones."""
    profile = made(SMALL, "Device.Box.", Box=2)
    p = profile.parameters
    box = "Device.Box.1."

    assert p[box + "Mode"].choices == ("Off", "a,b")
    assert p[box + "Mode"].default == "a,b"
    assert p[box + "Level"].ranges == ((-5, 5), (100, None))
    assert (p[box + "Address"].type, p[box + "Address"].length) == ("string", 15)
    assert p[box + "Address"].patterns == ("[0-9.]*",)
    assert (p[box + "Servers"].list, p[box + "Servers"].length) == (True, 256)
    assert p[box + "Password"].hidden
    assert p[box + "Enable"].writable
    assert not p[box + "MACAddress"].writable
    assert p["Device.DeviceInfo.SoftwareVersion"].notify == "always"
    assert p["Device.DeviceInfo.UpTime"].deny
    assert p[box + "Odd"].patterns == ()
    assert box + "Dead" not in p
    assert "Device.GoneNumberOfEntries" not in p
    assert profile.inform[:2] == (
        "Device.RootDataModelVersion",
        "Device.DeviceInfo.SoftwareVersion",
    )


def test_what_lives_and_who_it_is() -> None:
    """Uptime, counters, entries, MACs of its own, aliases; passwords are drawn."""
    profile = made(SMALL, "Device.Box.", Box=2)
    one, other = Model(profile, 0, WORLD), Model(profile, 1, WORLD)
    box = "Device.Box.2."

    assert one.get("Device.BoxNumberOfEntries", 0.0) == "2"
    assert one.get("Device.DeviceInfo.UpTime", 60.0) == "60"
    assert one.get(box + "BytesSent", 60.0) != one.get(box + "BytesSent", 6.0)
    assert one.get(box + "Alias", 0.0) == "cpe-2"
    assert len(one.get(box + "Password", 0.0)) == 8
    assert one.get(box + "MACAddress", 0.0) != other.get(box + "MACAddress", 0.0)
    assert one.get("Device.RootDataModelVersion", 0.0) == "2.17"
    assert one.get("Device.ManagementServer.URL", 0.0) == "http://acs/"


def test_tables_have_the_instances_that_are_wanted() -> None:
    """As many as the model demands, or were asked for; AddObject makes more."""
    profile = made(SMALL, "Device.Box.", Box=2)
    model = Model(profile, 0, WORLD)

    assert profile.instances["Device.Box."] == (1, 2)
    assert profile.instances["Device.Box.1.Slot."] == (1, 2)
    assert not profile.tables["Device.Box.{i}.Slot.{i}."].writable
    assert profile.tables["Device.Box.{i}."].most == 9
    assert model.add("Device.Box.") == 3
    assert model.get("Device.Box.3.Enable", 0.0) == "1"
    assert model.get("Device.Box.3.Mode", 0.0) == "a,b"
    assert model.get("Device.Box.3.Alias", 0.0) == "cpe-3"

    empty = made()
    assert "Device.Box.1.Enable" not in empty.parameters
    assert Model(empty, 0, WORLD).add("Device.Box.") == 1
    assert empty.objects["Device.Gone."] is True


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + "<a></dm:document>", "m.xml:3:6: not well-formed XML"),
        (HEAD + "</dm:document>", "m.xml:2:1: no data model"),
        (
            '<!DOCTYPE a [<!ENTITY b "c">]>\n' + SMALL.partition("?>")[2],
            "m.xml:1:",
        ),
        (
            SMALL.replace('<dataType ref="Alias"/>', '<dataType ref="Nick"/>'),
            "there is no dataType 'Nick' in this file",
        ),
        (
            HEAD + '<model name="D:1" base="D:0"><object name="Device."/></model>'
            "</dm:document>",
            "m.xml:3:1: a part that stands on other files",
        ),
        (
            HEAD + '<model name="D:1"><object name="Device.">'
            '<parameter name="A"/></object></model></dm:document>',
            "m.xml:3:42: A: expected a name and a <syntax>",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, told: str) -> None:
    """File, line and column; an entity is not even looked at."""
    with pytest.raises(ConfigError) as caught:
        made(text)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("objects", "instances", "told"),
    [
        (["Device.Bxo."], {}, "--object Device.Bxo.: Device:2.17 has none"),
        ([], {"Bxo": 2}, "did you mean Device.Box.{i}."),
        ([], {"Box": 10}, "the model allows 9"),
        (["Device.DeviceInfo."], {"Box": 2}, "there is no such table"),
    ],
)
def test_a_wrong_choice_is_told(objects, instances, told) -> None:
    """With a suggestion where there is one."""
    with pytest.raises(ConfigError, match="--") as caught:
        made(SMALL, *objects, **instances)
    assert told in str(caught.value)


MODELS = (
    ("tr-181-2-17-0-cwmp-full.xml", "Device.WiFi.", "Device.WiFi.SSID.{i}."),
    (
        "tr-098-1-8-0-full.xml",
        "InternetGatewayDevice.",
        "InternetGatewayDevice.WANDevice.{i}.",
    ),
    (
        "tr-104-2-0-2-cwmp-full.xml",
        "Device.Services.",
        "Device.Services.VoiceService.{i}.",
    ),
    (
        "tr-135-1-4-1-cwmp-full.xml",
        "Device.Services.",
        "Device.Services.STBService.{i}.",
    ),
)


@pytest.mark.parametrize(("name", "chosen", "table"), MODELS)
def test_the_forums_own_models(
    shared: Path, name: str, chosen: str, table: str
) -> None:
    """Each parameter as the other reader of the same file has it."""
    file = shared / "standard" / "data-models" / name
    draft = draft_from(read(file), name, objects=[chosen], instances={table: 2})
    profile = compile_profile(write(draft), "m.yaml")
    prefix = "Device.Services." if "Services" in chosen else ""
    facts = read_facts(file, prefix).parameters
    wrong, seen = [], 0
    declared = {general(n): p for n, p in profile.parameters.items()}
    for path, made_of in profile.tables.items():
        declared |= {path + n: p for n, p in made_of.template.items()}
    for path, p in declared.items():
        fact = facts.get(path)
        if fact is None:
            continue  # what every ACS needs
        seen += 1
        syntax = fact.syntax
        if (p.type, p.writable, p.hidden, p.notify, p.deny, p.list) != (
            syntax.type,
            fact.writable,
            fact.hidden,
            fact.notify,
            fact.deny,
            syntax.list,
        ):
            wrong.append((path, p, fact))
        if isinstance(p.default, str) and p.default and check(p, p.default):
            wrong.append((path, p, fact))
    assert not wrong
    assert seen > 100
    assert profile.instances[table.removesuffix("{i}.")] == (1, 2)
    wanted = {p for p, f in facts.items() if f.inform and p in profile.parameters}
    assert wanted <= set(profile.inform)
