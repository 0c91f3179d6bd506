"""
Words that turn the session itself: hold, retry-request, versions, redirect.

Rule: such a word begins with the answer to an Inform (session.py, desk.py); what is
here is only what it asks afterwards.
"""

from __future__ import annotations

from cpesim.acs import calls
from cpesim.acs.judge import judge_methods
from cpesim.acs.words.scene import Scene, Script


def hold(scene: Scene) -> Script:
    """One request while the CPE's own are held, and one that lets go (S5)."""
    name = scene.cpe.root + "ManagementServer.ParameterKey"
    yield calls.get_parameter_values([name])
    scene.hold = False
    yield calls.get_parameter_values([name])


def versions(scene: Scene) -> Script:
    """GetRPCMethods in cwmp-1-0, whatever the CPE began with."""
    answer = yield calls.get_rpc_methods()
    listed = None if answer.fault else answer.element.find("MethodList")
    if listed is not None:
        methods = [entry.text or "" for entry in listed]
        judge_methods(scene.namespace, methods, scene.found)


def nothing(scene: Scene) -> Script:
    """Nothing more: the word was in the answer to the Inform."""
    return
    yield
