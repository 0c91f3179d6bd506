"""
What people and the timeline mean each load's rate to be by now.

Rule: pure. A load with stages or a plug-in follows its plan, faster or slower, until
somebody names a rate; what is known of a rate here is what the workers were told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cpesim.scenario.scenario import Load


@dataclass(frozen=True, slots=True)
class Meant:
    """A load's rate: *steady* sessions a second, or its plan *factor* times."""

    planned: float  # a second; what hundredths are taken of
    steady: float | None = None
    factor: float = 1.0

    def moved(self, steps: int) -> Meant:
        """So many hundredths of the plan more or less, and never none at all."""
        if self.steady is None:
            return replace(self, factor=max(0.01, self.factor + steps / 100))
        rate = self.steady + steps * self.planned / 100
        return replace(self, steady=max(self.planned / 100, rate))

    def times(self, factor: float) -> Meant:
        """So many times of what it is."""
        if self.steady is None:
            return replace(self, factor=self.factor * factor)
        return replace(self, steady=self.steady * factor)

    def to(self, rate: float) -> Meant:
        """A steady rate, whatever the plan has."""
        return replace(self, steady=rate, planned=self.planned or rate)

    @property
    def told(self) -> dict[str, float]:
        """The arguments of the workers' command."""
        if self.steady is None:
            return {"factor": self.factor}
        return {"rate": self.steady}


class Rates:
    """The rates of the loads that have one; *meant* is what each is to be."""

    def __init__(self, loads: Iterable[Load]) -> None:
        self._plan = {
            load.name: _planned(load)
            for load in loads
            if load.executor == "arrival-rate"
        }
        self.meant = dict(self._plan)

    def asked(
        self, names: Sequence[str], arguments: Mapping[str, Any]
    ) -> dict[str, Meant]:
        """
        What becomes of these loads' rates; nothing is changed yet.

        *arguments* has one of ``steps``, ``to`` (all of them together) and ``factor``
        (of what is; None is back to the plan).
        """
        found = {name: self.meant[name] for name in names}
        match arguments:
            case {"steps": steps}:
                return {name: meant.moved(steps) for name, meant in found.items()}
            case {"to": to}:
                return {n: found[n].to(r) for n, r in self._shared(found, to).items()}
            case {"factor": None}:
                return {name: self._plan[name] for name in names}
        return {n: meant.times(arguments["factor"]) for n, meant in found.items()}

    def planned(self, load: str | None, *, to: float | None, factor: float) -> None:
        """The timeline has given one load, or all, a rate or *factor* of the plan."""
        names = [load] if load else list(self._plan)
        plan = {name: self._plan[name] for name in names}
        if to is not None:
            shared = self._shared(plan, to)
            self.meant |= {name: plan[name].to(rate) for name, rate in shared.items()}
        else:
            self.meant |= {name: meant.times(factor) for name, meant in plan.items()}

    @staticmethod
    def _shared(found: Mapping[str, Meant], rate: float) -> dict[str, float]:
        """A rate of all together in their proportions; equal parts of nothing."""
        parts = {
            name: meant.planned * meant.factor if meant.steady is None else meant.steady
            for name, meant in found.items()
        }
        total = sum(parts.values())
        return {
            name: rate * part / total if total else rate / len(parts)
            for name, part in parts.items()
        }


def _planned(load: Load) -> Meant:
    if load.stages or load.plugin or load.rate is None:
        return Meant(load.rate or max((s.to for s in load.stages), default=0.0))
    return Meant(load.rate, load.rate)
