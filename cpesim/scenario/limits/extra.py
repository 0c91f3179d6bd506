"""
What is measured only in runs of which a limit, or a check of the timeline, names it.

Rule: pure; what a run does not name here costs it nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from cpesim.scenario.limits.check import PARENT, WORKER, checked_by_steps
from cpesim.scenario.limits.events import event_of
from cpesim.scenario.limits.grammar import parse
from cpesim.scenario.scenario import Scenario

FIRST_BYTE = "http.ttfb"


@dataclass(frozen=True, slots=True)
class Extra:
    """
    Whether the first byte of answers is timed, and by which *events* of their Informs
    sessions and by which *processes* the generator's figures are counted besides.
    """

    first_byte: bool = False
    events: frozenset[str] = frozenset()
    processes: frozenset[str] = frozenset()  # worker-0, …, parent


def extra_of(scenario: Scenario) -> Extra:
    """What the limits and checks of a scenario name; they passed the check."""
    first_byte = False
    events, processes = set(), set()
    for limit in (*scenario.thresholds, *checked_by_steps(scenario), *scenario.asked):
        criterion = parse(limit.text)
        tags = dict(criterion.tags)
        first_byte = first_byte or criterion.metric == FIRST_BYTE
        if (event := event_of(tags.get("event", ""))) is not None:
            events.add(event)
        if "worker" in tags:
            processes.add(process_of(tags["worker"]))
    return Extra(first_byte, frozenset(events), frozenset(processes))


def process_of(worker: str) -> str:
    """The process that {worker=…} means, by the name that it has in a run."""
    return worker if worker == PARENT else WORKER + worker.removeprefix(WORKER)
