"""
Words after which a CPE goes away, or comes back by itself.

Rule: what has to come is told to the CPE's record, with the time at which it is late.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cpesim.acs import calls
from cpesim.acs.words.scene import (
    DELAY_REBOOT,
    SCHEDULE_REBOOT,
    Scene,
    Script,
    due,
    known,
)
from cpesim.cwmp import names


def reboot(scene: Scene) -> Script:
    """A reboot; 1 BOOT and M Reboot come after it."""
    key = scene.key()
    answer = yield calls.reboot(key)
    if not answer.fault:
        scene.cpe.expect(names.M_REBOOT, key, due(scene, away=True))


def factory_reset(scene: Scene) -> Script:
    """A reset; 0 BOOTSTRAP comes after it."""
    answer = yield calls.factory_reset()
    if not answer.fault:
        scene.cpe.fresh = True


def schedule_inform(scene: Scene) -> Script:
    """An Inform at a later time; 3 SCHEDULED and M ScheduleInform come with it."""
    key, delay = scene.key(), scene.settings.schedule
    answer = yield calls.schedule_inform(delay, key)
    if not answer.fault:
        scene.cpe.expect(names.M_SCHEDULE_INFORM, key, due(scene, delay))


def delay_reboot(scene: Scene) -> Script:
    """A reboot some seconds after the session, by DelayReboot; 1 BOOT alone (B6)."""
    delay = scene.settings.schedule
    yield from _restart(scene, DELAY_REBOOT, "int", str(delay))


def schedule_reboot(scene: Scene) -> Script:
    """A reboot at a time, by ScheduleReboot; the CPE's clock is what counts."""
    try:
        told = datetime.fromisoformat(scene.inform.plain.get("CurrentTime", ""))
        at = told.astimezone(UTC) + timedelta(seconds=scene.settings.schedule)
    except (ValueError, OverflowError):
        return  # counted already, with the Inform
    text = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    yield from _restart(scene, SCHEDULE_REBOOT, "dateTime", text)


def _restart(scene: Scene, name: str, type: str, text: str) -> Script:
    if name not in (yield from known(scene)).has:
        return
    path = scene.cpe.root + name
    answer = yield calls.set_parameter_values([(path, type, text)], scene.key())
    if not answer.fault:
        later = due(scene, scene.settings.schedule, away=True)
        scene.cpe.expect(names.BOOT, "", later)
