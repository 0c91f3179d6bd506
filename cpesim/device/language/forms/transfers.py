"""
The form of `transfers:`.

Rule: pydantic models and nothing else; what they mean is in device/transfer.py.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictStr

from cpesim.device.language.forms.kinds import Count, Duration, Section, Share, matching

# What moves without an order, and what may be asked for (cwmp-1-1's schema).
_TRANSFER_TYPE = (
    r"(1 Firmware Upgrade Image|2 Web Content|3 Vendor Configuration File"
    r"|4 Vendor Log File|X [0-9A-F]{6} \S.*)"
)
_WISHED_TYPE = _TRANSFER_TYPE.replace(r"|4 Vendor Log File", "")
_A_TYPE = "a type as '1 Firmware Upgrade Image' or 'X 00D09E My File'"

TransferType = Annotated[StrictStr, matching(_TRANSFER_TYPE, _A_TYPE)]
WishedType = Annotated[StrictStr, matching(_WISHED_TYPE, _A_TYPE)]
Url = Annotated[
    StrictStr,
    matching(r"https?://[^/@\s]+(/\S*)?", "http(s)://HOST[:PORT]/PATH without a name"),
]


class AutonomousSection(Section):
    """Files that they move by themselves."""

    url: Url = Field(max_length=1024)
    every: Duration = Field(default=86_400, ge=1)
    share: Share = 1.0
    download: bool = False
    type: TransferType = "4 Vendor Log File"
    announce: str = Field(default="", max_length=1024)
    target: str = Field(default="", max_length=256)


class WishSection(Section):
    """Files that they ask the ACS for."""

    every: Duration = Field(default=86_400, ge=1)
    share: Share = 1.0
    type: WishedType = "1 Firmware Upgrade Image"
    arguments: dict[
        Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=256)]
    ] = Field(default={}, max_length=16)
    keep: bool = False


class TransferSection(Section):
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
