"""Traits seen in the field: each by its name, off until a profile asks for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import trio
from lxml import etree

from cpesim.cwmp import names
from cpesim.cwmp.session import Session
from cpesim.cwmp.state import State
from cpesim.device import quirk
from cpesim.device.catalog import load_profile, profile_names
from cpesim.device.device import UP, Device
from cpesim.device.quirk import QUIRKS, Quirk
from cpesim.device.world import World
from cpesim.errors import ConfigError, HungUp
from tests.device.profiletext import HEAD, compiled
from tests.engine.stage import staged
from tests.factory import ROOT, WAN, hold, make_device, make_profile
from tests.play import EMPTY, Play, reply

DOCS = Path(__file__).parent.parent.parent / "docs" / "profiles.md"
SOFTWARE = ROOT + "DeviceInfo.SoftwareVersion"


def odd(name: str, share: float = 1.0, **how: object) -> Device:
    """A device with one quirk, about to tell of something."""
    device = make_device(booted=False, quirks=(Quirk(name, share, how),))
    device.life, device.events = UP, ()
    device.tell(names.PERIODIC, "", 0.0, "periodic")
    return device


def served(device: Device, *bodies: bytes, now: float = 10.0) -> Play:
    """The device's session after an InformResponse and these."""
    play = Play(device.begin(now), now) << reply("InformResponse")
    for body in bodies:
        play = play << body
    return play


def test_a_device_without_quirks_has_a_plain_session() -> None:
    """The very class, and none of the code of quirks behind it."""
    assert type(make_device().begin(1.0)) is Session
    assert type(odd("no_array_type").begin(1.0)) is quirk.OddSession
    assert type(odd("no_array_type", share=0.0).begin(1.0)) is Session


def test_a_share_of_the_fleet_has_it() -> None:
    """The same devices in each session and each run."""
    quirks = (Quirk("prefixes", 0.2),)
    profile, world = make_profile(quirks=quirks), World(1)
    fleet = [Device(profile, n, world) for n in range(2_000)]
    having = [device.n for device in fleet if quirk.has(device, "prefixes")]

    assert 330 <= len(having) <= 470
    assert having == [d.n for d in fleet if quirk.has(d, "prefixes")]


def test_a_listed_parameter_is_refused() -> None:
    """Names and the tree have it, GetParameterValues does not."""
    device = odd("refuses_listed", paths=["*.WANDevice.*.Signal"])
    listed = served(device, reply("GetParameterNames", WAN, 1))
    assert WAN + "Signal" in listed.names()
    play = listed << reply("GetParameterValues", WAN + "Signal")
    assert play.fault == 9005
    assert (play << reply("GetParameterValues", SOFTWARE)).values() == {
        SOFTWARE: "1.2.9"
    }


def test_types_are_wrong() -> None:
    """An unsignedInt is called a string; all others are right."""
    device = odd("wrong_types", types={"unsignedInt": "string"})
    play = served(device, reply("GetParameterValues", ROOT + "DeviceInfo.UpTime", WAN))
    types = {
        struct.findtext("Name"): struct.find("Value").get(f"{{{names.XSI}}}type")
        for struct in play.sent.iter("ParameterValueStruct")
    }

    assert types[ROOT + "DeviceInfo.UpTime"] == "xsd:string"
    assert types[WAN + "Signal"] == "xsd:int"


def test_arrays_have_no_type() -> None:
    """In the Inform and in answers alike."""
    device = odd("no_array_type")
    assert b"arrayType" not in (Play(device.begin(1.0)).body or b"")
    device.undo()
    play = served(device, reply("GetParameterValues", SOFTWARE))

    assert b"arrayType" not in (play.body or b"")
    assert play.values()


@pytest.mark.parametrize("fault", [False, True])
def test_prefixes_are_others(fault: bool) -> None:
    """The namespaces are the same, in the faultcode as well."""
    renamed = {"soap-env": "SOAP-ENV", "soap-enc": "E", "cwmp": "c"}
    asked = reply("GetParameterValues", "No.Such" if fault else SOFTWARE)
    play = served(odd("prefixes", names=renamed), asked)
    body = play.body or b""
    root = etree.fromstring(body)

    assert root.prefix == "SOAP-ENV"
    assert root.nsmap["c"] == names.NAMESPACES["1.0"]
    assert root.nsmap["E"] == names.ENC
    assert not re.search(rb"(soap-env|soap-enc|cwmp)[:=]", body)
    if fault:
        assert play.sent.findtext("faultcode") == "SOAP-ENV:Client"
    else:
        array = play.sent.find("ParameterList").get(f"{{{names.ENC}}}arrayType")
        assert array == "c:ParameterValueStruct[1]"


def test_prefixes_leave_values_alone() -> None:
    """A text that looks like a prefix is a text."""
    device = odd("prefixes", names={"cwmp": "c"})
    device.model.set(WAN + "Mode", "cwmp:x soap-env:y")
    play = served(device, reply("GetParameterValues", WAN + "Mode"))

    assert play.values() == {WAN + "Mode": "cwmp:x soap-env:y"}


