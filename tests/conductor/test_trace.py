"""One CPE's messages for people."""

from __future__ import annotations

from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from cpesim.conductor.trace import exchange, indented, masked

SET = (
    "<cwmp:SetParameterValues><ParameterList><ParameterValueStruct>"
    "<Name>Device.ManagementServer.ConnectionRequestPassword</Name>"
    '<Value xsi:type="xsd:string">s3cret</Value></ParameterValueStruct>'
    "<ParameterValueStruct><Name>Device.DeviceInfo.ProvisioningCode</Name>"
    "<Value>open</Value></ParameterValueStruct></ParameterList>"
    "</cwmp:SetParameterValues>"
)


def test_an_element_with_text_keeps_to_one_line() -> None:
    """Each element has its line and its depth."""
    assert indented("<a><b>text</b><c/><d>\n <e>1</e></d></a>").splitlines() == [
        "<a>",
        "  <b>text</b>",
        "  <c/>",
        "  <d>",
        "    <e>1</e>",
        "  </d>",
        "</a>",
    ]


def test_declarations_comments_and_cdata() -> None:
    """They stand as they came."""
    xml = '<?xml version="1.0"?><!-- a > b --><a><![CDATA[<b>]]></a>'
    assert indented(xml).splitlines() == [
        '<?xml version="1.0"?>',
        "<!-- a > b -->",
        "<a><![CDATA[<b>]]></a>",
    ]


@given(st.text(alphabet='<>/ab!-[]?" \n&;', max_size=200))
def test_hostile_xml_is_shown(xml: str) -> None:
    """Nothing is parsed, so nothing can explode; no letter is lost."""
    shown = indented(xml)
    assert "".join(shown.split()) == "".join(xml.split())


def test_hostile_texts_take_no_time() -> None:
    """Tags, comments and names that are opened and never closed: all linear."""
    for piece in (
        "<",
        "<!--",
        "<![CDATA[",
        "<Name ",
        "<Password ",
        "<Name>Password",
        "a://",
        "a",
    ):
        hostile = (piece * 200_000)[:200_000]
        began = process_time()
        list(exchange(0, "in", b"", hostile.encode()))
        assert process_time() - began < 2


def test_a_bomb_stays_small() -> None:
    """A thousand levels are not a million blanks."""
    assert len(indented("<a>" * 1000)) < 100_000


def test_passwords_are_masked() -> None:
    """Those of SetParameterValues, of Download and of HTTP; nothing else."""
    shown = masked(SET)
    assert "s3cret" not in shown
    assert "<Value>open</Value>" in shown
    assert masked("<Username>u</Username><Password>pw</Password>") == (
        "<Username>u</Username><Password>***</Password>"
    )
    assert masked("<ns:Password>p</ns:Password>") == "<ns:Password>***</ns:Password>"
    hidden = "<Name>A.WEPKey</Name> <Value><![CDATA[abc]]></Value>"
    assert masked(hidden) == "<Name>A.WEPKey</Name> <Value>***</Value>"
    head = 'Authorization: Digest username="u", response="ab"\r\nCookie: sid=9; x'
    assert masked(head) == "Authorization: Digest ***\r\nCookie: sid=***; x"


def test_a_password_that_is_cut_off_is_masked() -> None:
    """What was read of half an answer, or shown of a long one, may end anywhere."""
    for rest in (
        "s3cret",
        "s3cret<",
        "<![CDATA[s3cret",
        "<![CDATA[s3cret]]",
        "s3cret</Pa",
    ):
        assert "s3cret" not in masked(f"<Password>{rest}")
        assert "s3cret" not in masked(f"<Name>A.Password</Name><Value>{rest}")
    assert "s3cret" not in masked("<Password><!-- a -->s3cret</Password>")
    assert masked("<Password/><a>seen</a>") == "<Password/><a>seen</a>"


def test_what_else_proves_who_one_is_is_masked() -> None:
    """Users and passwords in URLs, and headers that speak of a key."""
    url = "<URL>http://user:p@ss@acs.lab/x?mail=a@b</URL>"
    assert masked(url) == "<URL>http://acs.lab/x?mail=a@b</URL>"
    assert masked("http://acs.lab?a=b@c") == "http://acs.lab?a=b@c"
    head = "Host: x\r\nX-Api-Key: abc\r\nX-Note: 7\r\nx-auth-token: t"
    assert masked(head) == (
        "Host: x\r\nX-Api-Key: ***\r\nX-Note: 7\r\nx-auth-token: ***"
    )


def test_hostile_headers_take_no_time() -> None:
    """One line of a megabyte that begins as a key's does."""
    began = process_time()
    masked("x-" + "key" * 300_000)
    assert process_time() - began < 2


def test_an_indented_password_is_masked_too() -> None:
    """The mask holds after indenting, as it is shown."""
    lines = "\n".join(exchange(0.1, "in", b"HTTP/1.1 200 OK\r\n\r\n", SET.encode()))
    assert "s3cret" not in lines
    assert "***" in lines


def test_a_message_has_its_arrow_head_and_body() -> None:
    """>> leaves the CPE, << comes from the ACS."""
    lines = list(exchange(1.5, "out", b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", b"<a/>"))
    assert lines == [">>     1.500s  POST / HTTP/1.1", ">>   Host: x", ">>   <a/>"]
    assert list(exchange(1.5, "in", b"HTTP/1.1 204 No Content\r\n\r\n", b""))[-1] == (
        "<<   (empty)"
    )


def test_no_escape_reaches_the_terminal() -> None:
    """What commands a terminal is replaced; a long body is cut and says so."""
    lines = list(exchange(0, "in", b"", b"\x1b[2J<a>" + b"x" * 300_000))
    assert not any("\x1b" in line for line in lines)
    assert "characters more" in lines[-1]
