"""
Values that differ from device to device: the pieces of a template.

Rule: each is a frozen value called with (model, path, now); it remembers nothing,
and draws only from (seed, device number, path or label). `template.py` makes them
of a profile's text; those that live in time are in `living.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from math import prod
from typing import TYPE_CHECKING

from cpesim.chance import draw
from cpesim.device.profile import Value

if TYPE_CHECKING:
    from cpesim.device.model import Model

# 16 addresses to a device, in the 24 bits under the OUI: 2**20 devices.
MACS = 16
_DEVICES = 1 << 20


def text_of(value: str | Value, model: Model, path: str, now: float = 0.0) -> str:
    """A fixed text as it is, a living one as it reads now."""
    return value if isinstance(value, str) else value(model, path, now)


def mac_low(model: Model) -> int:
    """The lower 24 bits of a device's first MAC; the next 15 are its own too."""
    # An odd factor permutes the numbers modulo 2**20: no two devices share one.
    mixed = model.n * 0x9E375 + draw(model.world.seed, 0, "mac")
    return mixed % _DEVICES * MACS


def instances(path: str) -> list[str]:
    """The instance numbers in a path, the outermost first."""
    return [part for part in path.split(".") if part.isdigit()]


@dataclass(frozen=True, slots=True)
class Template:
    """Several pieces, one after the other."""

    pieces: tuple[str | Value, ...]

    def __call__(self, model: Model, path: str, now: float) -> str:
        return "".join(
            [p if isinstance(p, str) else p(model, path, now) for p in self.pieces]
        )


@dataclass(frozen=True, slots=True)
class Number:
    """The device's number in the fleet."""

    spec: str = ""

    def __call__(self, model: Model, path: str, now: float) -> str:
        return format(model.n, self.spec)


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance number of the path: level 1 is the outermost, 0 the innermost."""

    level: int = 0
    spec: str = ""

    def __call__(self, model: Model, path: str, now: float) -> str:
        numbers = instances(path)
        if len(numbers) < max(self.level, 1):
            return ""
        return format(int(numbers[self.level - 1]), self.spec)


@dataclass(frozen=True, slots=True)
class Ref:
    """A piece of the device's identity, or its last *tail* signs, in a *case*."""

    name: str
    case: str = ""  # "", "lower" or "upper"
    tail: int = 0

    def __call__(self, model: Model, path: str, now: float) -> str:
        found: str | Value = getattr(model.profile, self.name)
        if not isinstance(found, str):
            found = found(model, self.name, now)
        if self.tail:
            found = found[-self.tail :]
        if self.case:
            return found.lower() if self.case == "lower" else found.upper()
        return found


@dataclass(frozen=True, slots=True)
class DeviceId:
    """OUI-ProductClass-SerialNumber, other signs percent-encoded (TR-069 A6 3.4.4)."""

    of: tuple[str, ...] = ("oui", "product_class", "serial")

    def __call__(self, model: Model, path: str, now: float) -> str:
        return "-".join(
            _UNSAFE.sub(_encoded, Ref(name)(model, path, now)) for name in self.of
        )


_UNSAFE = re.compile(r"[^A-Za-z0-9_]")


def _encoded(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())


@dataclass(frozen=True, slots=True)
class Digits:
    """*length* drawn digits of *alphabet*; *label* instead of the path ties values."""

    length: int
    alphabet: str = "0123456789abcdef"
    label: str = ""
    turn: str = ""

    def __call__(self, model: Model, path: str, now: float) -> str:
        alphabet, length = self.alphabet, self.length
        base, salt = len(alphabet), (self.label or path) + self.turn
        out: list[str] = []
        block = 0
        while len(out) < length:
            bits = draw(model.world.seed, (block << 24) | model.n, salt)
            for _ in range(min(12, length - len(out))):
                bits, digit = divmod(bits, base)
                out.append(alphabet[digit])
            block += 1
        return "".join(out)


@dataclass(frozen=True, slots=True)
class Whole:
    """A drawn whole number from *low* to *high*."""

    low: int
    high: int
    label: str = ""
    turn: str = ""

    def __call__(self, model: Model, path: str, now: float) -> str:
        drawn = draw(model.world.seed, model.n, (self.label or path) + self.turn)
        return str(self.low + drawn % (self.high - self.low + 1))


