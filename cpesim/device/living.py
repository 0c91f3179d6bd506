"""
Values that live in time: uptime, counters, drift, clients that come and go.

Rule: computed when read from (seed, device, path, now) in constant time, never by
ticking; two reads at the same moment are the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, floor, inf, pi
from typing import TYPE_CHECKING

from cpesim.chance import chance
from cpesim.device.profile import Value
from cpesim.device.values import Ipv4, text_of

if TYPE_CHECKING:
    from cpesim.device.model import Model

DAY = 86_400.0
# What a value answers that never rests.
ALWAYS = -inf
# Wi-Fi clients stay for tens of minutes.
VISIT = 1_200.0


def innermost(path: str) -> str:
    """The object instance that a parameter lies in, ending in a dot; "" outside any."""
    parts = path.split(".")
    for at in range(len(parts) - 2, -1, -1):
        if parts[at].isdigit():
            return ".".join(parts[: at + 1]) + "."
    return ""


@dataclass(frozen=True, slots=True)
class Uptime:
    """Seconds since the last boot."""

    def __call__(self, model: Model, path: str, now: float) -> str:
        return str(max(0, int(now - model.booted)))

    def changes(self, model: Model, path: str, now: float) -> float:
        return ALWAYS


@dataclass(frozen=True, slots=True)
class Clock:
    """The current time."""

    def __call__(self, model: Model, path: str, now: float) -> str:
        return model.world.time(now)

    def changes(self, model: Model, path: str, now: float) -> float:
        return ALWAYS


@dataclass(frozen=True, slots=True)
class Counter:
    """
    What has gone by since the boot, at *rate* a second on average.

    Each device and path has a factor (1/4 to 4) of its own; by day it is more than
    by night. It never falls but where it wraps.
    """

    rate: float
    wrap: int = 2**64

    def __call__(self, model: Model, path: str, now: float) -> str:
        world = model.world
        rate = self.rate * 4.0 ** (2 * chance(world.seed, model.n, path) - 1)
        passed = _rhythm(world.epoch + now) - _rhythm(world.epoch + model.booted)
        return str(max(0, int(rate * passed)) % self.wrap)

    def changes(self, model: Model, path: str, now: float) -> float:
        return ALWAYS


def _rhythm(time: float) -> float:
    """The integral of a day's rhythm, 1 on average: 0.4 at 8:00, 1.6 at 20:00 UTC."""
    # The rate is 1 - 0.6 sin(2π (t - 2h)/day), never below 0.4: so this never falls.
    return time + 0.6 * (DAY / (2 * pi)) * cos(2 * pi * (time - 7_200.0) / DAY)


@dataclass(frozen=True, slots=True)
class Drift:
    """A number that wanders smoothly around *around*, at most *by* away from it."""

    around: float
    by: float
    period: float
    decimals: int = 0

    def __call__(self, model: Model, path: str, now: float) -> str:
        seed, n = model.world.seed, model.n
        at = now / self.period + chance(seed, n, path)
        slot = floor(at)
        before = chance(seed, (slot << 24) | n, path)
        after = chance(seed, ((slot + 1) << 24) | n, path)
        weight = (1 - cos(pi * (at - slot))) / 2
        noise = 2 * (before + (after - before) * weight) - 1
        return f"{self.around + self.by * noise:.{self.decimals}f}"

    def changes(self, model: Model, path: str, now: float) -> float:
        return ALWAYS


def _on(model: Model, salt: str, share: float, period: float, now: float) -> bool:
    """Whether this slot of time is one of the *share* that are on."""
    seed, n = model.world.seed, model.n
    slot = floor(now / period + chance(seed, n, salt))
    return chance(seed, (slot + 1 << 24) | n, salt) < share


def _slot_ends(model: Model, salt: str, period: float, now: float) -> float:
    """When the slot of time that *now* is in is over."""
    phase = chance(model.world.seed, model.n, salt)
    return (floor(now / period + phase) + 1 - phase) * period


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether the client of this instance is here, *share* of the time."""

    share: float

    def __call__(self, model: Model, path: str, now: float) -> str:
        return "1" if _on(model, innermost(path), self.share, VISIT, now) else "0"

    def changes(self, model: Model, path: str, now: float) -> float:
        return _slot_ends(model, innermost(path), VISIT, now)


@dataclass(frozen=True, slots=True)
class Present:
    """A text while the client of this instance is here, else nothing."""

    text: str | Value
    share: float = -1.0  # of the instance's Presence; the catalog fills it in

    def __call__(self, model: Model, path: str, now: float) -> str:
        if _on(model, innermost(path), self.share, VISIT, now):
            return text_of(self.text, model, path, now)
        return ""

    def changes(self, model: Model, path: str, now: float) -> float:
        return _slot_ends(model, innermost(path), VISIT, now)


@dataclass(frozen=True, slots=True)
class Flip:
    """*first* for *share* of the slots of *period* seconds, else *second*."""

    first: str
    second: str
    share: float
    period: float

    def __call__(self, model: Model, path: str, now: float) -> str:
        on = _on(model, path, self.share, self.period, now)
        return self.first if on else self.second

    def changes(self, model: Model, path: str, now: float) -> float:
        return _slot_ends(model, path, self.period, now)


@dataclass(frozen=True, slots=True)
class Lease:
    """
    An address of a pool, another one every *period* seconds and after each boot.

    The device's lease of number k is that of a device n + k·stride: so two devices
    of a fleet hardly ever have the same at the same time.
    """

    pool: Ipv4
    period: float = inf  # inf: at a boot only

    def __call__(self, model: Model, path: str, now: float) -> str:
        phase = chance(model.world.seed, model.n, self.pool.label or path)
        # Whoever boots in another minute gets another lease.
        lease = floor(now / self.period + phase) + 977 * floor(model.booted / 60.0)
        stride = round(self.pool.size * 0.6180339887)
        return replace(self.pool, ahead=lease * stride)(model, path, now)

    def changes(self, model: Model, path: str, now: float) -> float:
        if self.period == inf:
            return inf
        return _slot_ends(model, self.pool.label or path, self.period, now)


@dataclass(frozen=True, slots=True)
class Entries:
    """How many instances the sibling table has now."""

    table: str

    def __call__(self, model: Model, path: str, now: float) -> str:
        above = path[: path.rfind(".") + 1]
        return str(model.count(f"{above}{self.table}.", now))

    def changes(self, model: Model, path: str, now: float) -> float:
        return inf  # whoever makes an instance come or go says so


@dataclass(frozen=True, slots=True)
class Url:
    """The ConnectionRequestURL."""

    def __call__(self, model: Model, path: str, now: float) -> str:
        return model.world.url(model.n)


@dataclass(frozen=True, slots=True)
class AcsUrl:
    """The ACS under load."""

    def __call__(self, model: Model, path: str, now: float) -> str:
        return model.world.acs_url


@dataclass(frozen=True, slots=True)
class Key:
    """The ParameterKey that the ACS gave last."""

    def __call__(self, model: Model, path: str, now: float) -> str:
        # Its place in `own` is the Model's (P10); asking the parameter would circle.
        return model.own.get(f"{model.profile.root}ManagementServer.ParameterKey", "")
