"""
What can be done to CPEs by a timeline or a person: one function a deed.

Rule: a deed gets some devices at a time, for the loop turns between them; who cannot
have it done to them is passed over for a reason that is counted and told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import inf
from typing import Any

from cpesim.chance import chance
from cpesim.cwmp import names
from cpesim.device.behaviour import power
from cpesim.device.device import UP, Device
from cpesim.engine.deeds.words import Words
from cpesim.engine.fleet import Fleet
from cpesim.engine.standing import GONE, WAITING

OFF, LIT, REFUSED = "off", "has power", "refused"


class Turn:
    """One deed under way, and what came of it so far."""

    def __init__(
        self,
        fleet: Fleet,
        arguments: Mapping[str, Any],
        salt: str,
        seed: int,
        words: Words,
    ) -> None:
        self.fleet = fleet
        self.arguments = arguments
        self.words = words
        self.done = 0
        self._numbers: list[int] = []
        self.passed: Counter[str] = Counter()
        self.waited = False  # whether one that waited for a place has no power now
        self._salt = f"arrive/{salt}"
        self._seed = seed

    def did(self, *devices: Device) -> None:
        """It was done to these."""
        self.done += len(devices)
        self._numbers += [device.n for device in devices]

    def taken(self) -> Sequence[int]:
        """The numbers of those that it was done to since this was last asked."""
        found, self._numbers = self._numbers, []
        return found

    def delay(self, n: int) -> float:
        """How long after the step's moment it is CPE *n*'s turn."""
        shape = self.arguments.get("arrive")
        if shape is None:
            return 0.0
        return max(float(shape.at(chance(self._seed, n, self._salt))), 0.0)

    def each(
        self,
        devices: Sequence[Device],
        now: float,
        do: Callable[[Device, float], None],
    ) -> None:
        """Do it to each that is on, at its turn; after its session if it has one."""
        for device in devices:
            if device.life != UP:
                self.passed[OFF] += 1
                continue
            device.alarm(now + self.delay(device.n), "deed", do)
            self.fleet.touched(device, now)
            self.did(device)


Deed = Callable[[Turn, Sequence[Device], float], None]


def power_cut(turn: Turn, devices: Sequence[Device], now: float) -> None:
    """Sockets are reset, timers stop, sessions are lost."""
    after = turn.arguments.get("restore_after")
    until = inf if after is None else now + after
    fleet = turn.fleet
    for device in devices:
        turn.waited = turn.waited or device.standing == WAITING
        if fleet.talks.reset(device.n):
            fleet.meter.count("sessions.cut")
        power.cut(device, now, until)
        fleet.touched(device, now)
        turn.did(device)


def power_restore(turn: Turn, devices: Sequence[Device], now: float) -> None:
    """They boot, each at its own moment."""
    codes = tuple(turn.arguments.get("inform") or ())
    for device in devices:
        if power.restore(device, now + turn.delay(device.n), codes, turn.words):
            turn.fleet.touched(device, now)
            turn.did(device)
        else:
            turn.passed[LIT] += 1


def reboot(turn: Turn, devices: Sequence[Device], now: float) -> None:
    """Dark for as long as a reboot takes, then `1 BOOT`; no ACS asked for it."""
    turn.each(devices, now, _alarmed("delayed reboot"))


def factory_reset(turn: Turn, devices: Sequence[Device], now: float) -> None:
    """Everything back to the profile's; then `0 BOOTSTRAP` and `1 BOOT`."""
    turn.each(devices, now, _alarmed("factory reset"))


def _alarmed(name: str) -> Callable[[Device, float], None]:
    return lambda device, now: device.alarm(now, name)


def inform(turn: Turn, devices: Sequence[Device], now: float) -> None:
    """A session each, with these events and parameters."""
    codes = tuple(turn.arguments.get("events") or (names.PERIODIC,))
    params = tuple(turn.arguments.get("params") or ())

    def do(device: Device, at: float) -> None:
        power.inform(device, codes, params, at)

    turn.each(devices, now, do)


def value_change(turn: Turn, devices: Sequence[Device], now: float) -> None:
    """Other values; the attributes, or *force*, say what the ACS hears of them."""
    force, words = bool(turn.arguments.get("force")), turn.words

    def do(device: Device, at: float) -> None:
        power.change(device, words(device, at), at, tell=force)

    turn.each(devices, now, do)


def set_values(turn: Turn, devices: Sequence[Device], now: float) -> None:
    """Other values, and no word of it; those without power have them too."""
    for device in devices:
        if device.session is not None:
            device.alarm(now, "deed", partial(_assigned, turn.words))
        else:
            _assigned(turn.words, device, now)
            turn.fleet.touched(device, now)
        turn.did(device)


def _assigned(words: Words, device: Device, now: float) -> None:
    power.assign(device, words(device, now), now)


def connection_request(turn: Turn, devices: Sequence[Device], now: float) -> None:
    """As if the ACS had asked each for a session."""
    for device in devices:
        if device.life != UP:
            turn.passed[OFF] += 1
        elif turn.fleet.knock(device, now):
            turn.did(device)
        else:
            turn.passed[REFUSED] += 1


def remove(turn: Turn, devices: Sequence[Device], now: float) -> None:
    """Off for good."""
    power_cut(turn, devices, now)
    for device in devices:
        turn.fleet.recovery.forget(device.n)
        turn.fleet.standing.move(device.n, device.standing, GONE)
        device.standing = GONE
        upgrades, model = device.model.world.upgrades, device.model
        if upgrades is not None:
            name = model.profile.root + "DeviceInfo.SoftwareVersion"
            upgrades.gone(device.n, model.find(name, now))


def watch(turn: Turn, devices: Sequence[Device], now: float) -> None:
    """Nothing is done to them: their clock of recovery begins."""
    turn.did(*devices)


DEEDS: Mapping[str, Deed] = {
    "power_cut": power_cut,
    "power_restore": power_restore,
    "reboot": reboot,
    "factory_reset": factory_reset,
    "inform": inform,
    "value_change": value_change,
    "set": set_values,
    "connection_request": connection_request,
    "remove": remove,
    "watch": watch,
}
