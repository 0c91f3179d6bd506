"""A scenario's YAML, read and written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cpesim.errors import ConfigError
from cpesim.scenario.load import load_scenario, read_scenario
from cpesim.scenario.scenario import Acs, Group, Load, Scenario, Start
from cpesim.scenario.shipped import shipped
from cpesim.scenario.write import write_scenario

LEAST = """\
version: 1
name: least
acs: {url: "http://127.0.0.1:7547/"}
fleet:
  groups:
    homes: {count: 10}
"""

FULL = """\
version: 1
name: full
description: all of it
seed: 42
duration: 10m
vars: {HOST: acs.lab, RATE: 50/s}
acs:
  url: http://${HOST}:7547/
  auth: {username: "{oui}-{serial}", password_env: PW}
  timeout: {connect: 5s, response: 20s, session: 2m}
  ca: lab.pem
  insecure: true
  tls: {least: 1.3, most: "1.3", resume: true, client_certs: "certs/{serial}.pem"}
  headers: {X-Load: "yes ${HOST}"}
  resolve: {acs.lab: 127.0.0.1}
  source_addresses: [127.0.0.1-127.0.0.3, 127.0.0.9]
fleet:
  start: {state: new, ramp: 1m30s}
  defaults: {profile: gpon-ont, inform: {interval: 1h}}
  groups:
    homes: {count: 18k, oui: "00D09E", serial: "HOME{n:06}"}
    shops:
     {count: 2k, profile: dumps/shop.csv, identities: shops.csv, inform: {interval: 5m}}
load:
  - {name: steady, executor: arrival-rate, rate: "${RATE}"}
limits: {in_flight: 500}
grace: 5s
"""


def problems(text: str) -> list[str]:
    """Each problem of a text as a line."""
    with pytest.raises(ConfigError) as caught:
        read_scenario(text, "x.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_the_least_scenario_takes_the_defaults() -> None:
    """An ACS and a group are enough."""
    assert read_scenario(LEAST, "x.yaml") == Scenario(
        name="least",
        acs=Acs("http://127.0.0.1:7547/"),
        groups=(Group("homes", 10),),
    )


def test_every_key_of_the_subset() -> None:
    """Everything that this version's language has, in one file."""
    scenario = read_scenario(FULL, "/where/x.yaml")
    assert scenario.acs == Acs(
        url="http://acs.lab:7547/",
        username="{oui}-{serial}",
        password_env="PW",
        connect_timeout=5.0,
        response_timeout=20.0,
        session_timeout=120.0,
        ca="/where/lab.pem",
        insecure=True,
        client_certs="/where/certs/{serial}.pem",
        tls_least="1.3",
        tls_most="1.3",
        tls_resume=True,
        headers=(("X-Load", "yes acs.lab"),),
        resolve={"acs.lab": "127.0.0.1"},
        source_addresses=("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.9"),
    )
    homes, shops = scenario.groups
    assert homes == Group(
        "homes",
        18_000,
        "gpon-ont",
        interval=3600.0,
        oui="00D09E",
        serial="HOME{n:06}",
    )
    assert shops == Group(
        "shops",
        2_000,
        "/where/dumps/shop.csv",
        first=18_000,
        identities="/where/shops.csv",
        interval=300.0,
    )
    assert scenario.loads == (Load("steady", "arrival-rate", rate=50.0),)
    assert scenario.start == Start(ramp=90.0)
    assert (scenario.in_flight, scenario.grace, scenario.seed) == (500, 5.0, 42)
    assert (scenario.duration, scenario.count) == (600.0, 20_000)


def test_the_environment_wins_over_vars() -> None:
    """CPESIM_VAR_HOST replaces HOST."""
    scenario = read_scenario(FULL, "x.yaml", {"CPESIM_VAR_HOST": "other"})
    assert scenario.acs.url == "http://other:7547/"


def test_an_unknown_variable_is_named_where_it_stands() -> None:
    """``${NAME}`` without a NAME is an error with a place."""
    (problem,) = problems(LEAST.replace("http://127.0.0.1:7547/", "${ACS_URL}"))
    assert problem.startswith("x.yaml:3:13: ")
    assert "CPESIM_VAR_ACS_URL" in problem


def test_all_errors_at_once() -> None:
    """Every wrong value is told, each with its place."""
    text = LEAST.replace("count: 10", "count: many, oui: 123456").replace(
        "name: least", "name: least\nduration: 5\ngrcae: 3s"
    )
    found = problems(text)
    places = [line.split(": ")[0] for line in found]
    assert places == ["x.yaml:3:11", "x.yaml:4:1", "x.yaml:8:20", "x.yaml:8:31"]
    assert "did you mean grace" in found[1]


