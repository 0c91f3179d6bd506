"""
The form of `quirks:`.

Rule: pydantic models and nothing else; what they mean is in device/quirk.py.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictStr, model_validator

from cpesim.device.language.forms.kinds import (
    SHARE_ALONE,
    Duration,
    Prefix,
    Section,
    Share,
    XsdType,
)

_PREFIXES = ("soap-env", "soap-enc", "cwmp", "xsd", "xsi")


class QuirkSection(Section):
    """A trait seen in the field, and its share of the fleet."""

    share: Share = 1.0


class RefusesListed(QuirkSection):
    """Patterns of full names, as Device.Hosts.Host.*.Layer1Interface."""

    paths: list[StrictStr] = Field(min_length=1)


class WrongTypes(QuirkSection):
    """Which type is written as which other."""

    types: dict[XsdType, XsdType] = Field(default={"unsignedInt": "string"})


class SlowAnswers(QuirkSection):
    """How long an answer takes, drawn between the two."""

    least: Duration = Field(default=0.5, ge=0)
    most: Duration = Field(default=5.0, ge=0, le=3600)

    @model_validator(mode="after")
    def _ordered(self) -> SlowAnswers:
        if self.least > self.most:
            raise ValueError("expected 'least' to be no longer than 'most'")
        return self


class WrongClock(QuirkSection):
    """How far the clock is off: one of the two."""

    behind: Duration | None = Field(default=None, ge=0)
    ahead: Duration | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _either(self) -> WrongClock:
        if (self.behind is None) == (self.ahead is None):
            raise ValueError("expected either 'behind' or 'ahead'")
        return self


class HangsUp(QuirkSection):
    """In which share of its sessions."""

    odds: Share = 0.1


class Prefixes(QuirkSection):
    """What is written in place of soap-env, soap-enc, cwmp, xsd and xsi."""

    names: dict[Literal["soap-env", "soap-enc", "cwmp", "xsd", "xsi"], Prefix] = Field(
        default={
            "soap-env": "SOAP-ENV",
            "soap-enc": "SOAP-ENC",
            "cwmp": "cwmp",
        }
    )

    @model_validator(mode="after")
    def _apart(self) -> Prefixes:
        for old, new in self.names.items():
            # They are renamed one after the other: none may become another one's name.
            if new in _PREFIXES and new != old:
                raise ValueError(f"expected a prefix that is no other's, not {new!r}")
        if len(set(self.names.values())) < len(self.names):
            raise ValueError("expected another prefix for each")
        return self


class QuirksSection(Section):
    """Quirks by name (device/quirk.py); a share alone stands for all defaults."""

    refuses_listed: RefusesListed | None = None
    wrong_types: Annotated[WrongTypes | None, SHARE_ALONE] = None
    no_array_type: Annotated[QuirkSection | None, SHARE_ALONE] = None
    slow_answers: Annotated[SlowAnswers | None, SHARE_ALONE] = None
    no_bootstrap: Annotated[QuirkSection | None, SHARE_ALONE] = None
    wrong_clock: WrongClock | None = None
    double_inform: Annotated[QuirkSection | None, SHARE_ALONE] = None
    hangs_up: Annotated[HangsUp | None, SHARE_ALONE] = None
    prefixes: Annotated[Prefixes | None, SHARE_ALONE] = None
