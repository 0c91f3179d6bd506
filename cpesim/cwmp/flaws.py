"""
What an ACS may do that the standard forbids, as a CPE sees it.

Rule: every flaw has its line in FLAWS, under the rule of the checklist that it breaks;
counters and summary know no other. A flaw is counted and lived with, or it is the
reason why its session fails.
"""

from __future__ import annotations

from collections.abc import Mapping

from cpesim.cwmp import names

Flaw = tuple[str, str]  # its name in FLAWS, and what was seen

NOT_XML = "S8 not XML"
NOT_SOAP = "S8 not SOAP"
NO_INFORM_RESPONSE = "S8 no InformResponse"
WRONG_ID = "X3 wrong ID"
NO_ID = "S6 no ID"
ID_UNMARKED = "S1 ID without mustUnderstand"
NOT_UNDERSTOOD = "S13 unknown header that must be understood"
UNKNOWN_NAMESPACE = "S12 unknown namespace"
NEWER_NAMESPACE = "S12 a namespace above the CPE's"
UNKNOWN_VERSION = "S12 a version that the CPE does not have"
NOT_OFFERED = "S12 UseCWMPVersion to a CPE that offered none"
OVERTAKEN = "S4 a request in place of a response"
UNEXPECTED = "S4 a response to nothing"
EMPTY_TO_INFORM = "X2 empty answer to the Inform"
EMPTY_TO_REQUEST = "S4 empty answer to a request"
FAULT_TO_NOTHING = "S14 a fault to nothing"
ENDLESS_RETRIES = "S9 retry requests without end"
ENDLESS = "X8 session never ended"
NO_ARRAY_TYPE = "X4 arrayType missing"
WRONG_ARRAY_TYPE = "X4 arrayType of another length"

FLAWS: Mapping[str, str] = {
    NOT_XML: "the answer is not well-formed; the session fails",
    NOT_SOAP: "the answer is no SOAP envelope with a message; the session fails",
    NO_INFORM_RESPONSE: "something else answers the Inform; the session fails",
    WRONG_ID: "a response bears another cwmp:ID than its request; lived with",
    NO_ID: "a request bears no cwmp:ID; it is answered with an empty one",
    ID_UNMARKED: "cwmp:ID is not marked mustUnderstand; lived with",
    NOT_UNDERSTOOD: "a header of no CWMP version insists on being understood",
    UNKNOWN_NAMESPACE: "a message in a namespace that is none of CWMP's; lived with",
    NEWER_NAMESPACE: "the InformResponse is newer than the Inform; not followed",
    UNKNOWN_VERSION: "UseCWMPVersion names what the CPE did not offer; not followed",
    NOT_OFFERED: "UseCWMPVersion, but the Inform did not offer versions; not followed",
    OVERTAKEN: "an RPC comes where a response is due; answered",
    UNEXPECTED: "a response that nothing asked for; the session fails",
    EMPTY_TO_INFORM: "nothing answers the Inform; by the profile the session goes on",
    EMPTY_TO_REQUEST: "nothing answers a request; it counts as undelivered",
    FAULT_TO_NOTHING: "a fault where nothing was asked; lived with",
    ENDLESS_RETRIES: "8005 to the same message again and again; the session fails",
    ENDLESS: "the ACS goes on asking for ever; the session fails",
    NO_ARRAY_TYPE: "an array without soap-enc:arrayType; lived with",
    WRONG_ARRAY_TYPE: "arrayType says another number than there are; lived with",
}
# The array argument of each RPC that has one, always its first child.
ARRAYS = frozenset(
    {
        "GetParameterValues",
        "SetParameterValues",
        "GetParameterAttributes",
        "SetParameterAttributes",
    }
)
ARRAY_TYPE = f"{{{names.ENC}}}arrayType"
