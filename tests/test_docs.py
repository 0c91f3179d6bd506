"""What the documents show is true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cpesim.acs.settings import WORDS
from cpesim.device.catalog import compile_profile, load_profile
from cpesim.device.language.source import SOURCES
from cpesim.device.language.template import FUNCTIONS
from cpesim.scenario.limits.grammar import parse
from cpesim.scenario.load import read_scenario
from tests import rules

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FAULTS = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
PROFILES = (ROOT / "docs" / "profiles.md").read_text(encoding="utf-8")


def blocks(text: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def test_the_profile_that_is_shown_is_right() -> None:
    """It compiles as it stands, and its paths are there."""
    whole = [b for b in blocks(PROFILES, "yaml") if b.startswith("version: 1")]
    (shown,) = whole
    profile = compile_profile(shown, "docs/profiles.md")
    assert profile.name == "my-gateway"
    assert "InternetGatewayDevice.LANDevice.1.WLANConfiguration.2.SSID" in profile.names


def test_the_identities_that_are_shown_are_right(tmp_path: Path) -> None:
    """The file is taken as it stands."""
    (shown,) = blocks(PROFILES, "csv")
    path = tmp_path / "devices.csv"
    path.write_text(shown, encoding="utf-8")
    profile = load_profile("residential-gateway-tr098", identities=str(path))
    assert profile.identities is not None
    assert len(profile.identities.rows) == 1


def test_the_faults_and_their_limits_that_are_shown_are_right() -> None:
    """One scenario has them as they stand; each limit is of its fault."""
    faults, limits = blocks(FAULTS, "yaml")
    text = (
        "version: 1\nname: shown\nduration: 2m\nacs: {url: 'http://127.0.0.1/'}\n"
        "fleet: {groups: {homes: {count: 9}}}\nload: [{name: all, executor: fleet}]\n"
        "timeline: [{at: 1m, phase: storm}]\n"
    )
    scenario = read_scenario(text + faults + limits, "docs/faults.md")
    assert len(scenario.thresholds) == 2
    (fault,) = scenario.injections
    for limit in scenario.thresholds:
        assert parse(limit.text).tags == (("fault", fault.name),)


@pytest.mark.parametrize("word", [*SOURCES, *FUNCTIONS])
def test_every_word_of_the_language_is_told(word: str) -> None:
    """Sources and functions alike."""
    if word != "i3":
        assert re.search(rf"[`{{]{word}\b", PROFILES), word


@pytest.mark.parametrize(
    "line", [x for x in blocks(README, "sh")[2].splitlines() if x.strip()]
)
def test_every_command_that_is_shown_exists(line: str) -> None:
    """Its help is there, with each option it uses."""
    words = line.partition("#")[0].split()
    assert words[0] == "cpesim"
    command = words[1:3] if words[1] == "profile" else words[1:2]
    told = subprocess.run(
        [sys.executable, "-m", "cpesim", *command, "--help"],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert told.returncode == 0
    for option in (w for w in words[2:] if w.startswith("-")):
        assert option in told.stdout, option


def test_the_two_commands_are_one_line_each() -> None:
    """They make their environment, install, and run."""
    run, tests = (block.strip() for block in blocks(README, "sh")[:2])
    for command in (run, tests):
        assert command.startswith("python3 -m venv .venv && ")
        assert "\n" not in command
    assert run.endswith("cpesim demo")
    assert tests.endswith("-m pytest")


def test_the_table_of_rules_is_up_to_date() -> None:
    """docs/conformance.md is what `python -m tests.rules` would write."""
    assert rules.PAGE.read_text(encoding="utf-8") == rules.page()


def test_every_word_of_the_reference_acs_is_told() -> None:
    """Scripts' words stand in a table, and no others."""
    text = (ROOT / "docs" / "acs.md").read_text(encoding="utf-8")
    text = text[text.index("## Scripts") : text.index("## Capacity")]
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    told = {word for row in rows for word in re.findall("`([^`]+)`", row)}
    assert told == set(WORDS)
