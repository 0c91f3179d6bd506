"""
The form of a whole profile.

Rule: pydantic models and nothing else; what they mean is in sections.py.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, StrictStr, model_validator

from cpesim.device.language.forms.kinds import (
    Bandwidth,
    Duration,
    PerMinute,
    Section,
    Share,
)
from cpesim.device.language.forms.modules import ModulesSection
from cpesim.device.language.forms.quirks import QuirksSection
from cpesim.device.language.forms.transfers import TransferSection


class DeviceSection(Section):
    """Who the devices are; each a template."""

    manufacturer: StrictStr | None = None
    oui: StrictStr | None = None
    product_class: StrictStr | None = None
    serial: StrictStr | None = None
    username: StrictStr | None = None
    password: StrictStr | None = None


class InformSection(Section):
    """When they report by themselves."""

    interval: Duration | None = Field(default=None, ge=1)


class SessionSection(Section):
    """How they behave in a session."""

    empty_inform: bool | None = None
    set_status: Literal[0, 1] | None = None
    exchanges: int | None = Field(default=None, ge=1)
    deny_active: bool | None = None
    enable_after: Duration | None = Field(default=None, gt=0)


class KnockSection(Section):
    """How they take connection requests."""

    rate: PerMinute | None = Field(default=None, ge=1)
    in_session: bool | None = None


class FirmwareSection(Section):
    """How they take an image."""

    pattern: StrictStr | None = None
    bandwidth: Bandwidth | None = Field(default=None, gt=0)
    flash: Duration | None = None
    least: int | None = Field(default=None, ge=0)


class TlsSection(Section):
    """How they prove themselves by TLS."""

    client_certs: StrictStr | None = None


class StandbySection(Section):
    """How they sleep."""

    every: Duration = Field(gt=0)
    length: Duration = Field(gt=0, alias="for")

    @model_validator(mode="after")
    def _awake_between(self) -> StandbySection:
        if self.length >= self.every:
            raise ValueError("expected 'for' to be shorter than 'every'")
        return self


class DiagnosticsSection(Section):
    """What their diagnostics find."""

    rtt: Duration | None = Field(default=None, gt=0)
    jitter: Duration | None = None
    loss: Share | None = None
    interval: Duration | None = None
    hops: int | None = Field(default=None, ge=1, le=64)
    lookup: Duration | None = None
    unresolvable: list[StrictStr] | None = None
    unreachable: list[StrictStr] | None = None
    neighbours: int | None = Field(default=None, ge=0, le=64)
    scan: Duration | None = None
    download: Bandwidth | None = Field(default=None, gt=0)
    upload: Bandwidth | None = Field(default=None, gt=0)


class ProfileText(Section):
    """A profile as it is written."""

    version: Literal[1]
    name: StrictStr
    description: StrictStr = ""
    root: Literal["Device.", "InternetGatewayDevice."] | None = None
    cwmp: Literal["1.0", "1.1", "1.2", "1.3", "1.4"] | None = None
    extends: StrictStr | None = None
    remove: list[StrictStr] = Field(default=[])
    device: DeviceSection = DeviceSection()
    inform: InformSection = InformSection()
    session: SessionSection = SessionSection()
    tls: TlsSection = TlsSection()
    connection_request: KnockSection = KnockSection()
    reboot: Duration | None = None
    firmware: FirmwareSection = FirmwareSection()
    diagnostics: DiagnosticsSection = DiagnosticsSection()
    quirks: QuirksSection = QuirksSection()
    standby: StandbySection | None = None
    modules: ModulesSection = ModulesSection()
    transfers: TransferSection = TransferSection()
    parameters: dict[str, Any] = Field(default={})
