"""What each version of CWMP lacks, in full (CHECKLIST V1)."""

from __future__ import annotations

import pytest

from cpesim.cwmp import names
from cpesim.cwmp.session import Request
from cpesim.device.behaviour.files.ending import word
from tests.cwmp.talk import DONE, play
from tests.play import EMPTY, OVER, reply

LATER_RPCS = {
    "1.0": {"GetAllQueuedTransfers"}
    | {"ScheduleDownload", "CancelTransfer", "ChangeDUState"},
    "1.1": {"ScheduleDownload", "CancelTransfer", "ChangeDUState"},
    "1.2": set(),
    "1.3": set(),
    "1.4": set(),
}
LATER_REQUESTS = {
    "1.0": {"AutonomousTransferComplete"}
    | {"DUStateChangeComplete", "AutonomousDUStateChangeComplete"},
    "1.1": {"DUStateChangeComplete", "AutonomousDUStateChangeComplete"},
    "1.2": set(),
    "1.3": set(),
    "1.4": set(),
}
OURS = (
    "TransferComplete",
    "RequestDownload",
    "AutonomousTransferComplete",
    "DUStateChangeComplete",
    "AutonomousDUStateChangeComplete",
)
VERSIONS = tuple(LATER_RPCS)


@pytest.mark.rule("V1")
@pytest.mark.parametrize("version", VERSIONS)
def test_the_rpcs_of_an_acs(version: str) -> None:
    """1-0 knows 16 of the 20, 1-1 one more, 1-2 all."""
    lacking = names.RPCS_LACKING[names.NAMESPACES[version]]
    assert lacking == LATER_RPCS[version]
    assert lacking < set(names.RPCS)


@pytest.mark.rule("V1", "S4")
@pytest.mark.parametrize("version", VERSIONS)
def test_the_requests_of_a_cpe(version: str) -> None:
    """What waits is sent where the version has it, and left out where it has not."""
    waiting = [Request(method, lambda namespace: DONE) for method in OURS]
    played = play(*waiting, version=version)
    played = played << reply("InformResponse", version=version)
    asked = []
    while played.body:
        request = played.session.asked
        assert request is not None
        asked.append(request.method)
        body = f"<cwmp:{request.method}Response/>".encode()
        played = played << reply("GetRPCMethods", version=version).replace(
            b"<cwmp:GetRPCMethods></cwmp:GetRPCMethods>", body
        )
    assert asked == [m for m in OURS if m not in LATER_REQUESTS[version]]
    assert [r.method for r in played.session.delivered] == asked
    played >> EMPTY << EMPTY >> OVER


@pytest.mark.rule("V1", "T5")
@pytest.mark.parametrize(
    ("version", "unknown"),
    [("1.0", range(9014, 9021)), ("1.1", [9020]), ("1.2", []), ("1.4", [])],
)
def test_the_faults_of_a_transfer(version: str, unknown: list[int]) -> None:
    """9010 stands for what the version has no code for; the others are themselves."""
    for code in (9001, 9002, 9010, 9011, 9012, *range(9014, 9021)):
        told = word(code, names.NAMESPACES[version])
        assert told == (9010 if code in unknown else code)


@pytest.mark.rule("V1", "S12")
def test_three_namespaces_for_five_versions() -> None:
    """1.2, 1.3 and 1.4 speak one, and no CPE speaks another."""
    spoken = {
        version: f"urn:dslforum-org:cwmp-1-{min(n, 2)}"
        for n, version in enumerate(VERSIONS)
    }
    assert dict(names.NAMESPACES) == spoken
