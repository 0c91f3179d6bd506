"""The form of a CWMP fault (CHECKLIST F, S13)."""

from __future__ import annotations

import pytest
from lxml import etree

from cpesim.cwmp import names, write
from cpesim.cwmp.fault import CLIENT_FAULTS, FAULTS, Fault, invalid_arguments
from cpesim.cwmp.read import read
from tests.play import judged, reply

OURS = sorted(code for code in FAULTS if code >= 9000)
CLIENT = {9003, 9005, 9006, 9007, 9008, 9021}


def sent(fault: Fault, namespace: str = names.NAMESPACES["1.2"]) -> etree._Element:
    """The Fault element of an envelope that a CPE sends."""
    envelope = judged(write.envelope(namespace, "9", write.fault(fault)))
    return etree.fromstring(envelope).find(f"{{{names.SOAP}}}Body")[0]


@pytest.mark.rule("F", "S11")
@pytest.mark.parametrize("code", OURS)
def test_each_code_has_its_form(code: int) -> None:
    """faultcode by the code, the fixed faultstring, and the code with its words."""
    found = sent(Fault(code))
    side = "Client" if code in CLIENT else "Server"
    assert found.tag == f"{{{names.SOAP}}}Fault"
    assert [child.tag for child in found] == ["faultcode", "faultstring", "detail"]
    # The prefix is the envelope's, so the name is a qualified one.
    prefix, _, word = found.findtext("faultcode").partition(":")
    assert (found.nsmap[prefix], word) == (names.SOAP, side)
    assert found.findtext("faultstring") == "CWMP fault"
    (detail,) = found.find("detail")
    assert detail.tag == f"{{{names.NAMESPACES['1.2']}}}Fault"
    assert [c.tag for c in detail] == ["FaultCode", "FaultString"]
    assert detail.findtext("FaultCode") == str(code)
    assert detail.findtext("FaultString") == FAULTS[code]


@pytest.mark.rule("F")
def test_the_codes_are_those_of_the_standard() -> None:
    """9000 to 9032 are a CPE's, 8000 to 8006 an ACS's, each with words of its own."""
    assert set(FAULTS) == {*range(9000, 9033), *range(8000, 8007)}
    assert all(words.strip() for words in FAULTS.values())
    assert FAULTS[9005] == "Invalid parameter name"
    assert FAULTS[8005] == "Retry request"


@pytest.mark.rule("F")
@pytest.mark.parametrize("word", ["Client", "Server", "9001", "x:8005"])
def test_the_faultcode_of_an_acs_says_nothing(word: str) -> None:
    """The code is the FaultCode in the detail, whatever stands in faultcode."""
    body = reply("Fault", 8003).replace(b"soap-env:Server", word.encode())
    assert read(body).code == 8003


@pytest.mark.rule("V1")
@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_a_fault_is_of_the_session_s_namespace(version: str) -> None:
    """The detail's Fault is in the namespace that is spoken."""
    namespace = names.NAMESPACES[version]
    (detail,) = sent(Fault(9005), namespace).find("detail")
    assert detail.tag == f"{{{namespace}}}Fault"


@pytest.mark.rule("P3")
def test_the_entries_of_set_parameter_values() -> None:
    """One for each bad entry, in order, its name as the ACS wrote it."""
    wrong = [
        ("Device.A", 9005, FAULTS[9005]),
        ("Device.<&>[x].B", 9007, "a < b"),
        ("", 9003, FAULTS[9003]),
    ]
    detail = sent(Fault(9003, details=wrong)).find("detail")[0]
    entries = detail.findall("SetParameterValuesFault")
    assert [c.tag for c in entries[0]] == ["ParameterName", "FaultCode", "FaultString"]
    assert [
        (
            e.findtext("ParameterName"),
            int(e.findtext("FaultCode")),
            e.findtext("FaultString"),
        )
        for e in entries
    ] == wrong


@pytest.mark.rule("S11")
def test_words_are_escaped() -> None:
    """What an ACS wrote may stand in the words, and stays text."""
    detail = sent(invalid_arguments("FileType '<x>&' is not known")).find("detail")[0]
    assert "'<x>&'" in detail.findtext("FaultString")
    assert detail.findtext("FaultCode") == "9003"
    assert set(CLIENT_FAULTS) == CLIENT
