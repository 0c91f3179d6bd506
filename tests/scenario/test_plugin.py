"""A user's own Python: what it may bring, and what is said when it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpesim.errors import ConfigError
from cpesim.scenario.pace import Pace
from cpesim.scenario.plugin import method, shaped
from cpesim.scenario.scenario import Load


def written(where: Path, body: str) -> str:
    """A plug-in whose class has this method."""
    path = where / "mine.py"
    path.write_text(f"class Mine:\n    {body}\n", encoding="utf-8")
    return f"{path}:Mine"


def test_a_rate_of_one_s_own(tmp_path: Path) -> None:
    """Asked each second; straight lines between."""
    plugin = written(tmp_path, "def rate(self, t): return 10.0 + t * t")
    load = shaped(Load("mine", "arrival-rate", plugin=plugin), 4.5)
    pace = Pace.staged(load.rate or 0.0, load.stages)
    assert [pace.rate(t) for t in (0.0, 1.0, 1.5, 4.0, 5.0, 9.0)] == [
        10.0,
        11.0,
        12.5,
        26.0,
        35.0,
        35.0,
    ]
    assert load.plugin == ""


def test_without_a_plug_in_nothing_is_made() -> None:
    """The very same load."""
    load = Load("a", "arrival-rate", rate=3.0)
    assert shaped(load, 10.0) is load


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ("def rate(self, t): return -1 if t > 2 else 1", r"rate\(3\) is -1.0: expect"),
        ("def rate(self, t): return 1 / abs(t - 1)", r"rate\(1\): ZeroDivisionError"),
        ("def rate(self, t): return 'fast'", r"rate\(0\): ValueError"),
        ("def rate(self, t): return float('nan')", r"rate\(0\) is nan"),
        ("def speed(self, t): return 1", "expected a method rate"),
        ("def __init__(self, x): pass", "TypeError"),
        ("def rate(self, t): return (", "SyntaxError"),
    ],
)
def test_a_wrong_rate(tmp_path: Path, body: str, wrong: str) -> None:
    """One clear error, before the run."""
    plugin = written(tmp_path, body)
    with pytest.raises(ConfigError, match=wrong):
        shaped(Load("mine", "arrival-rate", plugin=plugin), 5.0)


@pytest.mark.parametrize(
    ("named", "wrong"),
    [
        ("mine.py", "expected FILE.py:CLASS"),
        ("none.py:Mine", "no such file"),
        ("{}/mine.py:Other", "expected a class Other"),
        ("{}/mine.py:Path", "expected a method rate"),
    ],
)
def test_a_wrong_name(tmp_path: Path, named: str, wrong: str) -> None:
    """The file, its class, its method: what is missing is said."""
    (tmp_path / "mine.py").write_text("from pathlib import Path\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=wrong):
        method(named.format(tmp_path), "rate")
