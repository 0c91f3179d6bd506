"""
A user's own Python: a class in a file, named FILE.py:CLASS.

Rule: nothing of the file runs before it is asked for; what is wrong with it is one
clear error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from math import ceil, isfinite
from pathlib import Path
from typing import Any

from cpesim.errors import ConfigError
from cpesim.scenario.scenario import Load, Stage


def load_plugin(named: str) -> Any:
    """An object of the class; raises ConfigError."""
    file, colon, name = named.rpartition(":")
    if not colon or not file.endswith(".py"):
        raise ConfigError(f"plugin {named!r}: expected FILE.py:CLASS")
    path = Path(file)
    if not path.is_file():
        raise ConfigError(f"plugin {file}: no such file")
    spec = spec_from_file_location(f"cpesim_plugin_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ConfigError(f"plugin {file}: {type(error).__name__}: {error}") from error
    made = getattr(module, name, None)
    if not isinstance(made, type):
        raise ConfigError(f"plugin {file}: expected a class {name}")
    try:
        return made()
    except Exception as error:
        raise ConfigError(f"plugin {named}: {type(error).__name__}: {error}") from error


def method(named: str, word: str) -> Callable[..., Any]:
    """What a plug-in has to have; raises ConfigError."""
    found = getattr(load_plugin(named), word, None)
    if not callable(found):
        raise ConfigError(f"plugin {named}: expected a method {word}")
    return found  # type: ignore[no-any-return]


def shaped(load: Load, duration: float) -> Load:
    """The load with its plug-in's rates as stages: a straight line each second."""
    if not load.plugin:
        return load
    rate = method(load.plugin, "rate")
    rates = [_asked(load.plugin, rate, t) for t in range(ceil(duration) + 1)]
    stages = tuple(Stage(1.0, found) for found in rates[1:])
    return replace(load, rate=rates[0], stages=stages, plugin="")


def _asked(named: str, rate: Callable[..., Any], t: int) -> float:
    try:
        found = float(rate(float(t)))
    except Exception as error:
        raise ConfigError(
            f"plugin {named}: rate({t}): {type(error).__name__}: {error}"
        ) from error
    if not isfinite(found) or found < 0:
        raise ConfigError(
            f"plugin {named}: rate({t}) is {found}: expected 0 or more a second"
        )
    return found
