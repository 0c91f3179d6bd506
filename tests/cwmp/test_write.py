"""What leaves is well-formed, whatever is in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from cpesim.cwmp import names, write
from cpesim.cwmp.fault import FAULTS, Fault
from tests.play import judged

# Every character that XML 1.0 can carry.
XML_TEXT = st.text(
    st.characters(exclude_categories=["Cs"]).filter(
        lambda c: c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff")
    )
)


@pytest.mark.rule("P14")
@given(XML_TEXT)
def test_a_value_goes_round_unchanged(text: str) -> None:
    """What is written is read back, to the character."""
    struct = write.value("Device.X", "string", text)
    tree = etree.fromstring(
        f'<a xmlns:xsi="{names.XSI}" xmlns:xsd="{names.XSD}">{struct}</a>'.encode()
    )

    assert (tree.findtext(".//Value") or "") == text


@pytest.mark.rule("P14")
@given(XML_TEXT)
def test_an_id_goes_round_unchanged(text: str) -> None:
    """The envelope holds the id as the ACS wrote it."""
    body = write.envelope(names.NAMESPACES["1.0"], text, b"<cwmp:RebootResponse/>")

    assert (etree.fromstring(body).findtext(".//{*}ID") or "") == text


@pytest.mark.parametrize("code", [c for c in FAULTS if c >= 9000])
def test_every_fault_of_ours_is_valid(code: int) -> None:
    """SOAP 1.1, the standard's words, Client or Server as it says."""
    body = write.fault(Fault(code, details=[("Device.<&>", 9007, "no & no")]))
    envelope = judged(write.envelope(names.NAMESPACES["1.2"], "1", body))
    side = "Client" if code in (9003, 9005, 9006, 9007, 9008, 9021) else "Server"

    assert f"<faultcode>soap-env:{side}</faultcode>".encode() in envelope


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_the_arrays_are_counted(version: str) -> None:
    """arrayType says how many there are, none as well."""
    for body in (
        write.parameter_names([("Device.", False), ("Device.A", True)]),
        write.parameter_names([]),
        write.attributes([("Device.A", 2, ["Subscriber"]), ("Device.B", 0, [])]),
        write.rpc_methods(["GetRPCMethods", "Reboot"]),
        write.transfer_complete("<k>", 9010, names.UNKNOWN_TIME, names.UNKNOWN_TIME),
    ):
        judged(write.envelope(names.NAMESPACES[version], "1", body))
