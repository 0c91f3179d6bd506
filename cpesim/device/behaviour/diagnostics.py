"""
Diagnostics: started, stopped, ended and told (CHECKLIST B3, B5).

Rule: a run is in the device's memory while its results stand; whatever rings for a
run that is not there any more is too late and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cpesim.cwmp import names
from cpesim.device.check import WRONG_VALUE, check
from cpesim.device.device import Device
from cpesim.device.diagnostics import throughput
from cpesim.device.diagnostics.ask import Ask
from cpesim.device.diagnostics.kinds import Kind, kind_of, may_write, word
from cpesim.device.diagnostics.run import (
    COMPLETE,
    NONE,
    REQUESTED,
    Outcome,
    Run,
)
from cpesim.device.model import Model
from cpesim.device.profile import Behaviour
from cpesim.device.transfer import DONE, MOVING

RUNS = "diagnostics"  # in the device's memory: {object: its latest run}
STATE = "DiagnosticsState"
# Of NumberOfConnections; TR-181 2.17 spells the two of them differently.
LIMITS = ("DownloadDiagnosticMaxConnections", "UploadDiagnosticsMaxConnections")


def check_state(device: Device, name: str, text: str) -> int:
    """Only Requested may be written, and Canceled where the model has it (B5)."""
    parameter = device.model.parameter(name)
    fine = parameter is not None and may_write(parameter, text)
    return 0 if fine else WRONG_VALUE


def check_connections(device: Device, name: str, text: str) -> int:
    """NumberOfConnections is no more than the sibling that limits it."""
    path = name.removesuffix("NumberOfConnections")
    limits = [device.model.find(path + limit, 0.0) for limit in LIMITS]
    over = any(limit and int(text) > int(limit) for limit in limits)
    return WRONG_VALUE if over else 0


def written(device: Device, values: Mapping[str, str], now: float) -> None:
    """
    The ACS has set values: of a diagnostic's object they start or stop it.

    All of one SetParameterValues count together, whatever their order; a run's own
    parameters are set before or with its Requested, never after.
    """
    model, orders = device.model, {}
    for name, text in values.items():
        path, _, leaf = name.rpartition(".")
        if leaf == STATE:
            orders[f"{path}."] = text
        elif f"{path}.{STATE}" in device.profile.parameters:
            orders.setdefault(f"{path}.", "")
    for path, order in orders.items():
        number = _stop(device, path)
        if order == REQUESTED:
            run = Run(path, number + 1)
            device.remember(RUNS, {**_runs(device), path: run})
            device.alarm(now, "diagnose", run)  # after the session
        else:
            _put(model, path + STATE, NONE)


def _runs(device: Device) -> Mapping[str, Run]:
    runs: Mapping[str, Run] = device.memory.get(RUNS, {})
    return runs


def _stop(device: Device, path: str) -> int:
    """End what runs there without a word to the ACS; the number of its last run."""
    run = _runs(device).get(path)
    if run is None:
        return 0
    if run.state != DONE:
        device.model.world.count("diagnostics.stopped", 1)
        _halt(device, run)
    return run.number


def _halt(device: Device, run: Run) -> None:
    run.state = DONE
    # Not left to ring in vain: an ACS may ask for a ping that lasts a century.
    device.alarms = tuple(
        a for a in device.alarms if a[2] is not run and not _of(a[2], run)
    )
    if run.halt is not None:
        run.halt()


def _of(key: object, run: Run) -> bool:
    return isinstance(key, tuple) and bool(key) and key[0] is run


def _wanted(device: Device, run: Run) -> bool:
    """Whether it is the run that the ACS waits for."""
    return run.state != DONE and _runs(device).get(run.path) is run


def ring_start(device: Device, key: object, now: float) -> None:
    """The session is over: the test begins, and the old results go."""
    assert isinstance(key, Run)
    if not _wanted(device, key):
        return
    model, kind = device.model, _kind(device, key)
    model.world.count("diagnostics.started", 1)
    _clear(model, key.path, kind)
    key.state = MOVING
    ask = Ask(model, key.path, key.number, now)
    if kind.test is not None:
        found = kind.test(ask)
        if not isinstance(found, Outcome):
            key.test = found
            device.errands = (*device.errands, key)
            return
    else:
        assert kind.measure is not None
        found = kind.measure(ask)
    device.alarm(now + found.took, "diagnosed", (key, found))


def ring_end(device: Device, key: object, now: float) -> None:
    """The results are there: they stand in the model, and the ACS is told (B3)."""
    assert isinstance(key, tuple)
    run: Run = key[0]
    found: Any = key[1]
    if not _wanted(device, run):
        return
    run.state = DONE
    kind, model = _kind(device, run), device.model
    if run.test is not None:
        state, flows = found
        ask = Ask(model, run.path, run.number, now)
        found = throughput.results(ask, state, flows, upload=run.test.upload)
        run.test = None  # the URL is not kept
    parameter = model.parameter(run.path + STATE)
    state = word(kind, found.state, parameter.choices if parameter else ())
    _fill(device, run.path, kind, found, now)
    _put(model, run.path + STATE, state)
    device.changed(run.path + STATE, now)
    if found.state == COMPLETE:
        model.world.count("diagnostics.done", 1)
    else:
        model.world.count("diagnostics.failed", 1)
        model.world.count(f"diagnostics.failed.{state}", 1)
    device.tell(names.DIAGNOSTICS_COMPLETE, "", now, "diagnostics")


def interrupt(device: Device, now: float) -> None:
    """The power goes: no test outlives it, and no result does (B5)."""
    runs = _runs(device)
    if not runs:
        return
    for path, run in runs.items():
        _stop(device, path)
        _clear(device.model, path, _kind(device, run))
        _put(device.model, path + STATE, NONE)
    device.remember(RUNS, None)


def _kind(device: Device, run: Run) -> Kind:
    return kind_of(device.profile.root, run.path)


def _clear(model: Model, path: str, kind: Kind) -> None:
    """The results of an earlier run go: values to the profile's, rows away."""
    for name in [n for n in model.own if n.startswith(path)]:
        parameter = model.profile.parameters.get(name)
        if parameter is not None and not parameter.writable:
            del model.own[name]
    if kind.table:
        model.empty(path + kind.table)


def _fill(device: Device, path: str, kind: Kind, found: Outcome, now: float) -> None:
    """Put the results of a run into the model, as far as the model has them."""
    model = device.model
    for name, text in found.values.items():
        if _put(model, path + name, text):
            device.changed(path + name, now)
    table = model.table(path + kind.table) if kind.table else None
    if table is None or not found.rows:
        return
    for row in found.rows[: table.most]:
        home = f"{path}{kind.table}{model.grow(path + kind.table)}."
        for name, text in row.items():
            _put(model, home + name, text)
    device.changed(f"{path}{kind.table[:-1]}NumberOfEntries", now)


def _put(model: Model, name: str, text: str) -> bool:
    """Give a parameter a value, if the model has it and may have that value."""
    parameter = model.parameter(name)
    # A text that is not set is "" whatever form the model asks for.
    if parameter is None or (text and check(parameter, text)):
        return False
    if parameter.default == text:
        model.own.pop(name, None)
    else:
        model.set(name, text)
    return True


DIAGNOSTICS = Behaviour(
    "diagnostics",
    checks={
        f"*.{STATE}": check_state,
        "*.NumberOfConnections": check_connections,
    },
    written=(written,),
    stops=(interrupt,),
    alarms={"diagnose": ring_start, "diagnosed": ring_end},
)
