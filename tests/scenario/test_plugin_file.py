"""A user's own class, from a file beside the scenario."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cpesim.errors import ConfigError
from cpesim.scenario.load import read_scenario
from cpesim.scenario.plugin import ON_SESSION, RATE, check_plugins, load_plugin
from tests.scenario.test_load import LEAST

GOOD = """\
import math


class Wave:
    def rate(self, t):
        return 10 + 5 * math.sin(t)


class Hook:
    async def on_session(self, device, session):
        device.seen = True


class Late:
    def on_session(self, device, session):
        return None


class Broken:
    def __init__(self):
        raise OSError("no such thing")

    def rate(self, t):
        return 1
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of plug-ins."""
    path = tmp_path / "my_shapes.py"
    path.write_text(GOOD)
    return path


def test_a_scenario_names_it_beside_itself(file: Path) -> None:
    """The path is made absolute; the class is found and works."""
    text = LEAST + (
        "load: [{executor: arrival-rate, plugin: 'my_shapes.py:Wave'}]\n"
        "behaviour: {plugin: 'my_shapes.py:Hook'}\n"
    )
    scenario = read_scenario(text, str(file.parent / "x.yaml"))
    assert scenario.loads[0].plugin == f"{file}:Wave"
    assert scenario.plugin == f"{file}:Hook"
    check_plugins(scenario)
    assert load_plugin(scenario.loads[0].plugin, RATE).rate(0.0) == 10.0


@pytest.mark.parametrize(
    ("name", "method", "told"),
    [
        ("Wav", RATE, "expected a class Wav: there is Wave, Hook"),
        ("math", RATE, "expected a class math"),
        ("Hook", RATE, "Hook: expected a method rate"),
        ("Late", ON_SESSION, "expected `async def`"),
        ("Broken", RATE, "OSError: no such thing (line 21 of"),
    ],
)
def test_what_is_missing_is_named(
    file: Path, name: str, method: str, told: str
) -> None:
    """A class, a method, an `async`."""
    with pytest.raises(ConfigError) as caught:
        load_plugin(f"{file}:{name}", method)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "no such file"),
        ("class X\n", "line 1: expected ':'"),
        ("import nothing_of_this_name\n", "ModuleNotFoundError"),
        ("raise SystemExit(3)\n", "SystemExit"),
    ],
)
def test_a_file_that_is_wrong_is_one_error(
    tmp_path: Path, text: str | None, told: str
) -> None:
    """It is not there, is no Python, or fails."""
    path = tmp_path / "wrong.py"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_plugin(f"{path}:X", RATE)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)


def test_all_of_a_scenario_are_told_at_once(file: Path) -> None:
    """Each with its own error."""
    scenario = read_scenario(
        LEAST + "load: [{executor: arrival-rate, plugin: 'my_shapes.py:Hook'}]\n",
        str(file.parent / "x.yaml"),
    )
    with pytest.raises(ConfigError) as caught:
        check_plugins(replace(scenario, plugin=f"{file}:Nobody"))
    assert len(caught.value.problems) == 2


def test_what_names_no_class_is_refused_where_it_stands() -> None:
    """FILE.py:CLASS is the form."""
    with pytest.raises(ConfigError, match=r"x.yaml:7:\d+: expected FILE.py:CLASS"):
        read_scenario(LEAST + "behaviour: {plugin: my_shapes}\n", "x.yaml")
