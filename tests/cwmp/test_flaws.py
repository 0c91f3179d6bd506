"""What an ACS does wrong is counted by the rule that it breaks."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.cwmp import flaws
from cpesim.cwmp.flaws import FLAWS
from cpesim.errors import AcsProtocolError
from tests.cwmp.talk import a_request, kinds, play
from tests.cwmp.test_read import UNDECLARED
from tests.play import EMPTY, OVER, Play, envelope, reply

RULE = re.compile(r"(S1?\d|X\d) \S")
NO_TYPE = "<cwmp:GetParameterValues><ParameterNames><string>a</string>"
ENDING = "</ParameterNames></cwmp:GetParameterValues>"


def test_every_flaw_names_its_rule() -> None:
    """A rule of the checklist, and a sentence for the manual."""
    for kind, words in FLAWS.items():
        assert RULE.match(kind), kind
        assert words


def served(*bodies: bytes) -> Play:
    """A session in which the ACS has the floor, and says these."""
    session = play() << reply("InformResponse") >> EMPTY
    for body in bodies:
        session = session << body
    return session


@pytest.mark.parametrize(
    ("bodies", "kind"),
    [
        ([envelope("<cwmp:GetRPCMethods/>", id="")], flaws.NO_ID),
        ([envelope(NO_TYPE + ENDING)], flaws.NO_ARRAY_TYPE),
        (
            [reply("GetParameterValues", "a").replace(b"string[1]", b"string[2]")],
            flaws.WRONG_ARRAY_TYPE,
        ),
        ([reply("Fault", 8001)], flaws.FAULT_TO_NOTHING),
        (
            [reply("Reboot", "").replace(b' soap-env:mustUnderstand="1"', b"")],
            flaws.ID_UNMARKED,
        ),
    ],
)
@pytest.mark.rule("X4", "S14", "S6")
def test_what_is_lived_with(bodies: list[bytes], kind: str) -> None:
    """The session goes on and ends well; the flaw is noted once."""
    session = served(*bodies)

    assert session.body is not None
    assert kinds(session) == [kind]
    _ = session << EMPTY >> OVER


@pytest.mark.rule("X4")
def test_what_was_mended_is_counted() -> None:
    """Not among the flaws: the session understood it, and goes on."""
    session = served(UNDECLARED)

    assert session.session.notes == ["mended.undeclared prefix"]
    _ = session >> "RebootResponse" << EMPTY >> OVER


def test_an_acs_without_flaws() -> None:
    """A plain session notes nothing at all."""
    session = served(reply("GetParameterValues", "a", "b"), reply("Reboot", "k"))

    assert session.session.flaws == ()


@pytest.mark.rule("X3")
@pytest.mark.parametrize("requests", [0, 1])
def test_a_wrong_id_is_counted_and_overlooked(requests: int) -> None:
    """One ACS always says "null"; the example says what was seen."""
    session = play(*[a_request()] * requests) << reply("InformResponse", id="null")
    if requests:
        session = session << reply("TransferCompleteResponse", id="2")
        assert session.session.delivered

    assert session.session.flaws == ((flaws.WRONG_ID, "'null' to Inform with '1'"),)


@pytest.mark.rule("X3", "S6")
@pytest.mark.parametrize("id", ["", " ", "null", "a&amp;b", "0001", "ACS  7 "])
def test_the_acs_s_own_id_comes_back_as_it_came(id: str) -> None:
    """Whatever it is, and an empty one too."""
    session = play() << reply("InformResponse") << reply("GetRPCMethods", id=id)
    session = session >> "GetRPCMethodsResponse"
    assert session.id == id.replace("&amp;", "&")


@pytest.mark.rule("S4")
def test_a_request_in_place_of_a_response() -> None:
    """It is answered; ours counts as unanswered."""
    session = play(a_request()) << reply("InformResponse") << reply("GetRPCMethods")

    assert kinds(session) == [flaws.OVERTAKEN]
    assert session.session.flaws[0][1] == "GetRPCMethods to TransferComplete"


@pytest.mark.parametrize(
    ("given_", "kind"),
    [
        ([b"hello"], flaws.NOT_XML),
        ([b"<a/>"], flaws.NOT_SOAP),
        ([reply("Reboot", "")], flaws.NO_INFORM_RESPONSE),
        ([reply("InformResponse")] * 2, flaws.UNEXPECTED),
        ([reply("Fault", 8005)] * 6, flaws.ENDLESS_RETRIES),
        ([reply("InformResponse"), *[reply("GetRPCMethods")] * 7], flaws.ENDLESS),
    ],
)
@pytest.mark.rule("S8", "S9", "X8")
def test_what_a_session_fails_by(given_: list[bytes], kind: str) -> None:
    """The last flaw is the reason."""
    session = play(most=8)
    for body in given_[:-1]:
        session = session << body

    with pytest.raises(AcsProtocolError):
        _ = session << given_[-1]
    assert kinds(session)[-1] == kind


@given(st.text(max_size=400))
def test_what_was_seen_is_bounded(text: str) -> None:
    """An ACS cannot fill the report with its own words."""
    session = play().session
    session.flaw(flaws.WRONG_ID, text)

    assert len(session.flaws[0][1]) <= 120
