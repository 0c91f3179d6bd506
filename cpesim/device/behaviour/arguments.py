"""
Arguments that several RPCs share.

Rule: readers of one argument each; what they refuse is fault 9003.
"""

from __future__ import annotations

from cpesim.cwmp.fault import invalid_arguments
from cpesim.cwmp.read import Call, text

MOST_KEY = 32


def _key(call: Call, name: str) -> str:
    key = text(call.element, name, "")
    if len(key) > MOST_KEY:
        raise invalid_arguments(f"{name} is longer than {MOST_KEY} characters")
    return key


def command_key(call: Call) -> str:
    """The CommandKey argument, of 32 characters at most."""
    return _key(call, "CommandKey")


def parameter_key(call: Call) -> str:
    """The ParameterKey argument, of 32 characters at most."""
    return _key(call, "ParameterKey")