@pytest.mark.parametrize(
    "load", ["[{executor: arrival-rate}]", "[{executor: fleet, rate: 5/s}]"]
)
def test_a_rate_belongs_to_arrivals(load: str) -> None:
    """arrival-rate needs a rate, and nothing else has one."""
    assert "rate" in problems(LEAST + f"load: {load}\n")[0]


def test_a_name_that_does_not_ship_tells_those_that_do() -> None:
    """The error lists the shipped scenarios."""
    with pytest.raises(ConfigError, match=r"no such file.*boot-storm, .*smoke"):
        load_scenario("smoke-test", {})


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """A folder, and bytes that are no text."""
    with pytest.raises(ConfigError, match="cannot be read"):
        load_scenario(str(tmp_path), {})
    (tmp_path / "x.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_scenario(str(tmp_path / "x.yaml"), {})


@pytest.mark.parametrize("name", sorted(shipped()))
def test_the_shipped_ones_load(name: str) -> None:
    """Each shipped scenario is right, and is named as its file."""
    scenario = load_scenario(name, {})
    assert scenario.name == name
    assert (
        load_scenario(name, {"CPESIM_VAR_ACS_URL": "http://x/"}).acs.url == "http://x/"
    )


@pytest.mark.parametrize("text", [LEAST, FULL])
def test_what_is_written_reads_back(text: str) -> None:
    """--print-scenario's output is the same scenario."""
    scenario = read_scenario(text, "/where/x.yaml")
    scenario = replace(scenario, acs=replace(scenario.acs, listen="127.0.0.1:9000"))
    again = read_scenario(write_scenario(scenario), "/elsewhere/y.yaml")
    assert again == scenario


@pytest.mark.parametrize(
    "name", ["no", "on", "a: b", "1.10", "x #y", 'q"uote', "ümlaut"]
)
def test_odd_texts_survive_writing(name: str) -> None:
    """YAML's traps (no, on, 1.10) are quoted."""
    scenario = replace(read_scenario(LEAST, "x.yaml"), name=name, description=name)
    assert read_scenario(write_scenario(scenario), "x.yaml") == scenario


def test_words_that_are_not_in_the_language() -> None:
    """A start state and an executor that nobody has heard of."""
    (state,) = problems(LEAST.replace("  groups", "  start: {state: old}\n  groups"))
    assert "expected 'new' or 'known', not 'old'" in state
    (executor,) = problems(LEAST + "load: [{executor: flood}]\n")
    assert "expected fleet, arrival-rate, in-flight or at-once, not 'flood'" in executor


def test_without_a_folder_none_ship(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken installation ships no scenario, and a file still runs."""
    elsewhere = str(tmp_path / "a" / "b.py")
    monkeypatch.setattr("cpesim.scenario.shipped.__file__", elsewhere)
    assert shipped() == {}


def test_an_acs_with_a_name_alone_is_written() -> None:
    """A user name without a password's variable, and the other way round."""
    scenario = read_scenario(LEAST, "x.yaml")
    for changes in ({"username": "{serial}"}, {"password_env": "PW"}):
        one = replace(scenario, acs=replace(scenario.acs, **changes))
        assert read_scenario(write_scenario(one), "x.yaml") == one


def test_a_variable_that_nothing_asks_for_is_told() -> None:
    """Of an option; the environment may hold those of other scenarios."""
    text = LEAST + "vars: {HOST: a}\n"
    assert read_scenario(text, "x.yaml", {"CPESIM_VAR_OTHER": "1"}).count == 10
    with pytest.raises(ConfigError) as caught:
        read_scenario(text + "sed: 1\n", "x.yaml", {}, {"HOTS": "b"})
    option, key = map(str, caught.value.problems)
    assert option == (
        "--var HOTS: the scenario has no such variable (did you mean HOST?):"
        " expected HOST"
    )
    assert key.startswith("x.yaml:8:1: unknown key 'sed'")


def test_limits_are_told_with_all_else_that_is_wrong() -> None:
    """As far as their texts alone say it; in both of their forms."""
    limits = """thresholds:
- session.tiem p99 < 5s
- {expr: "session.time p95 <"}
- session.time p95 < 1s in nowhere
"""
    found = problems(LEAST + limits + "sed: 1\n")
    assert [told.split(": ")[0] for told in found] == [
        *("x.yaml:8:3", "x.yaml:9:29", "x.yaml:11:1")
    ]
    assert "did you mean session.time?" in found[0]


def test_vars_that_are_wrong_are_told_once() -> None:
    """The variables are read first; their errors come with all others."""
    variable, key = problems(LEAST + "vars: {HOST: [1]}\n" + "sed: 1\n")
    assert variable.startswith("x.yaml:7:14: ")
    assert "did you mean seed" in key
