"""How the end of a diagnostic is told, and how long its results stand (B3, B5, E7)."""

from __future__ import annotations

import pytest

from cpesim.device.device import DARK
from tests.device.diagnosed import (
    COMPLETE,
    LOOKUP,
    PING,
    STATE,
    TR098,
    TRACE,
    WIFI,
    Desk,
)
from tests.play import reply

HOST = (PING + "Host", "speed.example")
REQUESTED = (PING + STATE, "Requested")
KINDS = (PING, TRACE, LOOKUP, WIFI)
OF_098 = ("IPPingDiagnostics.", "TraceRouteDiagnostics.", "NSLookupDiagnostics.")


@pytest.mark.rule("B3", "E5")
@pytest.mark.parametrize("path", KINDS)
def test_its_end_opens_a_session_with_event_8(path: str) -> None:
    """The results are in the model then; once told, the event is gone."""
    desk = Desk(loss=0.0)
    desk.request(path, **({} if path == WIFI else host_of(path)))
    assert desk.device.wanted > 1e9
    now = desk.finish(path)
    assert desk.device.wanted == now
    assert desk.device.cause == "diagnostics"
    assert desk.state(path) == "Complete"

    assert desk.hold(now) == [COMPLETE]
    assert desk.device.events == ()
    assert desk.device.wanted > 1e9
    assert desk.counters["diagnostics.done"] == 1


def host_of(path: str) -> dict[str, str]:
    return {
        "HostName" if path.endswith("NSLookupDiagnostics.") else "Host": "a.example"
    }


@pytest.mark.rule("B3", "B5")
@pytest.mark.parametrize("name", OF_098)
def test_the_older_data_model_has_them_too(name: str) -> None:
    """InternetGatewayDevice. has its own objects, and the same word for success."""
    desk, path = Desk(TR098), "InternetGatewayDevice." + name
    desk.request(path, **host_of(path))
    now = desk.finish(path)
    assert desk.state(path) == "Complete"
    assert desk.hold(now) == [COMPLETE]


@pytest.mark.rule("B5")
def test_event_8_on_an_error_too() -> None:
    """A host that nobody knows: the error is the state, and the ACS is told."""
    desk = Desk()
    desk.request(PING, Host="nobody.invalid")
    now = desk.finish(PING)
    assert desk.state(PING) == "Error_CannotResolveHostName"
    assert desk.hold(now) == [COMPLETE]
    assert desk.counters["diagnostics.failed.Error_CannotResolveHostName"] == 1
    assert desk.counters["diagnostics.failed"] == 1
    assert desk.counters["diagnostics.done"] == 0


@pytest.mark.rule("B5", "B1")
@pytest.mark.parametrize("order", ["Reboot", "FactoryReset"])
def test_a_reboot_takes_the_results(order: str) -> None:
    """State None and the results gone, after a firmware's reset as well."""
    desk = Desk()
    factory = desk.read(TRACE)
    desk.done(TRACE, Host="a.example")
    arguments = ("k",) if order == "Reboot" else ()
    desk.hold(200.0, reply(order, *arguments))
    assert desk.device.life == DARK
    desk.device.wake(400.0)
    after = desk.read(TRACE)
    assert after.pop("Host") == ("a.example" if order == "Reboot" else "")
    factory.pop("Host")
    assert after == factory


@pytest.mark.rule("B5", "B1")
def test_a_reboot_ends_a_run() -> None:
    """Nothing of it rings after the boot, and no event 8 is told."""
    desk = Desk()
    desk.request(PING, Host="a.example", NumberOfRepetitions="500")
    desk.hold(11.0, reply("Reboot", "k"))
    desk.device.wake(100.0)
    assert desk.state(PING) == "None"
    desk.device.wake(100_000.0)
    assert desk.state(PING) == "None"
    assert COMPLETE not in desk.hold(100_000.0)


@pytest.mark.rule("B5")
def test_a_periodic_inform_while_it_runs_carries_no_8() -> None:
    """Only its end tells it."""
    desk = Desk()
    desk.request(PING, Host="a.example", NumberOfRepetitions="500")
    desk.device.tell("2 PERIODIC", "", 60.0, "periodic")
    assert desk.hold(60.0) == [("2 PERIODIC", "")]
    assert desk.state(PING) == "Requested"


@pytest.mark.rule("E7")
def test_an_undelivered_8_is_kept_until_it_is_delivered() -> None:
    """Failed sessions keep it; a good one ends it."""
    desk = Desk()
    desk.request(PING, Host="a.example")
    now = desk.finish(PING)
    assert desk.fail(now) == [COMPLETE]
    assert desk.fail(now + 20) == [COMPLETE]
    assert desk.hold(now + 60) == [COMPLETE]
    assert desk.device.events == ()


@pytest.mark.rule("E7")
def test_an_undelivered_8_goes_with_a_reboot() -> None:
    """After it the results are gone, and nobody is called to see them."""
    desk = Desk()
    desk.request(PING, Host="a.example")
    now = desk.finish(PING)
    desk.fail(now)
    desk.device.darken(now + 1, 30.0)
    desk.device.wake(now + 40)
    assert desk.hold(now + 40) == [("1 BOOT", "")]


@pytest.mark.rule("B3", "E2")
def test_several_at_once_end_each_on_its_own() -> None:
    """What has ended is told once in an Inform; what ends later, later."""
    desk = Desk(loss=0.0)
    play = desk.begin(10.0) << reply("InformResponse")
    play = play << desk.set(HOST, REQUESTED, (PING + "NumberOfRepetitions", "60"))
    play = play << desk.set((TRACE + "Host", "a.example"), (TRACE + STATE, "Requested"))
    play = play << desk.set(
        (LOOKUP + "HostName", "a.example"), (LOOKUP + STATE, "Requested")
    )
    desk.end(play, 10.0)
    desk.device.wake(20.0)
    assert desk.hold(20.0) == [COMPLETE]
    assert [desk.state(p) for p in (PING, TRACE, LOOKUP)] == [
        "Requested",
        "Complete",
        "Complete",
    ]
    now = desk.finish(PING)
    assert desk.hold(now) == [COMPLETE]


@pytest.mark.rule("B3")
def test_an_end_in_a_session_is_told_in_the_next() -> None:
    """An alarm does not ring in a session; and a stop in that session still counts."""
    for stopped in (False, True):
        desk = Desk()
        desk.request(PING, Host="a.example")
        play = desk.begin(60.0) << reply("InformResponse")  # it is due in here
        if stopped:
            play = play << desk.set((PING + "DSCP", "8"))
        desk.end(play, 60.0)
        assert (desk.device.events == (COMPLETE,)) is not stopped
        assert desk.state(PING) == ("None" if stopped else "Complete")


@pytest.mark.rule("I4")
def test_changed_results_notify_as_the_acs_wishes() -> None:
    """A state with passive notification comes along with event 8."""
    desk = Desk()
    entries = [(PING + name, True, 1, None) for name in ("SuccessCount", STATE)]
    attribute = reply("SetParameterAttributes", entries)
    desk.hold(5.0, attribute)
    desk.request(PING, Host="a.example")
    now = desk.finish(PING)
    play = desk.begin(now)
    assert play.events() == [("4 VALUE CHANGE", ""), COMPLETE]
    assert play.values()[PING + "SuccessCount"] == "3"
    assert play.values()[PING + STATE] == "Complete"
