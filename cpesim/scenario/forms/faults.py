"""
The form of `faults:`.

Rule: a field for each kind of fault; its own keys become the kind's arguments.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from cpesim.scenario.forms.kinds import (
    SHARE,
    AnyDevices,
    AnyDuration,
    Bandwidth,
    Devices,
    Form,
    Offset,
    Share,
    Short,
    Size,
    Text,
    devices,
    shape,
)
from cpesim.scenario.step import EVERYONE, DeviceSet, Injection, Place


class KindForm(Form):
    """A kind of fault."""

    p: Share = Field(
        default=1.0, description="In which share of sessions; drawn once a session."
    )

    def arguments(self) -> dict[str, Any]:
        """The kind's own keys, read."""
        return {"p": self.p}


class ResetForm(KindForm):
    """The CPE resets its connection."""

    rpc: Text = Field(
        default="Inform",
        description="On which exchange: the Inform, or the answer to this RPC.",
    )

    def arguments(self) -> dict[str, Any]:
        return {"p": self.p, "rpc": self.rpc}


class SpoiltForm(KindForm):
    """A message of the CPE is spoilt."""

    message: Literal["inform", "answer"] = Field(
        default="inform", description="Which one: its Inform, or each answer to an RPC."
    )

    def arguments(self) -> dict[str, Any]:
        return {"p": self.p, "message": self.message}


class DelayForm(KindForm):
    """The CPE takes its time."""

    by: AnyDuration = Field(description="How long, as 400ms, or a shape.")

    def arguments(self) -> dict[str, Any]:
        return {"p": self.p, "by": shape(self.by)}


class SlowReadForm(KindForm):
    """The CPE reads slowly."""

    rate: Bandwidth = Field(description="How fast, as 8kbit or 1kB/s.")

    def arguments(self) -> dict[str, Any]:
        return {"p": self.p, "rate": self.rate}


class CwmpFaultForm(KindForm):
    """The CPE answers with a fault."""

    code: int = Field(default=9002, ge=9000, le=9899, description="The fault's code.")
    rpc: Text = Field(
        default="", description="To this RPC only, as SetParameterValues."
    )

    def arguments(self) -> dict[str, Any]:
        return {"p": self.p, "code": self.code, "rpc": self.rpc}


class OversizeForm(SpoiltForm):
    """The CPE sends far too much."""

    size: Size = Field(default=1_000_000, description="How much, as 2MB.")

    def arguments(self) -> dict[str, Any]:
        return {"p": self.p, "size": self.size, "message": self.message}


class ClockSkewForm(KindForm):
    """The CPE's clock is off."""

    by: Offset = Field(description="How far: 1h is ahead, -1h is behind.")

    def arguments(self) -> dict[str, Any]:
        return {"p": self.p, "by": self.by}


_P = Short("p", told=SHARE)
Plain = Annotated[KindForm, _P]


class FaultForm(Form):
    """Misbehaviour by plan, of the CPEs or of their lines."""

    name: Text = Field(description="Its name, for steps and reports.")
    devices: AnyDevices | None = Field(
        default=None, description="Which CPEs; all without it."
    )
    share: Share | None = Field(
        default=None, description="Only this share of them: the same ones in each run."
    )
    during: Text = Field(
        default="", description="The phase that it is on in; always without it."
    )
    state: Literal["active", "inactive"] = Field(
        default="active",
        description="`inactive`: only a step `do: fault` turns it on.",
    )
    tcp_reset_before_response: Annotated[ResetForm, _P] | None = Field(
        default=None, description="A reset while the ACS prepares its answer."
    )
    tcp_reset_mid_body: Annotated[ResetForm, _P] | None = Field(
        default=None, description="A reset in the middle of what the CPE sends."
    )
    delay_response: DelayForm | None = Field(
        default=None, description="It waits before each answer to the ACS."
    )
    slow_read: SlowReadForm | None = Field(
        default=None, description="It reads what the ACS says slowly."
    )
    connect_drop: Plain | None = Field(
        default=None, description="It connects, and goes without a word."
    )
    tls_fail: Plain | None = Field(
        default=None, description="It breaks off the TLS handshake."
    )
    no_cookie: Plain | None = Field(
        default=None, description="It sends no cookie back."
    )
    duplicate_inform: Plain | None = Field(
        default=None, description="It sends its Inform twice."
    )
    cwmp_fault: Annotated[CwmpFaultForm, _P] | None = Field(
        default=None, description="It answers an RPC with a fault."
    )
    wrong_id: Plain | None = Field(
        default=None, description="It answers with another cwmp:ID."
    )
    malformed_xml: Annotated[SpoiltForm, _P] | None = Field(
        default=None, description="Its XML is not well-formed."
    )
    oversize: Annotated[OversizeForm, _P] | None = Field(
        default=None, description="Its message is far too long."
    )
    clock_skew: ClockSkewForm | None = Field(
        default=None, description="Its CurrentTime is off."
    )
    dns: Plain | None = Field(
        default=None, description="It cannot resolve the ACS's name."
    )

    def value(self, place: Place) -> Injection:
        """What it says."""
        kinds: dict[str, dict[str, Any]] = {}
        for name in KINDS:
            form = getattr(self, name)
            if form is not None:
                kinds[name] = form.arguments()
        return Injection(
            name=self.name,
            kinds=kinds,
            devices=self._devices(),
            phase=self.during,
            active=self.state == "active",
            place=place,
        )

    def _devices(self) -> DeviceSet:
        form = self.devices or Devices()
        if self.share is not None:
            form = form.model_copy(update={"pick": self.share})
        return devices(form) or EVERYONE


KINDS = tuple(
    name
    for name in FaultForm.model_fields
    if name not in ("name", "devices", "share", "during", "state")
)
