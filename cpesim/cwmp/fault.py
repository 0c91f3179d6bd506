"""
CWMP faults: an answer, not an error of ours.

Rule: the codes and their words stand in FAULTS and nowhere else (TR-069 A6 A.5).
"""

from __future__ import annotations

from collections.abc import Sequence

FAULTS = {
    9000: "Method not supported",
    9001: "Request denied",
    9002: "Internal error",
    9003: "Invalid arguments",
    9004: "Resources exceeded",
    9005: "Invalid parameter name",
    9006: "Invalid parameter type",
    9007: "Invalid parameter value",
    9008: "Attempt to set a non-writable parameter",
    9009: "Notification request rejected",
    9010: "File transfer failure",
    9011: "Upload failure",
    9012: "File transfer server authentication failure",
    9013: "Unsupported protocol for file transfer",
    9014: "File transfer failure: unable to join multicast group",
    9015: "File transfer failure: unable to contact file server",
    9016: "File transfer failure: unable to access file",
    9017: "File transfer failure: unable to complete download",
    9018: "File transfer failure: file corrupted or otherwise unusable",
    9019: "File transfer failure: file authentication failure",
    9020: "File transfer failure: unable to complete download within time windows",
    9021: "Cancelation of file transfer not permitted in current transfer state",
    9022: "Invalid UUID format",
    9023: "Unknown execution environment",
    9024: "Disabled execution environment",
    9025: "Deployment unit to execution environment mismatch",
    9026: "Duplicate deployment unit",
    9027: "System resources exceeded",
    9028: "Unknown deployment unit",
    9029: "Invalid deployment unit state",
    9030: "Invalid deployment unit update: downgrade not permitted",
    9031: "Invalid deployment unit update: version not specified",
    9032: "Invalid deployment unit update: version already exists",
    8000: "Method not supported",
    8001: "Request denied",
    8002: "Internal error",
    8003: "Invalid arguments",
    8004: "Resources exceeded",
    8005: "Retry request",
    8006: "ACS version incompatible with CPE",
}
# The caller's mistake; every other code is the CPE's own ("Server").
CLIENT_FAULTS = frozenset({9003, 9005, 9006, 9007, 9008, 9021})
RETRY_REQUEST = 8005
# Codes of a vendor's own (A.5): an ACS's and a CPE's.
_VENDORS = (range(8800, 8900), range(9800, 9900))


def known_as(code: int) -> str:
    """A code that an ACS sent, for counters; what is none is "other"."""
    if code in FAULTS or any(code in own for own in _VENDORS):
        return str(code)
    return "other"


class Fault(Exception):
    """
    An RPC cannot be done; the session turns it into a SOAP fault.

    *details* are the SetParameterValuesFault entries: (parameter name, code, text).
    """

    def __init__(
        self,
        code: int,
        text: str = "",
        details: Sequence[tuple[str, int, str]] = (),
    ) -> None:
        self.code = code
        self.text = text or FAULTS.get(code, "Internal error")
        self.details = details
        super().__init__(code, self.text)


def invalid_arguments(text: str) -> Fault:
    """The fault 9003 with the reason in its FaultString."""
    return Fault(9003, f"Invalid arguments: {text}")
