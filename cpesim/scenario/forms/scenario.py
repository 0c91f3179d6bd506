"""
The form of a scenario as a whole.

Rule: the blocks, each of a file beside this one, and the Scenario they make.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from cpesim.scenario.forms.acs import AcsForm
from cpesim.scenario.forms.devicesteps import StepForm
from cpesim.scenario.forms.faults import FaultForm
from cpesim.scenario.forms.fleet import BehaviourForm, FleetForm
from cpesim.scenario.forms.judging import AnyThreshold, LimitsForm, ReportForm
from cpesim.scenario.forms.kinds import Duration, Form, Span, Text
from cpesim.scenario.forms.load import AnyLoad, named
from cpesim.scenario.forms.paths import plugin
from cpesim.scenario.forms.timeline import AnyStep, PhaseForm
from cpesim.scenario.scenario import DEFAULT_DURATION, TIMERS, Scenario
from cpesim.scenario.step import NOWHERE, Place
from cpesim.yamltext import Node


class ScenarioForm(Form):
    """A run of cpesim: who, against whom, how fast, how long, and what has to hold."""

    version: Literal[1] = Field(description="The version of this language: 1.")
    name: Text = Field(description="The scenario's name; runs are stored under it.")
    description: Text = Field(default="", description="What it shows, in a sentence.")
    seed: int = Field(
        default=1, description="The same seed, the same CPEs and moments."
    )
    duration: Span | None = Field(
        default=None,
        description="How long, or to the timeline's stop where that is first; else 5m.",
    )
    vars: dict[str, Any] = Field(
        default={},
        description="Variables: ${NAME} stands for one; CPESIM_VAR_NAME and --var win.",
    )
    acs: AcsForm = Field(description="The ACS under load, and how to get to it.")
    fleet: FleetForm = Field(description="The CPEs.")
    behaviour: BehaviourForm = Field(
        default=BehaviourForm(), description="What all CPEs do when they are asked."
    )
    load: list[AnyLoad] = Field(
        default=[], description="What begins sessions; all may run at once."
    )
    timeline: list[AnyStep] = Field(
        default=[], description="Phases, and what happens when."
    )
    faults: list[FaultForm] = Field(
        default=[], description="Misbehaviour by plan, of the CPEs or of their lines."
    )
    limits: LimitsForm = Field(
        default=LimitsForm(), description="Limits of this generator, not of the ACS."
    )
    thresholds: list[AnyThreshold] = Field(
        default=[], description="Limits that the run has to keep."
    )
    report: ReportForm = Field(
        default=ReportForm(), description="What is written of the run."
    )
    grace: Duration = Field(
        default=30.0, description="What sessions in flight get at the end."
    )

    def value(self, node: Node) -> Scenario:
        """What it says; *node* tells where each thing is written."""
        folder = str(Path(node.file).parent)
        timeline = _places(node, "timeline", len(self.timeline))
        phases = [
            form.value(place)
            for form, place in zip(self.timeline, timeline, strict=True)
            if isinstance(form, PhaseForm)
        ]
        steps = [
            form.value(place)
            for form, place in zip(self.timeline, timeline, strict=True)
            if isinstance(form, StepForm)
        ]
        ends = [step.at for step in steps if step.do == "stop"]
        if self.duration is not None:
            ends.append(self.duration)
        common = self.behaviour.value()
        return Scenario(
            name=self.name,
            acs=self.acs.value(folder),
            groups=self.fleet.values(folder, common),
            description=self.description,
            seed=self.seed,
            duration=min(ends, default=DEFAULT_DURATION),
            start=self.fleet.begin(),
            loads=named([form.value(folder) for form in self.load]) or (TIMERS,),
            in_flight=self.limits.in_flight,
            late_start=self.limits.late_start,
            grace=self.grace,
            phases=tuple(sorted(phases, key=lambda phase: phase.at)),
            steps=tuple(steps),
            injections=tuple(
                form.value(place)
                for form, place in zip(
                    self.faults, _places(node, "faults", len(self.faults)), strict=True
                )
            ),
            thresholds=tuple(
                form.value(place)
                for form, place in zip(
                    self.thresholds,
                    _places(node, "thresholds", len(self.thresholds)),
                    strict=True,
                )
            ),
            report=self.report.value(),
            plugin=plugin(folder, self.behaviour.plugin),
            timer_scale=self.fleet.timer_scale,
        )


def _places(node: Node, block: str, count: int) -> list[Place]:
    """
    Where the entries of a block stand.

    Of one that has a limit's text it is where that begins, within its quotes.
    """
    told = [
        n.members.get("expr", n.members.get("that", n)) for n in _items(node, block)
    ]
    return [Place(n.file, *n.place(0)) for n in told] or [NOWHERE] * count


def _items(node: Node, block: str) -> list[Node]:
    return node.members[block].items if block in node.members else []
