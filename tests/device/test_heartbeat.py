"""HeartbeatPolicy (CHECKLIST I10)."""

from __future__ import annotations

from math import inf

import pytest

from cpesim.cwmp import write
from cpesim.cwmp.names import TRANSFER_COMPLETE, UNKNOWN_TIME
from cpesim.cwmp.session import Request, State
from cpesim.device.device import Device
from cpesim.device.profile import Parameter
from tests.factory import PARAMETERS, SERVER, WAN, hold, make_device
from tests.play import EMPTY, OVER, Play, reply

POLICY = SERVER + "HeartbeatPolicy."
ON_BY_DEFAULT = Parameter("boolean", True, "1")
BEAT = ("14 HEARTBEAT", "")
NAMES = {
    "Enable": Parameter("boolean", True, "0"),
    "ReportingInterval": Parameter("unsignedInt", True, "60", ranges=((30, None),)),
    "InitiationTime": Parameter("dateTime", True, "0001-01-01T00:00:00Z"),
}


@pytest.fixture(autouse=True)
def policy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test box has a HeartbeatPolicy."""
    for name, parameter in NAMES.items():
        monkeypatch.setitem(
            PARAMETERS, f"ManagementServer.HeartbeatPolicy.{name}", parameter
        )


def box(version: str = "1.4") -> Device:
    device = make_device(cwmp=version)
    device.model.set(SERVER + "PeriodicInformEnable", "0")
    device.silence("periodic")
    return device


def beating(device: Device, now: float = 1.0, **values: str) -> None:
    """The ACS switches heartbeats on."""
    types = {"Enable": "boolean", "ReportingInterval": "unsignedInt"}
    entries = [
        (POLICY + name, types.get(name, "dateTime"), text)
        for name, text in ({"Enable": "1"} | values).items()
    ]
    hold(device, now, reply("SetParameterValues", entries))


def session(device: Device, now: float, good: bool = True) -> list[tuple[str, str]]:
    play = Play(device.begin(now), now) >> "Inform"
    told = play.events()
    if good:
        play = play << reply("InformResponse", version="1.2")
        while play.body:
            play = play << reply(f"{play.method}Response", id=play.id)
        play = play << EMPTY >> OVER
    else:
        play.session.state = State.FAILED
    device.end(play.session, now)
    device.wake(now)
    return told


@pytest.mark.rule("I10", "E1")
def test_heartbeats_fall_on_their_time() -> None:
    """InitiationTime ± n·ReportingInterval, by itself or far in the future."""
    device = box()
    beating(device, InitiationTime="2030-01-01T00:00:20Z")
    for due in (20.0, 80.0, 140.0):
        assert device.due() == due
        device.wake(due + 3.0)
        assert session(device, due + 3.0) == [BEAT]


@pytest.mark.rule("I10")
def test_the_unknown_time_leaves_the_phase_to_the_device() -> None:
    """Each has its own, and keeps the interval."""
    first, second = make_device(0, cwmp="1.4"), make_device(1, cwmp="1.4")
    dues = []
    for device in (first, second):
        device.silence("periodic")
        device.model.set(SERVER + "PeriodicInformEnable", "0")
        beating(device)
        due = device.due()
        assert 1.0 < due <= 61.0
        device.wake(due)
        session(device, due)
        assert device.due() == pytest.approx(due + 60.0)
        dues.append(due)
    assert dues[0] != dues[1]


@pytest.mark.rule("I10")
def test_off_and_on_at_once() -> None:
    """Off by default; a new interval takes effect at once; off again is off."""
    device = box()
    assert device.due() == inf
    beating(device, InitiationTime="2026-01-01T00:00:00Z")
    assert device.due() == 60.0
    beating(device, 10.0, ReportingInterval="45")
    assert device.due() == 45.0
    beating(device, 20.0, Enable="0")
    assert device.due() == inf


@pytest.mark.rule("I10", "V1")
@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3"])
def test_older_versions_have_none(version: str) -> None:
    """The event came with CWMP 1.4."""
    device = box(version)
    beating(device)
    assert device.due() == inf


@pytest.mark.rule("I10")
def test_it_is_no_periodic_inform() -> None:
    """Those go on beside it, in sessions of their own."""
    device = box()
    hold(
        device,
        1.0,
        reply(
            "SetParameterValues",
            [
                (SERVER + "PeriodicInformEnable", "boolean", "1"),
                (SERVER + "PeriodicInformInterval", "unsignedInt", "60"),
                (SERVER + "PeriodicInformTime", "dateTime", "2026-01-01T00:00:00Z"),
            ],
        ),
    )
    beating(device, 2.0, InitiationTime="2026-01-01T00:00:00Z")
    device.wake(60.0)
    assert session(device, 60.0) == [("2 PERIODIC", "")]
    assert device.wanted == 60.0
    assert session(device, 60.0) == [BEAT]
    assert device.wanted == inf


@pytest.mark.rule("I10")
def test_it_stands_alone() -> None:
    """A passive change and a request are told first."""
    device = box()
    hold(device, 0.5, reply("SetParameterAttributes", [(WAN + "Mode", True, 1, None)]))
    beating(device, InitiationTime="2026-01-01T00:00:00Z")
    device.changed(WAN + "Mode", 30.0)
    device.wake(60.0)
    assert session(device, 60.0) == [("4 VALUE CHANGE", "")]
    assert session(device, 60.0) == [BEAT]
    transfer = write.transfer_complete("k", 0, UNKNOWN_TIME, UNKNOWN_TIME)
    told = ((TRANSFER_COMPLETE, ""), ("M Download", "k"))
    device.requests = (Request("TransferComplete", lambda namespace: transfer, told),)
    device.wake(120.0)
    assert session(device, 120.0) == list(told)
    assert session(device, 120.0) == [BEAT]


@pytest.mark.rule("I10")
def test_a_profile_may_have_them_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first boot on, without an ACS that asks for it."""
    monkeypatch.setitem(
        PARAMETERS, "ManagementServer.HeartbeatPolicy.Enable", ON_BY_DEFAULT
    )
    device = make_device(cwmp="1.4")
    assert any(alarm[1] == "heartbeat" for alarm in device.alarms)


@pytest.mark.rule("I10", "R3")
def test_it_waits_while_another_inform_is_retried() -> None:
    """The retry keeps its moment, and the heartbeat follows when it has gone well."""
    device = box()
    beating(device, InitiationTime="2026-01-01T00:00:00Z")
    device.tell("2 PERIODIC", "", 58.0, "periodic")
    session(device, 58.0, good=False)
    retry = device.wanted
    assert retry > 60.0
    device.wake(60.0)
    assert device.wanted == retry
    assert session(device, retry, good=False) == [("2 PERIODIC", "")]
    later = device.wanted
    assert later > retry
    assert session(device, later) == [("2 PERIODIC", "")]
    assert session(device, later) == [BEAT]


@pytest.mark.rule("E5", "E7", "I10")
def test_a_heartbeat_is_kept_until_delivered() -> None:
    """As a periodic one: tried again, over a reboot too."""
    device = box()
    beating(device, InitiationTime="2026-01-01T00:00:00Z")
    device.wake(60.0)
    assert session(device, 60.0, good=False) == [BEAT]
    assert device.cause == "retry"
    device.darken(61.0, 10.0)
    device.wake(71.0)
    assert session(device, 71.0) == [("1 BOOT", "")]
    assert session(device, 71.0) == [BEAT]
    assert device.wanted == inf
