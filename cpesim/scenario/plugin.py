"""
Plug-ins: a user's own class, from a file beside the scenario.

Rule: loaded by the path that the scenario has (FILE.py:CLASS, made absolute when it
was read); one error says what is missing. A rate's class has `rate(self, t)`, a
session's `async on_session(self, device, session)`; an object is made once a process.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable
from dataclasses import replace
from math import ceil, isfinite
from pathlib import Path
from types import ModuleType
from typing import Any

from cpesim.errors import ConfigError
from cpesim.scenario.scenario import Load, Scenario, Stage

RATE, ON_SESSION = "rate", "on_session"


def load_plugin(written: str, wanted: str = "") -> Any:
    """
    An object of the class that ``FILE.py:CLASS`` names; raises ConfigError.

    *wanted* is the method that it has to have: ``rate`` or ``on_session``.
    """
    file, _, name = written.rpartition(":")
    if not file.endswith(".py"):
        raise ConfigError(f"plugin {written!r}: expected FILE.py:CLASS")
    told = f"plugin {file}"
    module = _module(Path(file), told)
    made = getattr(module, name, None)
    if not inspect.isclass(made):
        known = [
            each
            for each, value in vars(module).items()
            if inspect.isclass(value) and value.__module__ == module.__name__
        ]
        there = f"there is {', '.join(known)}" if known else "there is none"
        raise ConfigError(f"{told}: expected a class {name}: {there}")
    try:
        plugin = made()
    except Exception as error:
        raise ConfigError(f"{told}: {name}() failed: {_said(error)}") from error
    found = getattr(made, wanted, None) if wanted else made
    if not callable(found):
        raise ConfigError(f"{told}: {name}: expected a method {wanted}")
    if wanted == ON_SESSION and not inspect.iscoroutinefunction(found):
        raise ConfigError(f"{told}: {name}.{wanted}: expected `async def`")
    return plugin


def check_plugins(scenario: Scenario) -> None:
    """Load all plug-ins once, to find what is wrong; raises ConfigError."""
    wrong: list[str] = []
    wanted = [(load.plugin, RATE) for load in scenario.loads if load.plugin]
    if scenario.plugin:
        wanted.append((scenario.plugin, ON_SESSION))
    for written, word in dict.fromkeys(wanted):
        try:
            load_plugin(written, word)
        except ConfigError as error:
            wrong.append(str(error))
    if wrong:
        raise ConfigError(*wrong)


def method(named: str, word: str) -> Callable[..., Any]:
    """What a plug-in has to have; raises ConfigError."""
    found: Callable[..., Any] = getattr(load_plugin(named, word), word)
    return found


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


def _module(file: Path, told: str) -> ModuleType:
    """The file as a module, run once."""
    # Two files may have one name: the path is in the module's.
    name = f"cpesim_plugin_{str(file).encode().hex()}"
    if name in sys.modules:
        return sys.modules[name]
    if not file.is_file():
        raise ConfigError(f"{told}: no such file")
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{told}: expected a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # before it runs, as dataclasses and pickle need it
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        if not isinstance(error, Exception | SystemExit):
            raise
        raise ConfigError(f"{told}: {_said(error)}") from error
    return module


def _said(error: BaseException) -> str:
    place = ""
    if isinstance(error, SyntaxError) and error.lineno is not None:
        return f"SyntaxError: line {error.lineno}: {error.msg}"
    trace = error.__traceback__
    while trace is not None:
        place = f" (line {trace.tb_lineno} of {trace.tb_frame.f_code.co_filename})"
        trace = trace.tb_next
    return f"{type(error).__name__}: {error}{place}"
