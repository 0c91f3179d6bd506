"""The fate of every event: what delivers it, what outlives what (E1, E2, E5, E7)."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.cwmp import names
from cpesim.cwmp.session import Request, State
from cpesim.device import events
from tests.device.notices.sessions import (
    failed,
    good,
    key_of,
    make_modern,
    request_of,
)
from tests.play import Play, envelope, reply

ALL = (*names.EVENTS, *names.M_EVENTS, "M X_00D09E_Do", "X 00D09E ours")
INFORM = "Inform"
# What delivers it (E5), whether a failed session keeps it, whether a reboot does (E7).
FATES = {
    "0 BOOTSTRAP": (INFORM, True, True),
    "1 BOOT": (INFORM, True, False),
    "2 PERIODIC": (INFORM, True, True),
    "3 SCHEDULED": (INFORM, True, True),
    "4 VALUE CHANGE": (INFORM, True, False),
    "5 KICKED": ("Kicked", False, False),
    "6 CONNECTION REQUEST": (INFORM, False, False),
    "7 TRANSFER COMPLETE": ("TransferComplete", True, True),
    "8 DIAGNOSTICS COMPLETE": (INFORM, True, False),
    "9 REQUEST DOWNLOAD": ("RequestDownload", False, False),
    "10 AUTONOMOUS TRANSFER COMPLETE": ("AutonomousTransferComplete", True, True),
    "11 DU STATE CHANGE COMPLETE": ("DUStateChangeComplete", True, True),
    "12 AUTONOMOUS DU STATE CHANGE COMPLETE": (
        "AutonomousDUStateChangeComplete",
        True,
        True,
    ),
    "13 WAKEUP": (INFORM, True, True),
    "14 HEARTBEAT": (INFORM, True, True),
    "M Reboot": (INFORM, True, True),
    "M ScheduleInform": (INFORM, True, True),
    "M Download": ("TransferComplete", True, True),
    "M ScheduleDownload": ("TransferComplete", True, True),
    "M Upload": ("TransferComplete", True, True),
    "M ChangeDUState": ("DUStateChangeComplete", True, True),
    "M X_00D09E_Do": (INFORM, True, True),
    "X 00D09E ours": (INFORM, True, True),
}
BY_INFORM = [code for code, fate in FATES.items() if fate[0] == INFORM]
BY_REQUEST = [code for code, fate in FATES.items() if fate[0] not in (INFORM, "Kicked")]


@pytest.mark.rule("E1")
def test_every_code_is_spelt_as_the_standard_spells_it() -> None:
    """And each has a fate, in the tables as in this test."""
    assert set(FATES) == set(ALL)
    assert set(events.KEPT) == set(names.EVENTS)


@pytest.mark.rule("E5", "E7")
@pytest.mark.parametrize("code", BY_INFORM)
def test_an_event_goes_with_its_inform_response(code: str) -> None:
    """Until then it is kept or not as E7 says, and afterwards it is gone."""
    _, kept, _ = FATES[code]
    event = (code, key_of(code))
    device = make_modern()
    device.tell(*event, 1.0, "test")
    assert failed(device, 1.0) == [event]
    assert (event in device.events) is kept
    assert (device.wanted < inf) is kept

    device.tell("2 PERIODIC", "", 9.0, "test")
    told = good(device, 9.0)
    if code == "14 HEARTBEAT":  # stands alone in its Inform, behind the others
        told += good(device, 9.0)
    assert (event in told) is (kept or code == "2 PERIODIC")
    assert device.events == ()
    device.tell("3 SCHEDULED", "", 20.0, "test")
    assert (event in good(device, 20.0)) is (code == "3 SCHEDULED")


@pytest.mark.rule("E7")
@pytest.mark.parametrize("code", ALL)
def test_an_event_outlives_a_reboot_or_not(code: str) -> None:
    """What was undelivered when the power went is there after the boot, or is not."""
    event = (code, key_of(code))
    device = make_modern()
    device.events = (event,)
    device.darken(1.0, 10.0)
    device.wake(11.0)
    told = good(device, 11.0)
    if code == "14 HEARTBEAT":
        told += good(device, 11.0)
    if code == "1 BOOT":
        assert told == [event]
    else:
        assert (event in told) is FATES[code][2]
        assert ("1 BOOT", "") in told


def request_for(code: str) -> Request:
    """A request of ours that tells that event."""
    method, told = FATES[code][0], [(code, key_of(code))]
    if method == "TransferComplete" and code[0] == "M":
        told.insert(0, ("7 TRANSFER COMPLETE", ""))
    return request_of(method, *told)


@pytest.mark.rule("E5", "E7")
@pytest.mark.parametrize("code", BY_REQUEST)
def test_an_event_goes_with_the_response_to_its_request(code: str) -> None:
    """With no other: not the InformResponse, not an answer to something else."""
    method, _, over_reboot = FATES[code]
    request = request_for(code)
    device = make_modern()
    device.requests = (request,)
    device.tell("2 PERIODIC", "", 1.0, "test")
    for now in (1.0, 5.0):
        # The Inform is answered, the request is refused: it is told again.
        assert set(request.events) <= set(good(device, now))
        assert device.requests == (request,)
        device.tell("2 PERIODIC", "", now + 1.0, "test")
    assert set(request.events) <= set(failed(device, 6.0))

    play = Play(device.begin(9.0), 9.0) << reply("InformResponse", version="1.4")
    assert play.method == method
    body = f"<cwmp:{method}Response/>"
    play = play << envelope(body, id=play.id, version="1.4") << b""
    device.end(play.session, 9.0)
    assert device.requests == ()
    device.tell("3 SCHEDULED", "", 20.0, "test")
    assert good(device, 20.0) == [("3 SCHEDULED", "")]

    device.requests = (request,)
    device.darken(30.0, 10.0)
    device.wake(40.0)
    # 9 is the profile's to keep, as this request is kept.
    kept = over_reboot or code == "9 REQUEST DOWNLOAD"
    assert (device.requests == (request,)) is kept


@pytest.mark.rule("E2", "E5")
def test_several_requests_tell_a_single_event_once() -> None:
    """And each the M event of its own CommandKey; the rest stays if one goes."""
    device = make_modern()
    first, second = request_for("M Download"), request_for("M Download")
    first.events = (("7 TRANSFER COMPLETE", ""), ("M Download", "first"))
    device.requests = (first, second)
    device.want(1.0, "test")
    play = Play(device.begin(1.0), 1.0)
    assert play.events() == [
        ("7 TRANSFER COMPLETE", ""),
        ("M Download", "first"),
        ("M Download", "key"),
    ]
    play = play << reply("InformResponse", version="1.4")
    play = play << envelope("<cwmp:TransferCompleteResponse/>", version="1.4")
    play.session.state = State.FAILED
    device.end(play.session, 1.0)

    assert device.requests == (second,)
    assert failed(device, 9.0) == [("7 TRANSFER COMPLETE", ""), ("M Download", "key")]


@pytest.mark.rule("E2")
@pytest.mark.parametrize("code", ALL)
def test_an_event_stands_once_with_each_command_key(code: str) -> None:
    """Single ones have none; over a failed session, with what comes up meanwhile."""
    keys = ("one", "two") if code[0] == "M" else ("",)
    told = [(code, key) for key in keys]
    device = make_modern()
    for event in (*told, *told):
        device.tell(*event, 1.0, "test")
    assert failed(device, 1.0) == told

    for event in told:
        device.tell(*event, 2.0, "test")
    assert device.events == tuple(told)


@pytest.mark.rule("E1", "E2", "I1")
def test_events_stand_in_their_order_64_at_most() -> None:
    """Single ones first; what an ACS causes beyond the 64 is not kept either."""
    device = make_modern()
    for k in range(200):
        device.tell("M ScheduleInform", f"k{k}", 1.0, "test")
    for code in reversed(names.EVENTS[:14]):
        device.tell(code, "", 1.0, "test")
    play = Play(device.begin(1.0), 1.0) >> "Inform"
    told = play.events()

    assert [code for code, _ in told[:14]] == list(names.EVENTS[:14])
    assert told[14:] == [("M ScheduleInform", f"k{k}") for k in range(50)]
    assert len(told) == 64
    play.session.state = State.FAILED
    device.end(play.session, 1.0)
    for k in range(200):
        device.tell("M Reboot", f"r{k}", 2.0, "test")
    assert len(device.events) <= 64 + len(names.EVENTS)


EVENTS = st.lists(
    st.tuples(st.sampled_from(ALL), st.sampled_from(["", "a", "b"])), max_size=100
)


@given(told=EVENTS)
def test_a_queue_is_bounded_and_keeps_its_order(told: list[tuple[str, str]]) -> None:
    """Whatever happens; a single event is in it once."""
    queue: tuple[tuple[str, str], ...] = ()
    for code, key in told:
        queue = events.add(queue, code, key)
    single = [e for e in queue if e[0][0] != "M"]
    assert len(single) == len(set(single))
    assert set(single) == {e for e in told if e[0][0] != "M"}
    shown = events.ordered(queue)
    assert len(shown) <= events.MOST
    ms = [e for e in shown if e[0][0] == "M" or e[0][0] == "X"]
    assert shown[len(shown) - len(ms) :] == ms
    assert all(e in queue for e in events.after_reboot(queue))
