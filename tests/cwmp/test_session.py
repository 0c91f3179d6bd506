"""The conversation's table, state by state (CHECKLIST S, X)."""

from __future__ import annotations

import pytest

from cpesim.cwmp import flaws
from cpesim.cwmp.fault import known_as
from cpesim.cwmp.session import State
from cpesim.errors import AcsProtocolError
from tests.cwmp.talk import a_request, kinds, play
from tests.play import EMPTY, OVER, envelope, reply


@pytest.mark.rule("S1", "S4", "S7")
def test_the_shortest_session() -> None:
    """Inform, empty POST, empty answer: done."""
    session = play() >> "Inform" << reply("InformResponse") >> EMPTY << EMPTY >> OVER

    assert session.session.state is State.DONE
    assert session.session.informed


@pytest.mark.rule("S1")
def test_the_inform_carries_a_must_understand_id() -> None:
    """The header of the first message has cwmp:ID with mustUnderstand 1."""
    body = play().body

    assert body is not None
    assert b'<cwmp:ID soap-env:mustUnderstand="1">1</cwmp:ID>' in body


@pytest.mark.rule("S4", "S7")
def test_requests_come_before_the_empty_post() -> None:
    """Each request waits for its response; the empty POST comes last."""
    session = (
        play(a_request(), a_request())
        >> "Inform"
        << reply("InformResponse")
        >> "TransferComplete"
        << reply("TransferCompleteResponse", id="2")
        >> "TransferComplete"
        << reply("TransferCompleteResponse", id="3")
        >> EMPTY
        << EMPTY
        >> OVER
    )

    assert len(session.session.delivered) == 2
    assert session.session.notes == []


@pytest.mark.rule("S5")
def test_a_held_request_waits() -> None:
    """With HoldRequests the TransferComplete comes only after the ACS has let go."""
    session = (
        play(a_request())
        >> "Inform"
        << reply("InformResponse", hold=True)
        >> EMPTY
        << reply("GetRPCMethods", hold=True)
        >> "GetRPCMethodsResponse"
        << EMPTY
        >> "TransferComplete"
        << reply("TransferCompleteResponse")
        >> EMPTY
        << EMPTY
        >> OVER
    )

    assert session.session.delivered


@pytest.mark.rule("S5", "S7")
def test_an_empty_post_under_a_hold_does_not_count() -> None:
    """An empty answer to it ends the hold, not the session."""
    (
        play()
        >> "Inform"
        << reply("InformResponse", hold=True)
        >> EMPTY
        << EMPTY
        >> EMPTY
        << EMPTY
        >> OVER
    )


@pytest.mark.rule("S6")
@pytest.mark.parametrize("id", ["", "null", "a&<b> ü", "x" * 300])
def test_an_answer_echoes_the_id(id: str) -> None:
    """Whatever stood in the request's cwmp:ID stands in the answer's."""
    session = play() << reply("InformResponse") >> EMPTY
    escaped = id.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    session = session << envelope("<cwmp:GetRPCMethods/>", id=escaped)

    assert session.id == id


@pytest.mark.rule("S7")
def test_no_request_after_the_floor_was_offered() -> None:
    """An RPC that comes instead of a response leaves the request for next time."""
    session = (
        play(a_request())
        << reply("InformResponse")
        >> "TransferComplete"
        << reply("GetRPCMethods")
        >> "GetRPCMethodsResponse"
        << EMPTY
        >> EMPTY
        << reply("GetRPCMethods")
        >> "GetRPCMethodsResponse"
        << EMPTY
        >> OVER
    )

    assert session.session.delivered == []


@pytest.mark.rule("S7")
def test_an_empty_answer_to_a_request_goes_on() -> None:
    """It is counted, and the empty POST follows."""
    session = (
        play(a_request())
        << reply("InformResponse")
        >> "TransferComplete"
        << EMPTY
        >> EMPTY
        << EMPTY
        >> OVER
    )

    assert kinds(session) == [flaws.EMPTY_TO_REQUEST]


