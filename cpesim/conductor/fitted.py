"""
What a scenario's loads and groups mean for the CPEs, and what cannot be.

Rule: pure; each thing that is wrong is one sentence that says what was expected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cpesim.device.group.ways import Ways
from cpesim.device.profile import Profile
from cpesim.device.transfer import FAULTS
from cpesim.scenario.parts import Ramp, about, ramp_seconds, timed
from cpesim.scenario.scenario import DEFAULT_IN_FLIGHT, Group, Load, Scenario

EXECUTORS = ("fleet", "arrival-rate", "in-flight", "at-once")


def ways_of(group: Group, scenario: Scenario) -> Ways:
    """How the CPEs of a group live in this run."""
    start, count, phase = scenario.start, scenario.count, None
    if start.known and not group.spread:
        phase = Ramp(count, ramp_seconds(start, count, scenario.timer_scale))
    return Ways(
        timers=timed(scenario.loads, group),
        listens=group.listens,
        answer_after=group.answer_after,
        phase=phase,
        downloads=group.behaviour,
    )


def wrong_loads(scenario: Scenario) -> list[str]:
    """What no run can do of its loads and behaviours."""
    wrong: list[str] = []
    names = {group.name for group in scenario.groups}
    for load in scenario.loads:
        if load.executor not in EXECUTORS:
            wrong.append(
                f"load {load.name}: {load.executor!r}: expected {', '.join(EXECUTORS)}"
            )
        for name in load.groups:
            if name not in names:
                known = ", ".join(sorted(names))
                wrong.append(f"load {load.name}: no group {name!r}: expected {known}")
        wrong += _wrong_rate(load) if load.executor == "arrival-rate" else []
        count = sum(g.count for g in scenario.groups if about(load, g))
        wrong += _wrong_number(load, count, scenario.in_flight)
    for group in scenario.groups:
        wrong += _wrong_behaviour(group)
    return wrong


def _wrong_rate(load: Load) -> list[str]:
    # The one load that `quick -r` makes is known to its user as the rate.
    who = "rate" if load.name in ("", "timers", "arrivals") else f"load {load.name}"
    if load.plugin:
        return []
    rates = [load.rate or 0.0, *(stage.to for stage in load.stages)]
    if min(rates) < 0 or max(rates) <= 0:
        return [f"{who}: expected more than 0"]
    if any(stage.length < 0 for stage in load.stages):
        return [f"{who}: stages: expected a length of 0 or more"]
    return []


def _wrong_number(load: Load, count: int, in_flight: int | None) -> list[str]:
    most = in_flight or DEFAULT_IN_FLIGHT
    number = load.number
    if load.executor == "in-flight":
        if number is None or not 1 <= number <= min(count, most):
            return [
                f"load {load.name}: in-flight {number}: expected 1 to"
                f" {min(count, most)} (its CPEs, and limits.in_flight)"
            ]
    elif number is not None and not 1 <= number <= count:
        return [f"load {load.name}: number {number}: expected 1 to {count} (its CPEs)"]
    return []


def _wrong_behaviour(group: Group) -> list[str]:
    if group.behaviour is None:
        return []
    wrong: list[str] = []
    outcomes = group.behaviour.outcomes
    for outcome in outcomes:
        if outcome.fault and outcome.fault not in FAULTS:
            wrong.append(
                f"{group.name}: outcome {outcome.fault}: expected a fault of a"
                f" transfer, {FAULTS[0]} to {FAULTS[-1]}"
            )
        if outcome.at not in ("transfer", "flash"):
            wrong.append(
                f"{group.name}: outcome at {outcome.at!r}: expected transfer or flash"
            )
    if sum(outcome.share for outcome in outcomes) > 1 + 1e-9:
        wrong.append(f"{group.name}: outcomes: expected shares of 100% at the most")
    if group.behaviour.keep:
        wrong.append(
            f"{group.name}: keep: expected false: what is fetched is counted and let go"
        )
    return wrong


def unheard_of(
    groups: Iterable[tuple[Profile, Group]], loads: Sequence[Load]
) -> list[str]:
    """Parameters that a load is to tell and that none of its CPEs has."""
    wrong: list[str] = []
    for load in loads:
        profiles = [profile for profile, group in groups if about(load, group)]
        for name in load.params:
            if not any(name in profile.parameters for profile in profiles):
                wrong.append(f"load {load.name}: params: no CPE of it has {name}")
    return wrong
