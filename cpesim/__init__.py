"""
cpesim: a fleet of virtual TR-069 CPEs that loads an ACS.

Rule: this face imports nothing until a name of it is asked for, so that `--help`
stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cpesim.conductor.conductor import conduct
    from cpesim.conductor.plan import Plan, prepare
    from cpesim.device.catalog import load_profile
    from cpesim.device.device import Device
    from cpesim.errors import ConfigError, CpesimError, MachineError
    from cpesim.measure.result import Result
    from cpesim.scenario.load import load_scenario
    from cpesim.scenario.scenario import Acs, Group, Load, Scenario

__version__ = "0.1.0"

_FROM = {
    "Acs": "cpesim.scenario.scenario",
    "ConfigError": "cpesim.errors",
    "CpesimError": "cpesim.errors",
    "Device": "cpesim.device.device",
    "Group": "cpesim.scenario.scenario",
    "Load": "cpesim.scenario.scenario",
    "MachineError": "cpesim.errors",
    "Plan": "cpesim.conductor.plan",
    "Result": "cpesim.measure.result",
    "Scenario": "cpesim.scenario.scenario",
    "conduct": "cpesim.conductor.conductor",
    "load_profile": "cpesim.device.catalog",
    "load_scenario": "cpesim.scenario.load",
    "prepare": "cpesim.conductor.plan",
}

__all__ = [
    "Acs",
    "ConfigError",
    "CpesimError",
    "Device",
    "Group",
    "Load",
    "MachineError",
    "Plan",
    "Result",
    "Scenario",
    "conduct",
    "load_profile",
    "load_scenario",
    "prepare",
]


def __getattr__(name: str) -> Any:
    if name not in _FROM:
        raise AttributeError(f"module 'cpesim' has no attribute {name!r}")
    return getattr(import_module(_FROM[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_FROM])
