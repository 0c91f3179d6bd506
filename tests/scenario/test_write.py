"""What is written of a scenario reads back as the same one."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from cpesim.quantity import parse_bandwidth, parse_duration, parse_rate, parse_share
from cpesim.scenario.load import read_scenario
from cpesim.scenario.scenario import Scenario
from cpesim.scenario.shipped import shipped
from cpesim.scenario.spelling import spell
from cpesim.scenario.write import write_scenario
from tests.scenario.whole import scenarios

UNHURRIED = settings(
    max_examples=40,
    deadline=None,
    # To make a whole scenario smaller takes minutes; what is wrong is told anyhow.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@UNHURRIED
@given(scenarios())
def test_whatever_is_written_reads_back(scenario: Scenario) -> None:
    """The whole language, with YAML's traps in every text."""
    text = write_scenario(scenario)
    assert read_scenario(text, "/elsewhere/y.yaml") == scenario, text


@pytest.mark.parametrize("name", sorted(shipped()))
def test_writing_settles(name: str) -> None:
    """What was read of a written scenario is written as the same text."""
    text = write_scenario(read_scenario(shipped()[name].read_text(), "/x/y.yaml"))
    assert write_scenario(read_scenario(text, "/x/z.yaml")) == text


@given(st.floats(0, 1e7, allow_subnormal=False))
@example(0.310005)
@example(1e-9)
def test_quantities_are_exact(value: float) -> None:
    """Whatever the number is, its words are it."""
    assert parse_duration(spell.duration(value)) == value
    assert parse_rate(spell.rate(value)) == value
    assert parse_bandwidth(spell.bandwidth(value)) == value
    assert parse_share(spell.share(value / 1e7)) == value / 1e7


@pytest.mark.parametrize(
    ("value", "text"),
    [(5400.0, "1h30m"), (0.31, "310ms"), (1e-9, "0.000000001s"), (0.0, "0")],
)
def test_durations_are_as_people_write_them(value: float, text: str) -> None:
    """Round ones in round words."""
    assert spell.duration(value) == text


def test_shares_rates_and_bandwidths_are_as_people_write_them() -> None:
    """2%, 50/s, 20Mbit."""
    assert spell.share(0.02) == "2%"
    assert spell.rate(50.0) == "50/s"
    assert spell.bits(20e6) == "20Mbit"
    assert spell.offset(-3600.0) == "-1h"
