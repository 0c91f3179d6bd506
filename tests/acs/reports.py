"""What the hand-written CPE reports by requests of its own, in plain text."""

from __future__ import annotations

UUID = "123e4567-e89b-12d3-a456-426614174000"


def transfer_complete(key: str, code: int = 0, **times: str) -> str:
    """TransferComplete's element; *times* start and end."""
    return (
        f"<C:TransferComplete><CommandKey>{key}</CommandKey>"
        f"{_end(code, **times)}</C:TransferComplete>"
    )


def autonomous(code: int = 0) -> str:
    """AutonomousTransferComplete's element."""
    return (
        "<C:AutonomousTransferComplete><AnnounceURL/><TransferURL>http://x/a"
        "</TransferURL><IsDownload>1</IsDownload><FileType>1 Firmware Upgrade Image"
        f"</FileType><FileSize>0</FileSize><TargetFileName/>{_end(code)}"
        "</C:AutonomousTransferComplete>"
    )


def _end(
    code: int, start: str = "2026-01-01T12:00:00Z", end: str = "2026-01-01T12:00:09Z"
) -> str:
    return (
        f"<FaultStruct><FaultCode>{code}</FaultCode><FaultString></FaultString>"
        f"</FaultStruct><StartTime>{start}</StartTime><CompleteTime>{end}"
        "</CompleteTime>"
    )


def results(state: str, code: int = 0, more: str = "") -> str:
    """One Results of DUStateChangeComplete."""
    return (
        f"<Results><UUID>{UUID}</UUID><DeploymentUnitRef>.SoftwareModules."
        f"DeploymentUnit.1</DeploymentUnitRef><Version>1.0</Version><CurrentState>"
        f"{state}</CurrentState><Resolved>1</Resolved><ExecutionUnitRefList/>"
        "<StartTime>2026-01-01T12:00:00Z</StartTime><CompleteTime>2026-01-01T12:00:09Z"
        f"</CompleteTime><Fault><FaultCode>{code}</FaultCode><FaultString/></Fault>"
        f"{more}</Results>"
    )
