"""
From a scenario to orders: profiles compiled, limits known, nothing begun.

Rule: whatever can be found wrong with a plan is found here, before a worker starts.
"""

from __future__ import annotations

import re
import secrets
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from cpesim.conductor import machine
from cpesim.conductor.certified import uncertified
from cpesim.conductor.fitted import unheard_of, ways_of, wrong_loads
from cpesim.conductor.reach import target
from cpesim.device.catalog import load_profile
from cpesim.device.fitting import with_tag, with_timers, with_values, with_ways
from cpesim.device.profile import Profile
from cpesim.engine.order import Order
from cpesim.errors import ConfigError, Problem
from cpesim.measure.facts import shown
from cpesim.measure.result import GroupFacts, RunFacts, without_credentials
from cpesim.report.manifest import masked
from cpesim.scenario.injection import check as check_faults
from cpesim.scenario.limits import check as limits
from cpesim.scenario.limits.extra import extra_of
from cpesim.scenario.parts import ramp_of
from cpesim.scenario.plugin import check_plugins, method, shaped
from cpesim.scenario.scenario import Group, Scenario
from cpesim.scenario.shard import Shard
from cpesim.scenario.write import write_scenario

NOTHING: Mapping[str, object] = {}
_SECRET = re.compile(r"auth|cookie|token|secret|passw|key", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a run needs."""

    scenario: Scenario
    orders: tuple[Order, ...]
    facts: RunFacts
    # What the manifest keeps besides.
    about: Mapping[str, object] = field(default_factory=dict)
    processes: frozenset[str] = frozenset()  # whose own figures limits name


def prepare(
    scenario: Scenario,
    environment: Mapping[str, str],
    *,
    version: str = "",
    workers: int = 1,
    only: int | None = None,
    about: Mapping[str, object] = NOTHING,
) -> Plan:
    """
    The plan of a run on this machine; *only* that CPE is going to run, if one is.
    *about* is what the manifest keeps besides.

    Raises ConfigError for what is wrong with the scenario and MachineError for what
    this machine cannot do.
    """
    target(scenario.acs)
    check(scenario, workers)
    extra = extra_of(scenario)
    password = secret(scenario, environment)
    groups = tuple(
        (compiled(group, scenario, password), group) for group in scenario.groups
    )
    loads = tuple(shaped(load, scenario.duration) for load in scenario.loads)
    if wrong := unheard_of(groups, loads):
        raise ConfigError(*wrong)
    if scenario.plugin:
        method(scenario.plugin, "on_session")
    if wrong := uncertified(groups, scenario, only):
        raise ConfigError(*wrong)
    files = machine.raise_open_files()
    at_once = machine.in_flight(scenario.in_flight, files)
    run_id = secrets.token_hex(2)
    key = secrets.token_bytes(32)
    orders = tuple(
        Order(
            run_id=run_id,
            seed=scenario.seed,
            groups=groups,
            acs=scenario.acs,
            start=scenario.start,
            loads=loads,
            duration=scenario.duration,
            grace=scenario.grace,
            in_flight=max(1, at_once // workers),
            secret=key,
            shard=Shard(index, workers),
            trace=scenario.trace_device,
            trace_failures=scenario.report.trace_failures,
            injections=scenario.injections,
            plugin=scenario.plugin,
            timer_scale=scenario.timer_scale,
            first_byte=extra.first_byte,
            events=extra.events,
        )
        for index in range(workers)
    )
    facts = _facts(scenario, run_id, at_once, version, workers)
    return Plan(scenario, orders, facts, about, extra.processes)


def check(scenario: Scenario, workers: int | None = None) -> None:
    """
    Find what cannot be, over all groups; raises ConfigError.

    *workers* is how many run it, once that is known.
    """
    wrong: list[Problem | str] = []
    if scenario.count < 1:
        wrong.append("expected at least 1 CPE")
    if scenario.duration <= 0:
        wrong.append("duration: expected more than 0")
    wrong += wrong_loads(scenario)
    if scenario.in_flight is not None and scenario.in_flight < 1:
        wrong.append("in_flight: expected at least 1")
    traced = scenario.trace_device
    if traced is not None and not 0 <= traced < scenario.count:
        wrong.append(f"--trace-device: expected 0 to {scenario.count - 1}")
    ca = scenario.acs.ca
    if ca is not None and not Path(ca).is_file():
        wrong.append(f"--ca {ca}: no such file")
    elif ca is not None:
        try:
            ssl.create_default_context(cafile=ca)
        except ssl.SSLError:
            wrong.append(f"--ca {ca}: expected certificates (PEM)")
        except OSError as error:
            wrong.append(f"--ca {ca}: {error.strerror}")
    if scenario.acs.tls_least > scenario.acs.tls_most:
        wrong.append(
            f"--tls-least {scenario.acs.tls_least}: expected no more than"
            f" --tls-most {scenario.acs.tls_most}"
        )
    for name, written in scenario.acs.headers:
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) or re.search(
            r"[\r\n\0]", written
        ):
            wrong.append(f"--header {name!r}: expected 'Name: value'")
    wrong += check_faults(scenario)
    wrong += limits.check(
        (*scenario.thresholds, *limits.checked_by_steps(scenario), *scenario.asked),
        *(scenario, workers),
    )
    if wrong:
        raise ConfigError(*wrong)


def check_plan(scenario: Scenario) -> dict[str, Profile]:
    """The profiles by group, and all that is wrong before a run; raises ConfigError."""
    wrong: list[Any] = []
    found: dict[str, Profile] = {}

    def tried(step: Callable[[], object]) -> None:
        try:
            step()
        except ConfigError as error:
            wrong.extend(error.problems)

    def compile_group(group: Group) -> None:
        found[group.name] = compiled(group, scenario, None)

    tried(lambda: target(scenario.acs))
    tried(lambda: check(scenario))
    tried(lambda: check_plugins(scenario))
    for group in scenario.groups:
        tried(partial(compile_group, group))
    if wrong:
        raise ConfigError(*dict.fromkeys(wrong))
    groups = [(found[group.name], group) for group in scenario.groups]
    if missing := unheard_of(groups, scenario.loads):
        raise ConfigError(*missing)
    return found


def secret(scenario: Scenario, environment: Mapping[str, str]) -> str | None:
    """The CPEs' common password, if a variable was named; raises ConfigError."""
    name = scenario.acs.password_env
    if name is None:
        return None
    if name not in environment:
        raise ConfigError(f"--password-env {name}: there is no such variable")
    return environment[name]


def compiled(group: Group, scenario: Scenario, password: str | None) -> Profile:
    """The group's profile with everything that the scenario sets over it."""
    profile = load_profile(
        group.profile,
        identities=group.identities,
        first=group.first,
        count=group.count,
        oui=group.oui,
        serial=group.serial,
        username=scenario.acs.username,
        password=password,
        interval=group.interval,
    )
    own = group.interval is not None
    profile = with_timers(profile, scenario.timer_scale, interval=not own)
    try:
        profile = with_values(with_tag(profile, group.tag), group.values)
    except ConfigError as error:
        raise ConfigError(*(f"{group.name}: {p}" for p in error.problems)) from error
    return with_ways(profile, ways_of(group, scenario))


def kept(scenario: Scenario) -> str:
    """The scenario as it is stored with the run: without a secret."""
    acs = replace(
        scenario.acs,
        url=without_credentials(scenario.acs.url),
        headers=tuple(
            (name, "***" if _SECRET.search(name) else written)
            for name, written in scenario.acs.headers
        ),
    )
    groups = tuple(replace(g, values=_starred(g.values)) for g in scenario.groups)
    steps = tuple(
        replace(step, arguments={k: _hidden(k, v) for k, v in step.arguments.items()})
        for step in scenario.steps
    )
    return write_scenario(replace(scenario, acs=acs, groups=groups, steps=steps))


def _starred(values: Mapping[str, str]) -> dict[str, str]:
    """Texts by name or path, without those that are secrets."""
    return {
        name: "***" if _SECRET.search(name.rpartition(".")[2]) else text
        for name, text in values.items()
    }


def _hidden(key: str, value: Any) -> Any:
    """An argument of a step, without a secret."""
    if key == "set":
        return _starred(value)
    if key == "exec":
        # Any word may be a variable that was filled in; what runs is told.
        return [*value[:1], *("***" for _ in value[1:])]
    if key != "http":
        return value
    return {
        **value,
        "url": shown(value["url"]),
        "headers": _starred(value.get("headers") or {}),
        "json": masked(value.get("json")),
        "body": value.get("body") and "***",
    }


def _facts(
    scenario: Scenario, run_id: str, at_once: int, version: str, workers: int
) -> RunFacts:
    return RunFacts(
        name=scenario.name,
        run_id=run_id,
        acs=scenario.acs.url,
        devices=scenario.count,
        groups=tuple(GroupFacts(g.name, g.count, g.profile) for g in scenario.groups),
        seed=scenario.seed,
        duration=scenario.duration,
        ramp=ramp_of(scenario),
        rate=scenario.rate,
        in_flight=at_once,
        grace=scenario.grace,
        tls_resume=scenario.acs.tls_resume,
        workers=workers,
        version=version,
        phases=tuple(dict.fromkeys(phase.name for phase in scenario.phases)),
        late_start=scenario.late_start,
        percentiles=tuple(sorted(set(scenario.report.percentiles))),
    )
