"""Reading envelopes: what is hostile or nonsense is refused."""

from __future__ import annotations

import pytest

from cpesim.acs.answers import BadEnvelope, read, read_fault, read_inform
from tests.acs.cpe import envelope, fault, inform

SOAP_12 = envelope("<C:Kicked/>").replace(
    "schemas.xmlsoap.org/soap/envelope/", "www.w3.org/2003/05/soap-envelope"
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not well-formed"),
        ("<a>", "not well-formed"),
        ("hello", "not well-formed"),
        ("<a/>", "not a SOAP 1.1"),
        (SOAP_12, "not a SOAP 1.1"),
        (envelope(""), "not one element"),
        (envelope("<C:Kicked/><C:Kicked/>"), "not one element"),
        (envelope("</S:Body><S:Body><C:Kicked/>"), "two Bodies"),
        ("<!DOCTYPE a><a/>", "document type"),
        (
            '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><a>&z;</a>',
            "document type",
        ),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hosts">]><a>&x;</a>', "document"),
        ("<a>" * 1000 + "</a>" * 1000, "not well-formed"),
        ("<a/>" * 500_000, "more than"),
    ],
)
def test_what_is_no_envelope_is_refused(text: str, why: str) -> None:
    """Each is a BadEnvelope that says why; no entity is resolved."""
    with pytest.raises(BadEnvelope, match=why):
        read(text.encode())


def test_an_inform_is_read_whole() -> None:
    """Identity, events, values and the plain fields."""
    message = read(inform("0 BOOTSTRAP", ("M Reboot", "k&amp;1")).encode())
    told = read_inform(message.element)
    assert message.method == "Inform"
    assert message.id == "1"
    assert told.key == "00D09E-HG800-000001"
    assert told.events == [("0 BOOTSTRAP", ""), ("M Reboot", "k&1")]
    assert told.values["InternetGatewayDevice.DeviceInfo.SoftwareVersion"] == "1.4.2"
    assert told.plain["RetryCount"] == "0"


def test_an_empty_inform_is_read_as_empty() -> None:
    """Nothing that lacks is an error here."""
    told = read_inform(read(envelope("<C:Inform/>").encode()).element)
    assert told.key == "--"
    assert told.events == []


def test_a_fault_is_read_with_its_entries() -> None:
    """Code, text and the faults of single parameters."""
    detail = (
        "<SetParameterValuesFault><ParameterName>a.b</ParameterName>"
        "<FaultCode>9005</FaultCode><FaultString/></SetParameterValuesFault>"
    )
    message = read(fault(9003, "1", detail).encode())
    assert message.method == "Fault"
    assert read_fault(message.element) == (9003, "no", [("a.b", "9005")])
    bare = read(envelope("<S:Fault><faultstring>x</faultstring></S:Fault>").encode())
    assert read_fault(bare.element) == (0, "x", [])
