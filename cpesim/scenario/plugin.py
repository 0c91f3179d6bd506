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
from pathlib import Path
from types import ModuleType
from typing import Any

from cpesim.errors import ConfigError
from cpesim.scenario.scenario import Scenario

RATE, ON_SESSION = "rate", "on_session"


def load_plugin(written: str, method: str) -> Any:
    """
    An object of the class that ``FILE.py:CLASS`` names; raises ConfigError.

    *method* is what it has to have: ``rate`` or ``on_session``.
    """
    file, _, name = written.rpartition(":")
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
        raise ConfigError(f"{told}: no class is called {name!r}: {there}")
    wanted = getattr(made, method, None)
    if not callable(wanted):
        raise ConfigError(f"{told}: {name} has no method {method!r}: expected one")
    if method == ON_SESSION and not inspect.iscoroutinefunction(wanted):
        raise ConfigError(f"{told}: {name}.{method}: expected `async def`")
    try:
        return made()
    except Exception as error:
        raise ConfigError(f"{told}: {name}() failed: {_said(error)}") from error


def check_plugins(scenario: Scenario) -> None:
    """Load all plug-ins once, to find what is wrong; raises ConfigError."""
    wrong: list[str] = []
    wanted = [(load.plugin, RATE) for load in scenario.loads if load.plugin]
    if scenario.plugin:
        wanted.append((scenario.plugin, ON_SESSION))
    for written, method in dict.fromkeys(wanted):
        try:
            load_plugin(written, method)
        except ConfigError as error:
            wrong.append(str(error))
    if wrong:
        raise ConfigError(*wrong)


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
        return f"line {error.lineno}: {error.msg}"
    trace = error.__traceback__
    while trace is not None:
        place = f" (line {trace.tb_lineno} of {trace.tb_frame.f_code.co_filename})"
        trace = trace.tb_next
    return f"{type(error).__name__}: {error}{place}"
