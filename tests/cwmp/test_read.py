"""What ACSs send is read, and nothing else is believed."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.cwmp import read
from cpesim.cwmp.fault import Fault
from cpesim.errors import AcsProtocolError
from tests.play import reply

UNDECLARED = (
    b'<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/" '
    b'xmlns:cwmp="urn:dslforum-org:cwmp-1-0"><E:Header>'
    b'<cwmp:ID soap:mustUnderstand="1">7</cwmp:ID></E:Header><E:Body>'
    b"<cwmp:Reboot><CommandKey>a</CommandKey></cwmp:Reboot></E:Body></E:Envelope>"
)


def test_a_call() -> None:
    """Method, id, namespace and arguments are there."""
    call = read.read(reply("GetParameterNames", "Device.", 1, id="q"))

    assert (call.method, call.id, call.hold) == ("GetParameterNames", "q", False)
    assert call.namespace == "urn:dslforum-org:cwmp-1-0"
    assert read.text(call.element, "ParameterPath") == "Device."
    assert read.boolean(call.element, "NextLevel")
    assert "GetParameterNames" in repr(call)


def test_a_fault_and_its_code() -> None:
    """The CWMP code is read, the SOAP faultcode ignored; no code is 0."""
    assert read.read(reply("Fault", 8005)).code == 8005
    assert read.read(reply("Fault", "many")).code == 0
    assert read.read(b"<Envelope><Body><Fault/></Body></Envelope>").code == 0


@pytest.mark.rule("X4")
def test_an_undeclared_prefix_is_overlooked_and_counted() -> None:
    """Perl-CWMP's envelopes are not namespace-well-formed."""
    call = read.read(UNDECLARED)

    assert (call.method, call.id) == ("Reboot", "7")
    assert call.mended == ("undeclared prefix",)


@pytest.mark.rule("X4")
def test_white_space_before_the_envelope() -> None:
    """Understood, and counted; a missing XML declaration needs no mending."""
    call = read.read(b"\r\n  " + reply("InformResponse"))

    assert call.mended == ("white space before the envelope",)


@pytest.mark.rule("X4")
def test_an_envelope_of_undeclared_prefixes_throughout() -> None:
    """Local names decide, whatever stands before them."""
    call = read.read(
        b"<s:Envelope><s:Body><c:SetParameterValues><l:ParameterList>"
        b'<Value y:type="x:int">1</Value></l:ParameterList>'
        b"</c:SetParameterValues></s:Body></s:Envelope>"
    )

    (value,) = read.items(call.element, "ParameterList")
    assert call.method == "SetParameterValues"
    assert read.xsi_type(value) == "int"


@pytest.mark.parametrize(
    "body",
    [
        b"\x00\x01",
        b"<a><b></a>",
        b"plain words",
        b"<",
        b'<!DOCTYPE a [<!ENTITY e "x">]><Envelope><Body>&e;</Body></Envelope>',
        b'<!DOCTYPE Envelope SYSTEM "file:///etc/passwd"><Envelope/>',
        "<!DOCTYPE a><Envelope><Body><x/></Body></Envelope>".encode("utf-16"),
        b"<Envelope>" + b"<a>" * 400 + b"</a>" * 400 + b"</Envelope>",
    ],
)
def test_what_is_refused(body: bytes) -> None:
    """No DTD, no entity, no depth without end, no half-closed tag."""
    with pytest.raises(AcsProtocolError) as caught:
        read.read(body)
    assert caught.value.label in ("not XML", "not SOAP")


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_reader(body: bytes) -> None:
    """Whatever comes is a Call or an AcsProtocolError."""
    with contextlib.suppress(AcsProtocolError):
        read.read(body)


@pytest.mark.rule("S11")
def test_arguments_that_are_missing_or_wrong_are_9003() -> None:
    """The readers raise the fault themselves."""
    element = read.read(reply("Reboot", "key")).element

    for reader in (read.text, read.number, read.boolean, read.strings):
        with pytest.raises(Fault, match="9003"):
            reader(element, "Absent")
    for reader in (read.number, read.boolean):
        with pytest.raises(Fault, match="9003"):
            reader(element, "CommandKey")
    assert read.text(element, "Absent", "x") == "x"
    assert read.number(element, "Absent", 3) == 3
    assert read.boolean(element, "Absent", True) is True


def test_every_capture_is_understood(shared: Path) -> None:
    """What real ACSs sent, byte for byte, is read as what it is."""
    seen = set()
    for path in sorted((shared / "standard" / "captures").glob("[!n]*/*.http")):
        head, _, body = path.read_bytes().partition(b"\r\n\r\n")
        if not body or not body.lstrip().startswith(b"<"):
            assert b" 204 " in head or b" 401 " in head, path.name
            continue
        call = read.read(body)
        assert call.method in path.name
        seen.add(call.method)
    assert len(seen) >= 9


def test_a_response_that_came_before_is_read_alike_and_few_are_kept() -> None:
    body = reply("InformResponse", id="1")
    first = read.read(body)
    assert read.read(bytes(bytearray(body))) is first
    assert (first.method, first.id) == ("InformResponse", "1")
    for n in range(1000):
        assert read.read(reply("InformResponse", id=str(n))).id == str(n)
    assert len(read._KNOWN) <= read._MOST_KNOWN
    asked = reply("Reboot", "key", id="1")
    assert read.read(asked) is not read.read(asked)
    assert all(len(known) <= read._SHORT for known in read._KNOWN)
    long = reply("InformResponse", id="1" + " " * read._SHORT)
    assert read.read(long) is not read.read(long)
