"""
The form of `timeline:`: phases, and the steps of the two files beside this one.

Rule: `do:` says which form an entry has.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from cpesim.scenario.forms.devicesteps import (
    AddStep,
    ConnectionRequestStep,
    FactoryReset,
    InformStep,
    PowerCut,
    PowerRestore,
    Reboot,
    RemoveStep,
    SetStep,
    ValueChange,
    WatchStep,
)
from cpesim.scenario.forms.kinds import Duration, Form, NotEmpty
from cpesim.scenario.forms.runsteps import (
    CheckStep,
    FaultStep,
    HookStep,
    MarkStep,
    PauseStep,
    RateStep,
    ResumeStep,
    StopStep,
)
from cpesim.scenario.step import Phase, Place


class PhaseForm(Form):
    """From here on the statistics belong to another phase."""

    at: Duration = Field(description="When, from the run's beginning, as 7m.")
    phase: NotEmpty = Field(description="The phase that begins here.")

    def value(self, place: Place) -> Phase:
        """What it says."""
        return Phase(self.phase, self.at, place)


def do(given: Any) -> str:
    """Which form an entry of the timeline has, in words that are no key of it."""
    named = given.get("do") if isinstance(given, dict) else getattr(given, "do", None)
    return "a phase" if named is None else f"do: {named}"


AnyStep = Annotated[
    Annotated[PhaseForm, Tag("a phase")]
    | Annotated[PowerCut, Tag("do: power_cut")]
    | Annotated[PowerRestore, Tag("do: power_restore")]
    | Annotated[Reboot, Tag("do: reboot")]
    | Annotated[FactoryReset, Tag("do: factory_reset")]
    | Annotated[InformStep, Tag("do: inform")]
    | Annotated[ValueChange, Tag("do: value_change")]
    | Annotated[SetStep, Tag("do: set")]
    | Annotated[ConnectionRequestStep, Tag("do: connection_request")]
    | Annotated[AddStep, Tag("do: add")]
    | Annotated[RemoveStep, Tag("do: remove")]
    | Annotated[WatchStep, Tag("do: watch")]
    | Annotated[FaultStep, Tag("do: fault")]
    | Annotated[HookStep, Tag("do: hook")]
    | Annotated[CheckStep, Tag("do: check")]
    | Annotated[RateStep, Tag("do: rate")]
    | Annotated[PauseStep, Tag("do: pause")]
    | Annotated[ResumeStep, Tag("do: resume")]
    | Annotated[MarkStep, Tag("do: mark")]
    | Annotated[StopStep, Tag("do: stop")],
    Discriminator(do),
]
