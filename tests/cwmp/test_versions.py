"""CWMP 1.0 to 1.4: what the Inform offers, and what is agreed on (CHECKLIST S12)."""

from __future__ import annotations

import pytest
from lxml import etree

from cpesim.cwmp import flaws, names, write
from cpesim.cwmp.session import State
from cpesim.errors import AcsProtocolError
from tests.cwmp.talk import a_request, kinds, play
from tests.play import EMPTY, Play, envelope, judged, reply

SOAP = f"{{{names.SOAP}}}"
VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4")


def headers(body: bytes | None) -> dict[str, tuple[str, str]]:
    """Each header element: its mustUnderstand and its text."""
    assert body
    header = etree.fromstring(judged(body)).find(f"{SOAP}Header")
    assert header is not None
    return {
        etree.QName(e).localname: (e.get(f"{SOAP}mustUnderstand") or "", e.text or "")
        for e in header
    }


def using(version: str, namespace: str = "1.2") -> bytes:
    """An InformResponse that asks for a version."""
    told = f'<cwmp:UseCWMPVersion soap-env:mustUnderstand="1">{version}'
    return envelope(
        "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
        version=namespace,
    ).replace(b"</cwmp:ID>", f"</cwmp:ID>{told}</cwmp:UseCWMPVersion>".encode())


@pytest.mark.rule("S12")
@pytest.mark.parametrize("version", VERSIONS)
def test_the_inform_stands_in_its_versions_namespace(version: str) -> None:
    """1.2, 1.3 and 1.4 share one."""
    session = play(version=version) >> "Inform"

    assert session.sent.tag == f"{{{names.NAMESPACES[version]}}}Inform"


@pytest.mark.rule("S12")
@pytest.mark.parametrize("version", VERSIONS)
def test_what_the_informs_header_offers(version: str) -> None:
    """SessionTimeout from 1.3, SupportedCWMPVersions from 1.4, neither insisted on."""
    found = headers(play(version=version).body)

    assert found.pop("ID") == ("1", "1")
    expected = {}
    if version >= "1.3":
        expected["SessionTimeout"] = ("0", "30")
    if version == "1.4":
        expected["SupportedCWMPVersions"] = ("0", "1.0,1.1,1.2,1.3,1.4")
    assert found == expected


@pytest.mark.rule("S12")
def test_the_session_timeout_is_at_least_thirty() -> None:
    """Whatever the profile's patience is."""
    assert b">30</cwmp:SessionTimeout>" in write.inform_header("1.3", 5)
    assert b">90</cwmp:SessionTimeout>" in write.inform_header("1.3", 90)


@pytest.mark.rule("S12")
def test_only_the_inform_has_these_headers() -> None:
    """Requests and answers have the ID alone; a resent Inform has them again."""
    session = play(a_request(), version="1.4")
    again = session << reply("Fault", 8005, version="1.2")
    assert "SessionTimeout" in headers(again.body)

    session = session << using("1.4") >> "TransferComplete"
    assert set(headers(session.body)) == {"ID"}
    session = session << reply("GetRPCMethods", version="1.2")
    assert set(headers(session.body)) == {"ID"}


@pytest.mark.rule("S12")
@pytest.mark.parametrize("ours", VERSIONS)
@pytest.mark.parametrize("acs", ["1.0", "1.1", "1.2"])
def test_the_namespace_follows_the_acs_down_and_never_up(ours: str, acs: str) -> None:
    """Without UseCWMPVersion the InformResponse's namespace decides."""
    session = play(version=ours) << reply("InformResponse", version=acs)
    session = session << reply("GetRPCMethods", version=acs)

    agreed = min(names.NAMESPACES[ours], names.NAMESPACES[acs])
    assert session.sent.tag.startswith(f"{{{agreed}}}")
    above = names.NAMESPACES[acs] > names.NAMESPACES[ours]
    assert kinds(session) == [flaws.NEWER_NAMESPACE] * above


@pytest.mark.rule("S12")
@pytest.mark.parametrize("asked", VERSIONS)
def test_use_cwmp_version_is_obeyed(asked: str) -> None:
    """Whatever namespace the response itself stands in."""
    session = play(version="1.4") << using(asked) << reply("GetRPCMethods")

    assert session.session.version == asked
    assert session.sent.tag.startswith(f"{{{names.NAMESPACES[asked]}}}")
    assert kinds(session) == []


