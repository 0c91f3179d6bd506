"""When diagnostics start and stop, and what an ACS may write (CHECKLIST B3, B5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.device.diagnosed import (
    COMPLETE,
    DOWNLOAD,
    PING,
    STATE,
    TR098,
    TR181,
    TRACE,
    UPLOAD,
    Desk,
    profile_of,
)
from tests.play import reply

HOST = (PING + "Host", "speed.example")
REQUESTED = (PING + STATE, "Requested")


@pytest.mark.rule("B3")
def test_it_starts_after_the_session() -> None:
    """In the session it reads Requested and nothing runs; its end is counted on."""
    desk = Desk()
    play = desk.begin(10.0) << reply("InformResponse")
    play = play << desk.set(HOST, REQUESTED) >> "SetParameterValuesResponse"
    desk.device.wake(10.0)  # what the engine never does in a session
    play = play << reply("GetParameterValues", PING + STATE)
    assert play.values() == {PING + STATE: "Requested"}
    desk.end(play, 12.0)

    assert desk.counters["diagnostics.started"] == 1
    assert desk.state(PING) == "Requested"
    assert desk.finish(PING) >= 12.0


@pytest.mark.rule("B3", "B5")
@pytest.mark.parametrize("meanwhile", ["in the session", "while it runs"])
def test_setting_a_parameter_meanwhile_stops_it(meanwhile: str) -> None:
    """The state is None, nothing ends any more, and no event 8 comes."""
    desk = Desk()
    if meanwhile == "in the session":
        desk.hold(10.0, desk.set(HOST, REQUESTED), desk.set((PING + "DSCP", "8")))
    else:
        desk.hold(10.0, desk.set(HOST, REQUESTED))
        desk.hold(11.0, desk.set((PING + "DSCP", "8")))
    assert desk.state(PING) == "None"
    assert not [a for a in desk.device.alarms if a[1].startswith("diagnos")]

    desk.device.wake(10_000.0)
    assert desk.state(PING) == "None"
    assert desk.device.events == ()
    assert desk.counters["diagnostics.stopped"] == 1
    assert desk.counters["diagnostics.done"] == 0


@pytest.mark.rule("B3")
def test_setting_the_same_value_meanwhile_stops_it_as_well() -> None:
    """It is the setting that stops it, not the difference."""
    desk = Desk()
    desk.hold(10.0, desk.set(HOST, REQUESTED))
    desk.hold(11.0, desk.set(HOST))
    assert desk.state(PING) == "None"


@pytest.mark.rule("B3")
def test_another_object_s_parameters_stop_nothing() -> None:
    """Each diagnostic has its own."""
    desk = Desk()
    desk.hold(10.0, desk.set(HOST, REQUESTED))
    desk.hold(11.0, desk.set((TRACE + "Host", "b.example")))
    desk.finish(PING)
    assert desk.state(PING) == "Complete"


@pytest.mark.rule("B3")
def test_a_parameter_set_after_the_end_makes_the_state_none() -> None:
    """The results no longer belong to the parameters, and nothing starts."""
    desk = Desk()
    desk.done(PING, Host="a.example")
    desk.hold(100.0, desk.set((PING + "DSCP", "8")))
    assert desk.state(PING) == "None"
    assert not [a for a in desk.device.alarms if a[1].startswith("diagnos")]


@pytest.mark.rule("B5")
@pytest.mark.parametrize(
    ("name", "path"),
    [
        (TR181, PING),
        (TR181, UPLOAD),
        (TR098, "InternetGatewayDevice.UploadDiagnostics."),
    ],
)
@pytest.mark.parametrize(
    "text", ["None", "Complete", "Completed", "Error", "requested"]
)
def test_nothing_but_requested_may_be_written(name: str, path: str, text: str) -> None:
    """9007 for DiagnosticsState, and nothing else of the call is done (P3)."""
    desk = Desk(name)
    message = desk.set((path + "DSCP", "9"), (path + STATE, text))
    assert desk.refusal(message) == [(path + STATE, "9007")]
    assert desk.device.model.get(path + "DSCP", 0.0) == "0"
    assert desk.state(path) == "None"


@pytest.mark.rule("B5")
def test_canceled_where_it_is_supported() -> None:
    """It stops the run: state None, no event 8."""
    desk = Desk()
    desk.hold(10.0, desk.set(HOST, REQUESTED))
    desk.hold(11.0, desk.set((PING + STATE, "Canceled")))
    assert desk.state(PING) == "None"
    desk.device.wake(10_000.0)
    assert desk.device.events == ()
    assert desk.state(PING) == "None"


@pytest.mark.rule("B5")
def test_canceled_where_it_is_not() -> None:
    """9007, and the run goes on."""
    desk, path = Desk(TR098), "InternetGatewayDevice.IPPingDiagnostics."
    desk.request(path, Host="a.example")
    message = desk.set((path + STATE, "Canceled"))
    assert desk.refusal(message, 11.0) == [(path + STATE, "9007")]
    assert desk.state(path) == "Requested"
    desk.finish(path)
    assert desk.state(path) == "Complete"


@pytest.mark.rule("B5")
def test_requested_while_running_restarts() -> None:
    """It begins anew with what is set now, and ends once."""
    desk = Desk()
    desk.request(PING, 10.0, Host="a.example", NumberOfRepetitions="5")
    (first,) = [a[0] for a in desk.device.alarms if a[1] == "diagnosed"]
    desk.request(PING, first - 0.5, NumberOfRepetitions="7")
    desk.device.wake(first + 0.1)
    assert desk.state(PING) == "Requested"

    now = desk.finish(PING)
    assert now > first + 5
    assert desk.read(PING)["SuccessCount"] == "7"
    assert desk.hold(now) == [COMPLETE]
    desk.device.wake(now + 10_000)
    assert desk.device.events == ()
    assert desk.counters["diagnostics.started"] == 2


@pytest.mark.rule("B5")
def test_requested_alone_restarts_though_it_reads_requested() -> None:
    """The same value again is a request again."""
    desk = Desk()
    desk.request(PING, 10.0, Host="a.example")
    first = min(a[0] for a in desk.device.alarms if a[1] == "diagnosed")
    desk.hold(first - 0.5, desk.set(REQUESTED))
    assert desk.finish(PING) > first
    assert desk.counters["diagnostics.started"] == 2


@pytest.mark.rule("B3")
@pytest.mark.parametrize("first", [True, False])
def test_what_is_set_with_requested_is_what_is_used(first: bool) -> None:
    """Whatever the order in which they stand in the call."""
    pairs = [(PING + "Host", "a.example"), (PING + "NumberOfRepetitions", "9")]
    desk = Desk(loss=0.0)
    desk.hold(
        10.0, desk.set(REQUESTED, *pairs) if first else desk.set(*pairs, REQUESTED)
    )
    desk.finish(PING)
    assert desk.read(PING)["SuccessCount"] == "9"


@pytest.mark.rule("B3")
def test_what_was_set_before_is_used_as_well() -> None:
    """Requested may come alone, in a later session."""
    desk = Desk(loss=0.0)
    desk.hold(5.0, desk.set(HOST, (PING + "NumberOfRepetitions", "2")))
    assert desk.state(PING) == "None"
    desk.hold(10.0, desk.set(REQUESTED))
    desk.finish(PING)
    assert desk.read(PING)["SuccessCount"] == "2"


@pytest.mark.rule("B5")
def test_results_are_kept_until_the_next_run() -> None:
    """Sessions leave them; the next run clears them when it begins."""
    desk = Desk(loss=0.0)
    desk.done(TRACE, Host="a.example")
    desk.hold(200.0)
    assert desk.read(TRACE)["RouteHopsNumberOfEntries"] == "7"
    assert desk.state(TRACE) == "Complete"

    desk.request(TRACE, 300.0, Host="nobody.invalid")
    assert desk.read(TRACE)["RouteHopsNumberOfEntries"] == "0"
    assert desk.read(TRACE)["ResponseTime"] == "0"
    desk.finish(TRACE)
    assert desk.read(TRACE)["RouteHopsNumberOfEntries"] == "0"


def test_an_acs_cannot_pile_up_runs() -> None:
    """A thousand requests of a ping that lasts a century are one alarm."""
    desk = Desk()
    for at in range(40):
        calls = [
            desk.set(HOST, REQUESTED, (PING + "NumberOfRepetitions", "4294967295"))
        ]
        desk.hold(10.0 + at, *calls * 25)
    assert len([a for a in desk.device.alarms if a[1].startswith("diagnos")]) == 1
    assert len(desk.device.memory) == 1


def test_an_idle_device_owns_nothing_for_it() -> None:
    """No value, no memory, no alarm, and the shared empty mapping for what it keeps."""
    one, two = Desk().device, Desk().device
    assert one.memory is two.memory
    assert one.model.grown is None
    assert one.errands == ()


def test_what_is_stopped_leaves_a_device_as_it_was() -> None:
    """The rows are gone, and reads are the quick ones again."""
    desk = Desk()
    desk.done(TRACE, Host="a.example")
    assert desk.device.model.grown is not None
    desk.device.darken(100.0, 10.0)
    assert desk.device.model.grown is None


@pytest.mark.rule("B5")
def test_more_connections_than_there_are() -> None:
    """NumberOfConnections is no more than the device's most: 9007."""
    desk = Desk()
    name = DOWNLOAD + "NumberOfConnections"
    assert desk.refusal(desk.set((name, "5"))) == [(name, "9007")]
    assert desk.refusal(desk.set((name, "4"))) == []


@pytest.mark.rule("B5")
def test_a_dump_that_lists_no_words() -> None:
    """Without an enumeration Requested is all that may be written."""
    profile = profile_of(TR181)
    parameters = dict(profile.parameters)
    parameters[PING + STATE] = replace(parameters[PING + STATE], choices=())
    desk = Desk(replace(profile, parameters=parameters))
    for text in ("Canceled", "Complete", ""):
        message = desk.set((PING + STATE, text))
        assert desk.refusal(message) == [(PING + STATE, "9007")]
    desk.request(PING, Host="a.example")
    desk.finish(PING)
    assert desk.state(PING) == "Complete"
