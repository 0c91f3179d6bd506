"""
A fleet of which some sessions go wrong by plan.

Rule: a run without faults has the plain Fleet, which knows nothing of this.
"""

from __future__ import annotations

from typing import Any

from cpesim.engine.fleet import Fleet
from cpesim.engine.injection.injections import Injections
from cpesim.engine.injection.plot import Plot
from cpesim.engine.start import Start


class FaultyFleet(Fleet):
    """A Fleet that asks *injections* before each session."""

    def __init__(self, *whole: Any, injections: Injections, **how: Any) -> None:
        super().__init__(*whole, **how)
        self._injections = injections

    async def _session(self, start: Start, plot: Plot | None = None) -> None:
        plot = self._injections.plot(start.device)
        try:
            await super()._session(start, plot)
        finally:
            if plot is not None:
                plot.close()