@dataclass(frozen=True, slots=True)
class Pick:
    """One of several texts."""

    options: tuple[str, ...]
    label: str = ""
    turn: str = ""

    def __call__(self, model: Model, path: str, now: float) -> str:
        drawn = draw(model.world.seed, model.n, (self.label or path) + self.turn)
        return self.options[drawn % len(self.options)]


@dataclass(frozen=True, slots=True)
class Pooled:
    """A made name, word or company from the profile's pools."""

    pool: str
    label: str = ""
    turn: str = ""

    def __call__(self, model: Model, path: str, now: float) -> str:
        pool = model.profile.pools[self.pool]
        return pool[
            draw(model.world.seed, model.n, (self.label or path) + self.turn)
            % len(pool)
        ]


@dataclass(frozen=True, slots=True)
class Renumbered:
    """
    A serial number in the form of a real one: *prefix*, then a sign of each alphabet.

    A permutation: no two devices share one until all forms are used up.
    """

    prefix: str
    alphabets: tuple[str, ...]

    def __call__(self, model: Model, path: str, now: float) -> str:
        total = prod(map(len, self.alphabets))
        # A prime above 36 divides no product of alphabets' lengths.
        rest = (model.n * 1_000_003 + draw(model.world.seed, 0, path)) % total
        signs = []
        for alphabet in reversed(self.alphabets):
            rest, sign = divmod(rest, len(alphabet))
            signs.append(alphabet[sign])
        return self.prefix + "".join(reversed(signs))


@dataclass(frozen=True, slots=True)
class Mac:
    """
    The device's MAC address + *offset*, below its OUI or *prefix* (six digits).

    Unique over 1,048,576 devices with the same prefix.
    """

    offset: int = 0
    prefix: str = ""
    separator: str = ":"
    upper: bool = True

    def __call__(self, model: Model, path: str, now: float) -> str:
        prefix = self.prefix or text_of(model.profile.oui, model, "oui")
        digits = f"{prefix}{mac_low(model) + self.offset:06x}"
        digits = digits.upper() if self.upper else digits.lower()
        if not self.separator:
            return digits
        return self.separator.join(
            [digits[at : at + 2] for at in range(0, len(digits), 2)]
        )


@dataclass(frozen=True, slots=True)
class Ipv4:
    """
    An address of a pool: *first* + a position below *size*.

    *step* has no divisor in common with *size*, so devices share no address until
    there are more of them than addresses.
    """

    first: int
    size: int
    step: int
    label: str = ""
    turn: str = ""
    ahead: int = 0  # what that many devices later has

    def __call__(self, model: Model, path: str, now: float) -> str:
        start = draw(model.world.seed, 0, (self.label or path) + self.turn)
        a = self.first + ((model.n + self.ahead) * self.step + start) % self.size
        return f"{a >> 24}.{a >> 16 & 255}.{a >> 8 & 255}.{a & 255}"


@dataclass(frozen=True, slots=True)
class Ipv6:
    """An address below a prefix: the device's own network, a drawn interface."""

    network: int
    length: int
    label: str = ""
    turn: str = ""

    def __call__(self, model: Model, path: str, now: float) -> str:
        salt, seed = (self.label or path) + self.turn, model.world.seed
        bits = 128 - self.length
        host = draw(seed, model.n, salt) | 1
        if bits > 64:
            subnets = 1 << (bits - 64)
            subnet = (model.n + draw(seed, 0, salt)) % subnets
            return str(IPv6Address(self.network | subnet << 64 | host))
        # Odd, so never the network's own address.
        host = ((model.n << 1) + (draw(seed, 0, salt) << 1) + 1) % (1 << bits)
        return str(IPv6Address(self.network | host))


@dataclass(frozen=True, slots=True)
class Column:
    """A cell of the user's identities file, or *otherwise* where it is empty."""

    index: int
    otherwise: str | Value

    def __call__(self, model: Model, path: str, now: float) -> str:
        identities = model.profile.identities
        row = identities.row(model.n) if identities is not None else ()
        if self.index < len(row) and row[self.index]:
            return row[self.index]
        return text_of(self.otherwise, model, path, now)