@pytest.mark.rule("S12")
@pytest.mark.parametrize(
    ("ours", "asked", "kind"),
    [
        ("1.4", "1.5", flaws.UNKNOWN_VERSION),
        ("1.4", "new", flaws.UNKNOWN_VERSION),
        ("1.2", "1.0", flaws.NOT_OFFERED),
        ("1.3", "1.4", flaws.NOT_OFFERED),
    ],
)
def test_a_version_that_was_not_offered(ours: str, asked: str, kind: str) -> None:
    """It is counted, and the namespace decides."""
    session = play(version=ours) << using(asked, "1.2")

    assert kinds(session) == [kind]
    assert session.session.namespace == names.NAMESPACES["1.2"]


@pytest.mark.rule("S12")
def test_an_unknown_namespace_is_counted_and_not_followed() -> None:
    """Some ACSs make one up; what they mean is plain all the same."""
    body = reply("InformResponse").replace(b"cwmp-1-0", b"cwmp-9-9")
    session = play() << body >> EMPTY

    assert kinds(session) == [flaws.UNKNOWN_NAMESPACE]
    assert session.session.namespace == names.NAMESPACES["1.0"]


def strange(method: str, must: str, actor: str = "") -> bytes:
    """An ACS's message with a header that no CWMP version has."""
    mark = f' soap-env:mustUnderstand="{must}"' if must else ""
    mark += f' soap-env:actor="{actor}"' if actor else ""
    header = f"</cwmp:ID><v:Odd xmlns:v='urn:v'{mark}>x</v:Odd>"
    arguments = [""] * (method == "Reboot")
    return reply(method, *arguments).replace(b"</cwmp:ID>", header.encode())


def refused(session: Play) -> bool:
    """A SOAP fault MustUnderstand without a detail, in our envelope's prefix."""
    assert session.body
    judged(session.body)
    fault = session.sent
    assert fault.tag == f"{SOAP}Fault"
    assert fault.find("detail") is None
    return fault.findtext("faultcode") == "soap-env:MustUnderstand"


@pytest.mark.rule("S13")
@pytest.mark.parametrize("must", ["1", "true"])
def test_an_unknown_header_that_must_be_understood(must: str) -> None:
    """The RPC is not carried out; its ID is echoed; the session goes on."""
    session = play() << reply("InformResponse") >> EMPTY
    session = session << strange("Reboot", must)

    assert refused(session)
    assert session.id == "1"
    assert kinds(session) == [flaws.NOT_UNDERSTOOD]
    assert session.session.notes == ["fault.sent.MustUnderstand"]
    session = session << reply("Reboot", "") >> "RebootResponse"


@pytest.mark.rule("S13", "S4")
def test_it_may_come_in_place_of_a_response() -> None:
    """Our request counts as unanswered."""
    session = play(a_request()) << reply("InformResponse") << strange("Reboot", "1")

    assert refused(session)
    assert kinds(session) == [flaws.NOT_UNDERSTOOD, flaws.OVERTAKEN]


@pytest.mark.rule("S14")
def test_it_may_not_come_with_a_response() -> None:
    """A response is not answered by a fault: the session has failed."""
    session = play()
    with pytest.raises(AcsProtocolError) as caught:
        _ = session << strange("InformResponse", "1")

    assert caught.value.label == "header not understood"
    assert session.session.state is State.FAILED
    assert kinds(session) == [flaws.NOT_UNDERSTOOD]


@pytest.mark.rule("S13")
@pytest.mark.parametrize(
    ("must", "actor"), [("", ""), ("0", ""), ("1", "urn:somebody-else")]
)
def test_other_unknown_headers_are_ignored(must: str, actor: str) -> None:
    """Without mustUnderstand, or meant for somebody else."""
    session = play() << reply("InformResponse") << strange("Reboot", must, actor)

    _ = session >> "RebootResponse"
    assert kinds(session) == []


@pytest.mark.rule("S13")
def test_an_actor_that_means_us() -> None:
    """ "next" is whom the message reaches."""
    body = strange("Reboot", "1", "http://schemas.xmlsoap.org/soap/actor/next")

    assert refused(play() << reply("InformResponse") << body)


@pytest.mark.rule("S13", "S5")
@pytest.mark.parametrize("name", ["NoMoreRequests", "HoldRequests"])
def test_old_headers_are_known(name: str) -> None:
    """NoMoreRequests is in no schema and ignored, even when it insists."""
    header = f'</cwmp:ID><cwmp:{name} soap-env:mustUnderstand="1">0</cwmp:{name}>'
    body = reply("Reboot", "").replace(b"</cwmp:ID>", header.encode())
    session = play() << reply("InformResponse") << body >> "RebootResponse"

    assert kinds(session) == []
