"""
The power of a device, cut and put back, and what somebody does to it at its place.

Rule: whatever falls into a session waits for its end, as every alarm does. A device
without power is dark until a "boot" alarm; one at infinity waits to be restored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from math import inf

from cpesim.cwmp import names
from cpesim.device import events
from cpesim.device.behaviour.files.ending import interrupt
from cpesim.device.device import DARK, Device
from cpesim.device.model import general
from cpesim.device.profile import Behaviour
from cpesim.device.telling import BESIDES

# What a device has other values of at a moment: (parameter, text), all of them valid.
Values = Callable[[Device, float], Iterable[tuple[str, str]]]


def nothing(device: Device, now: float) -> Iterable[tuple[str, str]]:
    """No other values."""
    return ()


# -- power


def cut(device: Device, now: float, until: float = inf, why: object = None) -> None:
    """
    No power from now on, until *until*; *why* is what its boot does first.

    A session of it has to be broken off by who runs it: the dark begins at its end.
    """
    if device.session is not None:
        device.alarm(now, "power", (until, why))
        return
    lit = next((a for a in device.alarms if a[1] == "boot"), None)
    if device.life == DARK and lit is not None and why is None:
        why = lit[2]  # what it was rebooting for is still to be done
    interrupt(device, now)
    device.silence("wake")
    device.darken(now, until - now, why)


def ring_power(device: Device, key: object, now: float) -> None:
    """The session that the power cut broke off has ended."""
    assert isinstance(key, tuple)
    until, why = key
    cut(device, now, until, why)


def restore(
    device: Device,
    when: float,
    codes: tuple[str, ...] = (),
    values: Values = nothing,
) -> bool:
    """
    Power again at *when*: `1 BOOT`, the events *codes*, and other values.

    False where the device has power.
    """
    ending = next((a for a in device.alarms if a[1] == "power"), None)
    lit = next((a for a in device.alarms if a[1] == "boot"), None)
    if ending is not None:
        assert isinstance(ending[2], tuple)
        device.silence("power")
        why = partial(_lit, ending[2][1], codes, values)
        device.alarm(ending[0], "power", (when, why))
        return True
    if device.life != DARK or lit is None:
        return False  # one that sleeps has power as well
    device.silence("boot")
    device.alarm(when, "boot", partial(_lit, lit[2], codes, values))
    return True


def _lit(
    before: object,
    codes: tuple[str, ...],
    values: Values,
    device: Device,
    now: float,
) -> None:
    """After the boot: what was to be done *before*, other values, more events."""
    if callable(before):
        before(device, now)
    change(device, values(device, now), now, tell=names.VALUE_CHANGE in codes)
    for code in codes:
        if code != names.VALUE_CHANGE or not device.changes:
            device.events = events.add(device.events, code)


# -- values


def change(
    device: Device, values: Iterable[tuple[str, str]], now: float, *, tell: bool
) -> None:
    """
    Other values, as a user sets them: the attributes say what the ACS hears of it.

    With *tell* it hears of each that changed, whatever they say.
    """
    for name in assign(device, values, now):
        device.changed(name, now)
        if tell:
            if name not in device.changes:
                device.changes = (*device.changes, name)
            device.call(now)


def assign(
    device: Device, values: Iterable[tuple[str, str]], now: float
) -> tuple[str, ...]:
    """Set values that nobody is told of, and do what follows; those that changed."""
    model, profile = device.model, device.profile
    changed = {name: text for name, text in values if model.get(name, now) != text}
    for name, text in changed.items():
        model.set(name, text)
    for name, text in changed.items():
        path = general(name)
        for pattern, on_write in profile.writes.items():
            if path.endswith(pattern[1:]):
                on_write(device, name, text, now)
    if changed:
        for follow in profile.written:
            follow(device, changed, now)
    return tuple(changed)


# -- Informs


def inform(
    device: Device, codes: tuple[str, ...], params: tuple[str, ...], now: float
) -> None:
    """A session with these events; its Inform has these parameters as well."""
    known = tuple(name for name in params if device.model.parameter(name) is not None)
    if names.VALUE_CHANGE in codes and known:
        device.changes = tuple(dict.fromkeys((*device.changes, *known)))
        device.want(now, "inform")
    elif known:
        device.remember(BESIDES, known)
    for code in codes:
        if code != names.VALUE_CHANGE or not known:
            device.tell(code, "", now, "inform")


def ring_deed(device: Device, key: object, now: float) -> None:
    """What somebody does to it has come due."""
    assert callable(key)
    key(device, now)


POWER = Behaviour("power", alarms={"power": ring_power, "deed": ring_deed})
