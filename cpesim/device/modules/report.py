"""
What is told of changed modules: results, and the requests that carry them.

Rule: only words; when they are told is behaviour/modules.py (B4, B7, T12).
"""

from __future__ import annotations

from cpesim.cwmp import names, write
from cpesim.cwmp.session import Request
from cpesim.device.model import Model
from cpesim.device.modules import tree
from cpesim.device.modules.operation import NIL_UUID, Change, Job

COMPLETE = "DUStateChangeComplete"
AUTONOMOUS = "AutonomousDUStateChangeComplete"


def result(model: Model, job: Job, now: float) -> bytes:
    """The Results entry of one unit that has been dealt with."""
    done = job.code == 0
    present = job.unit in tree.rows(model, tree.UNIT)
    # "Failed" says that there is no such unit: one that keeps its old version after
    # an update that failed is still Installed.
    state = "Installed" if present else "Uninstalled" if done else "Failed"
    version = model.find(job.unit + "Version", now) if present else job.version
    told = (
        ("UUID", job.uuid or NIL_UUID),
        ("DeploymentUnitRef", tree.reference(job.unit)),
        ("Version", version),
        ("CurrentState", state),
        ("Resolved", "1" if done or present else "0"),
        ("ExecutionUnitRefList", ",".join(map(tree.reference, job.parts))),
    )
    return write.du_result(told, job.code, job.started, model.world.time(now))


def asked_for(key: str, change: Change) -> Request:
    """The end of a ChangeDUState, with its events."""
    body = write.du_state_change_complete(key, [told for _, _, told in change.outcomes])
    events = ((names.DU_STATE_CHANGE_COMPLETE, ""), (names.M_CHANGE_DU_STATE, key))
    return Request(COMPLETE, lambda namespace: body, events)


def autonomous(model: Model, change: Change, now: float) -> Request | None:
    """What the DUStateChangeComplPolicy lets through (T12), if anything."""
    results = [
        (kind, told)
        for kind, code, told in change.outcomes
        if is_wanted(model, kind, code, now)
    ]
    if not results:
        return None
    body = write.autonomous_du_state_change_complete(results)
    events = ((names.AUTONOMOUS_DU_STATE_CHANGE_COMPLETE, ""),)
    return Request(AUTONOMOUS, lambda namespace: body, events)


def is_wanted(model: Model, kind: str, code: int, now: float) -> bool:
    """Whether the ACS asked to hear of such an operation with such an end."""
    path = model.profile.root + "ManagementServer.DUStateChangeComplPolicy."

    def items(name: str) -> list[str]:
        return [item.strip() for item in model.find(path + name, now).split(",")]

    if model.find(path + "Enable", now) not in ("1", "true"):
        return False
    if kind not in items("OperationTypeFilter"):
        return False
    heard = model.find(path + "ResultTypeFilter", now)
    if heard not in ("Both", "Failure" if code else "Success"):
        return False
    return not code or str(code) in items("FaultCodeFilter")
