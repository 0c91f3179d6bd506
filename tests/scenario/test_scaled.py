"""A scenario made smaller or quicker: what is multiplied, and what never is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from cpesim.scenario.load import read_scenario
from cpesim.scenario.parts import ramp_of
from cpesim.scenario.scaled import scaled
from cpesim.scenario.scenario import (
    Acs,
    Behaviour,
    Group,
    Load,
    Scenario,
    Stage,
    Start,
)
from cpesim.scenario.shape import Shape
from cpesim.scenario.step import DeviceSet, Injection, Phase, Step
from cpesim.scenario.threshold import Threshold
from cpesim.scenario.write import write_scenario
from tests.scenario.whole import scenarios

BASE = Scenario(name="x", acs=Acs("http://x/"), groups=(Group("homes", 1000),))


def made(**changes: Any) -> Scenario:
    """A scenario with that, at half the size and a tenth of the time."""
    return scaled(replace(BASE, **changes), 0.5, 0.1)


def test_nothing_changes_at_1() -> None:
    """The very same scenario."""
    assert scaled(BASE) is BASE


def test_counts() -> None:
    """Of groups, whose numbers follow one another; at least 1."""
    groups = (Group("a", 1000), Group("b", 1, first=1000), Group("c", 11, first=1001))
    told = [(g.count, g.first) for g in made(groups=groups).groups]
    assert told == [(500, 0), (1, 500), (6, 501)]


def test_times_of_the_run() -> None:
    """Its end, its phases, its ramp; not the grace."""
    found = made(duration=600.0, phases=(Phase("a", 60.0),), start=Start(ramp=30.0))
    assert (found.duration, found.phases[0].at, found.start.ramp) == (60.0, 6.0, 3.0)
    assert found.grace == BASE.grace


def test_a_ramp_that_nobody_named_is_shorter_and_stays_unnamed() -> None:
    """500 CPEs have 10 s; those that only a rate is about still have no ramp."""
    assert made().start.ramp is None
    assert ramp_of(made()) == 1.0
    assert ramp_of(scaled(BASE, 0.5)) == 10.0
    calls = Load("calls", "arrival-rate", rate=5.0)
    assert ramp_of(replace(BASE, loads=(calls,))) is None
    assert ramp_of(made(loads=(calls,))) is None


def test_timers_of_the_cpes() -> None:
    """Intervals and delays of groups; the profiles' own by a factor."""
    group = Group(
        "a",
        10,
        interval=300.0,
        answer_after=Shape("uniform", 0.02, 0.4, within=0.3),
        behaviour=Behaviour(
            flash=Shape("lognormal", 40.0, 0.5),
            reboot=Shape("exponential", 30.0),
            bandwidth=Shape("fixed", 20e6),
        ),
    )
    (found,) = made(groups=(group,)).groups
    assert found.interval == 30.0
    assert found.answer_after == Shape("uniform", 0.002, pytest.approx(0.04), 0.03)
    assert found.behaviour is not None
    assert found.behaviour.flash == Shape("lognormal", 4.0, 0.5)
    assert found.behaviour.reboot == Shape("exponential", 3.0)
    assert found.behaviour.bandwidth == Shape("fixed", 20e6)
    assert made().timer_scale == 0.1


def test_timeouts_and_the_generators_limits_stay() -> None:
    """Sockets are as slow as ever, and so are sessions."""
    found = made(in_flight=400)
    assert found.acs == BASE.acs
    assert found.in_flight == 400


