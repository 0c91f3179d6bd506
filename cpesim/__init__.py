"""
cpesim: a fleet of virtual TR-069 CPEs that loads an ACS.

Rule: this face imports nothing until a name of it is asked for, so that `--help`
stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cpesim.api.blocking import BlockingFleet
    from cpesim.api.cpe import Cpe, Session
    from cpesim.api.fleet import Fleet, fleet
    from cpesim.api.run import run
    from cpesim.conductor.conductor import conduct
    from cpesim.conductor.plan import Plan, prepare
    from cpesim.device.catalog import load_profile
    from cpesim.device.device import Device
    from cpesim.errors import ConfigError, CpesimError, MachineError
    from cpesim.measure.result import Result
    from cpesim.scenario.load import load_scenario
    from cpesim.scenario.scenario import Acs, Group, Load, Scenario, Start

__version__ = "0.1.0"

_FROM = {
    "Acs": "cpesim.scenario.scenario",
    "BlockingFleet": "cpesim.api.blocking",
    "ConfigError": "cpesim.errors",
    "Cpe": "cpesim.api.cpe",
    "CpesimError": "cpesim.errors",
    "Device": "cpesim.device.device",
    "Fleet": "cpesim.api.fleet",
    "Group": "cpesim.scenario.scenario",
    "Load": "cpesim.scenario.scenario",
    "MachineError": "cpesim.errors",
    "Plan": "cpesim.conductor.plan",
    "Result": "cpesim.measure.result",
    "Scenario": "cpesim.scenario.scenario",
    "Session": "cpesim.api.cpe",
    "Start": "cpesim.scenario.scenario",
    "fleet": "cpesim.api.fleet",
    "conduct": "cpesim.conductor.conductor",
    "load_profile": "cpesim.device.catalog",
    "load_scenario": "cpesim.scenario.load",
    "prepare": "cpesim.conductor.plan",
    "run": "cpesim.api.run",
}

__all__ = [
    "Acs",
    "BlockingFleet",
    "ConfigError",
    "Cpe",
    "CpesimError",
    "Device",
    "Fleet",
    "Group",
    "Load",
    "MachineError",
    "Plan",
    "Result",
    "Scenario",
    "Session",
    "Start",
    "conduct",
    "fleet",
    "load_profile",
    "load_scenario",
    "prepare",
    "run",
]


def __getattr__(name: str) -> Any:
    if name not in _FROM:
        raise AttributeError(f"module 'cpesim' has no attribute {name!r}")
    return getattr(import_module(_FROM[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_FROM])