@pytest.mark.rule("S8")
@pytest.mark.parametrize(
    ("body", "label"),
    [
        (b"hello", "not XML"),
        (b"<a/>", "not SOAP"),
        (b"<Envelope><Body/></Envelope>", "not SOAP"),
        (reply("GetRPCMethods"), "no InformResponse"),
        (reply("TransferCompleteResponse"), "no InformResponse"),
        (reply("Fault", 8003), "fault 8003 to the Inform"),
    ],
)
def test_what_fails_at_the_inform(body: bytes, label: str) -> None:
    """No InformResponse, no session; the label says what came."""
    session = play()

    with pytest.raises(AcsProtocolError) as caught:
        _ = session << body
    assert caught.value.label == label
    assert session.session.state is State.FAILED


@pytest.mark.rule("S8")
@pytest.mark.parametrize("requests", [0, 1])
def test_a_response_to_nothing_fails(requests: int) -> None:
    """A response that nothing asked for has no place in a session."""
    session = play(*[a_request()] * requests) << reply("InformResponse")

    with pytest.raises(AcsProtocolError, match="unexpected response"):
        _ = session << reply("InformResponse")


@pytest.mark.rule("S9")
def test_retry_request_to_the_inform() -> None:
    """8005: the same Inform at once, five times at most."""
    session = play()
    first = session.body
    for _ in range(5):
        session = session << reply("Fault", 8005)
        assert session.body == first

    with pytest.raises(AcsProtocolError, match="retry requests"):
        _ = session << reply("Fault", 8005)


@pytest.mark.rule("S9")
def test_retry_request_to_a_request() -> None:
    """8005: the same request; another fault: the session goes on without it."""
    session = play(a_request()) << reply("InformResponse") >> "TransferComplete"
    first = session.body
    session = session << reply("Fault", 8005)
    assert session.body == first

    session = session << reply("Fault", 8002) >> EMPTY << EMPTY >> OVER
    assert session.session.delivered == []
    assert "fault.received.8002" in session.session.notes


@pytest.mark.rule("S11")
def test_an_unknown_rpc_gets_9000() -> None:
    """And the session goes on."""
    session = play() << reply("InformResponse") >> EMPTY << reply("NoSuchThing")

    assert (session >> "Fault").fault == 9000
    assert session.session.saying == "unknown RPC"
    _ = session << EMPTY >> OVER


@pytest.mark.rule("S14")
def test_a_fault_without_a_request() -> None:
    """Counted and answered by another empty POST, never by a fault."""
    session = play() << reply("InformResponse") << reply("Fault", 8003) >> EMPTY

    assert kinds(session) == [flaws.FAULT_TO_NOTHING]
    _ = session << EMPTY >> OVER


@pytest.mark.rule("S14", "S5")
def test_a_fault_under_a_hold() -> None:
    """A fault to the held empty POST ends the hold; the request follows."""
    session = play(a_request()) << reply("InformResponse", hold=True) >> EMPTY

    _ = session << reply("Fault", 8003) >> "TransferComplete"


@pytest.mark.rule("S14", "S7")
def test_a_fault_while_requests_are_left() -> None:
    """A fault to an answer does not swallow what the CPE still has to say."""
    (
        play(a_request(), a_request())
        << reply("InformResponse")
        << reply("GetRPCMethods")
        >> "GetRPCMethodsResponse"
        << reply("Fault", 8001)
        >> "TransferComplete"
    )


@pytest.mark.rule("X2")
def test_an_empty_answer_to_the_inform() -> None:
    """By default the session goes on, uninformed; the profile may fail it."""
    session = play() << EMPTY >> EMPTY << EMPTY >> OVER
    assert not session.session.informed
    assert session.session.state is State.DONE

    with pytest.raises(AcsProtocolError, match="no InformResponse"):
        _ = play(empty_inform=False) << EMPTY


@pytest.mark.rule("X8")
def test_a_session_without_end_is_ended() -> None:
    """After the profile's number of exchanges it fails with its own label."""
    session = play(most=5) << reply("InformResponse")
    for _ in range(3):
        session = session << reply("GetRPCMethods")

    with pytest.raises(AcsProtocolError, match="endless session"):
        _ = session << reply("GetRPCMethods")


def test_codes_that_an_acs_makes_up_are_one() -> None:
    """Known ones and vendors' ranges have their names; 10,000 others share one."""
    assert [known_as(code) for code in (8003, 8850, 9005, 9899)] == [
        "8003",
        "8850",
        "9005",
        "9899",
    ]
    names = {known_as(code) for code in range(10_000)}
    assert known_as(0) == known_as(1234) == "other"
    assert len(names) < 300
