"""
The form of a profile as it is written: its sections and what each key may be.

Rule: pydantic models and nothing else; what they mean is in sections.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictStr,
)

from cpesim.quantity import parse_bandwidth, parse_duration, parse_rate, parse_share


def _quantity(parse: Callable[[str], float]) -> BeforeValidator:
    return BeforeValidator(lambda given: parse(str(given)))


def _a_minute(rate: str) -> float:
    return round(parse_rate(rate) * 60)


Duration = Annotated[float, _quantity(parse_duration)]
Bandwidth = Annotated[float, _quantity(parse_bandwidth)]
PerMinute = Annotated[int, _quantity(_a_minute)]
Share = Annotated[float, _quantity(parse_share)]


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"expected a regular expression: {error}") from None
    return text


Pattern = Annotated[StrictStr, AfterValidator(_pattern)]
# What a result of an operation may tell (DeploymentUnitCPEFaultCodeType).
DuFault = Literal[
    9001, 9003, 9012, 9013, 9015, 9016, 9017, 9018, 9022, 9023, 9024, 9025, 9026,
    9027, 9028, 9029, 9030, 9031, 9032,
]  # fmt: skip


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DeviceSection(_Section):
    """Who the devices are; each a template."""

    manufacturer: StrictStr | None = None
    oui: StrictStr | None = None
    product_class: StrictStr | None = None
    serial: StrictStr | None = None
    username: StrictStr | None = None
    password: StrictStr | None = None


class InformSection(_Section):
    """When they report by themselves."""

    interval: Duration | None = Field(default=None, ge=1)


class SessionSection(_Section):
    """How they behave in a session."""

    empty_inform: bool | None = None
    set_status: Literal[0, 1] | None = None
    exchanges: int | None = Field(default=None, ge=1)
    deny_active: bool | None = None
    enable_after: Duration | None = Field(default=None, gt=0)


class KnockSection(_Section):
    """How they take connection requests."""

    rate: PerMinute | None = Field(default=None, ge=1)
    in_session: bool | None = None


class FirmwareSection(_Section):
    """How they take an image."""

    pattern: StrictStr | None = None
    bandwidth: Bandwidth | None = Field(default=None, gt=0)
    flash: Duration | None = None
    least: int | None = Field(default=None, ge=0)


class StandbySection(_Section):
    """How they sleep."""

    every: Duration = Field(gt=0)
    length: Duration = Field(gt=0, alias="for")


class AutonomousSection(_Section):
    """What they do to their modules by themselves."""

    every: Duration = Field(gt=0)
    operation: Literal["Install", "Update", "Uninstall"] = "Update"
    url: StrictStr = ""


class ModulesSection(_Section):
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
    environments: dict[str, Pattern] | None = None
    failures: Share | None = Field(default=None, ge=0, le=1)
    code: DuFault | None = None
    autonomous: AutonomousSection | None = None


class ProfileText(_Section):
    """A profile as it is written."""

    version: Literal[1]
    name: StrictStr
    description: StrictStr = ""
    root: Literal["Device.", "InternetGatewayDevice."] | None = None
    cwmp: Literal["1.0", "1.1", "1.2", "1.3", "1.4"] | None = None
    extends: StrictStr | None = None
    remove: list[StrictStr] = []
    device: DeviceSection = DeviceSection()
    inform: InformSection = InformSection()
    session: SessionSection = SessionSection()
    connection_request: KnockSection = KnockSection()
    reboot: Duration | None = None
    firmware: FirmwareSection = FirmwareSection()
    modules: ModulesSection = ModulesSection()
    standby: StandbySection | None = None
    parameters: dict[str, Any] = {}
