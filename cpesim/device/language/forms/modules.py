"""
The form of `modules:`.

Rule: pydantic models and nothing else; what they mean is in device/profile.py.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictStr, model_validator

from cpesim.device.language.forms.kinds import (
    Bandwidth,
    Duration,
    Pattern,
    Section,
    Share,
    matching,
)

Instance = Annotated[
    str, matching(r"[1-9]\d{0,8}", "an instance number of ExecEnv, as 1")
]
# What a result of an operation may tell (DeploymentUnitCPEFaultCodeType).
DuFault = Literal[
    9001, 9003, 9012, 9013, 9015, 9016, 9017, 9018, 9022, 9023, 9024, 9025, 9026,
    9027, 9028, 9029, 9030, 9031, 9032,
]  # fmt: skip


class AutonomousSection(Section):
    """What they do to their modules by themselves."""

    every: Duration = Field(gt=0)
    operation: Literal["Install", "Update", "Uninstall"] = "Update"
    url: StrictStr = ""

    @model_validator(mode="after")
    def _whence(self) -> AutonomousSection:
        if self.operation == "Install" and not self.url:
            raise ValueError("expected a 'url' to Install from")
        return self


class ModulesSection(Section):
    """How they change their software modules."""

    install: Duration | None = None
    update: Duration | None = None
    uninstall: Duration | None = None
    start: Duration | None = None
    fetch: bool | None = None
    bandwidth: Bandwidth | None = Field(default=None, gt=0)
    least: int | None = Field(default=None, ge=0)
    most: int | None = Field(default=None, ge=1, le=64)
    downgrade: bool | None = None
    version: Pattern | None = None
    environments: dict[Instance, Pattern] | None = None
    failures: Share | None = Field(default=None, ge=0, le=1)
    code: DuFault | None = None
    autonomous: AutonomousSection | None = None
