"""
Finds out how much an ACS takes: one run whose rate is led by a search.

Rule: what to try is search.py's, whether limits hold is the judge's; here it is only
waited. A step is a phase of the run: its drain belongs to it, for that is where an
overloaded ACS shows how late it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Protocol

import trio

from cpesim.conductor.capacity.search import Came, Search, Trial
from cpesim.measure.capacity import Capacity, RateStep
from cpesim.measure.health import Grade
from cpesim.measure.limit import LimitState
from cpesim.measure.result import Result
from cpesim.quantity import show_rate
from cpesim.scenario.limits.grammar import parse
from cpesim.scenario.limits.judge import gate
from cpesim.scenario.scenario import Scenario
from cpesim.scenario.threshold import Threshold

WARM_UP = 5.0
LEAST = 30.0  # seconds of a step
LONGER = 3  # times: the confirmation
# A percentile is told by so many samples above it.
ABOVE = 10
# An ACS has so long to empty its queue before the next step; then it is not waited for.
DRAIN = 300.0
# What drops arrivals has more to do than it takes, whatever its percentiles are.
DROPPED = "session.dropped rate <= 0.1%"


class Led(Protocol):
    """A run, as far as it is led from here: conductor.Run."""

    result: Result

    @property
    def now(self) -> float:
        """Seconds since the run began."""

    async def set_rate(self, rate: float) -> None:
        """Another rate of all loads; applied when it returns."""

    def begin_phase(self, name: str) -> None:
        """A phase begins now."""

    def event(self, text: str) -> None:
        """Note what happened."""


@dataclass(frozen=True, slots=True)
class Until:
    """What is searched for, and how."""

    limits: tuple[Threshold, ...]
    start: float = 10.0
    least: float = LEAST
    warm_up: float = WARM_UP


def limits_of(texts: Sequence[str]) -> tuple[Threshold, ...]:
    """The limits as they are given, and the one that is always meant."""
    return tuple(Threshold(text) for text in (*texts, DROPPED))


def seconds_of(trial: Trial, until: Until) -> float:
    """
    How long a rate is held: at least `least` seconds, enough for each percentile.

    p99 wants ten samples above it: 1,000 in all.
    """
    wanted = 0.0
    for threshold in until.limits:
        percentile = parse(threshold.text).percentile
        if percentile is not None and percentile < 100:
            wanted = max(wanted, round(ABOVE * 100 / (100 - percentile), 6))
    seconds = max(until.least, ceil(wanted / trial.rate))
    return seconds * LONGER if trial.confirms else seconds


async def find_capacity(run: Led, scenario: Scenario, until: Until) -> None:
    """Lead the run from step to step; the answer stands in its result."""
    told = run.result.capacity = Capacity(
        tuple(threshold.text for threshold in until.limits[:-1])
    )
    search = Search(until.start)
    while (trial := search.next()) is not None:
        step = await _step(run, scenario, until, trial, len(told.steps) + 1)
        told.steps.append(step)
        search.told(trial, Came(step.came), step.broke)
        told.held, told.failed = search.held, search.failed
        told.broke, told.at_least = search.broke, search.saturated
        kind = "confirmation" if trial.confirms else "step"
        why = f": {step.broke}" if step.broke else ""
        run.event(f"{kind} at {show_rate(trial.rate)} {step.came}{why}")


async def _step(
    run: Led, scenario: Scenario, until: Until, trial: Trial, number: int
) -> RateStep:
    """Hold one rate, drain, and judge."""
    result, phase = run.result, f"step-{number}"
    cases = [
        gate(Threshold(f"{threshold.text} in {phase}"), scenario, result)
        for threshold in until.limits
    ]
    await _whole(run)
    run.begin_phase("warm-up")
    await run.set_rate(trial.rate)
    await trio.sleep(until.warm_up)
    await _whole(run)
    began = run.now
    run.begin_phase(phase)
    end = began + seconds_of(trial, until)
    await _until(run, end)
    seconds = run.now - began
    before = result.part(phase)
    done = before.counters.get("sessions.done", 0) if before is not None else 0
    await run.set_rate(0.0)
    await _drained(run)
    saturated = result.health.grade is Grade.SATURATED
    came, broke = Came.HELD, ""
    if saturated:
        came, broke = Came.SATURATED, result.health.reasons[0]
    for threshold, case in zip(until.limits, cases, strict=True):
        case.finish(run.now)
        if case.limit.state is not LimitState.OK and not saturated:
            came, broke = Came.FAILED, f"{threshold.text} ({case.limit.text})"
            break
    part = result.part(phase)
    figures = result.total("session", phase)
    return RateStep(
        rate=trial.rate,
        began=began,
        seconds=seconds,
        came=came.value,
        broke=broke,
        confirms=trial.confirms,
        done=done / seconds if seconds else 0.0,
        failed=part.counters.get("sessions.failed", 0) if part is not None else 0,
        p50=figures.p50,
        p95=figures.p95,
        p99=figures.p99,
    )


async def _until(run: Led, end: float) -> None:
    """Wait, but not for a generator that is lost already."""
    for _ in range(ceil(end - run.now)):
        if run.result.health.grade is Grade.SATURATED:
            return
        await trio.sleep(min(1.0, max(end - run.now, 0.0)))


async def _drained(run: Led) -> None:
    """Wait until no session is open, and all that was measured has been told."""
    until = run.now + DRAIN
    quiet = 0
    while run.now < until and quiet < 2:
        await trio.sleep(1.0)
        quiet = 0 if run.result.gauges().get("busy", 0) else quiet + 1


async def _whole(run: Led) -> None:
    """Wait for a whole second: phases are cut there."""
    await trio.sleep(ceil(run.now) - run.now)
