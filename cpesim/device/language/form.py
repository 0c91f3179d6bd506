"""
The form of a profile as it is written: its sections and what each key may be.

Rule: pydantic models and nothing else; what they mean is in sections.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictStr

from cpesim.quantity import parse_bandwidth, parse_duration, parse_rate


def _quantity(parse: Callable[[str], float]) -> BeforeValidator:
    return BeforeValidator(lambda given: parse(str(given)))


def _a_minute(rate: str) -> float:
    return round(parse_rate(rate) * 60)


Duration = Annotated[float, _quantity(parse_duration)]
Bandwidth = Annotated[float, _quantity(parse_bandwidth)]
PerMinute = Annotated[int, _quantity(_a_minute)]


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


class KnockSection(_Section):
    """How they take connection requests."""

    rate: PerMinute | None = Field(default=None, ge=1)
    in_session: bool | None = None


class TlsSection(_Section):
    """How they prove themselves by TLS."""

    client_certs: StrictStr | None = None


class FirmwareSection(_Section):
    """How they take an image."""

    pattern: StrictStr | None = None
    bandwidth: Bandwidth | None = Field(default=None, gt=0)
    flash: Duration | None = None
    least: int | None = Field(default=None, ge=0)


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
    tls: TlsSection = TlsSection()
    reboot: Duration | None = None
    firmware: FirmwareSection = FirmwareSection()
    parameters: dict[str, Any] = {}
