"""
What a session tells: its Inform and its requests, and what of them is settled after.

Rule: what is queued on the device goes into one Inform here, and here alone it is
decided what comes back into the queue (CHECKLIST E5, E7, S8, R2).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import TYPE_CHECKING

from cpesim.chance import chance
from cpesim.cwmp import names, write
from cpesim.cwmp.session import Request, Session, State
from cpesim.device import events
from cpesim.device.identity import identity
from cpesim.device.notices import informing, noticing
from cpesim.device.paths.address import renamed
from cpesim.device.quirk import DOUBLE_INFORM, NO_BOOTSTRAP, has, session_of
from cpesim.device.retry import retry_wait

if TYPE_CHECKING:
    from cpesim.device.device import Device

_BEAT = (names.HEARTBEAT, "")
# Parameters that somebody wants in the next Inform, whatever it tells.
BESIDES = "told besides"


def begin(
    device: Device, now: float, make: Callable[..., Session] | None = None
) -> Session:
    """
    Open a session: what is queued is told in its Inform (E4, E5, I1).

    *make* makes it, in place of the device's own way.
    """
    profile = device.model.profile
    if device.memory and noticing.WATCH in device.memory:
        noticing.look(device, now)
    told, changes = device.events, device.changes
    device.events, device.changes = (), ()
    device.wanted, device.cause = inf, ""
    requests = device.requests
    if _BEAT in told and (changes or requests or len(told) > 1):
        # I10: a heartbeat stands alone in its Inform (so does iopsys' icwmp), and
        # waits until what else there is has been told.
        device.events = (_BEAT,)
        told = tuple(event for event in told if event != _BEAT)
    inform = _inform(device, told, changes, requests, now)
    device.told = (told, changes)
    if make is None:
        make = session_of(device, now) if profile.quirks else Session
    device.session = session = make(
        profile.cwmp,
        inform,
        requests,
        device.answer,
        header=(
            b""
            if profile.cwmp < "1.3"
            else write.inform_header(profile.cwmp, device.model.world.patience)
        ),
        empty_inform=profile.empty_inform,
        most=profile.exchanges,
    )
    return session


def _inform(
    device: Device,
    told: tuple[events.Event, ...],
    changes: tuple[str, ...],
    requests: tuple[Request, ...],
    now: float,
) -> Callable[[str], bytes]:
    """The Inform's body, rendered once: a resent one is the same (S9)."""
    model = device.model
    profile, own = model.profile, model.own
    named = profile.inform
    if own and profile.service in own:
        named = informing.at_the_default(model, named)
    told = _events(device, told, changes, requests)
    if changes:
        named = tuple(dict.fromkeys((*named, *changes)))
    if device.memory and BESIDES in device.memory:
        named = tuple(dict.fromkeys((*named, *device.memory[BESIDES])))
    if model.grown is not None or profile.informing:
        more = informing.named(model, told, now)
        both = (*named, *more) if more else named
        named = tuple(n for n in dict.fromkeys(both) if model.parameter(n))
    structs = model.rendered(named, now)
    if profile.by_alias or (own and model.by_alias()):
        structs = renamed(model, named, structs, now)
    maker, serial = _who(device)
    body = write.inform(
        maker,
        serial,
        told if len(told) == 1 else events.ordered(told),
        model.world.time(now),
        device.retries,
        structs,
    )
    return lambda namespace: body


def _events(
    device: Device,
    told: tuple[events.Event, ...],
    changes: tuple[str, ...],
    requests: Sequence[Request],
) -> tuple[events.Event, ...]:
    """The events of an Inform, of what was queued."""
    if changes:
        told = events.add(told, names.VALUE_CHANGE)
    if device.model.profile.quirks and has(device, NO_BOOTSTRAP) and len(told) > 1:
        told = tuple(event for event in told if event[0] != names.BOOTSTRAP)
    for request in requests:
        for code, key in request.events:
            told = events.add(told, code, key)
    return told


def events_of(device: Device) -> tuple[events.Event, ...]:
    """The events in the Inform of the session that a device has; none without one."""
    session = device.session
    return _events(device, *device.told, session.pending) if session else ()


def _who(device: Device) -> tuple[str, str]:
    """The DeviceId up to the serial number, and the serial number (I1)."""
    profile = device.model.profile
    if profile.maker is not None:
        serial = profile.serial
        if not isinstance(serial, str):
            serial = serial(device.model, "serial", 0.0)
        return profile.maker, serial
    who = identity(device.model)
    maker = write.device_id(who.manufacturer, who.oui, who.product_class)
    return maker, who.serial


def end(device: Device, session: Session, now: float, retry_after: float = 0.0) -> None:
    """
    Close the session: what got its own response goes (E5), the rest is kept (E7).

    A session that is not DONE has failed, and is tried again after a while (R1),
    *retry_after* seconds at least (X7).
    """
    told, changes = device.told
    device.told = ((), ())
    device.session = None
    kept = events.undelivered(told, session.informed)
    if kept:
        queue = kept
        for code, key in device.events:
            queue = events.add(queue, code, key)
        device.events = queue
    if changes and not session.informed:
        device.changes = tuple(dict.fromkeys((*changes, *device.changes)))
    if device.requests:
        delivered, asked = session.delivered, session.pending
        device.requests = tuple(
            r
            for r in device.requests
            if r not in delivered and (r.kept or r not in asked)
        )
        if device.transfers and delivered:
            device.transfers = tuple(
                t for t in device.transfers if t.request not in delivered
            )
    if device.memory and session.informed:
        device.remember(BESIDES, None)
    if session.state is State.DONE:
        device.retries = device.attempts = 0
        if device.model.profile.quirks and has(device, DOUBLE_INFORM):
            _again(device, told, now)
        if device.memory:
            noticing.rested(device, now)
        if session.informed and _BEAT in device.events:
            device.want(now, "heartbeat")
        return
    device.retries += 1
    device.attempts += 1
    if session.informed and not (device.events or device.changes):
        # S8: it is tried again although its Inform was answered, and an Inform
        # has to have an event: RetryCount tells that it is the same once more.
        device.events = events.undelivered(
            (e for e in told if e[0] not in events.DELIVERED_BY), informed=False
        )
    if device.events or device.changes or device.requests:
        device.want(now + _wait(device, retry_after), "retry")


def _again(device: Device, told: tuple[events.Event, ...], now: float) -> None:
    """The same session a second time, for a device that has that quirk."""
    if DOUBLE_INFORM in device.memory:
        device.remember(DOUBLE_INFORM, None)
    elif told:
        device.remember(DOUBLE_INFORM, True)
        for code, key in told:
            device.events = events.add(device.events, code, key)
        device.want(now, "double")


def undo(device: Device) -> None:
    """The session never left this machine: all is as before it began."""
    told, changes = device.told
    device.told = ((), ())
    device.session = None
    for code, key in device.events:
        told = events.add(told, code, key)
    device.events = told
    device.changes = tuple(dict.fromkeys((*changes, *device.changes)))


def _wait(device: Device, retry_after: float) -> float:
    model = device.model
    path = device.profile.root + "ManagementServer.CWMPRetry"
    wait = retry_wait(
        device.attempts,
        chance(model.world.seed, model.n, f"retry/{device.retries}"),
        least=max(float(model.find(path + "MinimumWaitInterval", 0.0) or 5), 1.0),
        multiplier=float(model.find(path + "IntervalMultiplier", 0.0) or 2000),
    )
    return max(wait * device.profile.retry_scale, retry_after)
