"""
The form of a profile as it is written: its sections and what each key may be.

Rule: pydantic models and nothing else; what they mean is in sections.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictStr,
    StringConstraints,
)

from cpesim.quantity import (
    parse_bandwidth,
    parse_count,
    parse_duration,
    parse_rate,
    parse_share,
)


def _quantity(parse: Callable[[str], float]) -> BeforeValidator:
    return BeforeValidator(lambda given: parse(str(given)))


def _a_minute(rate: str) -> float:
    return round(parse_rate(rate) * 60)


Duration = Annotated[float, _quantity(parse_duration)]
Bandwidth = Annotated[float, _quantity(parse_bandwidth)]
PerMinute = Annotated[int, _quantity(_a_minute)]
Share = Annotated[float, _quantity(parse_share)]
Count = Annotated[int, _quantity(parse_count)]


# What moves without an order, and what may be asked for (cwmp-1-1's schema).
_TRANSFER_TYPE = (
    r"^(1 Firmware Upgrade Image|2 Web Content|3 Vendor Configuration File"
    r"|4 Vendor Log File|X [0-9A-F]{6} \S.*)$"
)
_WISHED_TYPE = _TRANSFER_TYPE.replace(r"|4 Vendor Log File", "")
XsdType = Literal[
    "string",
    "int",
    "unsignedInt",
    "long",
    "unsignedLong",
    "boolean",
    "dateTime",
    "hexBinary",
    "decimal",
]
Prefix = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,31}$")]


def _section(given: object) -> object:
    """A section; a share alone is one whose other keys have their defaults."""
    return given if given is None or isinstance(given, dict) else {"share": given}


_SHARE_ALONE = BeforeValidator(_section)


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


class FirmwareSection(_Section):
    """How they take an image."""

    pattern: StrictStr | None = None
    bandwidth: Bandwidth | None = Field(default=None, gt=0)
    flash: Duration | None = None
    least: int | None = Field(default=None, ge=0)


class QuirkSection(_Section):
    """A trait seen in the field, and its share of the fleet."""

    share: Share = 1.0


class RefusesListed(QuirkSection):
    """Patterns of full names, as Device.Hosts.Host.*.Layer1Interface."""

    paths: list[StrictStr] = Field(min_length=1)


class WrongTypes(QuirkSection):
    """Which type is written as which other."""

    types: dict[XsdType, XsdType] = {"unsignedInt": "string"}


class SlowAnswers(QuirkSection):
    """How long an answer takes, drawn between the two."""

    least: Duration = Field(default=0.5, ge=0)
    most: Duration = Field(default=5.0, ge=0, le=3600)


class WrongClock(QuirkSection):
    """How far the clock is off: one of the two."""

    behind: Duration | None = Field(default=None, ge=0)
    ahead: Duration | None = Field(default=None, ge=0)


class HangsUp(QuirkSection):
    """In which share of its sessions."""

    odds: Share = 0.1


class Prefixes(QuirkSection):
    """What is written in place of soap-env, soap-enc, cwmp, xsd and xsi."""

    names: dict[Literal["soap-env", "soap-enc", "cwmp", "xsd", "xsi"], Prefix] = {
        "soap-env": "SOAP-ENV",
        "soap-enc": "SOAP-ENC",
        "cwmp": "cwmp",
    }


class QuirksSection(_Section):
    """Quirks by name (device/quirk.py); a share alone stands for all defaults."""

    refuses_listed: RefusesListed | None = None
    wrong_types: Annotated[WrongTypes | None, _SHARE_ALONE] = None
    no_array_type: Annotated[QuirkSection | None, _SHARE_ALONE] = None
    slow_answers: Annotated[SlowAnswers | None, _SHARE_ALONE] = None
    no_bootstrap: Annotated[QuirkSection | None, _SHARE_ALONE] = None
    wrong_clock: WrongClock | None = None
    double_inform: Annotated[QuirkSection | None, _SHARE_ALONE] = None
    hangs_up: Annotated[HangsUp | None, _SHARE_ALONE] = None
    prefixes: Annotated[Prefixes | None, _SHARE_ALONE] = None


class AutonomousSection(_Section):
    """Files that they move by themselves."""

    url: str = Field(pattern=r"^https?://[^/@\s]+(/\S*)?$", max_length=1024)
    every: Duration = Field(default=86_400, ge=1)
    share: Share = 1.0
    download: bool = False
    type: str = Field(default="4 Vendor Log File", pattern=_TRANSFER_TYPE)
    announce: str = Field(default="", max_length=1024)
    target: str = Field(default="", max_length=256)


class WishSection(_Section):
    """Files that they ask the ACS for."""

    every: Duration = Field(default=86_400, ge=1)
    share: Share = 1.0
    type: str = Field(default="1 Firmware Upgrade Image", pattern=_WISHED_TYPE)
    arguments: dict[
        Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=256)]
    ] = Field(default={}, max_length=16)
    keep: bool = False


class TransferSection(_Section):
    """How they move files."""

    queue: int | None = Field(default=None, ge=3, le=64)
    upload: Literal["PUT", "POST"] | None = None
    in_session: bool | None = None
    cancel: bool | None = None
    retry: Duration | None = Field(default=None, ge=1)
    idle: Duration | None = None
    confirm: Share | None = None
    answer: Duration | None = None
    unsigned: Share | None = None
    own_format: bool | None = None
    log: Count | None = Field(default=None, ge=0, le=1_000_000)
    autonomous: AutonomousSection | None = None
    request: WishSection | None = None


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
    quirks: QuirksSection = QuirksSection()
    transfers: TransferSection = TransferSection()
    parameters: dict[str, Any] = {}
