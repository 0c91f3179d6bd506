"""
Words about software modules: install, update and uninstall a deployment unit.

Rule: the unit's UUID follows from the CPE, so that a later word means the same unit.
"""

from __future__ import annotations

from uuid import NAMESPACE_OID, uuid5

from cpesim.acs import calls
from cpesim.acs.calls import Operation
from cpesim.acs.cpe import Cpe
from cpesim.acs.words.scene import MODULES, Scene, Script, due, file, known, newest
from cpesim.cwmp import names


def unit_of(cpe: Cpe) -> str:
    """UUID of the unit that this CPE is given."""
    return str(uuid5(NAMESPACE_OID, f"cpesim {cpe.key}"))


def du_install(scene: Scene) -> Script:
    """A deployment unit from our files."""
    unit = file(scene, "", "unit-1.0.ipk")
    yield from _change(scene, calls.install(unit, unit_of(scene.cpe)))


def du_update(scene: Scene) -> Script:
    """A newer version of it."""
    unit = file(scene, "", "unit-1.1.ipk")
    yield from _change(scene, calls.update(unit, unit_of(scene.cpe)))


def du_uninstall(scene: Scene) -> Script:
    """Away with it."""
    yield from _change(scene, calls.uninstall(unit_of(scene.cpe)))


def _change(scene: Scene, *operations: Operation) -> Script:
    if not newest(scene) or MODULES not in (yield from known(scene)).has:
        return
    key = scene.key()
    answer = yield calls.change_du_state(operations, key)
    if not answer.fault:
        kinds = tuple(operation.kind for operation in operations)
        wait = due(scene, away=True)._replace(operations=kinds)
        scene.cpe.expect(names.M_CHANGE_DU_STATE, key, wait)
