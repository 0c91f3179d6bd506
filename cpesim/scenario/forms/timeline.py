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
    """Which form an entry of the timeline has."""
    if isinstance(given, dict):
        return str(given["do"]) if "do" in given else "phase"
    return str(getattr(given, "do", "phase"))


AnyStep = Annotated[
    Annotated[PhaseForm, Tag("phase")]
    | Annotated[PowerCut, Tag("power_cut")]
    | Annotated[PowerRestore, Tag("power_restore")]
    | Annotated[Reboot, Tag("reboot")]
    | Annotated[FactoryReset, Tag("factory_reset")]
    | Annotated[InformStep, Tag("inform")]
    | Annotated[ValueChange, Tag("value_change")]
    | Annotated[SetStep, Tag("set")]
    | Annotated[ConnectionRequestStep, Tag("connection_request")]
    | Annotated[AddStep, Tag("add")]
    | Annotated[RemoveStep, Tag("remove")]
    | Annotated[WatchStep, Tag("watch")]
    | Annotated[FaultStep, Tag("fault")]
    | Annotated[HookStep, Tag("hook")]
    | Annotated[CheckStep, Tag("check")]
    | Annotated[RateStep, Tag("rate")]
    | Annotated[PauseStep, Tag("pause")]
    | Annotated[ResumeStep, Tag("resume")]
    | Annotated[MarkStep, Tag("mark")]
    | Annotated[StopStep, Tag("stop")],
    Discriminator(do),
]
