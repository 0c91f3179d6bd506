"""
The form of `load:`.

Rule: a form for each executor, so that a key that one does not have is an error.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from cpesim.scenario.forms.kinds import (
    Count,
    Duration,
    Form,
    Plugin,
    Rate,
    RateOrNone,
    Span,
    Text,
)
from cpesim.scenario.forms.paths import plugin
from cpesim.scenario.scenario import Load, Stage


class StageForm(Form):
    """A stretch of an arrival rate."""

    length: Span = Field(alias="for", description="How long it takes.")
    to: RateOrNone = Field(description="The rate at its end; it goes there straight.")


class SessionForm(Form):
    """What the sessions of a load tell."""

    events: list[Text] = Field(
        default=[], description='Events of the Inform; "2 PERIODIC" without them.'
    )
    params: list[Text] = Field(
        default=[], description="Parameters that the Inform tells besides."
    )


class _LoadForm(Form):
    name: Text = Field(default="", description="Its name, for steps and reports.")
    groups: list[Text] = Field(
        default=[], description="The groups whose CPEs it is about; all without it."
    )


class FleetLoad(_LoadForm):
    """Every CPE keeps its own timers."""

    executor: Literal["fleet"] = Field(description="Every CPE keeps its own timers.")

    def value(self, folder: str) -> Load:
        """What it says."""
        return Load(self.name, "fleet", tuple(self.groups))


class ArrivalRate(_LoadForm):
    """Sessions begin at a rate, whatever the ACS does."""

    executor: Literal["arrival-rate"] = Field(
        description="Sessions begin at a rate, whatever the ACS does."
    )
    rate: Rate | None = Field(
        default=None, description="Sessions a second at its beginning, as 50/s."
    )
    stages: list[StageForm] = Field(
        default=[], description="Where the rate goes, in straight lines."
    )
    arrivals: Literal["even", "poisson"] = Field(
        default="even", description="Evenly, or by chance as people's calls."
    )
    session: SessionForm = Field(
        default=SessionForm(), description="What its sessions tell."
    )
    plugin: Plugin = Field(
        default="",
        description="FILE.py:CLASS with `def rate(self, t)`, in place of `rate`.",
    )

    def value(self, folder: str) -> Load:
        """What it says."""
        return Load(
            self.name,
            "arrival-rate",
            tuple(self.groups),
            rate=self.rate,
            stages=tuple(Stage(s.length, s.to) for s in self.stages),
            poisson=self.arrivals == "poisson",
            events=tuple(self.session.events),
            params=tuple(self.session.params),
            plugin=plugin(folder, self.plugin),
        )


class InFlight(_LoadForm):
    """Always so many sessions open: the one closed load."""

    executor: Literal["in-flight"] = Field(
        description="Always so many sessions open; the next begins when one ends."
    )
    number: Count = Field(description="How many sessions at once.")
    session: SessionForm = Field(
        default=SessionForm(), description="What its sessions tell."
    )

    def value(self, folder: str) -> Load:
        """What it says."""
        return Load(
            self.name,
            "in-flight",
            tuple(self.groups),
            number=self.number,
            events=tuple(self.session.events),
            params=tuple(self.session.params),
        )


class AtOnce(_LoadForm):
    """A session of each CPE, all in the same moment."""

    executor: Literal["at-once"] = Field(
        description="One session of each CPE, all in the same moment."
    )
    number: Count | None = Field(default=None, description="Of so many CPEs only.")
    at: Duration = Field(default=0.0, description="When, from the run's beginning.")
    session: SessionForm = Field(
        default=SessionForm(), description="What its sessions tell."
    )

    def value(self, folder: str) -> Load:
        """What it says."""
        return Load(
            self.name,
            "at-once",
            tuple(self.groups),
            number=self.number,
            at=self.at,
            events=tuple(self.session.events),
            params=tuple(self.session.params),
        )


AnyLoad = Annotated[
    FleetLoad | ArrivalRate | InFlight | AtOnce, Field(discriminator="executor")
]
_NAMES = {"fleet": "timers", "arrival-rate": "arrivals"}


def named(loads: list[Load]) -> tuple[Load, ...]:
    """The loads, each with a name of its own."""
    taken = {load.name for load in loads}
    found = []
    for load in loads:
        name, number = load.name, 1
        while not name or (not load.name and name in taken):
            name = _NAMES.get(load.executor, load.executor)
            name += "" if number == 1 else f"-{number}"
            number += 1
        taken.add(name)
        found.append(replace(load, name=name))
    return tuple(found)
