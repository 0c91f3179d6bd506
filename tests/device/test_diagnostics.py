"""When diagnostics start, stop and end, and what the ACS hears (CHECKLIST B3, B5)."""

from __future__ import annotations

import pytest

from cpesim.device.device import DARK
from tests.device.diagnosed import (
    COMPLETE,
    DOWNLOAD,
    LOOKUP,
    PING,
    STATE,
    TR098,
    TR181,
    TRACE,
    UPLOAD,
    WIFI,
    Desk,
)
from tests.play import reply

HOST = (PING + "Host", "speed.example")
REQUESTED = (PING + STATE, "Requested")
KINDS = (PING, TRACE, LOOKUP, WIFI)
OF_098 = ("IPPingDiagnostics.", "TraceRouteDiagnostics.", "NSLookupDiagnostics.")


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
    attribute = reply(
        "SetParameterAttributes", [(PING + "SuccessCount", True, 1, None)]
    )
    desk.hold(5.0, attribute)
    desk.request(PING, Host="a.example")
    now = desk.finish(PING)
    play = desk.begin(now)
    assert play.events() == [("4 VALUE CHANGE", ""), COMPLETE]
    assert play.values()[PING + "SuccessCount"] == "3"


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