@pytest.mark.parametrize(
    ("by", "year"), [(-86_400.0 * 400, "2024"), (86_400.0, "2026")]
)
def test_the_clock_is_wrong(by: float, year: str) -> None:
    """CurrentTime is off by as much; the unknown time stays what it is."""
    right = Play(make_device().begin(1.0)).sent.findtext("CurrentTime")
    device = odd("wrong_clock", by=by)
    told = Play(device.begin(1.0)).sent.findtext("CurrentTime")
    device.undo()
    assert right.startswith("2026-01-01T00:00:01")
    assert told.startswith(year)
    assert told != right
    assert told.endswith("Z")
    play = served(device, reply("Download", "http://127.0.0.1/x"))

    assert play.sent.findtext("StartTime") == names.UNKNOWN_TIME


def test_the_first_session_tells_no_bootstrap() -> None:
    """1 BOOT alone; the ACS's answer delivers both."""
    device = make_device(booted=False, quirks=(Quirk("no_bootstrap"),))
    device.boot(1.0)
    play = Play(device.begin(1.0), 1.0)

    assert play.events() == [("1 BOOT", "")]
    _ = play << reply("InformResponse") << EMPTY
    device.end(play.session, 1.0)
    assert device.events == ()


def test_each_session_is_held_twice() -> None:
    """Twice, not for ever; a failed one is retried as ever."""
    device = odd("double_inform")
    first = hold(device, 100.0)
    assert device.wanted == 100.0
    second = Play(device.begin(101.0), 101.0)
    assert second.events() == [("2 PERIODIC", "")]
    second = second << reply("InformResponse") << EMPTY
    device.end(second.session, 101.0)

    assert first.session.state is State.DONE
    assert device.events == ()
    assert device.wanted > 101.0


def test_it_hangs_up() -> None:
    """After the InformResponse; the session counts as failed, by its own label."""
    device = odd("hangs_up", odds=1.0)
    play = Play(device.begin(1.0), 1.0)

    with pytest.raises(HungUp) as caught:
        _ = play << reply("InformResponse")
    assert caught.value.label == "hung up (quirk)"
    assert play.session.state is State.FAILED
    assert play.session.informed


def test_answers_are_slow() -> None:
    """Each answer to an RPC has its pause; the Inform and the empty POST have none."""
    device = odd("slow_answers", least=1.0, most=3.0)
    play = Play(device.begin(1.0), 1.0)
    assert play.session.delay == 0.0
    play = play << reply("InformResponse") >> EMPTY
    assert play.session.delay == 0.0
    play = play << reply("GetRPCMethods")

    assert 1.0 <= play.session.delay <= 3.0


async def test_the_engine_waits_for_a_slow_answer(mock_clock: object) -> None:
    """What is held up is the session, not the exchange."""
    slow = Quirk("slow_answers", 1.0, {"least": 7.0, "most": 7.0})
    async with staged(1, quirks=(slow,)) as stage:
        await trio.sleep(5.0)
        assert stage.counters()["sessions.done"] == 1


async def test_a_fleet_that_hangs_up_is_counted(mock_clock: object) -> None:
    """Under its label, and retried by the table."""
    async with staged(1, quirks=(Quirk("hangs_up", 1.0, {"odds": 1.0}),)) as stage:
        await trio.sleep(60.0)
        found = stage.counters()
    assert found["failed.hung up (quirk)"] >= 3
    assert stage.bugs == []


# In profiles.


def test_the_language_of_quirks() -> None:
    """Every quirk of the manual's example is taken, with what it says."""
    (shown,) = re.findall(r"```yaml\n(quirks:\n.*?)```", DOCS.read_text(), re.DOTALL)
    profile = compiled(head=shown + HEAD)
    found = {q.name: q for q in profile.quirks}

    assert set(found) == set(QUIRKS)
    assert found["no_bootstrap"].share == 0.05
    assert found["wrong_clock"].how == {"by": -400 * 86_400.0}
    assert found["slow_answers"].how == {"least": 0.5, "most": 5.0}


@pytest.mark.parametrize("name", QUIRKS)
def test_each_quirk_is_told_of(name: str) -> None:
    """In the manual's table."""
    assert f"| `{name}` |" in DOCS.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("no_bootstrap: 120%", "share"),
        ("no_bootstrp: 5%", "no_bootstrap"),
        ("wrong_types: {types: {unsignedInt: text}}", "string"),
        ("prefixes: {names: {cwmp: 'a b'}}", "a prefix of XML"),
        ("refuses_listed: {share: 5%}", "paths"),
    ],
)
def test_a_wrong_quirk_is_an_error_with_its_place(line: str, words: str) -> None:
    """file:line:column, and what was expected."""
    with pytest.raises(ConfigError) as caught:
        compiled(head=f"quirks:\n  {line}\n{HEAD}")
    assert "x.yaml:2:" in str(caught.value)
    assert words in str(caught.value)


def test_no_shipped_profile_has_a_quirk() -> None:
    """They are off by default."""
    assert all(load_profile(name).quirks == () for name in profile_names())
