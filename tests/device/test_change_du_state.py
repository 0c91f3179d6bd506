"""ChangeDUState: how it is taken, done and told (CHECKLIST B4, B7, E5, E7)."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest

from cpesim.cwmp.fault import Fault
from cpesim.cwmp.session import State
from cpesim.device.device import Device
from cpesim.device.modules.operation import UnitFile
from cpesim.device.transfer import MOVING
from tests.factory import hold, make_device
from tests.modular import (
    NEW,
    NIL,
    OLD,
    PART,
    PLACE,
    SOFT,
    UNIT,
    URL,
    ask,
    fetched,
    modular_device,
    outcome,
    results,
    told,
)
from tests.play import EMPTY, OVER, Play, reply

INSTALL: tuple[str, dict[str, str]] = ("Install", {"URL": URL, "UUID": NEW})
UPDATE: tuple[str, dict[str, str]] = ("Update", {"UUID": OLD})
UNINSTALL: tuple[str, dict[str, str]] = ("Uninstall", {"UUID": OLD})


def refused(device: Device, *arguments: Any, version: str = "1.2") -> int:
    """The fault that a ChangeDUState gets."""
    play = Play(device.begin(0.0)) << reply("InformResponse", version=version)
    while play.body:
        play = play << reply(f"{play.method}Response", version=version)
    play = play << reply("ChangeDUState", *arguments, version=version)
    play = play >> "Fault"
    play.session.state = State.DONE
    device.end(play.session, 0.0)
    return play.fault


@pytest.mark.rule("B4", "E1", "P13")
def test_an_installation() -> None:
    """Answered at once, done after the session, told with both events and a result."""
    device = modular_device(install=20.0)
    ask(device, 100.0, INSTALL, key="why & how")
    assert device.due() == inf
    assert fetched(device, 103.0).file.url == URL
    assert device.due() == 123.0
    assert device.model.get(UNIT + "2.Status", 110.0) == "Installing"

    device.wake(123.0)
    assert device.wanted == 123.0
    events, (request,) = told(device, 124.0)
    assert events == [
        ("4 VALUE CHANGE", ""),
        ("11 DU STATE CHANGE COMPLETE", ""),
        ("M ChangeDUState", "why & how"),
    ]
    assert request.tag.endswith("}DUStateChangeComplete")
    assert request.findtext("CommandKey") == "why & how"
    assert results(request) == [
        {
            "UUID": NEW,
            "DeploymentUnitRef": UNIT + "2",
            "Version": "1.4",
            "CurrentState": "Installed",
            "Resolved": "1",
            "ExecutionUnitRefList": PART + "2",
            "StartTime": "2026-01-01T00:01:40Z",
            "CompleteTime": "2026-01-01T00:02:03Z",
            "FaultCode": "0",
            "FaultString": "",
        }
    ]


@pytest.mark.rule("B4", "P13")
def test_what_an_installation_adds_to_the_model() -> None:
    """A deployment unit and its execution unit, linked; NumberOfEntries follow."""
    device = modular_device(fetch=False)
    outcome(device, 0.0, INSTALL)
    model = device.model

    def read(path: str) -> str:
        return model.get(path, 1000.0)

    assert read(UNIT + "2.Name") == "meter"
    assert read(UNIT + "2.Vendor") == "modules.example"
    assert read(UNIT + "2.URL") == URL
    assert read(UNIT + "2.DUID") == "2"
    assert read(UNIT + "2.Status") == "Installed"
    assert read(UNIT + "2.ExecutionUnitList") == PART + "2"
    assert read(UNIT + "2.ExecutionEnvRef") == PLACE + "1"
    assert read(PART + "2.Status") == "Active"
    assert read(PART + "2.EUID") == "linux-2"
    assert read(PART + "2.Version") == "1.4"
    assert read(PART + "2.ExecutionEnvRef") == PLACE + "1"
    assert read(PLACE + "1.ActiveExecutionUnits") == f"{PART}1,{PART}2"
    assert read(SOFT + "DeploymentUnitNumberOfEntries") == "2"
    assert read(SOFT + "ExecutionUnitNumberOfEntries") == "2"


@pytest.mark.rule("B4")
def test_a_uuid_of_the_device_s_own() -> None:
    """Without a UUID the name and vendor make one (version 5), each time the same."""
    first, second = (
        outcome(modular_device(fetch=False), 0.0, ("Install", {"URL": url}))
        for url in (URL, URL.replace("1.4", "1.5"))
    )
    assert first[0]["UUID"] == second[0]["UUID"]
    assert first[0]["UUID"][14] == "5"
    other = ("Install", {"URL": URL.replace("meter", "gauge")})
    assert (
        outcome(modular_device(fetch=False), 0.0, other)[0]["UUID"] != first[0]["UUID"]
    )


@pytest.mark.rule("B4")
def test_a_change_without_a_command_key() -> None:
    """The schema lets an ACS leave it out: it is told as empty."""
    device = modular_device(fetch=False)
    message = reply("ChangeDUState", None, UNINSTALL, version="1.2")
    play = Play(device.begin(0.0)) << reply("InformResponse", version="1.2")
    play = play << message >> "ChangeDUStateResponse" << EMPTY >> OVER
    device.end(play.session, 0.0)
    device.wake(0.0)
    device.wake(5.0)
    events, (request,) = told(device, 5.0)
    assert events[-1] == ("M ChangeDUState", "")
    assert request.findtext("CommandKey") == ""


@pytest.mark.rule("B4")
def test_an_update() -> None:
    """The same unit with a new version and URL; its UUID stays."""
    device = modular_device(update=30.0)
    url = "http://modules.example/apps/guard-2.1.0.ipk"
    ask(device, 0.0, ("Update", {"UUID": OLD, "URL": url}))
    fetched(device, 1.0)
    assert device.due() == 31.0
    assert device.model.get(UNIT + "1.Status", 5.0) == "Updating"
    device.wake(31.0)
    (result,) = results(told(device, 31.0)[1][0])

    assert (result["UUID"], result["Version"]) == (OLD, "2.1.0")
    assert result["DeploymentUnitRef"] == UNIT + "1"
    assert result["ExecutionUnitRefList"] == PART + "1"
    assert result["CurrentState"] == "Installed"
    assert device.model.get(UNIT + "1.URL", 31.0) == url
    assert device.model.get(UNIT + "1.Version", 31.0) == "2.1.0"
    assert device.model.get(UNIT + "1.Status", 31.0) == "Installed"
    assert device.model.get(PART + "1.Version", 31.0) == "2.1.0"


@pytest.mark.rule("B4")
def test_an_uninstallation() -> None:
    """Unit and execution unit are gone, and the result names what was there."""
    device = modular_device(uninstall=5.0)
    ask(device, 0.0, UNINSTALL)
    assert device.errands == ()
    assert device.due() == 5.0
    assert device.model.get(UNIT + "1.Status", 1.0) == "Uninstalling"
    device.wake(5.0)
    (result,) = results(told(device, 5.0)[1][0])

    assert (result["UUID"], result["Version"]) == (OLD, "2.0.1")
    assert result["CurrentState"] == "Uninstalled"
    assert result["DeploymentUnitRef"] == UNIT + "1"
    assert result["ExecutionUnitRefList"] == PART + "1"
    with pytest.raises(Fault):
        device.model.get(UNIT + "1.UUID", 5.0)
    assert device.model.get(SOFT + "DeploymentUnitNumberOfEntries", 5.0) == "0"
    assert device.model.get(PLACE + "1.ActiveExecutionUnits", 5.0) == ""


@pytest.mark.rule("B7")
def test_a_result_for_each_unit_in_the_order_of_the_operations() -> None:
    """One request tells them all; what failed does not stop the others."""
    device = modular_device(fetch=False)
    install = ("Install", {"URL": URL.replace("meter", "gauge")})
    found = outcome(device, 0.0, INSTALL, ("Uninstall", {"UUID": NIL}), install, UPDATE)
    assert [r["FaultCode"] for r in found] == ["0", "9028", "0", "0"]
    assert [r["DeploymentUnitRef"] for r in found] == [
        UNIT + "2",
        "",
        UNIT + "3",
        UNIT + "1",
    ]


@pytest.mark.rule("B7")
def test_an_update_of_everything() -> None:
    """Neither UUID nor URL: each unit has a result."""
    device = modular_device(fetch=False)
    found = outcome(device, 0.0, INSTALL, ("Update", {}))
    assert [(r["UUID"], r["Version"]) for r in found[1:]] == [
        (OLD, "2.0.2"),
        (NEW, "1.5"),
    ]


@pytest.mark.rule("B7")
def test_an_update_by_url() -> None:
    """Without a UUID the URL says which unit is meant."""
    device = modular_device(fetch=False)
    by_url = {"URL": "http://modules.example/apps/guard-2.0.1.ipk"}
    found = outcome(device, 0.0, INSTALL, ("Update", by_url))
    assert (found[1]["UUID"], found[1]["Version"]) == (OLD, "2.0.2")


@pytest.mark.rule("B7")
def test_uninstalling_takes_every_version() -> None:
    """Unless a Version or an environment says which."""
    newer = ("Install", {"URL": URL.replace("1.4", "1.5"), "UUID": NEW})
    device = modular_device(fetch=False)
    found = outcome(device, 0.0, INSTALL, newer, ("Uninstall", {"UUID": NEW}))
    assert [r["Version"] for r in found[2:]] == ["1.4", "1.5"]

    device = modular_device(fetch=False)
    one = ("Uninstall", {"UUID": NEW, "Version": "1.5"})
    found = outcome(device, 0.0, INSTALL, newer, one)
    assert [r["Version"] for r in found[2:]] == ["1.5"]
    there = ("Uninstall", {"UUID": NEW, "ExecutionEnvRef": PLACE + "2"})
    assert [r["FaultCode"] for r in outcome(device, 2000.0, there)] == ["9028"]


@pytest.mark.rule("B7", "S11")
@pytest.mark.parametrize("kind", ["", "Operation", "Install2"])
def test_operations_without_a_known_type(kind: str) -> None:
    """No xsi:type, or one that is none of the three: 9003, and nothing is done."""
    device = modular_device()
    assert refused(device, "k", INSTALL, (kind, {"URL": URL})) == 9003
    assert device.memory == {}
    assert device.due() == inf


@pytest.mark.rule("S11")
@pytest.mark.parametrize(
    "arguments",
    [
        ("k",),
        ("k" * 33, INSTALL),
        ("k", ("Install", {"URL": "http://" + "x" * 1024})),
        ("k", ("Update", {"UUID": OLD, "Version": "1" * 33})),
    ],
)
def test_malformed_arguments(arguments: tuple[Any, ...]) -> None:
    """No operation at all, and what is longer than the schema allows: 9003."""
    assert refused(modular_device(), *arguments) == 9003


@pytest.mark.rule("B4")
def test_more_than_a_device_takes() -> None:
    """65 operations, or a seventeenth change that is not yet told: 9004."""
    device = modular_device(fetch=False)
    assert refused(device, "k", *[UNINSTALL] * 65) == 9004
    ask(device, 0.0, INSTALL)
    device.wake(20.0)  # it is done, but nobody hears it
    play = Play(device.begin(20.0), 20.0) << reply(
        "InformResponse", version="1.2", hold=True
    )
    for _ in range(15):
        order = reply("ChangeDUState", "k", UNINSTALL, version="1.2", hold=True)
        play = play << order >> "ChangeDUStateResponse"
    play = play << reply("ChangeDUState", "k", INSTALL, version="1.2") >> "Fault"
    assert play.fault == 9004


@pytest.mark.rule("V1", "P9")
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_older_versions_know_no_modules(version: str) -> None:
    """9000, and GetRPCMethods does not list it."""
    device = modular_device()
    assert refused(device, "k", INSTALL, version=version) == 9000
    play = Play(device.begin(0.0)) << reply("InformResponse", version=version)
    play = play << reply("GetRPCMethods", version=version)
    methods = [e.text for e in play.sent.iter("string")]
    assert "ChangeDUState" not in methods
    play.session.state = State.DONE
    device.end(play.session, 0.0)
    play = Play(device.begin(0.0)) << reply("InformResponse", version="1.2")
    play = play << reply("GetRPCMethods", version="1.2")
    assert "ChangeDUState" in [e.text for e in play.sent.iter("string")]


@pytest.mark.rule("V1")
def test_what_waits_is_not_told_in_an_older_version() -> None:
    """An ACS that goes back to 1-0 is told nothing of it; the next with 1-2 is."""
    device = modular_device(fetch=False)
    ask(device, 0.0, UNINSTALL)
    device.wake(50.0)
    hold(device, 50.0)
    assert len(device.requests) == 1
    assert len(told(device, 60.0)[1]) == 1


@pytest.mark.rule("P9")
def test_a_device_without_modules_has_no_such_rpc() -> None:
    """9000, whatever its version."""
    assert refused(make_device(cwmp="1.2"), "k", INSTALL) == 9000


@pytest.mark.rule("E5", "E7", "B4")
def test_the_end_is_told_until_its_response() -> None:
    """11 and M ChangeDUState stand in every Inform, over a reboot too."""
    device = modular_device(fetch=False)
    ask(device, 0.0, UNINSTALL)
    device.wake(10.0)
    expected = [("11 DU STATE CHANGE COMPLETE", ""), ("M ChangeDUState", "k")]
    for now in (10.0, 20.0):
        play = Play(device.begin(now), now) << reply("InformResponse", version="1.2")
        assert play.method == "DUStateChangeComplete"
        play.session.state = State.FAILED
        device.end(play.session, now)
        assert device.cause == "retry"
    device.darken(30.0, 45.0)
    device.wake(75.0)

    events, requests = told(device, 75.0)
    assert events == [("1 BOOT", ""), *expected]
    assert len(requests) == 1
    device.knock(80.0)
    events, requests = told(device, 80.0)
    assert (events, requests) == ([("6 CONNECTION REQUEST", "")], [])


@pytest.mark.rule("E2", "E5")
def test_several_changes_at_once() -> None:
    """11 once, M ChangeDUState for each, and a request each."""
    device = modular_device(install=20.0, fetch=False)
    for key, name in (("a", "one"), ("b", "two")):
        install = ("Install", {"URL": URL.replace("meter", name)})
        ask(device, 0.0, install, key=key)
    device.wake(20.0)
    events, requests = told(device, 20.0)

    assert [e for e in events if e[0] != "4 VALUE CHANGE"] == [
        ("11 DU STATE CHANGE COMPLETE", ""),
        ("M ChangeDUState", "a"),
        ("M ChangeDUState", "b"),
    ]
    assert [r.findtext("CommandKey") for r in requests] == ["a", "b"]


@pytest.mark.rule("B4", "E7")
def test_a_reboot_in_the_midst_of_it() -> None:
    """The file is broken off; after the boot it is fetched anew, and all is told."""
    device = modular_device(install=20.0)
    ask(device, 0.0, INSTALL)
    (broken,) = device.errands
    device.errands = ()
    device.darken(10.0, 45.0)
    assert broken.state != MOVING
    device.returned(broken, 9017, 11.0)
    device.wake(55.0)
    assert device.model.get(UNIT + "2.Status", 55.0) == "Installing"
    (again,) = device.errands
    assert isinstance(again, UnitFile)
    assert again is not broken
    fetched(device, 60.0)
    device.darken(70.0, 45.0)  # and once more, during the work itself
    device.wake(115.0)
    fetched(device, 116.0)
    device.wake(136.0)

    events, (request,) = told(device, 136.0)
    assert ("M ChangeDUState", "k") in events
    assert [r["FaultCode"] for r in results(request)] == ["0"]


@pytest.mark.rule("B2", "B4")
def test_a_factory_reset_forgets_changes() -> None:
    """The factory's units are back, and nothing of a change is told."""
    device = modular_device()
    ask(device, 0.0, UNINSTALL, INSTALL)
    device.wake(5.0)
    hold(device, 6.0, reply("FactoryReset"))
    device.wake(60.0)
    errands, device.errands = device.errands, ()
    for errand in errands:
        device.returned(errand, 0, 60.0)
    device.wake(500.0)

    assert device.memory == {}
    assert device.model.get(UNIT + "1.UUID", 60.0) == OLD
    assert [code for code, _ in told(device, 500.0)[0]][:2] == ["0 BOOTSTRAP", "1 BOOT"]
    assert device.requests == ()


@pytest.mark.rule("B4")
def test_credentials_stand_in_no_repr() -> None:
    """Neither of the operation nor of what carries it."""
    device = modular_device()
    secret = {"URL": URL, "Username": "installer", "Password": "hush"}
    ask(device, 0.0, ("Install", secret))
    (errand,) = device.errands
    assert isinstance(errand, UnitFile)
    assert (errand.file.username, errand.file.password) == ("installer", "hush")
    (change,) = device.memory["modules"]
    shown = repr([errand, errand.file, change, *change.jobs, change.jobs[0].operation])
    assert "hush" not in shown
    assert "installer" not in shown
