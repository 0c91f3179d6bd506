"""
The forms of the steps of a timeline that are about CPEs.

Rule: a form for each action, so that a key that one does not have is an error; the
action's own keys become the Step's arguments.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from cpesim.scenario.forms.kinds import (
    AnyDevices,
    AnyDuration,
    Count,
    Duration,
    Form,
    Span,
    Text,
    devices,
    shape,
)
from cpesim.scenario.step import Place, Step

_EVENTS = 'Events that their Informs tell, as "1 BOOT".'


class StepForm(Form):
    """What steps have in common."""

    at: Duration | None = Field(
        default=None, description="When, from the run's beginning, as 7m."
    )
    every: Span | None = Field(
        default=None, description="Each so often; the first after one of it."
    )
    jitter: Duration = Field(
        default=0.0, description="`every` is moved by up to so much, either way."
    )

    def value(self, place: Place) -> Step:
        """What it says."""
        return Step(
            do=getattr(self, "do"),  # noqa: B009 - each form below has one
            at=self.at or 0.0,
            every=self.every,
            jitter=self.jitter,
            devices=devices(getattr(self, "devices", None)),
            name=getattr(self, "name", ""),
            arguments=self.arguments(),
            place=place,
        )

    def arguments(self) -> dict[str, Any]:
        """The action's own keys, read."""
        return {}


class DeviceStep(StepForm):
    """What steps about CPEs have in common."""

    devices: AnyDevices | None = Field(
        default=None, description="Which CPEs; all without it."
    )
    name: Text = Field(
        default="",
        alias="as",
        description="Names these CPEs for later steps and for metrics.",
    )


class PowerCut(DeviceStep):
    """Sockets are reset, timers stop, sessions are lost."""

    do: Literal["power_cut"] = Field(description="CPEs go dark, in mid-session.")
    restore_after: Span | None = Field(
        default=None, description="Each comes back by itself after so long."
    )

    def arguments(self) -> dict[str, Any]:
        return {"restore_after": self.restore_after}


class PowerRestore(DeviceStep):
    """CPEs that were dark boot."""

    do: Literal["power_restore"] = Field(description="CPEs that were dark boot.")
    arrive: AnyDuration | None = Field(
        default=None, description="How long after this each boots, or a shape."
    )
    inform: list[Text] = Field(default=[], description=_EVENTS)
    set: dict[str, Text] = Field(
        default={}, description='Values that are new then, as "{new.ipv4}".'
    )

    def arguments(self) -> dict[str, Any]:
        return {
            "arrive": shape(self.arrive),
            "inform": tuple(self.inform),
            "set": self.set,
        }


class Reboot(DeviceStep):
    """CPEs boot anew."""

    do: Literal["reboot"] = Field(description="CPEs boot anew.")


class FactoryReset(DeviceStep):
    """CPEs forget what was set, and bootstrap."""

    do: Literal["factory_reset"] = Field(
        description="CPEs forget what was set, and bootstrap."
    )


class InformStep(DeviceStep):
    """CPEs begin a session with these events."""

    do: Literal["inform"] = Field(description="CPEs begin a session.")
    events: list[Text] = Field(description=_EVENTS)
    params: list[Text] = Field(default=[], description="Parameters that it tells, too.")
    arrive: AnyDuration | None = Field(
        default=None, description="How long after this each does, or a shape."
    )

    def arguments(self) -> dict[str, Any]:
        return {
            "events": tuple(self.events),
            "params": tuple(self.params),
            "arrive": shape(self.arrive),
        }


class _Setting(DeviceStep):
    set: dict[str, Text] = Field(min_length=1, description="The new values, by path.")

    def arguments(self) -> dict[str, Any]:
        return {"set": self.set}


class ValueChange(_Setting):
    """Values change on the CPE, which tells them as their attributes say."""

    do: Literal["value_change"] = Field(
        description="Values change, and are told as notification attributes say."
    )


class SetStep(_Setting):
    """Values change silently."""

    do: Literal["set"] = Field(description="Values change, and nobody is told.")


class ConnectionRequestStep(DeviceStep):
    """As if the ACS had knocked."""

    do: Literal["connection_request"] = Field(
        description="CPEs behave as if the ACS had sent a connection request."
    )


class AddStep(StepForm):
    """More CPEs."""

    do: Literal["add"] = Field(
        description="More CPEs of a group boot for the first time."
    )
    group: Text = Field(description="The group that they are of.")
    count: Count = Field(description="How many, as 500.")
    ramp: Duration = Field(default=0.0, description="They boot over so long.")

    def arguments(self) -> dict[str, Any]:
        return {"group": self.group, "count": self.count, "ramp": self.ramp}


class RemoveStep(DeviceStep):
    """CPEs leave for good."""

    do: Literal["remove"] = Field(description="CPEs leave for good.")


class WatchStep(DeviceStep):
    """How long CPEs take to be back is measured from here on."""

    do: Literal["watch"] = Field(
        description="The clock of recovery begins for these CPEs; nothing is done to"
        " them. For what happens to the ACS: an outage, a restart."
    )