def test_loads() -> None:
    """Rates by the scale, never by the time; stages and moments by the time."""
    load = Load("a", "arrival-rate", rate=50.0, stages=(Stage(60.0, 80.0),))
    burst = Load("b", "at-once", number=100, at=30.0)
    one, other = made(loads=(load, burst)).loads
    assert (one.rate, one.stages) == (25.0, (Stage(6.0, 40.0),))
    assert (other.number, other.at) == (50, 3.0)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"restore_after": 300.0}, {"restore_after": 30.0}),
        ({"restore_after": None}, {"restore_after": None}),
        (
            {"arrive": Shape("exponential", 25.0, within=90.0)},
            {"arrive": Shape("exponential", 2.5, within=9.0)},
        ),
        ({"arrive": None}, {"arrive": None}),
        ({"count": 100, "ramp": 60.0}, {"count": 50, "ramp": 6.0}),
        ({"load": "x", "to": 80.0}, {"load": "x", "to": 40.0}),
        ({"load": "x", "factor": 1.5}, {"load": "x", "factor": 1.5}),
        ({"http": {"timeout": 30.0}}, {"http": {"timeout": 30.0}}),
        ({"that": "a p95 over 1m < 2s"}, {"that": "a p95 over 6s < 2s"}),
    ],
)
def test_steps(arguments: dict[str, Any], expected: dict[str, Any]) -> None:
    """Each action's own arguments."""
    step = Step("x", at=60.0, every=600.0, jitter=60.0, arguments=arguments)
    (found,) = made(steps=(step,)).steps
    assert found.arguments == expected
    assert (found.at, found.every, found.jitter) == (6.0, 60.0, 6.0)


@pytest.mark.parametrize(
    ("devices", "expected"),
    [
        (DeviceSet(count=20), DeviceSet(count=10)),
        (DeviceSet(count=1), DeviceSet(count=1)),
        (DeviceSet(share=0.1), DeviceSet(share=0.1)),
    ],
)
def test_picks(devices: DeviceSet, expected: DeviceSet) -> None:
    """A count is one of CPEs, a share stays one."""
    fault = Injection("f", {"connect_drop": {"p": 0.5}}, devices)
    found = made(steps=(Step("reboot", devices=devices),), injections=(fault,))
    assert found.steps[0].devices == expected
    assert found.injections[0].devices == expected


def test_faults_of_the_network_stay() -> None:
    """A delay is a latency."""
    kinds = {"delay_response": {"p": 0.1, "by": Shape("fixed", 0.4)}}
    assert made(injections=(Injection("f", kinds),)).injections[0].kinds == kinds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("session.time p99 < 5s in storm", "session.time p99 < 5s in storm"),
        ("session.failed rate over 10m < 0.5%", "session.failed rate over 1m < 0.5%"),
        ("session.time p95 over 1h30m < 1.5s", "session.time p95 over 9m < 1.5s"),
        ("session.time p95 drift < 5%/6h", "session.time p95 drift < 5%/36m"),
        ("generator.rss drift<50MB/24h", "generator.rss drift < 50MB/2h24m"),
        ("session.time p95 drift < 5ms/h", "session.time p95 drift < 5ms/6m"),
        ("recovery(dark) t95 < 4m", "recovery(dark) t95 < 24s"),
        ("recovery(dark) t99.5 < 72s", "recovery(dark) t99.5 < 7.2s"),
        ("session.time p95 drift < 5ms/min", "session.time p95 drift < 5ms/6s"),
        ("campaign(2.0.0) t100 <= 40m in a", "campaign(2.0.0) t100 <= 4m in a"),
        ("campaign(2.0.0) done >= 95%", "campaign(2.0.0) done >= 95%"),
        ("session.started count > 100", "session.started count > 100"),
    ],
)
def test_thresholds(text: str, expected: str) -> None:
    """Windows, drifts and recoveries, in one fixed form; latencies stay."""
    found = made(thresholds=(Threshold(text, grace=60.0, stays=1800.0),)).thresholds
    assert found == (Threshold(expected, grace=6.0, stays=180.0),)


def test_a_limit_stays_as_it_is_written_where_times_do() -> None:
    """A smaller fleet is no reason to spell its limits anew."""
    text = "generator.rss  drift<50MB/24h"
    small = scaled(replace(BASE, thresholds=(Threshold(text),)), 0.5)
    assert small.thresholds[0].text == text


def test_the_traced_cpe_is_one_of_those_that_are_left() -> None:
    """The last one, if it was above."""
    assert made(trace_device=999).trace_device == 499
    assert made(trace_device=7).trace_device == 7


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios())
def test_what_is_scaled_is_a_scenario_too(scenario: Scenario) -> None:
    """It is written and read as any other."""
    small = scaled(scenario, 0.01, 0.02)
    assert small.count <= scenario.count
    assert len(small.steps) == len(scenario.steps)
    assert write_scenario(small)


def test_what_is_scaled_reads_back() -> None:
    """With all its digits."""
    small = scaled(BASE, 1 / 3, 0.007)
    assert read_scenario(write_scenario(small), "/x/y.yaml") == small
